"""Many open cases from a few: each copy has people, answers, process, tasks, clocks and papers of its own. Run as the owner."""

from __future__ import annotations

import json
import os
import uuid
from typing import Any

from minzheng.base.flow.models import Clock, CoSign, Process, Task, Timer
from minzheng.data.registry.models import Person
from minzheng.office.cases.models import Case, CaseEvent, CaseMember
from minzheng.office.materials.models import CaseMaterial
from minzheng.office.publicity.models import Publicity
from minzheng.scenes.assistance.models import Visit
from minzheng.scenes.assistance.verification.models import (
    Authorisation,
    AuthorisedPerson,
    RequestMember,
    VerificationRequest,
)

DECIDED = ("decided", "closed")


def _again(row: Any, **changes: Any) -> Any:
    """An unsaved copy of the row."""
    values = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if not f.primary_key}
    return type(row)(**{**values, **changes})


def multiply(wanted: int) -> int:
    """Copies the undecided cases in turn until there are `wanted` cases. Returns how many there are."""
    templates = list(Case.objects.exclude(state__in=DECIDED).order_by("id"))
    missing = wanted - Case.objects.count()
    for number in range(missing):
        _copy(templates[number % len(templates)], number)
    return Case.objects.count()


def _copy(case: Case, number: int) -> None:
    code = f"{case.code[:14]}{20_000 + number:05d}"
    members = list(CaseMember.objects.filter(case_id=case.pk).order_by("id"))
    people = {}
    for member in members:
        person = Person.objects.get(pk=member.person)
        fresh = _again(person, id_index=os.urandom(32))
        fresh.save()
        people[member.person] = fresh.pk
    answers = json.loads(case.answers)
    answers["members"] = {str(people[int(key)]): value for key, value in answers["members"].items()}
    answers["payee"] = people[answers["payee"]]
    copy = _again(case, code=code, submission_key=code, household=None, applicant=people[case.applicant],
                  answers=json.dumps(answers, ensure_ascii=False))
    copy.save()
    CaseMember.objects.bulk_create(_again(m, case_id=copy.pk, person=people[m.person]) for m in members)
    for model in (CaseEvent, CaseMaterial, Visit):
        model.objects.bulk_create([_again(row, case_id=copy.pk) for row in model.objects.filter(case_id=case.pk)])
    Publicity.objects.bulk_create([_again(row, case_id=copy.pk, ticket=uuid.uuid4())
                                   for row in Publicity.objects.filter(case_id=case.pk)])
    _copy_flow(case.code, code)
    _copy_check(case.code, code, people)


def _copy_flow(code: str, to: str) -> None:
    process = Process.objects.get(subject=code)
    copy = _again(process, subject=to)
    copy.save()
    for task in Task.objects.filter(process=process):
        other = _again(task, process_id=copy.pk, subject=to)
        other.save()
        CoSign.objects.bulk_create([_again(row, task_id=other.pk) for row in CoSign.objects.filter(task=task)])
    Clock.objects.bulk_create([_again(row, subject=to) for row in Clock.objects.filter(subject=code)])
    Timer.objects.bulk_create([_again(row, process_id=copy.pk) for row in Timer.objects.filter(process=process)])


def _copy_check(code: str, to: str, people: dict[int, int]) -> None:
    for form in Authorisation.objects.filter(case_code=code):
        copy = _again(form, number=f"U{to}", case_code=to, applicant=people[form.applicant])
        copy.save()
        AuthorisedPerson.objects.bulk_create([
            _again(row, authorisation_id=copy.pk, person=people[row.person])
            for row in AuthorisedPerson.objects.filter(authorisation=form)])
    for request in VerificationRequest.objects.filter(case_code=code):
        asked = _again(request, number=f"U{to}", case_code=to)
        asked.save()
        RequestMember.objects.bulk_create([
            _again(row, request_id=asked.pk, person=people[row.person])
            for row in RequestMember.objects.filter(request=request)])
