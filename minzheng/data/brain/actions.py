"""Changing a parameter: draft → second pair of eyes → in force. Each step audits in its own transaction."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection, transaction

from minzheng.base import audit, clock, events
from minzheng.base.errors import NotAllowed, NotFound, Refused, Stale
from minzheng.base.identity.officer import Officer, require_role
from minzheng.data.brain.models import ParameterVersion
from minzheng.data.brain.rules import catalogue, parameters, zones
from minzheng.data.brain.rules.catalogue import Dated, Definition
from minzheng.data.brain.rules.engine import MOST_FEN
from minzheng.data.brain.rules.zones import Zone
from minzheng.data.brain.versions import dated

APPROVERS = ("county_approver", "county_leader", "city_officer", "province_officer")
DRAFTERS = ("county_clerk", *APPROVERS)
Status = ParameterVersion.Status
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Proposal:
    """What an officer proposes. `reason` is needed when the days are in the past, overlap a value or leave a gap."""

    parameter: str
    zone: str
    value: int
    effective_from: dt.date
    effective_to: dt.date | None = None
    document: str = ""
    article: str = ""
    sample: bool = False
    note: str = ""
    reason: str = ""


def concerns(proposal: Proposal, series: list[Dated], today: dt.date) -> list[str]:
    """What a stated reason must answer for: retroactive days, values that would be overridden, days without value."""
    since, until = proposal.effective_from, proposal.effective_to
    found = [f"起始日 {since} 早于今天,会改变已经测算过的日期"] if since < today else []
    for row in series:
        if (until is not None and row.since > until) or (row.until is not None and row.until < since):
            continue
        if not (row.until is None and row.since < since and until is None):
            found.append(f"与 {row.since} 至 {row.until or '长期'} 的取值重叠,将在重叠的日期替代它")
    before = [row.until for row in series if row.until is not None and row.until < since]
    if before and not any(row.covers(since - DAY) for row in series):
        found.append(f"{max(before) + DAY} 至 {since - DAY} 没有取值")
    if until is not None and not any(row.covers(until + DAY) for row in series):
        found.append(f"{until + DAY} 之后没有取值")
    return found


def check_draft(proposal: Proposal, *, by: Officer) -> None:
    """Refuses an officer who does not own the zone, a value that cannot be, a source that is missing."""
    definition, zone = _named(proposal)
    require_role(by, *DRAFTERS)
    _owns(definition, zone, by)
    if type(proposal.value) is not int or not 0 <= proposal.value <= MOST_FEN:
        raise Refused("取值须为不小于零的整数(金额以分计),请更正。", field="value")
    if definition.unit == "flag" and proposal.value > 1:
        raise Refused("此参数只能取是或否。", field="value")
    if proposal.effective_to is not None and proposal.effective_to < proposal.effective_from:
        raise Refused("截止日早于起始日,请更正。", field="effective_to")
    if not proposal.sample and not proposal.document.strip():
        raise Refused("请填写依据的文件名称和文号;没有依据的取值须标为示例值。", field="document")
    _answered(proposal)


def do_draft(proposal: Proposal, *, by: Officer, bundle: str = "") -> ParameterVersion:
    """A new draft, alone or as one of a bundle. Raises what check_draft raises."""
    check_draft(proposal, by=by)
    with transaction.atomic():
        row = ParameterVersion.objects.create(
            **asdict(proposal), bundle=bundle, drafted_by=by.account_id, drafted_by_name=by.name,
            created_at=clock.now())
        _record("parameter.drafted", row, by, after=_shown(row))
    return row


def do_revise(version: int, proposal: Proposal, *, by: Officer) -> ParameterVersion:
    """The drafter changes an own draft."""
    check_draft(proposal, by=by)
    with transaction.atomic():
        row = _alone(version, Status.DRAFT)
        _drafter(row, by)
        before = _shown(row)
        for name, value in asdict(proposal).items():
            setattr(row, name, value)
        row.save()
        _record("parameter.revised", row, by, before=before, after=_shown(row))
    return row


def do_submit(version: int, *, by: Officer) -> ParameterVersion:
    """The drafter hands the draft to the second pair of eyes."""
    with transaction.atomic():
        return _submit(_alone(version, Status.DRAFT), by)


def _submit(row: ParameterVersion, by: Officer) -> ParameterVersion:
    _drafter(row, by)
    check_draft(_proposal(row), by=by)
    row.status, row.submitted_at = Status.SUBMITTED, clock.now()
    row.save(update_fields=["status", "submitted_at"])
    _record("parameter.submitted", row, by, after={"status": row.status})
    return row


def do_withdraw(version: int, *, by: Officer) -> ParameterVersion:
    """The drafter gives up an own draft or submission."""
    with transaction.atomic():
        return _withdraw(_alone(version, Status.DRAFT, Status.SUBMITTED), by)


def _withdraw(row: ParameterVersion, by: Officer) -> ParameterVersion:
    _drafter(row, by)
    row.status = Status.WITHDRAWN
    row.save(update_fields=["status"])
    _record("parameter.withdrawn", row, by, after={"status": row.status})
    return row


def check_decide(row: ParameterVersion, *, by: Officer) -> None:
    """Only another officer, of an approving role in the office that owns the zone, decides a submission."""
    proposal = _proposal(row)
    definition, zone = _named(proposal)
    require_role(by, *APPROVERS)
    _owns(definition, zone, by)
    if row.drafted_by in by.hands:
        raise NotAllowed("参数由起草人以外的人复核,请转给本单位其他审批人员。")


def do_send_back(version: int, *, by: Officer, opinion: str) -> ParameterVersion:
    """Back to the drafter, with the reason."""
    if not opinion.strip():
        raise Refused("请写明退回理由。", field="opinion")
    with transaction.atomic():
        return _send_back(_alone(version, Status.SUBMITTED), by, opinion)


def _send_back(row: ParameterVersion, by: Officer, opinion: str) -> ParameterVersion:
    check_decide(row, by=by)
    row.status, row.opinion = Status.DRAFT, opinion
    row.save(update_fields=["status", "opinion"])
    _record("parameter.sent_back", row, by, after={"status": row.status}, reason=opinion)
    return row


def do_approve(version: int, *, by: Officer, opinion: str = "") -> ParameterVersion:
    """Puts a submission in force. Versions in force give way: cut short before it, or superseded within its days.

    Refuses when an open-ended version would lose the days after this one's end: enter those days first.
    """
    with transaction.atomic():
        return _approve(_alone(version, Status.SUBMITTED), by, opinion)


def _approve(row: ParameterVersion, by: Officer, opinion: str) -> ParameterVersion:
    check_decide(row, by=by)
    with connection.cursor() as cursor:
        key = f"brain:{row.parameter}:{row.zone}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
    _answered(_proposal(row))
    for other in _in_force(row):
        _give_way(other, row, by)
    row.status, row.opinion, row.decided_at = Status.IN_FORCE, opinion, clock.now()
    row.approved_by, row.approved_by_name, row.approved_to = by.account_id, by.name, row.effective_to
    row.save()
    _record("parameter.in_force", row, by, after=_shown(row), reason=row.reason)
    events.emit("parameter.in_force", aggregate=f"parameter:{row.parameter}:{row.zone}",
                jurisdiction=zones.zone(row.zone).jurisdiction,
                payload={"version": row.pk, "parameter": row.parameter, "zone": row.zone,
                         "effective_from": row.effective_from.isoformat()})
    return row


def do_submit_bundle(bundle: str, proposals: list[Proposal], *, by: Officer) -> list[ParameterVersion]:
    """Drafts and submits several parameters that are decided together. All or none."""
    if not proposals:
        raise Refused("方案里还没有参数,请先填写新的取值。")
    with transaction.atomic():
        return [_submit(do_draft(proposal, by=by, bundle=bundle), by) for proposal in proposals]


def check_decide_bundle(bundle: str, *, by: Officer) -> None:
    """Whether the officer may decide every parameter of the bundle."""
    for row in ParameterVersion.objects.filter(bundle=bundle, status=Status.SUBMITTED):
        check_decide(row, by=by)


def do_approve_bundle(bundle: str, *, by: Officer, opinion: str = "") -> list[ParameterVersion]:
    """Puts all parameters of a bundle in force, or none of them."""
    with transaction.atomic():
        return [_approve(row, by, opinion) for row in _bundle(bundle)]


def do_send_back_bundle(bundle: str, *, by: Officer, opinion: str) -> list[ParameterVersion]:
    """Back to the drafter with the reason. The rows end: a revised policy draft is submitted as new ones."""
    if not opinion.strip():
        raise Refused("请写明退回理由。", field="opinion")
    with transaction.atomic():
        rows = [_send_back(row, by, opinion) for row in _bundle(bundle)]
        for row in rows:
            row.status = Status.WITHDRAWN
            row.save(update_fields=["status"])
    return rows


def do_withdraw_bundle(bundle: str, *, by: Officer) -> list[ParameterVersion]:
    """The drafter takes the whole submission back."""
    with transaction.atomic():
        return [_withdraw(row, by) for row in _bundle(bundle)]


def _bundle(bundle: str) -> list[ParameterVersion]:
    """The submitted rows of a bundle, locked in one order."""
    rows = list(ParameterVersion.objects.select_for_update().filter(bundle=bundle, status=Status.SUBMITTED)
                .order_by("parameter", "id")) if bundle else []
    if not rows:
        raise Stale("这个方案现在没有待复核的参数,请刷新页面后再办理。")
    return rows


def _in_force(row: ParameterVersion) -> list[ParameterVersion]:
    return [other for other in ParameterVersion.objects.select_for_update().filter(
        parameter=row.parameter, zone=row.zone, status=Status.IN_FORCE).order_by("effective_from")
        if (row.effective_to is None or other.effective_from <= row.effective_to)
        and (other.effective_to is None or other.effective_to >= row.effective_from)]


def _give_way(other: ParameterVersion, row: ParameterVersion, by: Officer) -> None:
    if row.effective_to is not None and (other.effective_to is None or other.effective_to > row.effective_to):
        raise Refused(f"第 {other.pk} 号变更在 {row.effective_to} 之后仍有取值,会被一并替代。"
                      f"请先登记 {row.effective_to + DAY} 起的取值,再批准这一段。")
    before = _shown(other)
    if other.effective_from < row.effective_from:
        other.effective_to = row.effective_from - DAY
    else:
        other.status = Status.SUPERSEDED
    other.save(update_fields=["effective_to", "status"])
    _record("parameter.in_force", other, by, before=before, after=_shown(other), reason=f"由第 {row.pk} 号变更替代")


def _named(proposal: Proposal) -> tuple[Definition, Zone]:
    definition = catalogue.definition(proposal.parameter)
    if definition is None:
        raise Refused("没有这个规则参数,请从参数表中选择。", field="parameter")
    return definition, zones.zone(proposal.zone)


def _owns(definition: Definition, zone: Zone, by: Officer) -> None:
    if by.jurisdiction != zone.jurisdiction:
        raise NotAllowed(f"{zone.name}的参数由该地民政部门维护,当前岗位不能更改。")
    if max(zone.level, 1) not in definition.set_by:
        raise NotAllowed(f"“{definition.name}”依法不由这一级制定,请由有权制定的上级登记。")


def _answered(proposal: Proposal) -> None:
    found = concerns(proposal, parameters.current().series(proposal.parameter, proposal.zone), clock.today())
    if found and not proposal.reason.strip():
        raise Refused(f"{';'.join(found)}。请核对日期;确需如此的,请写明理由。", field="reason")


def _drafter(row: ParameterVersion, by: Officer) -> None:
    if row.drafted_by != by.account_id:
        raise NotAllowed("只有起草人可以修改、提交或撤回这份草稿。")


def _locked(version: int, *expected: str) -> ParameterVersion:
    row = ParameterVersion.objects.select_for_update().filter(pk=version).first()
    if row is None:
        raise NotFound("没有这份参数变更,请从参数页重新进入。")
    if row.status not in expected:
        raise Stale(f"这份参数变更现在是“{row.get_status_display()}”状态,请刷新页面后再办理。")
    return row


def _alone(version: int, *expected: str) -> ParameterVersion:
    row = _locked(version, *expected)
    if row.bundle:
        raise Refused("这项变更属于一个政策方案,方案里的参数要一起办理。请到政策仿真的方案页办理。")
    return row


def _proposal(row: ParameterVersion) -> Proposal:
    return Proposal(**{name: getattr(row, name) for name in Proposal.__dataclass_fields__})


def _shown(row: ParameterVersion) -> dict[str, Any]:
    value = dated(row)
    return {"status": row.status, "value": value.value, "since": value.since.isoformat(),
            "until": value.until.isoformat() if value.until else "", "clause": value.clause, "sample": value.sample}


def _record(action: str, row: ParameterVersion, by: Officer, *, before: dict[str, Any] | None = None,
            after: dict[str, Any] | None = None, reason: str = "") -> None:
    audit.record(action, by=by, obj_type="parameter", obj_id=row.pk, jurisdiction=zones.zone(row.zone).jurisdiction,
                 before=before, after=after, reason=reason)
