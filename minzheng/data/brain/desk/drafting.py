"""Policy drafts: made, changed, copied, sent to the second pair of eyes, decided as one."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import transaction

from minzheng.base import audit, clock
from minzheng.base.errors import NotAllowed, NotFound, Refused, Stale
from minzheng.base.identity.officer import Officer, require_role
from minzheng.base.scope.ranges import lies_in
from minzheng.data.brain import actions
from minzheng.data.brain.actions import Proposal
from minzheng.data.brain.desk.models import Draft
from minzheng.data.brain.desk.roles import DESK_ROLES
from minzheng.data.brain.rules import catalogue, parameters, zones
from minzheng.data.brain.rules.engine import MOST_FEN

ROLES = DESK_ROLES
Status = Draft.Status
MOST_VALUES = 20


@dataclass(frozen=True)
class Content:
    """What a draft says."""

    title: str
    zone: str
    effective_from: dt.date
    effective_to: dt.date | None = None
    values: dict[str, int] = field(default_factory=dict)
    document: str = ""
    article: str = ""
    sample: bool = False
    reason: str = ""


def zone_choices(by: Officer) -> list[str]:
    """Zones that an office may draft for: its own and those inside, and those above, whose law holds here too."""
    own = zones.zone_of(by.jurisdiction)
    inside = [z.key for z in zones.tree().values()
              if z.key not in (own, zones.NATION) and lies_in(z.jurisdiction, by.jurisdiction)]
    return [own, *sorted(inside), *zones.lineage(own)[1:]]


def check_content(content: Content, *, by: Officer) -> None:
    """Refuses what cannot be computed. Whether it may become law is checked when it is sent."""
    require_role(by, *ROLES)
    if not content.title.strip():
        raise Refused("请填写方案名称。", field="title")
    if content.zone not in zone_choices(by):
        raise NotAllowed("只能为本地、下级和上级地区起草方案,请重新选择地区。")
    if content.effective_to is not None and content.effective_to < content.effective_from:
        raise Refused("截止日早于起始日,请更正。", field="effective_to")
    if not 0 < len(content.values) <= MOST_VALUES:
        raise Refused(f"请至少填写一项新的取值,最多 {MOST_VALUES} 项。")
    for name, value in content.values.items():
        definition = catalogue.definition(name)
        if definition is None:
            raise Refused("没有这个政策参数,请从参数表中选择。")
        if type(value) is not int or not 0 <= value <= MOST_FEN or (definition.unit == "flag" and value > 1):
            raise Refused(f"“{definition.name}”的取值不对,请更正。", field=name)


def get_draft_for(by: Officer, code: str, *, lock: bool = False) -> Draft:
    """An own draft, or one of the place that has been sent. Drafts under way are their author's."""
    require_role(by, *ROLES)
    rows = Draft.objects.filter(code=code)
    found = (rows.select_for_update() if lock else rows).first()
    if found is None or (found.owner != by.account_id and found.status in (Status.OPEN, Status.ENDED)
                         and not found.opinion):
        raise NotFound("没有这个方案,或不在您的范围内。请从方案列表进入。")
    return found


def do_create(content: Content, *, by: Officer, copied_from: str = "") -> Draft:
    check_content(content, by=by)
    now = clock.now()
    with transaction.atomic():
        row = Draft.objects.create(
            code="FA" + secrets.token_hex(5).upper(), jurisdiction=by.jurisdiction, copied_from=copied_from,
            owner=by.account_id, owner_name=by.name, created_at=now, updated_at=now, **asdict(content))
        _record("policy.drafted", row, by, after=_shown(row))
    return row


def do_copy(code: str, *, by: Officer) -> Draft:
    """A new own draft with the same content."""
    source = get_draft_for(by, code)
    content = content_of(source)
    return do_create(Content(**{**asdict(content), "title": f"{content.title[:90]}(副本)"}), by=by, copied_from=code)


def do_revise(code: str, content: Content, *, by: Officer, version: int) -> Draft:
    check_content(content, by=by)
    with transaction.atomic():
        row = _own(code, by, Status.OPEN)
        if row.version != version:
            raise Stale("这个方案刚被修改,请刷新页面,看过最新内容后再保存。")
        before = _shown(row)
        _keep(row, version=row.version + 1, **asdict(content))
        _record("policy.revised", row, by, before=before, after=_shown(row))
    return row


def do_end(code: str, *, by: Officer) -> Draft:
    """The author gives the draft up; results computed from it stay."""
    with transaction.atomic():
        row = _own(code, by, Status.OPEN)
        _keep(row, status=Status.ENDED)
        _record("policy.ended", row, by)
    return row


def proposals(row: Draft) -> list[Proposal]:
    return [Proposal(name, row.zone, value, row.effective_from, row.effective_to, row.document, row.article, row.sample,
                     f"政策方案“{row.title}”", row.reason) for name, value in sorted(row.values.items())]


def why_not_send(row: Draft, by: Officer) -> str:
    """Why the acting post may not make law of this draft; empty when it may."""
    if row.owner != by.account_id or row.status != Status.OPEN:
        return "由起草人在起草阶段送审。"
    try:
        with parameters.using(parameters.current()):
            for proposal in proposals(row):
                actions.check_draft(proposal, by=by)
    except Refused as refusal:
        return refusal.reason
    return ""


def do_send(code: str, *, by: Officer) -> Draft:
    """Makes parameter drafts of all values and submits them together."""
    with transaction.atomic():
        row = _own(code, by, Status.OPEN)
        actions.do_submit_bundle(code, proposals(row), by=by)
        _keep(row, status=Status.SENT, opinion="")
        _record("policy.sent", row, by, after=_shown(row))
    return row


def do_withdraw(code: str, *, by: Officer) -> Draft:
    with transaction.atomic():
        row = _own(code, by, Status.SENT)
        actions.do_withdraw_bundle(code, by=by)
        _keep(row, status=Status.OPEN)
        _record("policy.withdrawn", row, by)
    return row


def check_decide(row: Draft, *, by: Officer) -> None:
    """Who decides is what the parameters say: another officer of the office that owns the zone."""
    if row.status != Status.SENT:
        raise Stale(f"这个方案现在是“{row.get_status_display()}”状态,请刷新页面。")
    actions.check_decide_bundle(row.code, by=by)


def do_approve(code: str, *, by: Officer, opinion: str = "") -> Draft:
    """All parameters in force, or none."""
    with transaction.atomic():
        row = _sent(code, by)
        actions.do_approve_bundle(code, by=by, opinion=opinion)
        _keep(row, status=Status.IN_FORCE, opinion=opinion)
        _record("policy.in_force", row, by, after=_shown(row), reason=row.reason)
    return row


def do_send_back(code: str, *, by: Officer, opinion: str) -> Draft:
    with transaction.atomic():
        row = _sent(code, by)
        actions.do_send_back_bundle(code, by=by, opinion=opinion)
        _keep(row, status=Status.OPEN, opinion=opinion)
        _record("policy.sent_back", row, by, reason=opinion)
    return row


def content_of(row: Draft) -> Content:
    return Content(**{name: getattr(row, name) for name in Content.__dataclass_fields__})


def _own(code: str, by: Officer, *expected: str) -> Draft:
    row = get_draft_for(by, code, lock=True)
    if row.owner != by.account_id:
        raise NotAllowed("只有起草人可以修改、送审或撤回这个方案。可以复制一份再改。")
    return _in(row, *expected)


def _sent(code: str, by: Officer) -> Draft:
    return _in(get_draft_for(by, code, lock=True), Status.SENT)


def _in(row: Draft, *expected: str) -> Draft:
    if row.status not in expected:
        raise Stale(f"这个方案现在是“{row.get_status_display()}”状态,请刷新页面后再办理。")
    return row


def _keep(row: Draft, **fields: Any) -> None:
    for name, value in {**fields, "updated_at": clock.now()}.items():
        setattr(row, name, value)
    row.save(update_fields=[*fields, "updated_at"])


def _shown(row: Draft) -> dict[str, Any]:
    return {"status": row.status, "title": row.title, "zone": row.zone, "values": row.values,
            "since": row.effective_from.isoformat(), "until": row.effective_to.isoformat() if row.effective_to else "",
            "document": row.document + row.article, "sample": row.sample}


def _record(action: str, row: Draft, by: Officer, *, before: dict[str, Any] | None = None,
            after: dict[str, Any] | None = None, reason: str = "") -> None:
    audit.record(action, by=by, obj_type="policy_draft", obj_id=row.code, jurisdiction=row.jurisdiction, before=before,
                 after=after, reason=reason)
