"""What every test needs: the fixed cast of people, set-up as the owner, acting as somebody."""

from minzheng.testing.cast import Cast, acting_as, as_owner, make_cast

__all__ = ["Cast", "acting_as", "as_owner", "make_cast"]
