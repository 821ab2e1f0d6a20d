"""What happens to the people of an open case elsewhere is written on it; the case keeps its declared members."""

from __future__ import annotations

from minzheng.base.events import Event, subscribes
from minzheng.office.cases.models import OPEN_STATES, Case, CaseEvent, CaseMember
from minzheng.office.cases.timeline import note

HOUSEHOLD_CHANGED = "household_changed"
_ACTS = {"joined": "加入这一户", "left": "离开这一户", "split": "分出另立一户", "head": "成为户主", "moved": "随整户迁移"}


@subscribes("registry.household_changed", level=1)
def the_household_changed(event: Event) -> None:
    """Runs at province level: a case may lie in another place than its household."""
    act, people = _ACTS.get(event.payload["act"]), list(event.payload["people"])
    if act is None:
        return
    named = CaseMember.objects.filter(person__in=people)
    open_cases = Case.objects.filter(state__in=OPEN_STATES)
    found = {c.pk: c for c in open_cases.filter(household=event.payload["household_id"])}
    found |= {c.pk: c for c in open_cases.filter(pk__in=named.values("case_id"))}
    for case in found.values():
        names = dict(named.filter(case_id=case.pk).values_list("person", "name"))
        others = len(set(people) - names.keys())
        who = [*names.values(), *([f"申请未列的 {others} 人"] if others else [])]
        text = f"{'、'.join(who)}{act}。"
        if not CaseEvent.objects.filter(case_id=case.pk, kind=HOUSEHOLD_CHANGED, text=text).exists():
            note(case, HOUSEHOLD_CHANGED, "户籍家庭有变化", by=event.by, text=text, public=False)
