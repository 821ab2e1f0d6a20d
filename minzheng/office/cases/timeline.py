"""The timeline (办理过程) of a case, written with each action and read newest first."""

from __future__ import annotations

from minzheng.base import clock
from minzheng.base.identity.officer import Actor, Officer, Service
from minzheng.office.cases.models import Case, CaseEvent


def actor_title(by: Actor) -> str:
    if isinstance(by, Officer):
        return f"{by.name}({by.office_name}{by.role_title})"
    return by.name


def note(case: Case, kind: str, title: str, *, by: Actor, text: str = "", public: bool = True) -> None:
    CaseEvent.objects.create(case_id=case.pk, jurisdiction=case.jurisdiction, at=clock.now(), kind=kind, title=title,
                             text=text, actor="系统" if isinstance(by, Service) else actor_title(by), public=public)


def timeline(case: Case, *, for_citizen: bool = False, limit: int = 100) -> list[CaseEvent]:
    found = CaseEvent.objects.filter(case_id=case.pk).order_by("-id")
    if for_citizen:
        found = found.filter(public=True)
    return list(found[:limit])
