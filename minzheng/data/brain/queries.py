"""The parameters page: what applies in a zone on a day, what is being changed, and what was."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from minzheng.base import clock
from minzheng.base.identity.officer import Officer
from minzheng.data.brain.actions import APPROVERS, DRAFTERS, Status
from minzheng.data.brain.models import ParameterVersion
from minzheng.data.brain.rules import catalogue, parameters, zones
from minzheng.data.brain.rules.catalogue import Definition
from minzheng.data.brain.rules.refusal import RuleCannotEvaluate
from minzheng.data.brain.versions import dated


@dataclass(frozen=True)
class Pending:
    """A draft or submission, with what the acting officer may do about it."""

    version: int
    value: str
    since: dt.date
    until: dt.date | None
    clause: str
    sample: bool
    status: str
    status_title: str
    drafted_by: str
    reason: str
    opinion: str
    mine: bool
    may_decide: bool


@dataclass(frozen=True)
class Row:
    """One parameter. `problem` says why it has no value; `inherited` names the zone above that the value comes from."""

    id: str
    name: str
    note: str
    value: str
    number: int | None
    unit: str
    zone: str
    inherited: str
    since: dt.date | None
    until: dt.date | None
    clause: str
    version: str
    sample: bool
    problem: str
    pending: tuple[Pending, ...]
    may_draft: bool


@dataclass(frozen=True)
class Past:
    """One line of a parameter's history in its own zone, oldest first. `status` is shipped, or a version's."""

    value: str
    since: dt.date
    until: dt.date | None
    clause: str
    sample: bool
    version: str
    note: str
    status: str
    status_title: str
    by: str
    reason: str


def parameters_page(by: Officer, *, zone: str | None = None, on: dt.date | None = None, prefix: str = "") -> list[Row]:
    """Rows in the order of the files. `zone` is the acting office's own when not given, `prefix` such as "dibao."."""
    here = zones.zone(zone or zones.zone_of(by.jurisdiction))
    day = on or clock.today()
    book = parameters.current()
    waiting: dict[str, list[ParameterVersion]] = {}
    for version in ParameterVersion.objects.filter(
        zone=here.key, status__in=[Status.DRAFT, Status.SUBMITTED]).order_by("created_at"):
        waiting.setdefault(version.parameter, []).append(version)
    return [_row(definition, here, day, book, waiting.get(definition.id, []), by)
            for definition in catalogue.definitions() if definition.id.startswith(prefix)]


def history(parameter: str, zone: str) -> list[Past]:
    """The zone's own values: shipped ones as they still apply, and every version in force or superseded."""
    definition = catalogue.definition(parameter)
    if definition is None:
        raise RuleCannotEvaluate("没有这个规则参数,请从参数表中选择。")
    versions = ParameterVersion.objects.filter(
        parameter=parameter, zone=zones.zone(zone).key, status__in=[Status.IN_FORCE, Status.SUPERSEDED])
    entered = [
        Past(parameters.show(v.value, definition.unit), v.effective_from, v.effective_to, v.document + v.article,
             v.sample, dated(v).version, v.note, v.status, v.get_status_display(),
             f"{v.drafted_by_name}起草,{v.approved_by_name}批准", v.reason)
        for v in versions
    ]
    ours = {past.version for past in entered}
    shipped = [
        Past(parameters.show(d.value, definition.unit), d.since, d.until, d.clause, d.sample, d.version, d.note,
             "shipped", "随产品发布", "", "")
        for d in parameters.current().series(parameter, zone) if d.version not in ours
    ]
    return sorted([*shipped, *entered], key=lambda past: past.since)


def _row(definition: Definition, here: zones.Zone, day: dt.date, book: parameters.Book,
         waiting: list[ParameterVersion], by: Officer) -> Row:
    owner = by.jurisdiction == here.jurisdiction and max(here.level, 1) in definition.set_by
    pending = tuple(_pending(v, definition, by, owner) for v in waiting)
    may_draft = owner and by.role in DRAFTERS
    try:
        found = book.lookup(definition.id, here.key, day)
    except RuleCannotEvaluate as refusal:
        return Row(definition.id, definition.name, definition.note, "", None, definition.unit, "", "", None, None, "",
                   "", False, refusal.reason, pending, may_draft)
    inherited = "" if found.zone == here.key else zones.zone(found.zone).name
    return Row(definition.id, definition.name, definition.note or found.note, found.text, found.value, definition.unit,
               found.zone, inherited, found.since, found.until, found.clause, found.version, found.sample, "", pending,
               may_draft)


def _pending(v: ParameterVersion, definition: Definition, by: Officer, owner: bool) -> Pending:
    mine = v.drafted_by in by.hands
    may_decide = owner and not mine and by.role in APPROVERS and v.status == Status.SUBMITTED
    return Pending(
        v.pk, parameters.show(v.value, definition.unit), v.effective_from, v.effective_to, v.document + v.article,
        v.sample, v.status, v.get_status_display(), v.drafted_by_name, v.reason, v.opinion, mine, may_decide)
