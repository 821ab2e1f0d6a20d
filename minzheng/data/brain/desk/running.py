"""Starting a computation, opening its result by the right door, sharing it."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from django.db import transaction

from minzheng.base import audit, clock, jobs
from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.base.identity.officer import Officer, require_role
from minzheng.base.scope.ranges import level_of, lies_in, office_of
from minzheng.data.brain.desk import law
from minzheng.data.brain.desk.drafting import ROLES, get_draft_for
from minzheng.data.brain.desk.models import Draft, Run
from minzheng.data.brain.desk.ports import all_simulated, simulated
from minzheng.data.brain.desk.tasks import JOB
from minzheng.data.brain.rules import parameters, zones
from minzheng.data.brain.rules.scheme import next_month

MOST_CASES = 4
SHARE_DAYS = 90


def schemes_for(drafts: list[Draft]) -> list[tuple[str, str]]:
    """(code, title) of the schemes that read any of the drafts' parameters."""
    touched = {name for draft in drafts for name in draft.values}
    return [(one.scheme, one.title) for one in all_simulated() if touched & set(one.rules.parameters)]


def place_for(zone_keys: list[str], by: Officer) -> str:
    """The population to compute: the office's own place, or the drafts' one place inside it."""
    places = {zones.zone(key).jurisdiction for key in zone_keys}
    own = by.jurisdiction if level_of(by.jurisdiction) <= 3 else office_of(by.jurisdiction, 3)
    only = places.pop() if len(places) == 1 else own
    return only if lies_in(only, own) else own


def first_month(day: dt.date) -> dt.date:
    """The first whole month on or after a day."""
    return day if day.day == 1 else next_month(day)


def do_start(codes: list[str], scheme: str, *, by: Officer) -> Run:
    """Computes one draft, or several beside one another, against the law in force. At the first month in which all of them
    hold."""
    require_role(by, *ROLES)
    if not 0 < len(set(codes)) <= MOST_CASES:
        raise Refused(f"请选择 1 至 {MOST_CASES} 个方案。")
    drafts = [get_draft_for(by, code) for code in dict.fromkeys(codes)]
    if scheme not in dict(schemes_for(drafts)):
        raise Refused("所选方案不影响这个项目,请换一个项目。", field="scheme")
    on = max(draft.effective_from for draft in drafts)
    late = [draft.title for draft in drafts if draft.effective_to is not None and draft.effective_to < first_month(on)]
    if late:
        raise Refused(f"“{late[0]}”在其他方案开始时已经结束,不能放在一起比较。")
    cases = [{"draft": d.code, "title": d.title, "zone": d.zone, "values": d.values, "since": d.effective_from.isoformat(),
              "until": d.effective_to.isoformat() if d.effective_to else ""} for d in drafts]
    place = place_for([draft.zone for draft in drafts], by)
    return _start("draft", scheme, place, on=on, month=first_month(on), known_on=None, cases=cases, by=by)


def do_recompute(scheme: str, month: dt.date, known_on: dt.date, *, by: Officer) -> Run:
    """A past month by the law as known on a day, beside the law as known now; data as they then stood."""
    require_role(by, *ROLES)
    simulated(scheme)
    if month.day != 1 or month > clock.today():
        raise Refused("请选择已经开始的月份。", field="month")
    if known_on > clock.today():
        raise Refused("“当时所知”的日期不能晚于今天。", field="known_on")
    place = by.jurisdiction if level_of(by.jurisdiction) <= 3 else office_of(by.jurisdiction, 3)
    return _start("recompute", scheme, place, on=month, month=month, known_on=known_on, by=by,
                  cases=[{"draft": "", "title": "按现在所知的规定"}])


def _start(kind: str, scheme: str, place: str, *, on: dt.date, month: dt.date, known_on: dt.date | None,
           cases: list[dict[str, Any]], by: Officer) -> Run:
    now = clock.now()
    rules = simulated(scheme).rules
    with transaction.atomic():
        row = Run.objects.create(
            code="CS" + secrets.token_hex(5).upper(), jurisdiction=place, kind=kind, scheme=scheme, on=on, month=month,
            facts_on=min(on, clock.today()), known_on=known_on, cases=cases, law_at=now, owner=by.account_id,
            owner_name=by.name, created_at=now, law_digest=law.digest(rules, place, parameters.as_known(now)))
        row.job = jobs.defer(JOB, jurisdiction=place, by=by, lock=f"{JOB}:{by.account_id}", code=row.code)
        row.save(update_fields=["job"])
        audit.record("policy.run", by=by, obj_type="policy_run", obj_id=row.code, jurisdiction=place,
                     after={"kind": kind, "scheme": scheme, "month": month.isoformat(),
                            "drafts": [case["draft"] for case in cases]})
    return row


def get_run_for(by: Officer, code: str) -> Run:
    """An own result; a colleague's only when it is shared, or a draft of it has been sent for approval."""
    require_role(by, *ROLES)
    row = Run.objects.filter(code=code).first()
    if row is None or not (row.owner == by.account_id or shared(row) or _under_approval(row)):
        raise NotFound("没有这份测算结果,或没有分享给您。请向测算人索取分享链接。")
    return row


def get_shared_for(by: Officer, share_code: str) -> Run:
    """By a link: for posts of the desk whose place is the result's, above it or inside it. Below, the door in the database
    answers. Each opening is recorded."""
    require_role(by, *ROLES)
    found = list(Run.objects.filter(share_code=share_code, shared_until__gte=clock.today())) if share_code else []
    if not found and share_code:
        found = list(Run.objects.raw("SELECT * FROM policydesk_shared(%s, %s)", [share_code, clock.today()]))
    if not found:
        raise NotFound("这个链接已经失效,或您的岗位不在分享范围内。请向测算人核实。")
    row = found[0]
    audit.record("policy.read", by=by, obj_type="policy_run", obj_id=row.code, jurisdiction=by.jurisdiction,
                 reason="按分享链接查看")
    return row


def shared(row: Run) -> bool:
    return bool(row.share_code) and row.shared_until is not None and row.shared_until >= clock.today()


def _under_approval(row: Run) -> bool:
    codes = [case["draft"] for case in row.cases if case["draft"]]
    return Draft.objects.filter(code__in=codes, status__in=[Draft.Status.SENT, Draft.Status.IN_FORCE]).exists()


def do_share(code: str, *, days: int, by: Officer) -> Run:
    """A link for colleagues within the place. It opens nothing by itself: who follows it must be in a post of the desk."""
    with transaction.atomic():
        row = _own(code, by)
        if not 1 <= days <= SHARE_DAYS:
            raise Refused(f"分享期限为 1 至 {SHARE_DAYS} 天。", field="days")
        row.share_code = row.share_code or secrets.token_urlsafe(12)
        row.shared_until = clock.today() + dt.timedelta(days=days)
        row.save(update_fields=["share_code", "shared_until"])
        audit.record("policy.shared", by=by, obj_type="policy_run", obj_id=code, jurisdiction=row.jurisdiction,
                     after={"until": row.shared_until.isoformat()})
    return row


def do_unshare(code: str, *, by: Officer) -> Run:
    with transaction.atomic():
        row = _own(code, by)
        row.share_code, row.shared_until = "", None
        row.save(update_fields=["share_code", "shared_until"])
        audit.record("policy.unshared", by=by, obj_type="policy_run", obj_id=code, jurisdiction=row.jurisdiction)
    return row


def _own(code: str, by: Officer) -> Run:
    require_role(by, *ROLES)
    row = Run.objects.select_for_update().filter(code=code).first()
    if row is None:
        raise NotFound("没有这份测算结果,或不在您的范围内。")
    if row.owner != by.account_id:
        raise NotAllowed("只有测算人可以分享或停止分享。")
    if row.finished_at is None:
        raise Refused("测算还没有完成,完成后再分享。")
    return row
