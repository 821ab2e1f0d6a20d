"""One decided case for any past month: by the law as known when it was decided, and by the law as known now.

A difference is shown as money to be paid or recovered by a decision; nothing here pays or takes back.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from minzheng.base import audit, clock
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Officer
from minzheng.data.brain.desk.ports import PastCase, past_case
from minzheng.data.brain.rules import parameters
from minzheng.data.brain.rules.explain import Assessment, evaluate
from minzheng.data.brain.rules.parameters import Applied, Book


@dataclass(frozen=True)
class Changed:
    """A parameter that is known otherwise now; either side may be missing."""

    name: str
    then: Applied | None
    now: Applied | None


@dataclass(frozen=True)
class Again:
    """The month under both books. `difference_fen` above zero is owed to the household, below it is overpaid."""

    case: PastCase
    month: dt.date
    known_on: dt.date
    then: Assessment
    now: Assessment
    changed: list[Changed]

    @property
    def difference_fen(self) -> int:
        return self.now.amount_fen - self.then.amount_fen

    @property
    def overpaid_fen(self) -> int:
        return max(-self.difference_fen, 0)


def do_recompute_case(code: str, month: dt.date, known_on: dt.date | None, *, by: Officer) -> Again:
    """Opens the case by its own door and computes the month. `known_on` is the decision's day unless another is asked.

    The opening and its result are audited for the applicant. The facts are those of the case's file at the decision.
    """
    case = past_case(by, code)
    if month.day != 1 or month < case.start.replace(day=1):
        raise Refused(f"这份待遇从 {case.start:%Y年%m月} 起发,请选择之后的月份。", field="month")
    if month > clock.today():
        raise Refused("请选择已经开始的月份。", field="month")
    known = known_on or case.known_on
    if known > clock.today():
        raise Refused("“当时所知”的日期不能晚于今天。", field="known_on")
    on = max(case.on, month)
    books = parameters.as_known_on(known), parameters.current()
    then, now = (_assess(case, on, month, book) for book in books)
    found = Again(case, month, known, then, now, _changed(then, now))
    audit.record("policy.recomputed", by=by, obj_type="case", obj_id=code, jurisdiction=case.jurisdiction,
                 subject_person=case.subject, reason=f"重算 {month:%Y-%m},按 {known} 所知",
                 after={"then": then.amount_fen, "now": now.amount_fen})
    return found


def _assess(case: PastCase, on: dt.date, month: dt.date, book: Book) -> Assessment:
    with parameters.using(book):
        return evaluate(case.scheme, case.facts, on, case.zone, month=month)


def _changed(then: Assessment, now: Assessment) -> list[Changed]:
    before, after = ({used.id: used for used in said.parameters} for said in (then, now))
    return [Changed((after.get(name) or before[name]).name, before.get(name), after.get(name))
            for name in dict.fromkeys([*before, *after])
            if (before[name].value if name in before else None) != (after[name].value if name in after else None)]
