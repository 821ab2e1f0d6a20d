"""What happens elsewhere and moves a 低保 case on. Each consumer may be run twice."""

from __future__ import annotations

from minzheng.base import flow
from minzheng.base.events import Event, subscribes
from minzheng.office.cases.doors import get_case_for_service
from minzheng.office.cases.models import Case
from minzheng.office.cases.timeline import note
from minzheng.scenes.assistance.verification.doors import get_report_for
from minzheng.scenes.assistance.verification.reports import do_issue_report, open_content

# Flags that speak against the application and must be told to the applicant (第十八条).
SERIOUS = {"企业高管", "财政供养人员", "死亡", "重复享受", "服刑人员"}


@subscribes("verification.completed", level=3)
def issue_the_report(event: Event) -> None:
    """All departments have answered: the report is issued at once, without waiting for a person."""
    do_issue_report(event.payload["request"], by=event.by)


@subscribes("verification.reported", level=3)
def tell_the_process(event: Event) -> None:
    report = get_report_for(event.by, event.payload["report"])
    content = open_content(report)
    clear = not content["differences"] and not content["contradictions"] and not any(
        flag["flag"] in SERIOUS for flag in content["flags"])
    case = get_case_for_service(event.by, content["case"], lock=True)
    if case.matter != "dibao":
        return
    if flow.signal(case.code, "check_done", {"check_clear": clear}, by=event.by, missing_ok=True):
        text = "与申报一致" if clear else f"有 {len(content['differences'])} 处与申报不一致,请申请人说明"
        note(case, "checked", "经济状况核对完成", by=event.by, text=text)


@subscribes("publicity.disputed", level=3)
def a_publicity_is_disputed(event: Event) -> None:
    flow.signal(event.payload["case"], "publicity_disputed", {"disputed": True}, by=event.by, missing_ok=True)


@subscribes("registry.person_died", level=3)
def an_applicant_died(event: Event) -> None:
    """An open case whose only counted member has died ends; otherwise the household's officers look at it."""
    for case in Case.objects.filter(matter="dibao", applicant=event.payload["person_id"],
                                    state__in=("submitted", "accepted", "supplement")):
        flow.signal(case.code, "person_died", {}, by=event.by, missing_ok=True)
