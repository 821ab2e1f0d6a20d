"""What an officer does with an alert. Each outcome is recorded with its reason and changes no threshold."""

from __future__ import annotations

import datetime as dt

from minzheng.base import audit, clock, flow
from minzheng.base.errors import NotFound, Refused, Stale
from minzheng.base.identity.officer import Officer
from minzheng.data.brain import rules
from minzheng.scenes.assistance.monitoring.models import Alert, AlertEvent, Listing
from minzheng.scenes.assistance.monitoring.opening import PROCESS, inputs_of
from minzheng.scenes.assistance.monitoring.signals import back

WAITS = 2  # the version of the process that waits for the application
SHORTEST = 10  # characters of a written reason
REFERRALS = {"medical": "医疗保障", "education": "教育", "housing": "住房城乡建设", "employment": "人力资源社会保障", "disabled": "残联",
             "charity": "慈善组织和志愿服务", "temporary": "临时救助"}
FINAL = ("applied", "referred", "dismissed")
LISTED = "原因见低收入人口库"
NOTED = "处置说明见预警"  # what stands beside the task and in the audit: the note itself is encrypted


def get_alert_for(by: Officer, number: str, *, lock: bool = False) -> Alert:
    """The alert within the acting scope, or NotFound. Reading is audited; locking is for actions."""
    digits = number.removeprefix("YJ")
    rows = Alert.objects.filter(pk=int(digits)) if digits.isdigit() and len(digits) == 10 else Alert.objects.none()
    found = (rows.select_for_update() if lock else rows).first()
    if found is None or not by.reaches(found.jurisdiction):
        raise NotFound("没有找到这条预警,或它不在您的辖区。")
    if not lock:
        audit.record("monitoring.alert_read", by=by, obj_type="monitoring.alert", obj_id=found.number,
                     jurisdiction=found.jurisdiction)
    return found


def task_of(alert: Alert) -> flow.Task | None:
    """The open task of a person on the alert; none while it is watched or after it is closed."""
    return next((task for task in flow.open_tasks(alert.number) if task.kind == "task"), None)


def check_close(alert: Alert, outcome: str, *, version: int, visited_on: dt.date | None, text: str, until: dt.date | None,
                to: tuple[str, ...]) -> None:
    """May refuse; writes nothing."""
    if alert.state != "open":
        raise Stale("这条预警刚刚被处置过,请刷新页面看最新情况。")
    if alert.version != version:
        raise Stale("这条预警有新情况,请刷新页面后再处置。")
    if outcome not in (*FINAL, "watch"):
        raise Refused("请选择处置结果。", field="outcome")
    today = clock.today()
    if visited_on is not None and not (alert.night - dt.timedelta(days=31) <= visited_on <= today):
        raise Refused("走访日期应在预警前后,且不晚于今天。", field="visited_on")
    if outcome in ("applied", "referred", "watch") and visited_on is None:
        raise Refused("请填写上门走访的日期。", field="visited_on")
    if len(text.strip()) < SHORTEST:
        raise Refused(f"请写明核实到的情况和理由(不少于 {SHORTEST} 个字)。", field="text")
    if outcome == "referred" and (not to or any(one not in REFERRALS for one in to)):
        raise Refused("请选择转介到哪里。", field="to")
    if outcome == "watch":
        longest = rules.lookup("monitor.watch.months", rules.zone_of(alert.jurisdiction), today).value
        if until is None or until <= today:
            raise Refused("请填写观察到哪一天,须晚于今天。", field="until")
        if back(until, longest, "months") > today:
            raise Refused(f"最长观察 {longest} 个月,请填写更早的日期。", field="until")


def do_close(number: str, *, outcome: str, version: int, by: Officer, text: str, visited_on: dt.date | None = None,
             until: dt.date | None = None, to: tuple[str, ...] = ()) -> Alert:
    """Finishes the alert's task with the outcome: applied (which waits for the application), referred, dismissed, or watch
    until a day. The post must be the task's. What was found at the visit and the reason stay on record, encrypted; no rule
    learns from it."""
    alert = get_alert_for(by, number, lock=True)
    check_close(alert, outcome, version=version, visited_on=visited_on, text=text, until=until, to=to)
    task = task_of(alert)
    if task is None:
        raise Stale("这条预警的任务已经办结,请刷新页面看最新情况。")
    if outcome == "applied" and task.process.definition.version < WAITS:
        flow.replace(number, PROCESS, data=inputs_of(alert), by=by, reason="等待家庭提交申请")
        task = task_of(alert)
        assert task is not None
    if task.status == "ready":
        task = flow.claim(task, by=by)
    flow.complete(task, by=by, outcome=outcome, version=task.version, comment=NOTED)
    before = {"state": alert.state}
    now = clock.now()
    if visited_on is not None:
        _note(alert, "visit", f"{visited_on:%Y-%m-%d} 上门:{text.strip()}", by)
    where = "、".join(REFERRALS[one] for one in to)
    if outcome == "watch":
        assert until is not None
        alert.state, alert.watch_until = "watching", until
        _note(alert, "watching", f"观察至 {until:%Y-%m-%d}", by)
    elif outcome == "applied":
        limit = rules.lookup("monitor.apply.days", rules.zone_of(alert.jurisdiction), clock.today()).value
        alert.state, alert.apply_by = "applying", clock.today() + dt.timedelta(days=limit)
        alert.closed_by, alert.closed_name, alert.outcome_text = by.account_id, by.name, text.strip()
        _note(alert, "applying", f"应于 {alert.apply_by:%Y-%m-%d} 前提交申请", by)
    else:
        alert.state, alert.closed_at, alert.closed_by, alert.closed_name = outcome, now, by.account_id, by.name
        alert.outcome_text = f"转介:{where}。{text.strip()}" if where else text.strip()
        _note(alert, outcome, alert.outcome_text if visited_on is None or where else "", by)
    alert.version += 1
    alert.save()
    audit.record("monitoring.closed", by=by, obj_type="monitoring.alert", obj_id=alert.number,
                 jurisdiction=alert.jurisdiction, before=before, after={"state": alert.state, "to": list(to)}, reason=NOTED)
    return alert


def _note(alert: Alert, kind: str, text: str, by: Officer) -> None:
    AlertEvent.objects.create(alert=alert, jurisdiction=alert.jurisdiction, kind=kind, text=text, name=by.name,
                              at=clock.now())


def do_list(household_id: int, kind: str, *, reason: str, by: Officer) -> Listing:
    """Enters a household as 防止返贫监测对象 or 其他困难人员. Refused when it is listed so already."""
    from minzheng.data.registry import get_household_for

    household = get_household_for(by, household_id)
    if household.ended_on is not None:
        raise Refused("这一户已经销户,不能列入。")
    if len(reason.strip()) < SHORTEST:
        raise Refused(f"请写明致困原因(不少于 {SHORTEST} 个字)。", field="reason")
    if Listing.objects.filter(household_id=household.pk, kind=kind, until=None).exists():
        raise Refused("这一户已经在库,不用重复列入。", field="kind")
    made = Listing.objects.create(
        household_id=household.pk, jurisdiction=household.jurisdiction, kind=kind, reason=reason.strip(),
        since=clock.today(), entered_by=by.account_id, entered_name=by.name, entered_at=clock.now())
    audit.record("monitoring.listed", by=by, obj_type="registry.household", obj_id=household.pk,
                 jurisdiction=household.jurisdiction, after={"kind": kind}, reason=LISTED)
    return made


def do_unlist(listing_id: int, *, reason: str, by: Officer) -> Listing:
    """Takes a household off, from today on; the row stays."""
    row = Listing.objects.select_for_update().filter(pk=listing_id).first()
    if row is None:
        raise NotFound("没有找到这条记录,或它不在您的辖区。")
    if row.until is not None:
        raise Stale("这一户已经移出,请刷新页面。")
    if len(reason.strip()) < SHORTEST:
        raise Refused(f"请写明移出原因(不少于 {SHORTEST} 个字)。", field="reason")
    row.until, row.end_reason = clock.today(), reason.strip()
    row.save(update_fields=["until", "end_reason"])
    audit.record("monitoring.unlisted", by=by, obj_type="registry.household", obj_id=row.household_id,
                 jurisdiction=row.jurisdiction, after={"kind": row.kind}, reason=LISTED)
    return row
