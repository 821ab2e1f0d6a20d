"""What happens elsewhere and moves an alert: an application, a move, a split, a death. Each may be run twice."""

from __future__ import annotations

from collections.abc import Sequence

from minzheng.base import audit, clock, flow
from minzheng.base.identity.officer import Service
from minzheng.data.registry.models import Household, HouseholdMember
from minzheng.office.cases.models import Case
from minzheng.scenes.assistance.monitoring import opening
from minzheng.scenes.assistance.monitoring.models import OPEN, Alert, Ground, Reason, Signal
from minzheng.scenes.assistance.monitoring.signals import all_rules, fingerprint


def open_alerts_of(households: Sequence[int]) -> list[Alert]:
    """The open alerts of the households, locked."""
    return list(Alert.objects.select_for_update().filter(household_id__in=list(households), state__in=OPEN).order_by("id"))


def homes_of(people: Sequence[int]) -> dict[int, int]:
    """Present household by person."""
    return dict(HouseholdMember.objects.filter(person_id__in=list(people), valid_to=None).values_list("person_id", "household_id"))


def do_file(case: Case, *, by: Service) -> None:
    """The application answers the open alerts of its household and of the households of its members. One that asks for a
    review as well (认定家庭成员死亡, 新登记机动车 …) is linked and stays open."""
    homes = set(homes_of([member.person for member in case.members if member.counted]).values())
    for alert in open_alerts_of([*homes, *([case.household] if case.household else [])]):
        if alert.case_code == case.code:
            continue
        answered = alert.state == "applying" or _answered(alert)
        before = alert.state
        if before == "applying":
            flow.signal(alert.number, "application", {"filed": True, "worker": alert.by_worker}, by=by)
        elif answered:
            flow.cancel(alert.number, by=by, reason=f"家庭已提交申请,受理号 {case.code}")
        alert.case_code, alert.version = case.code, alert.version + 1
        if answered:
            alert.state, alert.closed_at, alert.apply_by, alert.watch_until = "applied", clock.now(), None, None
        alert.save()
        opening.tell(alert, "filed", f"受理号 {case.code}", by)
        audit.record("monitoring.filed", by=by, obj_type="monitoring.alert", obj_id=alert.number,
                     jurisdiction=alert.jurisdiction, before={"state": before}, after={"state": alert.state, "case": case.code})


def _answered(alert: Alert) -> bool:
    asks_review = {rule.code for rule in all_rules() if not rule.applies}
    return not Reason.objects.filter(alert=alert, rule__in=asks_review).exists()


def do_end(alert: Alert, *, reason: str, by: Service) -> None:
    """Nobody is left whom the alert could help."""
    flow.cancel(alert.number, by=by, reason=reason)
    before = alert.state
    alert.state, alert.closed_at, alert.version = "ended", clock.now(), alert.version + 1
    alert.apply_by = alert.watch_until = None
    alert.outcome_text = reason
    alert.save()
    opening.tell(alert, "ended", reason, by)
    audit.record("monitoring.ended", by=by, obj_type="monitoring.alert", obj_id=alert.number, jurisdiction=alert.jurisdiction,
                 before={"state": before}, after={"state": "ended"}, reason=reason)


def do_follow(household: Household, *, by: Service) -> None:
    """Rows of alerts follow a household by themselves; the task lies with the new place's officer from now on, or with
    the township where the village has nobody."""
    for alert in open_alerts_of([household.pk]):
        if all(task.jurisdiction == alert.jurisdiction for task in flow.open_tasks(alert.number)):
            continue
        flow.move(alert.number, alert.jurisdiction)
        _route(alert, by)
        opening.tell(alert, "moved", "家庭迁移,由现所在地处置", by)


def _route(alert: Alert, by: Service) -> None:
    """Whoever is to act in the alert's present village gets the task."""
    staffed = alert.jurisdiction in opening.staffed_of({alert.jurisdiction})
    if staffed == alert.by_worker:
        return
    alert.by_worker, alert.version = staffed, alert.version + 1
    alert.save(update_fields=["by_worker", "version"])
    if alert.state == "open":
        flow.replace(alert.number, opening.PROCESS, data=opening.inputs_of(alert), by=by,
                     reason="现所在地由村(社区)处置" if staffed else "现所在地没有在岗的村(社区)协理员,由乡镇(街道)处置")


def do_carry(household: Household, people: Sequence[int], *, by: Service) -> None:
    """People came into the household, as by a split: what was reported of them has raised an alert already and raises no
    other here. An open alert that is about them alone comes with them."""
    earlier: dict[int, list[int]] = {}
    rows = HouseholdMember.objects.filter(person_id__in=list(people)).exclude(household_id=household.pk).order_by("valid_to")
    last = dict(rows.values_list("person_id", "household_id"))
    for person, old in last.items():
        earlier.setdefault(old, []).append(person)
    for old, came in earlier.items():
        carried = _carry(old, household.pk, came)
        for alert in open_alerts_of([old]):
            prints = set(Ground.objects.filter(alert=alert, household_id=old).values_list("fingerprint", flat=True))
            if prints and prints <= carried:
                do_hand_over(alert, household, by=by)


def _carry(old: int, new: int, people: Sequence[int]) -> set[str]:
    """Grounds of the people's signals for their new household. Returns the old fingerprints that were found."""
    told = list(Signal.objects.filter(person_id__in=list(people)).values_list("pk", "kind"))
    both = {fingerprint(old, rule.code, str(number)): fingerprint(new, rule.code, str(number))
            for number, kind in told for rule in all_rules() if rule.signal == kind}
    found = list(Ground.objects.filter(household_id=old, fingerprint__in=list(both)))
    Ground.objects.bulk_create(
        (Ground(alert_id=row.alert_id, reason_id=row.reason_id, jurisdiction=row.jurisdiction, household_id=new,
                fingerprint=both[row.fingerprint]) for row in found), ignore_conflicts=True)
    return {row.fingerprint for row in found}


def do_hand_over(alert: Alert, household: Household, *, by: Service) -> None:
    """The alert belongs to another household from now on: it moves there, or joins the one that is open there."""
    standing = next(iter(open_alerts_of([household.pk])), None)
    if standing is not None:
        opening.give_way(alert, by, reason=f"成员已转到另一户,并入 {standing.number}")
        opening.take_over(alert, standing, by)
        Reason.objects.filter(alert=standing).update(household_id=household.pk)
        return
    moved = alert.jurisdiction != household.jurisdiction
    alert.household_id, alert.jurisdiction, alert.version = household.pk, household.jurisdiction, alert.version + 1
    alert.head_name = opening.heads_of([household.pk]).get(household.pk, "")
    alert.save(update_fields=["household_id", "jurisdiction", "head_name", "version"])
    Reason.objects.filter(alert=alert).update(household_id=household.pk)
    if moved:
        flow.move(alert.number, alert.jurisdiction)
    _route(alert, by)
    opening.tell(alert, "moved", "有关成员转到另一户,预警随人转交", by)
    audit.record("monitoring.moved", by=by, obj_type="monitoring.alert", obj_id=alert.number, jurisdiction=alert.jurisdiction,
                 after={"household": household.pk})


def do_settle_closed(household: Household, *, by: Service) -> None:
    """A household that has nobody any more: its alert goes with its last members, or ends."""
    alerts = open_alerts_of([household.pk])
    if not alerts:
        return
    last = HouseholdMember.objects.filter(household_id=household.pk).order_by("-valid_to", "id").values_list("person_id", flat=True)
    homes = homes_of(list(last))
    target = next((homes[person] for person in last if person in homes), None)
    there = Household.objects.filter(pk=target).first() if target else None
    for alert in alerts:
        if there is None:
            do_end(alert, reason="户内已没有成员(死亡或迁出),预警终止", by=by)
            continue
        _carry(household.pk, there.pk, list(last))
        do_hand_over(alert, there, by=by)
