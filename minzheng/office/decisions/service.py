"""送达: bringing a decision to the person. The receipt (送达回证) starts the time to appeal."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from minzheng.base import audit, clock, events
from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.base.identity.officer import Actor, Citizen, Officer, require_role
from minzheng.office.cases.doors import get_case_for, get_case_for_citizen
from minzheng.office.cases.models import Case
from minzheng.office.cases.timeline import actor_title, note
from minzheng.office.decisions.actions import case_code, get_decision_for
from minzheng.office.decisions.limits import APPEAL, Limit
from minzheng.office.decisions.models import METHODS, Decision, Service
from minzheng.office.decisions.papers import issue_receipt

SERVERS = ("village_worker", "town_clerk", "town_reviewer", "county_clerk")


@dataclass(frozen=True)
class Receipt:
    """What the receipt says. Direct needs a signature file, 留置 two witnesses, post its number, electronic consent."""

    method: str
    receiver: str
    relation: str = "本人"
    served_at: dt.datetime | None = None
    signature: int | None = None
    witnesses: str = ""
    tracking: str = ""
    consented: bool = False


def do_serve(number: str, receipt: Receipt, *, by: Officer, appeal: Limit = APPEAL) -> Service:
    """Records how and when the decision was served; once only."""
    require_role(by, *SERVERS)
    decision = get_decision_for(by, number)
    case = get_case_for(by, case_code(decision), lock=True)
    return _serve(case, decision, receipt, by=by, appeal=appeal)


def do_receive(number: str, *, by: Citizen, consented: bool, appeal: Limit = APPEAL) -> Service:
    """The citizen agrees to electronic service and takes the decision on the own phone."""
    if not consented:
        raise Refused("请先勾选“同意电子送达”。不同意的,工作人员会把决定书送到您手中。", field="consented")
    decision = get_decision_for_citizen(by, number)
    case = get_case_for_citizen(by, case_code(decision))
    return _serve(case, decision, Receipt("electronic", by.name, consented=True), by=by, appeal=appeal)


def get_decision_for_citizen(by: Citizen, number: str) -> Decision:
    """A decision on the citizen's own case; the database shows no other."""
    found = Decision.objects.filter(number=number).first()
    if found is None:
        raise NotFound("没有找到您的这份决定书,请核对文号。")
    return found


def _check(decision: Decision, receipt: Receipt, at: dt.datetime) -> None:
    if Service.objects.filter(decision=decision).exists():
        raise Refused("这份决定书已经送达过,送达回证不能重复登记。")
    if decision.revoked_at is not None:
        raise Refused("这份决定已经撤销,不用再送达。请送达撤销决定和新的决定。")
    if receipt.method not in METHODS:
        raise Refused("请选择送达方式。", field="method")
    if at > clock.now():
        raise Refused("送达时间不能晚于现在。", field="served_at")
    if at < decision.decided_at:
        raise Refused("送达时间不能早于作出决定的时间。", field="served_at")
    if not receipt.receiver.strip():
        raise Refused("请填写签收人;留置送达填写当事人。", field="receiver")
    if receipt.method == "direct" and receipt.signature is None:
        raise Refused("直接送达需要签收人签名,请上传签名或签收照片。", field="signature")
    if receipt.method == "left" and len([w for w in receipt.witnesses.replace(",", "、").split("、") if w.strip()]) < 2:
        raise Refused("留置送达需要两名见证人,请填写姓名,用顿号隔开。", field="witnesses")
    if receipt.method == "post" and not receipt.tracking.strip():
        raise Refused("邮寄送达请填写邮件号,以便查询签收情况。", field="tracking")
    if receipt.method == "electronic" and not receipt.consented:
        raise Refused("电子送达须经当事人同意,请先取得并登记同意。", field="consented")


def _serve(case: Case, decision: Decision, receipt: Receipt, *, by: Actor, appeal: Limit) -> Service:
    at = receipt.served_at or clock.now()
    _check(decision, receipt, at)
    if isinstance(by, Officer) and receipt.method == "electronic" and receipt.relation != "本人":
        raise NotAllowed("电子送达只能由当事人本人接收。")
    row = Service(
        decision=decision, case_id=case.pk, jurisdiction=case.jurisdiction, method=receipt.method, served_at=at,
        receiver=receipt.receiver.strip(), relation=receipt.relation.strip() or "本人", signature=receipt.signature,
        witnesses=receipt.witnesses.strip(), tracking=receipt.tracking.strip(), consented=receipt.consented,
        appeal_days=appeal.value, appeal_until=at.astimezone(clock.SHANGHAI).date() + dt.timedelta(appeal.value),
        appeal_source=appeal.note, account=by.account_id, actor=actor_title(by))
    if isinstance(by, Officer):
        row.receipt = issue_receipt(case, decision, row, by=by)
    row.save(force_insert=True)
    note(case, "served", f"决定书已送达({row.method_title})", by=by,
         text=f"{decision.number},签收人 {row.receiver};申请复议至 {row.appeal_until}({row.appeal_source})")
    audit.record("decision.serve", by=by, obj_type="case", obj_id=case.code, jurisdiction=case.jurisdiction,
                 subject_person=case.applicant,
                 after={"decision": decision.number, "method": row.method, "appeal_until": row.appeal_until})
    events.emit("decision.served", aggregate=case.code, jurisdiction=case.jurisdiction,
                payload={"case": case.code, "decision": decision.number, "method": row.method})
    return row
