"""Time limits of processes are parameters of the law: the workflow asks the rules for them."""

from __future__ import annotations

import datetime as dt

from minzheng.data.brain import rules
from minzheng.data.brain.rules.catalogue import definition


def value(parameter: str, jurisdiction: str, on: dt.date) -> int:
    """The limit in force at the place on the day; LookupError when there is none."""
    try:
        return rules.value(parameter, rules.zone_of(jurisdiction), on)
    except rules.RuleCannotEvaluate as error:
        raise LookupError(parameter) from error


def exists(parameter: str) -> bool:
    return definition(parameter) is not None
