"""What each task of the shared way does when an officer finishes it. Called inside the task's transaction."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from dateutil.relativedelta import relativedelta

from minzheng.base import audit, clock, events, files, flow
from minzheng.base.divisions.names import full_name
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Actor, Officer
from minzheng.base.scope.ranges import office_of
from minzheng.data import registry
from minzheng.data.brain import rules
from minzheng.office.benefits.granting import Covered, Payee, do_grant
from minzheng.office.cases import actions as case_actions
from minzheng.office.cases.models import Case, CaseMember
from minzheng.office.cases.timeline import note
from minzheng.office.decisions.actions import Draft, do_decide
from minzheng.office.decisions.limits import Limit
from minzheng.office.decisions.models import Decision
from minzheng.office.decisions.papers import yuan
from minzheng.office.decisions.queries import standing_decision
from minzheng.office.decisions.service import Receipt, do_serve
from minzheng.office.publicity.actions import do_list, do_unlist
from minzheng.office.publicity.queries import listed_fen
from minzheng.scenes.assistance.assess import answers_of, assess, own_parameter, parameter
from minzheng.scenes.assistance.forms import INCOME_FIELDS
from minzheng.scenes.assistance.kinds import kind_of
from minzheng.scenes.assistance.models import DemocraticReview, Visit
from minzheng.scenes.assistance.recognitions.actions import Recognised, do_recognise
from minzheng.scenes.assistance.recognitions.models import KINDS

PHOTOS_CAP = 6


def complete_review(*, case: Case, task: Any, outcome: str, data: dict[str, Any], files: Any, comment: str,
                    by: Officer) -> None:
    """受理审查: accept, tell all that is missing at once, or reject."""
    if outcome == "accept":
        case_actions.do_accept(case, by=by)
    elif outcome == "supplement":
        case_actions.do_ask_supplement(case, str(data.get("missing", "")).splitlines(), by=by, text=comment)
    else:
        case_actions.touch(case, state="rejected")
        note(case, "rejected", "不予受理", by=by, text=comment)


def stored_signature(drawn: str, typed: str, *, name: str, case: Case, by: Officer) -> dict[str, Any]:
    """A drawn signature becomes a stored picture; a typed name is kept as such."""
    if not drawn:
        return {"typed": typed.strip()}
    import base64

    head, _, body = drawn.partition(",")
    if head != "data:image/png;base64":
        raise Refused("签名图片格式不对,请重新签名。")
    try:
        content = base64.b64decode(body, validate=True)
    except ValueError:
        raise Refused("签名图片损坏,请重新签名。") from None
    stored = files.store(content, name=f"{name}.png", by=by, jurisdiction=case.jurisdiction, kind="signature",
                         case_id=case.pk)
    return {"file": stored.pk}


def complete_visit(*, case: Case, task: Any, outcome: str, data: dict[str, Any], files: Any, comment: str,
                   by: Officer) -> None:
    """入户调查: at least two visitors, signed by both sides; verified amounts replace what was declared."""
    photos = files.getlist("photos") if hasattr(files, "getlist") else []
    if len(photos) > PHOTOS_CAP:
        raise Refused(f"现场照片最多 {PHOTOS_CAP} 张。", field="photos")
    if not photos and not data.get("remote"):
        raise Refused("请至少拍一张现场照片。", field="photos")
    visitors = [by.name, *flow.signers_of(task)]
    counted = CaseMember.objects.filter(case_id=case.pk)
    members = {str(m.person): {name: value for name in INCOME_FIELDS
                               if (value := data.get(f"verified_{m.person}_{name}")) is not None} for m in counted}
    findings = {"members": {k: v for k, v in members.items() if v}, "vehicles_exempt": data.get("vehicles_exempt") or 0,
                "houses_exempt": data.get("houses_exempt") or 0}
    stored = [_store_photo(photo, case, by) for photo in photos]
    Visit.objects.create(
        case_id=case.pk, jurisdiction=case.jurisdiction, kind="county" if task.key == "county_visit" else "town",
        visited_on=data["visited_on"], visitors=visitors, living=data["living"],
        findings=json.dumps(findings, ensure_ascii=False), conclusion=data["conclusion"],
        remote_reason=data["remote_reason"] if data.get("remote") else "",
        visitor_signatures=[stored_signature(data["visitor_sign"], data["visitor_sign_typed"], name="调查人签名", case=case, by=by)],
        household_signature=stored_signature(data["household_sign"], data["household_sign_typed"], name="申请人签名",
                                       case=case, by=by), photos=stored,
        recorded_by=by.account_id, recorded_at=clock.now())
    note(case, "visited", "入户调查完成", by=by, text=f"调查人:{'、'.join(visitors)};照片 {len(stored)} 张")
    audit.record("assistance.visit", by=by, obj_type="case", obj_id=case.code, jurisdiction=case.jurisdiction,
                 subject_person=case.applicant, reason="登记入户调查",
                 after={"visited_on": data["visited_on"], "exempt": [findings["vehicles_exempt"], findings["houses_exempt"]]})
    events.emit("assistance.visited", aggregate=case.code, jurisdiction=case.jurisdiction, payload={"case": case.code})


def _store_photo(photo: Any, case: Case, by: Officer) -> int:
    return int(files.store(photo.read(), name=photo.name, by=by, jurisdiction=case.jurisdiction, kind="photo",
                           case_id=case.pk).pk)


def complete_opinion(*, case: Case, task: Any, outcome: str, data: dict[str, Any], files: Any, comment: str,
                     by: Officer) -> None:
    """乡镇初审 and what follows a return: an agreement must agree with the rules; the process then publishes it."""
    if outcome in ("agree", "publish_again"):
        check_ready(case)
        found = assess(case)
        if not fits(case, found):
            raise Refused(f"按规则测算不符合条件({found.sentence})。请选择“建议不予确认”,或退回重新调查。")


def complete_without_form(*, case: Case, task: Any, outcome: str, data: dict[str, Any], files: Any, comment: str,
                          by: Officer) -> None:
    """Tasks that only record an outcome and an opinion."""


def complete_democratic_review(*, case: Case, task: Any, outcome: str, data: dict[str, Any], files: Any, comment: str,
                               by: Officer) -> None:
    """民主评议 after a disputed publicity."""
    DemocraticReview.objects.create(
        case_id=case.pk, jurisdiction=case.jurisdiction, held_on=data["held_on"], present=data["present"],
        in_favour=data["in_favour"], against=data["against"], text=data["text"], recorded_by=by.account_id,
        recorded_at=clock.now())
    note(case, "democratic_review", "民主评议", by=by,
         text=f"到会 {data['present']} 人,同意 {data['in_favour']} 人,不同意 {data['against']} 人")


def check_ready(case: Case) -> None:
    """Refused while something that only this kind needs is not there yet."""
    not_ready = kind_of(case).not_ready
    if not_ready is not None and (why := not_ready(case)):
        raise Refused(why)


def fits(case: Case, found: rules.Assessment) -> bool:
    """Whether the rules' result is one that the case's kind confirms."""
    return found.result in kind_of(case).recognises


def covered_members(case: Case, found: rules.Assessment) -> list[Covered]:
    """Whom the result is about: the whole counted household, or single members of it."""
    return [Covered(m.person, m.name, m.relation)
            for m in CaseMember.objects.filter(case_id=case.pk, counted=True).order_by("id")
            if str(m.person) in found.covered]


def complete_county_review(*, case: Case, task: Any, outcome: str, data: dict[str, Any], files: Any, comment: str,
                           by: Officer) -> None:
    """审核确认: the decision, its written paper, and on confirmation the entitlement from the next month."""
    if outcome == "confirm":
        confirm(case, comment, by=by)
    elif outcome == "refuse":
        refuse(case, comment, by=by)
    elif outcome == "extend":
        note(case, "extended", "延长办理时限", by=by, text=comment)


def decide_to_confirm(case: Case, comment: str, *, by: Officer, supersedes: str = "") -> tuple[Decision, rules.Assessment]:
    """The written decision at the amount that the rules give today, and those rules' result."""
    check_ready(case)
    kind, found = kind_of(case), assess(case)
    if not fits(case, found):
        raise Refused(f"按规则测算不符合条件({found.sentence})。请选择“不同意”并告知理由。")
    if found.needs_manual and len(comment) < 5:
        raise Refused("有需要人工核实的规则。请在意见里写明核实的情况再确认。", field="comment")
    paid = bool(kind.benefit)
    decision = do_decide(case, Draft(
        kind="confirm", reasons=f"{found.sentence.rstrip('。')}。{comment}", legal_basis=kind.confirm_basis,
        amount_fen=found.amount_fen if paid else None, from_month=rules.next_month(clock.today()) if paid else None,
        assessment=rules.assessment_to_json(found), supersedes=supersedes, terms=terms_of(case, found)), by=by)
    return decision, found


def valid_until(case: Case) -> dt.date | None:
    """The last day of a recognition that begins today, where its kind runs out by itself."""
    kind = kind_of(case)
    if not kind.valid_months:
        return None
    return clock.today() + relativedelta(months=int(parameter(kind.valid_months, case).value), days=-1)


def terms_of(case: Case, found: rules.Assessment) -> str:
    """What the decision says beside the amount: its parts, or the recognition and how long it holds."""
    kind = kind_of(case)
    if kind.benefit:
        parts = "、".join(f"{part.title}{yuan(part.total_fen)}" for part in found.parts)
        return f"其中:{parts}。" if kind.itemised and parts else ""
    until = valid_until(case)
    held = f"有效期自{chinese(clock.today())}至{chinese(until)}" if until else f"自{chinese(clock.today())}起生效,每年复核一次"
    return f"认定为{KINDS[kind.recognises[found.result]]},{held}。本认定不发放救助金,可以据此申请医疗、教育、住房、就业等专项救助。"


def chinese(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def confirm(case: Case, comment: str, *, by: Officer, supersedes: str = "") -> Decision:
    """The decision, the 认定 and, where the kind pays, the benefit from the next month: all or none."""
    decision, found = decide_to_confirm(case, comment, by=by, supersedes=supersedes)
    recognise(case, decision, found, by=by)
    if kind_of(case).benefit:
        _grant(case, decision, found, by=by)
    return decision


def recognise(case: Case, decision: Decision, found: rules.Assessment, *, by: Officer) -> None:
    kind, until, review = kind_of(case), valid_until(case), None
    if not kind.benefit and until is None:
        review = clock.today() + relativedelta(months=review_months(case))
    people = [Recognised(m.person_id, m.name, m.relation) for m in covered_members(case, found)]
    do_recognise(case, kind.recognises[found.result], people, decision=decision.number, by=by, valid_to=until,
                 review_due=review)


def _grant(case: Case, decision: Decision, found: rules.Assessment, *, by: Officer) -> None:
    assert decision.amount_fen is not None
    payee = int(answers_of(case)["payee"])
    reason = f"办件 {case.code}:登记领款账户"
    holder = registry.get_person_for(by, payee)
    account = registry.reveal(by, payee, "bank_account", reason)
    if not account:
        raise Refused(f"领款人{holder.name}没有登记银行卡。请退回街道补登账户后再确认。")
    members = covered_members(case, found)
    people = {member.person_id for member in members}
    do_grant(
        scheme=kind_of(case).benefit, case_code=case.code, decision=decision.number, decided_on=clock.today(),
        jurisdiction=case.jurisdiction, household_id=case.household,
        head_person=case.applicant if case.applicant in people else members[0].person_id, members=members,
        monthly_fen=decision.amount_fen, by=by, review_months=review_months(case),
        payee=Payee(holder.name, account, registry.reveal(by, payee, "id_number", reason)))


def review_months(case: Case) -> int:
    return int(parameter(kind_of(case).review_parameter(case), case).value)


def refuse(case: Case, comment: str, *, by: Officer, supersedes: str = "") -> Decision:
    found = assess(case)
    kind, limit = kind_of(case), own_parameter("limit.refuse_notice", case)
    county = full_name(office_of(case.jurisdiction, 3))
    return do_decide(case, Draft(
        kind="refuse", supersedes=supersedes, reasons=f"{comment}。测算结果:{found.sentence}", legal_basis=kind.refuse_basis,
        remedy=f"对本决定不服的,可以向{county}人民政府申请行政复议,也可以向人民法院提起行政诉讼。",
        assessment=rules.assessment_to_json(found),
        serve_within=Limit(int(limit.value), kind.refuse_clause, limit.sample)), by=by)


def complete_serve(*, case: Case, task: Any, outcome: str, data: dict[str, Any], files: Any, comment: str,
                   by: Officer) -> None:
    """送达 by hand, mail or electronically; then the case is closed and the household listed (art. 24)."""
    if case.state == "rejected":
        case_actions.close(case, "rejected", "不予受理已书面告知", by=by, text=f"签收人:{data['receiver']}")
        return
    standing = serve_standing(case, data, files, by=by)
    case_actions.close(case, "closed", "办结", by=by)
    list_in_public(case, standing, by=by)


def serve_standing(case: Case, data: dict[str, Any], files: Any, *, by: Officer) -> Decision:
    """Records the service of the decision in force. The case is read anew, since its time line has gone on."""
    standing = standing_decision(case)
    if standing is None:
        raise Refused("这个办件还没有决定书,不能送达。")
    upload = files.get("signature")
    signature = None if upload is None else _store_photo(upload, case, by)
    served_at = dt.datetime.combine(data["served_on"], clock.now().timetz()) if data["served_on"] != clock.today() else None
    do_serve(standing.number, Receipt(
        method=data["method"], receiver=data["receiver"], relation=data["receiver_relation"], served_at=served_at,
        signature=signature, witnesses=data.get("witnesses", ""), tracking=data.get("tracking", ""),
        consented=data["method"] == "electronic"), by=by)
    case.refresh_from_db()
    return standing


def list_in_public(case: Case, standing: Decision | None, *, by: Actor) -> None:
    """A paid household is on the long-term public list at the amount of its decision, or not at all (art. 24)."""
    if standing is not None and standing.amount_fen:
        if listed_fen(case) == standing.amount_fen:
            return
        do_list(case, amount_fen=standing.amount_fen, by=by)
    else:
        do_unlist(case, by=by)
