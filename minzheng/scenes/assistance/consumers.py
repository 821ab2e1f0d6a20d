"""What happens elsewhere and moves a case on. Each consumer may be run twice."""

from __future__ import annotations

from minzheng.base import flow
from minzheng.base.events import Event, subscribes
from minzheng.office.benefits.changing import do_suspend
from minzheng.office.benefits.models import ENDED, Entitlement
from minzheng.office.cases.actions import close
from minzheng.office.cases.doors import get_case_for_service
from minzheng.office.cases.models import Case, CaseEvent, CaseMember
from minzheng.office.cases.timeline import note
from minzheng.office.decisions.queries import standing_decision
from minzheng.office.publicity.actions import do_unlist
from minzheng.scenes.assistance.completing import list_in_public
from minzheng.scenes.assistance.kinds import matters, shared
from minzheng.scenes.assistance.verification.doors import get_report_for
from minzheng.scenes.assistance.verification.moving import move_checks
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
    found = {"处与申报不一致": len(content["differences"]), "处部门之间矛盾": len(content["contradictions"]),
             "条须核实的提示": sum(flag["flag"] in SERIOUS for flag in content["flags"])}
    case = get_case_for_service(event.by, content["case"], lock=True)
    if not shared(case.matter) or case.closed_at is not None:  # a later check of who is supported already
        return
    if flow.signal(case.code, "check_done", {"check_clear": not any(found.values())}, by=event.by, missing_ok=True):
        words = "、".join(f"{count} {what}" for what, count in found.items() if count)
        text = f"有 {words},请申请人说明" if words else "与申报一致"
        note(case, "checked", "经济状况核对完成", by=event.by, text=text)


@subscribes("publicity.disputed", level=3)
def a_publicity_is_disputed(event: Event) -> None:
    flow.signal(event.payload["case"], "publicity_disputed", {"disputed": True}, by=event.by, missing_ok=True)


@subscribes("case.objected", level=3)
def the_applicant_disputes_the_publicity(event: Event) -> None:
    if event.payload["about"] == "publicity":
        flow.signal(event.payload["case"], "publicity_disputed", {"disputed": True}, by=event.by, missing_ok=True)


@subscribes("publicity.withdrawn", level=3)
def a_wrong_notice_is_taken_down(event: Event) -> None:
    """Back to the township's opinion, which publishes it afresh."""
    flow.signal(event.payload["case"], "publicity_withdrawn", {}, by=event.by, missing_ok=True)


@subscribes("registry.person_died", level=1)
def an_applicant_died(event: Event) -> None:
    """An open case whose only counted member has died ends; otherwise the household's officers look at it. At province
    level: a case that was handed over lies in another county than the register."""
    for case in Case.objects.filter(matter__in=matters(), applicant=event.payload["person_id"],
                                    state__in=("submitted", "accepted", "supplement")):
        if CaseMember.objects.filter(case_id=case.pk, counted=True).exclude(person=case.applicant).exists():
            if not CaseEvent.objects.filter(case_id=case.pk, kind="applicant_died").exists():
                note(case, "applicant_died", "申请人已登记死亡", by=event.by, public=False,
                     text="还有其他共同生活成员。请乡镇(街道)联系家属,由其他成员重新申请,并终止本件。")
        else:
            flow.signal(case.code, "person_died", {}, by=event.by, missing_ok=True)


@subscribes("decision.served", level=3)
def the_decision_was_taken_on_the_phone(event: Event) -> None:
    """Nobody of the township has to serve it any more: the process ends, the case is closed."""
    if event.payload["method"] != "electronic":
        return
    case = get_case_for_service(event.by, event.payload["case"], lock=True)
    standing = standing_decision(case)
    if not shared(case.matter) or case.state != "decided" or standing is None or standing.number != event.payload["decision"]:
        return
    if flow.signal(case.code, "received", {}, by=event.by, missing_ok=True):
        close(case, "closed", "办结", by=event.by, text="本人已在手机上签收决定书")
        list_in_public(case, standing, by=event.by)


@subscribes("case.decided", level=3)
def the_public_list_follows(event: Event) -> None:
    """A decision on a closed case changes what the long-term public list says (art. 24)."""
    case = get_case_for_service(event.by, event.payload["case"], lock=True)
    if shared(case.matter) and case.state == "closed":
        list_in_public(case, standing_decision(case), by=event.by)


@subscribes("decision.revoked", level=3)
def what_followed_is_put_right(event: Event) -> None:
    """After a wrong confirmation: nothing is paid and nobody is listed until it has been decided anew. After a wrong cut or
    end, whose benefit came back with the revocation, the list says again what stands."""
    case = get_case_for_service(event.by, event.payload["case"], lock=True)
    if not shared(case.matter):
        return
    if event.payload["kind"] in ("cut", "end") and case.state == "closed":
        list_in_public(case, standing_decision(case), by=event.by)
    if event.payload["kind"] != "confirm":
        return
    do_unlist(case, by=event.by)
    reason = f"决定 {event.payload['decision']} 已撤销,暂停发放,等待重新决定"
    for row in Entitlement.objects.filter(case_code=case.code).exclude(status=ENDED):
        do_suspend(row.number, cause="other", reason=reason, by=event.by)


@subscribes("case.handed_over", level=1)
def the_check_goes_with_the_case(event: Event) -> None:
    """Authorisation, requests and reports belong to who answers for the case now."""
    move_checks(event.payload["case"], event.jurisdiction)
