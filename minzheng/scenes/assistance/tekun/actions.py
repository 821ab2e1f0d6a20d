"""What the tasks of 特困供养 do, and what the rules and the pages take from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import connection

from minzheng.base import audit, clock, files, flow
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Actor, Officer
from minzheng.data.brain.rules import CarePlace, Fact, HouseholdFacts, MemberFacts
from minzheng.office.cases.models import Case
from minzheng.office.cases.timeline import note
from minzheng.office.matters.definitions import Panel
from minzheng.scenes.assistance.assess import SELF_DECLARED, answers_of, parameter
from minzheng.scenes.assistance.completing import stored_signature
from minzheng.scenes.assistance.tekun.forms import ABLE, unmet_of
from minzheng.scenes.assistance.tekun.models import BANDS, PLACES, Care, SelfCare, SpotCheck

CODES = {"home": CarePlace.HOME, "institution": CarePlace.INSTITUTION}
CLOSED = ("注销", "吊销")


def asking(case: Case) -> list[tuple[int, str]]:
    """Who applies to be supported, in the order of the form."""
    asks = answers_of(case)["extra"]["asks"]
    return [(m.person, m.name) for m in case.members if m.counted and str(m.person) in asks]


def newest(case: Case, register: type[Any]) -> dict[int, Any]:
    """The newest row of a register by person, of those who apply."""
    people = [person for person, _ in asking(case)]
    return {row.person: row for row in register.objects.filter(person__in=people).order_by("id")}


def enrich(case: Case, facts: HouseholdFacts) -> HouseholdFacts:
    """Only those who apply are asked about; obligors and schooling as declared, abilities as assessed."""
    extra, said = answers_of(case)["extra"], case.submitted_at.astimezone(clock.SHANGHAI).date()
    wanted = {str(person) for person, _ in asking(case)}
    abilities, cares = newest(case, SelfCare), newest(case, Care)

    def of(member: MemberFacts) -> MemberFacts:
        person, own = int(member.key), extra["asks"][member.key]
        obligors = [row for row in extra["obligors"] if row["of"] == person]
        named = "、".join(f"{row['relation']}{row['name']}({ABLE[row['able']]})" for row in obligors)
        assessed, care = abilities.get(person), cares.get(person)
        return replace(
            member, studying=Fact(bool(own["studying"]), SELF_DECLARED, said),
            obligors=Fact(len(obligors), SELF_DECLARED, said, named),
            obligors_able=Fact(sum(row["able"] == "able" for row in obligors), SELF_DECLARED, said),
            self_care_unmet=Fact(len(assessed.unmet), "自理能力评估", assessed.assessed_on) if assessed else None,
            care_place=Fact(int(CODES[care.place]), "供养方式登记", care.since) if care else
            Fact(int(CODES[own["place"]]), SELF_DECLARED, said))

    return replace(facts, members=tuple(of(m) for m in facts.members if m.key in wanted))


def band_of(unmet: int, case: Case) -> str:
    if unmet >= parameter("tekun.selfcare.full_from", case).value:
        return "full"
    return "half" if unmet >= parameter("tekun.selfcare.half_from", case).value else "self"


def complete_self_care(*, case: Case, task: Any, outcome: str, data: dict[str, Any], files: Any, comment: str,
                       by: Officer) -> None:
    do_assess(case, task, data, asking(case), cause="first", by=by)


def do_assess(case: Case, task: Any, data: Mapping[str, Any], people: list[tuple[int, str]], *, cause: str,
              by: Officer) -> list[SelfCare]:
    """One row a person; the task's co-signers are the other assessors."""
    assessors = [by.name, *flow.signers_of(task)]
    signature = stored_signature(data["assessor_sign"], data["assessor_sign_typed"], name="评估人签名", case=case, by=by)
    unmet = unmet_of(dict(data), [person for person, _ in people])
    rows = [SelfCare.objects.create(
        case_id=case.pk, jurisdiction=case.jurisdiction, person=person, name=name, assessed_on=data["assessed_on"],
        unmet=unmet[person], band=band_of(len(unmet[person]), case), assessors=assessors, signature=signature,
        note=data["note"], cause=cause, recorded_by=by.account_id, recorded_at=clock.now()) for person, name in people]
    note(case, "self_care", "自理能力评估完成", by=by,
         text=";".join(f"{row.name}:{BANDS[row.band]}" for row in rows) + f"。评估人:{'、'.join(assessors)}")
    audit.record("tekun.self_care", by=by, obj_type="case", obj_id=case.code, jurisdiction=case.jurisdiction,
                 subject_person=case.applicant, after={str(row.person): row.band for row in rows}, reason=data["note"])
    return rows


def complete_care(*, case: Case, task: Any, outcome: str, data: dict[str, Any], files: Any, comment: str,
                  by: Officer) -> None:
    do_arrange(case, data, by=by)


def do_arrange(case: Case, data: Mapping[str, Any], *, by: Officer) -> None:
    """供养方式 of each person. The institution must stand in the register of organisations and not be closed."""
    for person, name in asking(case):
        place = data[f"place_{person}"]
        row = Care(case_id=case.pk, jurisdiction=case.jurisdiction, person=person, name=name, place=place,
                   since=data["since"], recorded_by=by.account_id, recorded_at=clock.now())
        if place == "institution":
            row.institution, row.institution_name = institution_of(
                data[f"institution_{person}"], field=f"institution_{person}")
        else:
            row.carer, row.carer_relation = data[f"carer_{person}"], data[f"relation_{person}"]
            row.carer_phone = data[f"phone_{person}"]
            upload = data[f"agreement_{person}"]
            upload.seek(0)
            row.agreement = int(files.store(
                upload.read(), name=upload.name, by=by, jurisdiction=case.jurisdiction, kind="agreement", case_id=case.pk,
                person_id=person).pk)
        row.save(force_insert=True)
        note(case, "care", f"落实供养方式:{name}{PLACES[place]}", by=by, text=row.institution_name or f"照料人 {row.carer}")
        audit.record("tekun.care", by=by, obj_type="case", obj_id=case.code, jurisdiction=case.jurisdiction,
                     subject_person=person, after={"place": place, "institution": row.institution, "since": row.since})


def institution_of(credit_code: str, *, field: str) -> tuple[str, str]:
    """Credit code and name. Refused when the register of organisations does not know it, or it is closed."""
    wanted = credit_code.strip().upper()
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, status FROM tekun_institution(%s)", [wanted])
        found = cursor.fetchone()
    if found is None:
        raise Refused("法人库里没有这个统一社会信用代码,请核对供养机构的证照。", field=field)
    name, status = found
    if status in CLOSED:
        raise Refused(f"{name}已{status},不能作为供养机构。请另选一家。", field=field)
    return wanted, str(name)


def not_ready(case: Case) -> str:
    """Why it cannot be agreed to yet."""
    abilities, cares = newest(case, SelfCare), newest(case, Care)
    for person, name in asking(case):
        if person not in abilities:
            return f"{name}还没有评估自理能力,请先完成评估。"
        if person not in cares:
            return f"{name}还没有落实供养方式,请先登记供养机构或照料人。"
    return ""


def prepare(*, case: Case, by: Officer) -> dict[str, Any]:
    """The forms ask for each person who applies; the wished way of care stands ready."""
    asks = answers_of(case)["extra"]["asks"]
    wishes = {f"place_{person}": asks[str(person)]["place"] for person, _ in asking(case)}
    return {"form": {"members": asking(case)}, "initial": {**wishes, "since": first_of_next_month()}}


def first_of_next_month() -> dt.date:
    return (clock.today().replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def panels(case: Case, by: Actor) -> list[Panel]:
    extra = answers_of(case)["extra"]
    abilities, cares = (newest(case, SelfCare), newest(case, Care)) if case.accepted_at else ({}, {})
    rows = [{"name": name, "own": extra["asks"][str(person)], "ability": abilities.get(person), "care": cares.get(person),
             "wish": PLACES[extra["asks"][str(person)]["place"]],
             "obligors": [{**row, "able": ABLE[row["able"]]} for row in extra["obligors"] if row["of"] == person]}
            for person, name in asking(case)]
    return [Panel("申请供养的人", "tekun/panel.html", {"rows": rows, "drawn": drawn(case) if isinstance(by, Officer) else None})]


def drawn(case: Case) -> SpotCheck | None:
    return SpotCheck.objects.filter(case_id=case.pk).first() if case.accepted_at else None
