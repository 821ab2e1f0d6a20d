"""A visit waits for the application; moves, splits and deaths keep one alert with the right officer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.test import Client

from minzheng.base import flow
from minzheng.base.identity.models import Post
from minzheng.data import registry
from minzheng.data.registry import Source
from minzheng.scenes.assistance.apply import do_apply
from minzheng.scenes.assistance.monitoring.models import Alert, AlertEvent, MeansSource, Sweep
from minzheng.scenes.assistance.monitoring.tests.conftest import NIGHT, know, tell
from minzheng.scenes.assistance.monitoring.tests.test_a_night_sweeps_everybody import alerts, close
from minzheng.scenes.assistance.tests.conftest import Family, application_for
from minzheng.testing import Cast, acting_as, as_owner, sign_in
from minzheng.testing.background import deliver_events
from minzheng.testing.cast import OTHER_VILLAGE

Run = Callable[..., Sweep]
APPLY_BY = NIGHT + dt.timedelta(days=15)


def apply(people: Cast, family: Family, **more: object) -> str:
    with acting_as(people.clerk):
        code = do_apply(application_for(family, **more), by=people.clerk).code  # type: ignore[arg-type]
    deliver_events()
    return code


def kinds(people: Cast, alert: Alert) -> list[str]:
    with acting_as(people.county):
        return list(AlertEvent.objects.filter(alert=alert).order_by("id").values_list("kind", flat=True))


def tasks_of(people: Cast, alert: Alert) -> list[tuple[str, str]]:
    with acting_as(people.county):
        return [(task.role, task.office) for task in flow.open_tasks(alert.number) if task.kind == "task"]


def test_the_alert_is_answered_when_the_case_is_there(people: Cast, zhang: Family, sweep: Run, client: Client) -> None:
    know(zhang, wage_fen=180_000)
    sweep()
    (alert,) = alerts(people)
    close(people, alert, "applied")
    (waiting,) = alerts(people)
    assert (waiting.state, waiting.apply_by, waiting.closed_at) == ("applying", APPLY_BY, None)
    code = apply(people, zhang)
    (done,) = alerts(people)
    assert (done.state, done.case_code) == ("applied", code) and done.closed_at is not None
    assert kinds(people, alert) == ["opened", "visit", "applying", "filed"]
    deliver_events()  # nothing more comes of it
    assert alerts(people)[0].version == done.version
    sign_in(client, people.village)
    page = client.get(f"/desk/assistance/monitoring/alerts/{done.number}/").content.decode()
    assert f"/desk/cases/{code}/" in page and "已提交申请" in page


def test_who_does_not_apply_comes_back_to_the_worker(people: Cast, zhang: Family, sweep: Run, fixed_day: Callable[[dt.date], None]
                                                     ) -> None:
    know(zhang, wage_fen=180_000)
    sweep()
    close(people, alerts(people)[0], "applied")
    assert tasks_of(people, alerts(people)[0]) == []
    fixed_day(APPLY_BY)
    sweep(APPLY_BY)
    assert alerts(people)[0].state == "applying"
    fixed_day(late := APPLY_BY + dt.timedelta(days=1))
    sweep(late)
    (alert,) = alerts(people)
    assert (alert.state, alert.apply_by) == ("open", None) and kinds(people, alert)[-1] == "no_case"
    assert tasks_of(people, alert) == [("village_worker", zhang.household.jurisdiction)]


def test_an_application_without_a_visit_answers_too_but_not_what_asks_for_a_review(people: Cast, zhang: Family, sweep: Run) -> None:
    know(zhang, wage_fen=180_000)
    sweep()
    code = apply(people, zhang)
    (alert,) = alerts(people)
    assert (alert.state, alert.case_code) == ("applied", code) and tasks_of(people, alert) == []


def test_a_new_car_is_still_to_be_looked_at_after_an_application(people: Cast, zhang: Family, sweep: Run) -> None:
    from minzheng.scenes.assistance.monitoring.tests.test_all_schemes_raise_alerts import recognise

    recognise(zhang, "edge")
    know(zhang, wage_fen=400_000)
    tell(zhang.head.pk, "vehicle", amount=9_000_000, department="公安车管")
    sweep()
    code = apply(people, zhang)
    (alert,) = alerts(people)
    assert (alert.state, alert.case_code) == ("open", code) and len(tasks_of(people, alert)) == 1


def test_the_first_version_of_the_process_waits_as_well(people: Cast, zhang: Family, sweep: Run) -> None:
    """Alerts that were open at the upgrade."""
    know(zhang, wage_fen=180_000)
    sweep()
    (alert,) = alerts(people)
    with acting_as(people.county):
        flow.replace(alert.number, "alert", version=1, data={"worker": True, "grade": "orange"}, by=people.county, reason="旧版流程")
    close(people, alert, "applied")
    code = apply(people, zhang)
    assert (alerts(people)[0].state, alerts(people)[0].case_code) == ("applied", code)


def test_what_is_declared_is_known_but_never_lowers_what_a_department_said(people: Cast, zhang: Family, sweep: Run) -> None:
    know(zhang, wage_fen=250_000, department="税务")
    apply(people, zhang, wage_fen=180_000)
    with acting_as(people.county):
        said = MeansSource.objects.get(person_id=zhang.head.pk, attribute="wage_fen", department="申请人申报")
        assert (said.value, said.as_of) == (180_000, NIGHT)
    sweep()
    with acting_as(people.county):
        from minzheng.scenes.assistance.monitoring.models import Means

        assert Means.objects.get(pk=zhang.head.pk).wage_fen == 250_000


def test_a_household_that_moves_takes_its_alert_to_the_right_officer(people: Cast, zhang: Family, sweep: Run) -> None:
    know(zhang, wage_fen=180_000)
    sweep()
    with acting_as(people.county):
        registry.do_move_household(zhang.household.pk, OTHER_VILLAGE, NIGHT, Source("公安", "迁移证", NIGHT), by=people.county,
                                   reason="购房迁移")
    deliver_events()
    (alert,) = alerts(people)
    assert alert.jurisdiction == OTHER_VILLAGE and alert.by_worker is False
    assert tasks_of(people, alert) == [("town_clerk", people.township.jurisdiction)]
    deliver_events()
    assert kinds(people, alert).count("moved") == 1


def test_a_split_raises_no_fact_twice_and_the_alert_goes_with_whom_it_is_about(people: Cast, zhang: Family, sweep: Run) -> None:
    know(zhang, wage_fen=500_000)
    tell(zhang.people[1].pk, "illness", department="卫生健康")
    sweep()
    (alert,) = alerts(people)
    with acting_as(people.county):
        fresh = registry.do_split(zhang.household.pk, [(zhang.people[1].pk, "户主")], NIGHT, by=people.county, reason="分户")
    deliver_events()
    (moved,) = alerts(people)
    assert (moved.pk, moved.household_id, moved.state) == (alert.pk, fresh.pk, "open") and moved.head_name == "李秀英"
    assert len(tasks_of(people, moved)) == 1
    sweep()
    with acting_as(people.county):
        from minzheng.scenes.assistance.monitoring.models import Reason

        assert Reason.objects.filter(rule="illness").count() == 1


def test_an_alert_about_the_family_stays_with_the_old_household(people: Cast, zhang: Family, sweep: Run) -> None:
    know(zhang, wage_fen=180_000)
    sweep()
    with acting_as(people.county):
        registry.do_split(zhang.household.pk, [(zhang.people[1].pk, "户主")], NIGHT, by=people.county, reason="分户")
    deliver_events()
    assert [alert.household_id for alert in alerts(people)] == [zhang.household.pk]


def test_the_death_of_the_only_member_ends_the_alert_with_its_reason(people: Cast, zhang: Family, sweep: Run) -> None:
    from minzheng.scenes.assistance.tests.conftest import make_family

    alone = make_family(("孙大爷", "19500101", 1, "户主"), number="9")
    know(alone)
    sweep()
    with acting_as(people.county):
        registry.do_record_death(alone.head.pk, NIGHT - dt.timedelta(days=1), Source("公安", "死亡证明", NIGHT), by=people.county)
    deliver_events()
    (alert,) = alerts(people)
    assert alert.state == "ended" and "终止" in alert.outcome_text and tasks_of(people, alert) == []
    deliver_events()
    assert kinds(people, alert).count("ended") == 1


def test_notes_are_not_readable_in_the_database(people: Cast, zhang: Family, sweep: Run) -> None:
    from django.db import connection

    know(zhang, wage_fen=180_000)
    sweep()
    words = "张家老二欠债外出,家里只有母女"
    close(people, alerts(people)[0], "dismissed", text=words, visited_on=NIGHT)
    with as_owner(), connection.cursor() as cursor:
        for table in ("assistance_monitoring_alert", "assistance_monitoring_alertevent", "flow_task", "flow_task_event"):
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE '%%' || %s || '%%'", [words])  # noqa: S608
            assert cursor.fetchone() == (0,), table
        cursor.execute("SELECT count(*) FROM audit_record WHERE convert_from(canonical, 'UTF8') LIKE '%%' || %s || '%%'", [words])
        assert cursor.fetchone() == (0,)


def test_the_worker_left_while_a_family_was_to_apply(people: Cast, zhang: Family, sweep: Run, fixed_day: Callable[[dt.date], None]
                                                     ) -> None:
    know(zhang, wage_fen=180_000)
    sweep()
    close(people, alerts(people)[0], "applied")
    with as_owner():
        Post.objects.filter(pk=people.village.post_id).update(valid_to=NIGHT)
    fixed_day(late := APPLY_BY + dt.timedelta(days=1))
    sweep(late)
    assert tasks_of(people, alerts(people)[0]) == [("town_clerk", people.township.jurisdiction)]
