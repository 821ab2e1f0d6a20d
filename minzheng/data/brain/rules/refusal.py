"""Why a rule did not answer."""

from __future__ import annotations

from minzheng.base.errors import Refused


class RuleCannotEvaluate(Refused):
    """A parameter, a fact or a formula is missing or ambiguous, so there is no result. Never a guess."""
