"""What each task of 临时救助 does when an officer finishes it. Called inside the task's transaction."""

from __future__ import annotations

from typing import Any

from minzheng.base import audit, clock
from minzheng.base import files as stored_files
from minzheng.base.divisions.names import full_name
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Officer
from minzheng.base.scope.ranges import office_of
from minzheng.data import registry
from minzheng.data.brain import rules
from minzheng.office.benefits.granting import Covered, Payee
from minzheng.office.benefits.months import first_of
from minzheng.office.benefits.once import do_grant_once
from minzheng.office.cases import actions as case_actions
from minzheng.office.cases.models import Case
from minzheng.office.cases.timeline import note
from minzheng.office.decisions.actions import Draft, do_decide
from minzheng.office.decisions.limits import Limit
from minzheng.office.decisions.models import Decision
from minzheng.office.ledger import imprest
from minzheng.scenes.assistance.completing import serve_standing
from minzheng.scenes.assistance.temporary.assess import assess, emergency_of
from minzheng.scenes.assistance.temporary.models import Emergency, Meeting

SCHEME = "temporary"
BASIS = ("《中华人民共和国社会救助法》第三十一条、第三十七条、第五十条", "民政部、财政部《关于进一步健全完善临时救助制度的意见》")
MEETING_LEAST = 3  # members (示例值)


def deciders(*, case: Case) -> tuple[str, ...]:
    """小额快救 is the township's to decide; what is larger is the county's."""
    return ("town_reviewer",) if case.flags.get("small") else ()


def complete_give(*, case: Case, task: Any, outcome: str, data: dict[str, Any], files: Any, comment: str, by: Officer) -> None:
    """Hands over money from the township's fund, or goods or a referral, against a signed or photographed receipt."""
    row = emergency_of(case, lock=True)
    fen = _given_sum(row, case, int(data["given_fen"]))
    photo = files.get("receipt") if hasattr(files, "get") else None
    if photo is None and not data.get("signed", "").strip():
        raise Refused("请上传签收照片,或填写签收人签名。", field="receipt")
    receipt: dict[str, Any] = {"typed": data.get("signed", "").strip()}
    if photo is not None:
        receipt["file"] = stored_files.store(photo.read(), name=photo.name, by=by, jurisdiction=case.jurisdiction,
                                             kind="receipt", case_id=case.pk).pk
    ref = f"temporary:{case.code}"
    if row.way != "referral":
        imprest.do_pay(by.jurisdiction, SCHEME, fen=fen, ref=ref, case_code=case.code, receiver=data["receiver"],
                       method="goods" if row.way == "goods" else data["method"], note=comment, by=by)
    _given(row, fen if row.way != "referral" else 0, ref, data["receiver"], receipt)
    note(case, "given", f"{row.get_way_display()}", by=by, text=f"签收人:{data['receiver']}")
    audit.record("temporary.given", by=by, obj_type="case", obj_id=case.code, jurisdiction=case.jurisdiction,
                 subject_person=case.applicant, after={"fen": row.given_fen, "way": row.way})
    if task.key == "give":
        imprest.do_papers_are_there(ref)
        case_actions.close(case, "closed", "办结", by=by)


def _given_sum(row: Emergency, case: Case, fen: int) -> int:
    """The decided sum; before a decision not more than the rules allow now."""
    if row.state == "given":
        raise Refused("这个办件已经救助过,不能重复发放。")
    decided = Decision.objects.filter(case_id=case.pk, kind="confirm", revoked_at=None).first()
    most = decided.amount_fen or 0 if decided else assess(row).amount_fen
    if not 0 < fen <= most or (decided and fen != most):
        raise Refused(f"救助金额应为 {most / 100:.2f} 元。" if decided else f"救助金额应大于 0,最多 {most / 100:.2f} 元。", field="given_fen")
    return fen


def _given(row: Emergency, fen: int, ref: str, receiver: str, receipt: dict[str, Any]) -> None:
    row.state, row.given_fen, row.given_on, row.given_ref = "given", fen, clock.today(), ref
    row.receiver, row.receipt = receiver, receipt
    row.save(update_fields=["state", "given_fen", "given_on", "given_ref", "receiver", "receipt"])


def complete_explain(*, case: Case, task: Any, outcome: str, data: dict[str, Any], files: Any, comment: str, by: Officer) -> None:
    """先行救助后补齐手续 (art. 50): the written explanation of what was paid first."""
    row = emergency_of(case, lock=True)
    row.explanation, row.explained_at = data["explanation"], clock.now()
    row.save(update_fields=["explanation", "explained_at"])
    note(case, "explained", "补齐先行救助手续", by=by)
    audit.record("temporary.explained", by=by, obj_type="case", obj_id=case.code, jurisdiction=case.jurisdiction,
                 subject_person=case.applicant, reason="社会救助法第五十条")


def complete_confirm(*, case: Case, task: Any, outcome: str, data: dict[str, Any], files: Any, comment: str, by: Officer) -> None:
    """The decision after the fact, at what was paid; or it was wrong and the money is to come back."""
    row = emergency_of(case, lock=True)
    if outcome == "confirm":
        _decide(case, row.given_fen, comment or "经核实,先行救助情况属实。", by=by)
        imprest.do_papers_are_there(row.given_ref)
        case_actions.close(case, "closed", "办结", by=by)
    else:
        case_actions.close(case, "ended", "先行救助不当,款项追回", by=by, text=comment)


def complete_town_decide(*, case: Case, task: Any, outcome: str, data: dict[str, Any], files: Any, comment: str,
                         by: Officer) -> None:
    row = emergency_of(case, lock=True)
    if outcome == "refuse":
        _refuse(case, row, comment, by=by)
        return
    found = assess(row)
    if found.result != "instant":
        raise Refused(f"现在不符合小额快救:{found.sentence}")
    _decide(case, found.amount_fen, comment or found.sentence, by=by, found=found)


def complete_review(*, case: Case, task: Any, outcome: str, data: dict[str, Any], files: Any, comment: str, by: Officer) -> None:
    """A larger one is taken in and looked at by the township, without 核对 of income where the event is sudden."""
    if outcome == "accept":
        case_actions.do_accept(case, by=by)
        note(case, "visited", "了解急难情况", by=by, text=comment)
    else:
        case_actions.close(case, "rejected", "不予受理", by=by, text=comment)


def complete_meeting(*, case: Case, task: Any, outcome: str, data: dict[str, Any], files: Any, comment: str, by: Officer) -> None:
    """一事一议: at least three members, minutes, a sum."""
    members = [name.strip() for name in str(data["members"]).replace(",", "、").replace(",", "、").split("、") if name.strip()]
    if len(set(members)) < MEETING_LEAST:
        raise Refused(f"参会人员至少 {MEETING_LEAST} 人(示例值),用顿号隔开。", field="members")
    Meeting.objects.create(case_id=case.pk, jurisdiction=case.jurisdiction, held_on=data["held_on"], members=members,
                           minutes=data["minutes"], fixed_fen=data["fixed_fen"], recorded_by=by.account_id,
                           recorded_at=clock.now())
    note(case, "meeting", "县级一事一议", by=by, text=f"{len(members)} 人参会", public=False)
    audit.record("temporary.meeting", by=by, obj_type="case", obj_id=case.code, jurisdiction=case.jurisdiction,
                 subject_person=case.applicant, after={"members": members, "fixed_fen": data["fixed_fen"]})


def complete_county_decide(*, case: Case, task: Any, outcome: str, data: dict[str, Any], files: Any, comment: str,
                           by: Officer) -> None:
    """The county decides a larger sum and it goes to the bank by the next urgent run; the paper is served (since version 2)."""
    row = emergency_of(case, lock=True)
    if outcome == "refuse":
        _refuse(case, row, comment, by=by)
        return
    if case.applicant is None:
        raise Refused("身份还没有核实,不能通过银行发放。请先核实身份,或按小额快救由备用金发放。")
    found = assess(row)
    if not found.eligible:
        raise Refused(f"按规则不能给予临时救助:{found.sentence}")
    decision = _decide(case, found.amount_fen, comment or found.sentence, by=by, found=found)
    reason = f"办件 {case.code}:发放临时救助金"
    account = registry.reveal(by, case.applicant, "bank_account", reason)
    if not account:
        raise Refused("申请人没有登记银行卡,请先补登账户。")
    do_grant_once(scheme=SCHEME, case_code=case.code, decision=decision.number, jurisdiction=case.jurisdiction, household_id=None,
                  head_person=case.applicant, members=[Covered(case.applicant, case.applicant_name, "本人")],
                  payee=Payee(case.applicant_name, account, registry.reveal(by, case.applicant, "id_number", reason)),
                  fen=found.amount_fen, by=by)
    _given(row, found.amount_fen, decision.number, case.applicant_name, {})
    if case.matter_version == 1:
        case_actions.close(case, "closed", "办结", by=by, text="救助金由银行发放")


def complete_serve(*, case: Case, task: Any, outcome: str, data: dict[str, Any], files: Any, comment: str, by: Officer) -> None:
    """送达; paid once, so nobody enters the long-term public list."""
    serve_standing(case, data, files, by=by)
    case_actions.close(case, "closed", "办结", by=by)


def _decide(case: Case, fen: int, reasons: str, *, by: Officer, found: rules.Assessment | None = None) -> Decision:
    return do_decide(case, Draft(
        kind="confirm", reasons=reasons, legal_basis=BASIS, amount_fen=fen, from_month=first_of(clock.today()),
        assessment=rules.assessment_to_json(found) if found else {}), by=by)


def refusal(case: Case, comment: str) -> Draft:
    """The written refusal with its remedy and the days in which it is served."""
    limit = rules.lookup("temporary.limit.refuse_notice", rules.zone_of(case.jurisdiction), clock.today())
    county = full_name(office_of(case.jurisdiction, 3))
    return Draft(
        kind="refuse", reasons=comment, legal_basis=BASIS,
        remedy=f"对本决定不服的,可以向{county}人民政府申请行政复议,也可以向人民法院提起行政诉讼。",
        serve_within=Limit(int(limit.value), limit.clause, limit.sample))


def _refuse(case: Case, row: Emergency, comment: str, *, by: Officer) -> None:
    do_decide(case, refusal(case, comment), by=by)
    row.state = "refused"
    row.save(update_fields=["state"])
