"""Ending a case before its decision: the applicant does not cooperate (art. 29), or has died."""

from __future__ import annotations

from minzheng.base import audit, clock, flow
from minzheng.base.divisions.names import full_name
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Officer, require_role
from minzheng.base.scope.ranges import office_of
from minzheng.office.cases.actions import touch
from minzheng.office.cases.doors import check_version, get_case_for
from minzheng.office.cases.models import Case
from minzheng.office.cases.timeline import note
from minzheng.office.decisions.actions import Draft, deciders, do_decide
from minzheng.office.decisions.limits import Limit
from minzheng.scenes.assistance.assess import own_parameter
from minzheng.scenes.assistance.kinds import kind_of

PROPOSERS = ("town_clerk",)
BASIS = ("《最低生活保障审核确认办法》(民发〔2021〕57号)第二十九条",)
UNDECIDED = ("submitted", "accepted", "supplement")


def why_not_propose(case: Case, by: Officer) -> str:
    if case.state not in UNDECIDED:
        return "已作出决定或已结束的办件不能终止办理。"
    if by.role not in PROPOSERS or not by.reaches(case.jurisdiction):
        return "由所在乡镇(街道)经办岗位提出。"
    return "已经提请终止,等待审批岗位决定。" if case.flags.get("stop") else ""


def why_not_decide(case: Case, by: Officer) -> str:
    if case.state != "accepted" or not case.flags.get("stop"):
        return "没有待决定的终止提请。"
    if by.role not in deciders(case) or not by.reaches(case.jurisdiction):
        return "终止由审核确认岗位决定。"
    return "提请人不能自己决定。" if case.flags["stop"]["account"] in by.hands else ""


def do_propose_stop(code: str, *, by: Officer, cause: str, reason: str, version: int) -> Case:
    """`cause` refused: an accepted case waits for the decision of another; one not yet accepted is not taken in.
    `cause` death: the case ends at once, since there is nobody to decide about."""
    require_role(by, *PROPOSERS)
    case = get_case_for(by, code, lock=True)
    check_version(case, version)
    text = reason.strip()
    if cause not in ("refused", "death"):
        raise Refused("请选择终止的原因。", field="cause")
    if len(text) < 10:
        raise Refused("请写明事实经过(至少 10 个字)。", field="reason")
    if why := why_not_propose(case, by):
        raise Refused(why)
    audit.record("assistance.propose_stop", by=by, obj_type="case", obj_id=code, jurisdiction=case.jurisdiction,
                 subject_person=case.applicant, after={"cause": cause}, reason=text)
    if cause == "death":
        note(case, "died", "登记申请人死亡", by=by, text=text, public=False)
        flow.signal(code, "person_died", {}, by=by)
    elif case.state == "accepted":
        touch(case, flags={**case.flags, "stop": {"reason": text, "by": by.name, "account": by.account_id,
                                                  "on": clock.today().isoformat()}})
        note(case, "stop_proposed", "提请终止审核确认", by=by, text=text)
    else:
        touch(case, state="rejected")
        note(case, "rejected", "申请人不配合,不予受理", by=by, text=text)
        flow.signal(code, "terminated", {}, by=by)
    return case


def do_decide_stop(code: str, *, by: Officer, agree: bool, comment: str, version: int) -> Case:
    """The written decision on the proposal, which the township then serves; or the case simply goes on."""
    case = get_case_for(by, code, lock=True)
    check_version(case, version)
    if why := why_not_decide(case, by):
        raise Refused(why)
    if len(comment.strip()) < 5:
        raise Refused("请写明意见(至少 5 个字)。", field="comment")
    proposed = case.flags["stop"]
    touch(case, flags={k: v for k, v in case.flags.items() if k != "stop"})
    if not agree:
        note(case, "stop_declined", "不同意终止,继续办理", by=by, text=comment.strip())
        audit.record("assistance.propose_stop", by=by, obj_type="case", obj_id=code, jurisdiction=case.jurisdiction,
                     subject_person=case.applicant, after={"agreed": False}, reason=comment.strip())
        return case
    limit = own_parameter("limit.refuse_notice", case)
    county = full_name(office_of(case.jurisdiction, 3))
    do_decide(case, Draft(
        kind="refuse", legal_basis=BASIS, reasons=f"申请人无正当理由不配合调查核实,终止审核确认程序。{proposed['reason']}。"
        f"{comment.strip()}", remedy=f"对本决定不服的,可以向{county}人民政府申请行政复议,也可以向人民法院提起行政诉讼。",
        serve_within=Limit(int(limit.value), kind_of(case).refuse_clause, limit.sample)), by=by)
    flow.signal(code, "terminated", {}, by=by)
    return case
