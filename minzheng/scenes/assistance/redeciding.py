"""重新作出决定 after the first one was revoked, and the benefit after it: both or neither."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from minzheng.base import clock
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Officer
from minzheng.data.brain import rules
from minzheng.office.benefits import changing
from minzheng.office.benefits.models import ENDED, SUSPENDED, Entitlement
from minzheng.office.benefits.months import add_months
from minzheng.office.benefits.records import amount_in_force
from minzheng.office.cases.models import Case
from minzheng.office.decisions.actions import deciders
from minzheng.office.decisions.hearings import unused_hearing
from minzheng.office.decisions.models import Decision
from minzheng.office.decisions.queries import decisions_of
from minzheng.scenes.assistance import completing


def revoked_of(case: Case, rows: Sequence[Decision] | None = None) -> Decision | None:
    """The confirmation or refusal that was revoked and that nothing has taken the place of yet. `rows`: the case's
    decisions, newest first, where the caller has them."""
    known = decisions_of(case) if rows is None else rows
    first = next((row for row in known if row.kind in ("confirm", "refuse")), None)
    return first if first is not None and first.revoked_at is not None else None


def why_not(case: Case, by: Officer, rows: Sequence[Decision] | None = None) -> str:
    if revoked_of(case, rows) is None:
        return "没有需要重新作出的决定。"
    if by.role not in deciders(case) or not by.reaches(case.jurisdiction):
        return "由审核确认岗位重新作出决定。"
    return ""


def benefit_of(case: Case) -> Entitlement | None:
    return Entitlement.objects.filter(case_code=case.code).exclude(status=ENDED).order_by("-id").first()


def do_decide_again(case: Case, *, outcome: str, comment: str, by: Officer) -> Decision:
    """Confirms by the rules as they are today, or refuses. What is paid already is cut or ended only after a hearing
    (社会救助法第四十八条)."""
    if reason := why_not(case, by):
        raise Refused(reason)
    old = revoked_of(case)
    assert old is not None
    row = benefit_of(case)
    if outcome == "refuse":
        heard = _heard(case, "end") if row else None
        decision = completing.refuse(case, comment, by=by, supersedes=old.number)
        if row is not None:
            last = add_months(max(changing.this_month(), row.start_month), -1)
            changing.do_end(row.number, cause="review", last_month=last, by=by,
                            reason=f"撤销 {old.number} 后重新决定不予确认", decision=decision.number, heard_on=heard)
        return decision
    if outcome != "confirm":
        raise Refused("请选择决定。", field="outcome")
    if row is None:
        return completing.confirm(case, comment, by=by, supersedes=old.number)
    decision, found = completing.decide_to_confirm(case, comment, by=by, supersedes=old.number)
    completing.recognise(case, decision, found, by=by)
    _follow(case, row, decision, by)
    return decision


def _heard(case: Case, about: str) -> dt.date:
    hearing = unused_hearing(case, about)
    if hearing is None:
        raise Refused("新的决定会减少或终止正在发放的待遇,须先听取当事人意见(社会救助法第四十八条)。请到待遇台账的“减发或终止”页记录。")
    return hearing.heard_at.astimezone(clock.SHANGHAI).date()


def _follow(case: Case, row: Entitlement, decision: Decision, by: Officer) -> None:
    """The suspended benefit goes on, at the new amount from the next month."""
    reason = f"撤销后重新决定,见 {decision.number}"
    if row.status == SUSPENDED:
        changing.do_resume(row.number, reason=reason, arrears=True, by=by)
    assert decision.amount_fen is not None
    month = max(rules.next_month(clock.today()), row.start_month)
    before = amount_in_force(row.pk, month)
    if decision.amount_fen == before:
        return
    heard = _heard(case, "cut") if decision.amount_fen < before else None
    changing.do_change_amount(row.number, from_month=month, monthly_fen=decision.amount_fen, decision=decision.number,
                              reason=reason, heard_on=heard, by=by)
