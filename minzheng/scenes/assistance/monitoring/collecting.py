"""What departments tell of in bulk each night, over the signed exchange. A silent one loses nothing: it is asked on from
where it left off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Max

from minzheng.base import clock
from minzheng.base.crypto import blind_index_many
from minzheng.base.identity.officer import Service
from minzheng.data.exchange.client import STATUS_NAMES, Question, Result, ask_many
from minzheng.data.exchange.models import Partner
from minzheng.scenes.assistance.monitoring.models import Collected
from minzheng.scenes.assistance.monitoring.taking import Told, do_take_signals
from minzheng.scenes.assistance.verification.findings import Unreadable, fen

# The signal that each department may tell of; another from it is not believed.
TELLS = {"social_security": "unemployed", "medical": "hospital", "vehicles": "vehicle", "disability": "disability",
         "education": "left_school", "health": "illness"}
RESOURCE = "signals"
PURPOSE = "低收入人口动态监测"
BASIS = "动态监测信息共享(国办转发的动态监测意见)"
FIRST = 30  # days back when a department is asked for the first time
MOST_DAYS = 31  # of one question
_MARKS = {ord(mark): None for mark in " ·.．・"}


def departments() -> list[Partner]:
    """The registered departments that tell of anything."""
    return list(Partner.objects.filter(code__in=list(TELLS), active=True).order_by("code"))


def begin(partner: Partner, night: dt.date, place: str) -> Collected:
    """The department's row of the night, made when missing; where it goes on stands in `through`."""
    reached = Collected.objects.filter(place=place, department=partner.code, through__isnull=False).aggregate(
        last=Max("through"))["last"]
    row, _ = Collected.objects.get_or_create(
        place=place, department=partner.code, night=night,
        defaults={"name": partner.name, "status": "not_answered", "through": reached, "at": clock.now()})
    return row


def question(row: Collected, after: str) -> Question | None:
    """What to ask the department next; None when the day before the night has been told of."""
    first = (row.through or row.night - dt.timedelta(days=FIRST + 1)) + dt.timedelta(days=1)
    last = min(row.night - dt.timedelta(days=1), first + dt.timedelta(days=MOST_DAYS - 1))
    if first > last:
        return None
    return Question(partner=row.department, resource=RESOURCE, purpose=PURPOSE, case=f"JC{row.night:%Y%m%d}", authorisation=BASIS,
                    jurisdiction=row.place, query={"from": first.isoformat(), "to": last.isoformat(), "after": after}, key=row.pk)


def ask(questions: Sequence[Question], *, by: Service) -> list[Result]:
    """All at once, outside a transaction; each department's failure is its own."""
    return ask_many(questions, by=by)


def do_take(row: Collected, result: Result, *, by: Service) -> str:
    """Keeps one page that was answered and signed, or why there is none. Returns the key to ask on after, or empty when the
    days of the question are told of or nothing came."""
    row.at = clock.now()
    answer = result.answer
    if answer is None or result.status not in ("found", "none"):
        row.status = result.status if result.status in Collected.STATES else "not_answered"
        row.detail = result.detail or STATUS_NAMES.get(result.status, "")
        row.save()
        return ""
    told, wrong = _read(row.department, answer.records)
    known = _people([number for number, *_ in told])
    signals: list[Told] = []
    for number, name, kind, key, day, amount in told:
        person = known.get(number)
        if person is None:
            row.unknown += 1
        elif _plain(person[1]) != _plain(name):
            row.mismatched += 1
        else:
            signals.append((person[0], kind, key, day, amount))
    row.told += len(answer.records)
    row.fresh += do_take_signals(signals, department=row.name, by=by) if signals else 0
    row.status = "taken"
    row.detail = f"{wrong} 条不合格式,未接收" if wrong else ""
    following = str(answer.content.get("next") or "")
    if following and following <= result.question.query["after"]:
        row.status, row.detail = "malformed", "翻页位置没有前进"
        row.save()
        return ""
    if not following:
        row.through = dt.date.fromisoformat(str(result.question.query["to"]))
    row.save()
    return following


Line = tuple[str, str, str, str, dt.date, int]  # ID number, name, kind, key, day, amount


def _read(department: str, records: Sequence[dict[str, Any]]) -> tuple[list[Line], int]:
    """The records that are as agreed, and how many are not: those are never guessed."""
    found, wrong, today = [], 0, clock.today()
    for record in records:
        try:
            day = dt.date.fromisoformat(record["happened_on"])
            number, name, key = (str(record[name]).strip() for name in ("id_number", "name", "key"))
            amount = int(record["amount"]) if TELLS[department] == "disability" else fen(record, "amount")
            if record["kind"] != TELLS[department] or day > today or not (number and name and key):
                raise Unreadable("not as agreed")
        except (KeyError, TypeError, ValueError):
            wrong += 1
            continue
        found.append((number, name, TELLS[department], key, day, amount))
    return found, wrong


def _people(numbers: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Living people of the scope by ID number: registry id and name."""
    if not numbers:
        return {}
    unique = list(dict.fromkeys(numbers))
    index = dict(zip(blind_index_many("id_number", unique), unique, strict=True))
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_index, id, name FROM registry_person WHERE id_index = ANY (%s) AND death_date IS NULL",
                       [list(index)])
        return {index[bytes(row[0])]: (row[1], row[2]) for row in cursor.fetchall()}


def _plain(name: str) -> str:
    """A name without the blanks and dots that systems write differently."""
    return name.translate(_MARKS)
