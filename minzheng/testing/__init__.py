"""What every test needs: the fixed cast of people, set-up as the owner, acting as somebody, signing in."""

from minzheng.testing.cast import Cast, acting_as, as_owner, make_cast
from minzheng.testing.web import sign_in

__all__ = ["Cast", "acting_as", "as_owner", "make_cast", "sign_in"]
