"""Who is checked and who has signed: plain values that callers hand over."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

ADULT = 18  # 民法典 第十七条


@dataclass(frozen=True)
class Person:
    """A member of the household, or a legal obligor outside it (`inside` False), as the registry knows the person.

    `declared` holds fen a month for incomes, fen for financial_fen, and counts, by the names of `findings.TITLES`.
    `incapable`: an adult without full capacity, for whom the guardian signs.
    """

    person: int
    name: str
    id_number: str
    birth_date: dt.date
    relation: str = "本人"
    inside: bool = True
    incapable: bool = False
    declared: dict[str, int] = field(default_factory=dict)

    def needs_guardian(self, on: dt.date) -> bool:
        years = on.year - self.birth_date.year - ((on.month, on.day) < (self.birth_date.month, self.birth_date.day))
        return years < ADULT or self.incapable


@dataclass(frozen=True)
class Signature:
    """One signature on the form. `person` is who may be checked by it; `capacity` self or guardian."""

    person: int
    signed_by: str
    signed_on: dt.date
    capacity: str = "self"
    method: str = "hand"
    file: str = ""
