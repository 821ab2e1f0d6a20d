"""Recognising a household by its decision, and ending it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from minzheng.base import audit, clock, events
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Actor
from minzheng.office.cases.models import Case
from minzheng.scenes.assistance.recognitions.models import CAUSES, KINDS, PAID, Recognition, RecognitionMember

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Recognised:
    """A person to be recognised: registry id, name, relation to the head."""

    person: int
    name: str
    relation: str


def do_recognise(case: Case, kind: str, people: Sequence[Recognised], *, decision: str, by: Actor,
                 valid_to: dt.date | None = None, review_due: dt.date | None = None) -> Recognition:
    """The 认定 that follows a confirming decision, from today. The same decision again gives the same row.

    A status without money (边缘, 刚性支出) gives way to the new one; a paid one refuses, since its benefit must be ended
    or cut first, by a decision and after a hearing.
    """
    if kind not in KINDS or not people:
        raise Refused("认定的类别或人员不完整,请退回核对。")
    known = Recognition.objects.filter(decision=decision).first()
    if known is not None:
        return known
    today = clock.today()
    _give_way([person.person for person in people], today, by)
    try:
        with transaction.atomic():
            row = Recognition.objects.create(
                kind=kind, jurisdiction=case.jurisdiction, case_code=case.code, decision=decision,
                household=case.household, head=case.applicant, head_name=case.applicant_name, persons=len(people),
                valid_from=today, valid_to=valid_to, review_due=review_due, created_at=clock.now())
            RecognitionMember.objects.bulk_create(
                RecognitionMember(recognition=row, jurisdiction=row.jurisdiction, person=person.person, name=person.name,
                                  relation=person.relation, kind=kind,
                                  during=DateRange(today, valid_to + DAY if valid_to else None)) for person in people)
    except IntegrityError as error:
        raise Refused("成员中有人已被认定为低保或特困对象,不能同时认定为另一类。请先核实并终止原认定。", field="members") from error
    audit.record("recognition.recognised", by=by, obj_type="case", obj_id=case.code, jurisdiction=case.jurisdiction,
                 subject_person=case.applicant, after={"kind": kind, "persons": len(people), "decision": decision})
    events.emit("recognition.recognised", aggregate=case.code, jurisdiction=case.jurisdiction,
                payload={"case": case.code, "kind": kind, "people": [person.person for person in people]})
    return row


def _give_way(people: list[int], today: dt.date, by: Actor) -> None:
    older = RecognitionMember.objects.filter(person__in=people, during__contains=today).values("recognition_id")
    rows = Recognition.objects.select_for_update().filter(pk__in=older, ended_on=None).exclude(kind__in=PAID)
    for row in rows.order_by("id"):
        end(row, cause="replaced", on=today, by=by)


def end(row: Recognition, *, cause: str, on: dt.date, by: Actor, reason: str = "") -> None:
    """Ends one 认定: `on` is the first day without it. Ending an ended one changes nothing."""
    if row.ended_on is not None:
        return
    if cause not in CAUSES:
        raise Refused("请从列表中选择终止原因。", field="cause")
    last = max(on, row.valid_from)
    row.ended_on, row.end_cause = last, cause
    row.save(update_fields=["ended_on", "end_cause"])
    for member in RecognitionMember.objects.filter(recognition=row, during__isempty=False):
        upper = member.during.upper
        if upper is None or upper > last:
            member.during = DateRange(member.during.lower, max(last, member.during.lower))
            member.save(update_fields=["during"])
    audit.record("recognition.ended", by=by, obj_type="case", obj_id=row.case_code, jurisdiction=row.jurisdiction,
                 subject_person=row.head, after={"kind": row.kind, "cause": cause, "on": last}, reason=reason)
    events.emit("recognition.ended", aggregate=row.case_code, jurisdiction=row.jurisdiction,
                payload={"case": row.case_code, "kind": row.kind, "cause": cause})


def restore(row: Recognition, *, decision: str, by: Actor) -> None:
    """The end was revoked: the 认定 goes on as if it had not ended, for those whom the end took out. A status without money
    that somebody got meanwhile gives way from today. Restoring one that stands, or that has run out, changes nothing."""
    today = clock.today()
    if row.ended_on is None or (row.valid_to is not None and row.valid_to < today):
        return
    ended, upper = row.ended_on, row.valid_to + DAY if row.valid_to else None
    gone = [m for m in row.members.order_by("id") if m.during.isempty or m.during.upper == ended]
    _give_way([member.person for member in gone], today, by)
    for member in gone:
        try:
            with transaction.atomic():
                member.during = DateRange(row.valid_from if member.during.isempty else member.during.lower, upper)
                member.save(update_fields=["during"])
        except IntegrityError:  # recognised as something else in between: from today only
            RecognitionMember.objects.create(recognition=row, jurisdiction=row.jurisdiction, person=member.person, kind=row.kind,
                                             name=member.name, relation=member.relation, during=DateRange(today, upper))
    row.ended_on, row.end_cause = None, ""
    row.save(update_fields=["ended_on", "end_cause"])
    audit.record("recognition.restored", by=by, obj_type="case", obj_id=row.case_code, jurisdiction=row.jurisdiction,
                 subject_person=row.head, before={"ended_on": ended}, after={"kind": row.kind, "decision": decision})
    events.emit("recognition.restored", aggregate=row.case_code, jurisdiction=row.jurisdiction,
                payload={"case": row.case_code, "kind": row.kind, "people": [member.person for member in gone]})


def join(row: Recognition, people: Sequence[Recognised], *, on: dt.date) -> None:
    """People who belong to what was recognised from the day on, by a later decision on its benefit."""
    RecognitionMember.objects.bulk_create(
        RecognitionMember(recognition=row, jurisdiction=row.jurisdiction, person=person.person, name=person.name,
                          relation=person.relation, kind=row.kind, during=DateRange(on, None)) for person in people)
    Recognition.objects.filter(pk=row.pk).update(
        persons=row.members.filter(during__contains=on).count())


def leave(person: int, *, on: dt.date, by: Actor) -> None:
    """One person no longer belongs to what was recognised (death, leaving the household); the last one ends it."""
    rows = RecognitionMember.objects.select_related("recognition").filter(person=person, during__contains=on)
    for member in rows:
        others = RecognitionMember.objects.filter(recognition=member.recognition, during__contains=on)
        if not others.exclude(pk=member.pk).exists():
            end(member.recognition, cause="death", on=on, by=by)
            continue
        member.during = DateRange(member.during.lower, max(on, member.during.lower))
        member.save(update_fields=["during"])


def held(people: Sequence[int], on: dt.date) -> dict[int, tuple[str, str]]:
    """Kind and county by person, of those who are recognised anywhere in the province on the day."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT person, kind, county FROM recognition_held(%s, %s)", [list(people), on])
        return {person: (kind, county) for person, kind, county in cursor.fetchall()}
