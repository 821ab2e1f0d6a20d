"""What the public reads, and what officers see of a case's publicity."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from minzheng.base import clock
from minzheng.base.errors import Refused
from minzheng.base.scope.ranges import check_code, level_of
from minzheng.office.cases.models import Case
from minzheng.office.publicity.models import KINDS, SHOWN, Objection, Publicity


@dataclass(frozen=True)
class Shown:
    """The three values that may be public. `ticket` is an opaque handle for objecting; it is not shown."""

    ticket: UUID
    name: str
    members: int
    amount_fen: int


def open_notices(division: str, *, kind: str = "case", limit: int = 200) -> list[Shown]:
    """Notices now shown in a village or township, for anybody. `kind` list is the long-term public list."""
    try:
        level = level_of(check_code(division))
    except ValueError:
        level = 0
    if level < 4 or kind not in KINDS:
        raise Refused("请选择要查看公示的乡镇(街道)或村(社区)。", field="division")
    with connection.cursor() as cursor:
        cursor.execute("select ticket, name, members, amount_fen from publicity_open(%s, %s, %s, %s)",
                       [division, kind, clock.today(), limit])
        return [Shown(*row) for row in cursor.fetchall()]


def publicity_of(case: Case) -> list[Publicity]:
    """All notices of the case, newest first."""
    return list(Publicity.objects.filter(case_id=case.pk, kind="case").order_by("-id"))


def objections_of(case: Case) -> list[Objection]:
    """Objections against the case's notices, for officers only (RLS gives citizens none), oldest first."""
    return list(Objection.objects.filter(case_id=case.pk).order_by("id"))


def objection_of(case: Case, number: int) -> Objection | None:
    """One objection against the case's notices, with its notice; None when the case has none of that number."""
    return Objection.objects.select_related("publicity").filter(case_id=case.pk, pk=number).first()


def listed_fen(case: Case) -> int | None:
    """The amount at which the household is on the long-term public list now; None when it is not on it."""
    rows = Publicity.objects.filter(case_id=case.pk, kind="list", state__in=SHOWN)
    return rows.values_list("amount_fen", flat=True).first()
