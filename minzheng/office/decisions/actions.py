"""Making and revoking decisions. A cut or an end needs a hearing; a refusal, cut or end needs reasons and remedies."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, connection, transaction

from minzheng.base import audit, clock, events, workdays
from minzheng.base.crypto import sm3
from minzheng.base.divisions.names import name_of
from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.base.identity.officer import Officer, require_role
from minzheng.base.scope.ranges import office_of
from minzheng.office.cases.actions import touch
from minzheng.office.cases.doors import get_case_for
from minzheng.office.cases.models import Case
from minzheng.office.cases.timeline import actor_title, note
from minzheng.office.decisions.hearings import unused_hearing
from minzheng.office.decisions.limits import SERVE_REFUSAL, Limit
from minzheng.office.decisions.models import KINDS, Decision, Hearing
from minzheng.office.decisions.papers import issue_decision, withdraw_document
from minzheng.office.decisions.undoing import undo_on_benefits
from minzheng.office.matters.catalogue import matter_of

ADVERSE = ("refuse", "cut", "end")
PAYING = ("confirm", "cut", "continue")
DECIDERS = ("county_approver", "county_leader")
MOST_FEN = 2_147_483_647


@dataclass(frozen=True)
class Draft:
    """What is to be decided. `assessment` is the rules' result, frozen with the decision; amounts are fen a month; `terms`
    is what is decided beside the amount (a recognition and its dates, the parts of an amount), as full sentences."""

    kind: str
    reasons: str
    legal_basis: Sequence[str]
    amount_fen: int | None = None
    from_month: dt.date | None = None
    remedy: str = ""
    assessment: dict[str, Any] = field(default_factory=dict)
    supersedes: str = ""
    terms: str = ""
    serve_within: Limit = SERVE_REFUSAL


def deciders(case: Case) -> tuple[str, ...]:
    """Who may decide: the county, and the township too where the county has delegated it (委托乡镇) or the matter says so."""
    own = matter_of(case.matter, case.matter_version).deciders
    if own is not None and (roles := own(case=case)):
        return roles
    return (*DECIDERS, "town_reviewer") if case.flags.get("delegated") else DECIDERS


def check_decide(case: Case, draft: Draft, *, by: Officer) -> Hearing | None:
    """Refused with a reason unless this decision can be made; returns the hearing it rests on."""
    require_role(by, *deciders(case))
    if not by.serves(case.scene):
        raise NotAllowed("当前岗位不办理这类事项,请切换岗位。")
    if case.created_by in by.hands:
        raise NotAllowed("这个办件由您本人录入,不能再由您作出决定。请交其他审批人员办理。")
    if draft.kind not in KINDS or draft.kind == "revoke":
        raise Refused("请选择决定的种类。", field="kind")
    first = draft.kind in ("confirm", "refuse")
    if case.state not in (("accepted",) if first and not draft.supersedes else ("accepted", "decided", "closed")):
        raise Refused(f"办件状态是“{case.state_title}”,现在不能作出这个决定。")
    if len(draft.reasons.strip()) < (10 if draft.kind in ADVERSE else 1):
        raise Refused("请写明决定的理由(事实和规定,至少 10 个字)。", field="reasons")
    if not [line for line in draft.legal_basis if line.strip()]:
        raise Refused("请写明依据的法律法规条款。", field="legal_basis")
    if draft.kind in ADVERSE and not draft.remedy.strip():
        raise Refused("不予确认、减少或终止的决定必须告知救济途径(向谁、多长时间内申请复议或起诉)。", field="remedy")
    _check_amount(case, draft)
    if draft.kind not in ("cut", "end"):
        return None
    hearing = unused_hearing(case, draft.kind)
    if hearing is None:
        raise Refused("减少或终止待遇前必须听取当事人的意见(社会救助法第四十八条)。请先记录听取意见的情况。")
    return hearing


def _check_amount(case: Case, draft: Draft) -> None:
    pays = draft.kind in PAYING and bool(matter_of(case.matter, case.matter_version).scheme)
    if not pays and draft.amount_fen is not None:
        raise Refused("这个决定不应填写金额。", field="amount_fen")
    if pays and not (draft.amount_fen and 0 < draft.amount_fen <= MOST_FEN):
        raise Refused("请填写金额;金额应大于 0 且在系统允许的范围内。", field="amount_fen")
    if draft.from_month is None and (pays or draft.kind == "end"):
        raise Refused("请选择从哪个月起执行。", field="from_month")
    if draft.from_month is not None and draft.from_month.day != 1:
        raise Refused("起始月应写成当月 1 日,请重新选择。", field="from_month")


def do_decide(case: Case, draft: Draft, *, by: Officer) -> Decision:
    """Makes the decision: frozen row, signed document, case `decided`, event `case.decided`.

    A decision that takes the place of a revoked one names its number in `supersedes`.
    """
    hearing = check_decide(case, draft, by=by)
    old = _revoked(case, draft.supersedes) if draft.supersedes else None
    serve_by = workdays.add(clock.today(), draft.serve_within.value) if draft.kind == "refuse" else None
    decision = _write(case, draft, by=by, hearing=hearing, supersedes=old, serve_by=serve_by)
    if case.state == "accepted":
        touch(case, state="decided")
    note(case, "decided", f"作出决定:{decision.kind_title}", by=by, text=f"文号 {decision.number}")
    audit.record("decision.decide", by=by, obj_type="case", obj_id=case.code, jurisdiction=case.jurisdiction,
                 subject_person=case.applicant, reason=draft.reasons.strip(),
                 after={"decision": decision.number, "kind": draft.kind, "amount_fen": draft.amount_fen,
                        "assessment": decision.assessment_digest})
    events.emit("case.decided", aggregate=case.code, jurisdiction=case.jurisdiction,
                payload={"case": case.code, "decision": decision.number, "kind": draft.kind})
    return decision


def do_revoke(number: str, *, by: Officer, reasons: str, legal_basis: Sequence[str], remedy: str = "") -> Decision:
    """撤销 a wrong decision by another written decision. Only a county leader who did not make it may do so.

    What a cut or an end did to a benefit is undone with it, or nothing is revoked. The event `decision.revoked` tells the
    matter to put right what else followed from it.
    """
    require_role(by, "county_leader")
    wrong = get_decision_for(by, number)
    case = get_case_for(by, case_code(wrong), lock=True)
    wrong.refresh_from_db()
    if wrong.decided_by in by.hands:
        raise NotAllowed("不能撤销自己作出的决定。请由其他负责人办理。")
    if wrong.revoked_at is not None:
        raise Refused("这个决定已经撤销过了。")
    if wrong.kind == "revoke":
        raise Refused("撤销决定本身不能再撤销。请重新作出决定。")
    if len(reasons.strip()) < 10:
        raise Refused("请写明撤销的理由(哪里有误,至少 10 个字)。", field="reasons")
    if not [line for line in legal_basis if line.strip()]:
        raise Refused("请写明依据的法律法规条款。", field="legal_basis")
    Decision.objects.filter(pk=wrong.pk, revoked_at=None).update(
        revoked_at=clock.now(), revoked_by=by.account_id, revoked_reason=reasons.strip())
    withdraw_document(wrong, by=by, reason=reasons.strip())
    fresh = _write(case, Draft("revoke", reasons, legal_basis, remedy=remedy), by=by, hearing=None, supersedes=wrong,
                   serve_by=None)
    undo_on_benefits(wrong, fresh, by=by)
    note(case, "revoked", "撤销决定", by=by, text=f"撤销 {wrong.number},见 {fresh.number}")
    audit.record("decision.revoke", by=by, obj_type="case", obj_id=case.code, jurisdiction=case.jurisdiction,
                 subject_person=case.applicant, before={"decision": wrong.number, "kind": wrong.kind},
                 after={"decision": fresh.number}, reason=reasons.strip())
    events.emit("decision.revoked", aggregate=case.code, jurisdiction=case.jurisdiction,
                payload={"case": case.code, "decision": wrong.number, "kind": wrong.kind, "by": fresh.number})
    return fresh


def get_decision_for(by: Officer, number: str) -> Decision:
    """The decision within the acting post's scope and scenes; NotFound or NotAllowed otherwise."""
    found = Decision.objects.filter(number=number).first()
    if found is None:
        raise NotFound("没有找到这份决定书,请核对文号。")
    return found


def case_code(decision: Decision) -> str:
    return Case.objects.values_list("code", flat=True).get(pk=decision.case_id)


def _revoked(case: Case, number: str) -> Decision:
    old = Decision.objects.filter(number=number, case_id=case.pk).first()
    if old is None or old.revoked_at is None:
        raise Refused("只有已撤销的决定才能由新的决定代替。请先撤销原决定。", field="supersedes")
    return old


def _write(case: Case, draft: Draft, *, by: Officer, hearing: Hearing | None, supersedes: Decision | None,
           serve_by: dt.date | None) -> Decision:
    now = clock.now()
    county = office_of(case.jurisdiction, 3)
    assessment = json.dumps(draft.assessment, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    with connection.cursor() as cursor:
        cursor.execute("select next_decision_number(%s, %s)", [county, now.year])
        (serial,) = cursor.fetchone()
    try:
        with transaction.atomic():
            decision = Decision.objects.create(
                case_id=case.pk, jurisdiction=case.jurisdiction, kind=draft.kind,
                number=f"{name_of(county)}民决〔{now.year}〕{serial}号", amount_fen=draft.amount_fen,
                from_month=draft.from_month, terms=draft.terms.strip(), reasons=draft.reasons.strip(),
                legal_basis="\n".join(line.strip() for line in draft.legal_basis if line.strip()),
                remedy=draft.remedy.strip(), assessment=assessment, assessment_digest=sm3(assessment.encode()),
                hearing=hearing, supersedes=supersedes, decided_by=by.account_id, decided_by_title=actor_title(by),
                decided_at=now, serve_by=serve_by)
    except IntegrityError as error:
        raise Refused("这个办件已经有一份有效的决定,不能重复作出。请刷新页面查看。") from error
    decision.document = issue_decision(case, decision, by=by)
    Decision.objects.filter(pk=decision.pk).update(document=decision.document)
    return decision
