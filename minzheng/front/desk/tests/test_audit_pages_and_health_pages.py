from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from minzheng.base import clock
from minzheng.base.audit import state
from minzheng.base.audit.sealing import seal_once, write_anchor
from minzheng.base.audit.state import seal_state, write_verified
from minzheng.base.audit.verifying import Alarm, Result
from minzheng.base.events.models import OutboxEvent
from minzheng.base.jobs import failing
from minzheng.base.jobs.models import JobRun
from minzheng.front.desk.tests.admin_kit import MOST_QUERIES, household, page, post, queries, records, refused, text
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.cast import COUNTY, NEIGHBOUR_COUNTY


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The anchor and the verification's outcome are files beside the database."""
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)


def seal() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE mz_owner")
        # within one test transaction nothing is below the horizon: seal what this transaction wrote
        cursor.execute("SELECT coalesce(max(xid), 0) + 1 FROM audit_record")
        (end,) = cursor.fetchone()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("minzheng.base.audit.sealing._horizon", lambda *_: end)
            seal_once()
        write_anchor()
        cursor.execute("SET LOCAL ROLE mz_web")


def fail_a_job(place: str = COUNTY) -> JobRun:
    with as_owner():
        return JobRun.objects.create(name="tea.brew", jurisdiction=place, status="failed", done=3, total=9,
                                     note="ValueError: 张建国 32058319680101")


def test_only_the_audit_administrator_sees_audit_records(people: Cast) -> None:
    refused(people, "/desk/audit/", {"audit_admin"})


def test_records_of_the_own_range_show_who_did_what_and_why(people: Cast) -> None:
    household(people)
    page(people.county, "/desk/people/", q="张建国")
    shown = text(page(people.audit_admin, "/desk/audit/"))
    for words in ("查询人员", "昆山陈敏", "按姓名查询", "登记人员"):
        assert words in shown
    assert "registry.search" not in shown


def test_records_of_the_neighbouring_county_are_not_shown(people: Cast) -> None:
    page(people.neighbour, "/desk/people/", q="张建国")
    assert "常熟周强" not in text(page(people.audit_admin, "/desk/audit/"))


def test_one_account_in_one_period_is_found_and_the_search_is_recorded(people: Cast) -> None:
    household(people)
    today = clock.today()
    page(people.township, "/desk/people/", q="张建国")
    asked = {"since": today, "until": today, "username": "t_township"}
    shown = text(page(people.audit_admin, "/desk/audit/", **asked))
    assert "玉山李建国" in shown
    assert "昆山陈敏" not in shown
    assert records("audit.search") == 1
    yesterday = today - dt.timedelta(days=1)
    assert "这段时间没有记录" in text(page(people.audit_admin, "/desk/audit/", **asked | {
        "since": yesterday, "until": yesterday}))


def test_doubtful_questions_are_refused(people: Cast) -> None:
    today = clock.today()
    for bad in ({"since": today, "until": today - dt.timedelta(days=1)}, {"since": "", "until": today},
                {"since": today - dt.timedelta(days=400), "until": today},
                {"since": today, "until": today, "username": "nobody"},
                {"since": today, "until": today, "before": "x"}):
        assert page(people.audit_admin, "/desk/audit/", **bad).status_code == 422, bad
    assert records("audit.search") == 0


def test_more_than_a_page_is_reached_by_the_last_one_shown(people: Cast) -> None:
    with acting_as(people.county):
        from minzheng.base import audit

        for number in range(60):
            audit.record("registry.search", by=people.county, obj_type="registry.person", obj_id=f"n{number:03d}",
                         jurisdiction=COUNTY, reason="按姓名查询")
    first = page(people.audit_admin, "/desk/audit/")
    shown = text(first)
    assert "n059" in shown
    assert "n005" not in shown
    following = first.context["next"]
    assert "n005" in text(page(people.audit_admin, "/desk/audit/" + following))


def test_the_newest_seal_is_checked_by_signature_link_and_anchor(people: Cast) -> None:
    household(people)
    assert "还没有封印" in text(page(people.audit_admin, "/desk/audit/"))
    seal()
    with acting_as(people.audit_admin):
        found = seal_state()
    assert found is not None
    assert (found.signed, found.linked, found.anchored, found.sound) == (True, True, True, True)
    shown = text(page(people.audit_admin, "/desk/audit/"))
    assert "第 1 号" in shown
    assert "✓ 一致" in shown


def test_an_anchor_that_says_otherwise_is_an_alarm(people: Cast, tmp_path: Path) -> None:
    household(people)
    seal()
    path = tmp_path / "audit" / "seals.jsonl"
    line = json.loads(path.read_text())
    line["body"] = line["body"].replace('"count":', '"count":1')
    path.write_text(json.dumps(line) + "\n")
    assert "最新封印核对不上" in text(page(people.audit_admin, "/desk/audit/"))


def test_the_last_verification_of_all_seals_is_shown_with_its_alarms(people: Cast) -> None:
    write_verified(state.Verified(clock.now(), clock.now(), 7, 7, 70, ("封印 3:缺少 1 条记录",)))
    shown = text(page(people.audit_admin, "/desk/audit/"))
    assert "告警 1 处" in shown
    assert "缺少 1 条记录" in shown
    assert state.last_verified() is not None


def test_seals_are_verified_onward_and_alarms_stay(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def verify(alarms: list[Any], *, since: int) -> Any:
        asked.append(since)
        if since == 1:
            alarms.append(Alarm("missing", "封印 2", "缺少 1 条记录"))
        return Result(seals=5, records=50)

    monkeypatch.setattr(state, "verify_live", verify)
    state.verify_onward()
    done = state.verify_onward()
    assert asked == [1, 6]
    assert (done.last, done.records, done.alarms) == (10, 100, ("封印 2:缺少 1 条记录",))
    monkeypatch.setattr(state, "FULL_EVERY", dt.timedelta())
    state.verify_onward()
    assert asked == [1, 6, 1]


def test_the_three_administrators_see_the_health_page_and_others_are_refused(people: Cast) -> None:
    refused(people, "/desk/health/", {"system_admin", "security_admin", "audit_admin"})


def test_failed_jobs_of_the_own_range_are_shown_without_personal_data(people: Cast) -> None:
    run, other = fail_a_job(), fail_a_job(NEIGHBOUR_COUNTY)
    shown = text(page(people.system_admin, "/desk/health/"))
    assert "ValueError" not in shown and "张建国" not in shown
    assert "程序出错,没有写入" in shown
    assert f"/desk/health/runs/{run.pk}/resume" in shown
    assert f"/desk/health/runs/{other.pk}/resume" not in shown
    assert "个任务出错" in shown


def test_a_failed_job_is_resumed_by_the_system_administrator_of_its_range_only(people: Cast) -> None:
    run, other = fail_a_job(), fail_a_job(NEIGHBOUR_COUNTY)
    assert post(people.security_admin, f"/desk/health/runs/{run.pk}/resume").status_code == 403
    assert post(people.system_admin, f"/desk/health/runs/{other.pk}/resume").status_code == 404
    with as_owner():
        assert set(JobRun.objects.values_list("status", flat=True)) == {"failed"}


def test_what_went_wrong_is_said_in_words_that_tell_what_to_do(people: Cast) -> None:
    fail_a_job()
    with as_owner():
        JobRun.objects.update(name="ledger.send", note="ConnectTimeout: bank 张建国")
    shown = text(page(people.system_admin, "/desk/health/"))
    assert "向银行发送发放文件" in shown and "对方系统没有应答或连不上" in shown and "ConnectTimeout" not in shown
    assert failing.sentence_of_note("Whatever: x") == failing.UNKNOWN


def test_a_waiting_and_a_running_job_are_stopped_by_the_system_administrator_of_the_range(people: Cast) -> None:
    waiting, running, other = fail_a_job(), fail_a_job(), fail_a_job(NEIGHBOUR_COUNTY)
    with as_owner():
        JobRun.objects.filter(pk__in=[waiting.pk, other.pk]).update(status="queued")
        JobRun.objects.filter(pk=running.pk).update(status="running")
    shown = text(page(people.system_admin, "/desk/health/"))
    assert f"/desk/health/runs/{running.pk}/stop" in shown and f"/desk/health/runs/{other.pk}/stop" not in shown
    assert "/stop" not in text(page(people.audit_admin, "/desk/health/"))
    for who, run, status in ((people.security_admin, waiting, 403), (people.county, waiting, 403),
                             (people.system_admin, other, 404)):
        assert post(who, f"/desk/health/runs/{run.pk}/stop").status_code == status
    with as_owner():
        assert not JobRun.objects.filter(stop_requested=True).exists()
    for run in (waiting, running):
        assert post(people.system_admin, f"/desk/health/runs/{run.pk}/stop").status_code == 302
    with as_owner():
        assert JobRun.objects.get(pk=waiting.pk).status == "stopped"
        assert JobRun.objects.get(pk=running.pk).stop_requested
    assert post(people.system_admin, f"/desk/health/runs/{waiting.pk}/stop").status_code == 422
    assert "正在停止" in text(page(people.system_admin, "/desk/health/"))


def kill_an_event(place: str) -> int:
    with as_owner():
        return OutboxEvent.objects.create(name="case.decided", aggregate=f"tea:{place}", version=1, area=place, payload={},
                                          at=clock.now(), status="dead", attempts=9,
                                          error="minzheng.tea.brew: IntegrityError: 张建国").pk


def test_a_dead_event_is_put_back_in_line_by_the_system_administrator_of_its_range(people: Cast) -> None:
    ours, theirs = kill_an_event(COUNTY), kill_an_event(NEIGHBOUR_COUNTY)
    shown = text(page(people.system_admin, "/desk/health/"))
    assert f"/desk/health/events/{ours}/retry" in shown and f"/desk/health/events/{theirs}/retry" not in shown
    assert "与已有的数据冲突" in shown and "张建国" not in shown and "IntegrityError" not in shown
    for who, event, status in ((people.audit_admin, ours, 403), (people.county, ours, 403),
                               (people.system_admin, theirs, 404)):
        assert post(who, f"/desk/health/events/{event}/retry").status_code == status
    with as_owner():
        assert set(OutboxEvent.objects.filter(pk__in=[ours, theirs]).values_list("status", flat=True)) == {"dead"}
    assert post(people.system_admin, f"/desk/health/events/{ours}/retry").status_code == 302
    with as_owner():
        assert OutboxEvent.objects.get(pk=ours).status == "pending"
        assert OutboxEvent.objects.get(pk=theirs).status == "dead"
    assert records("event.retry") == 1
    assert post(people.system_admin, f"/desk/health/events/{ours}/retry").status_code == 404


def test_the_public_numbers_hold_no_personal_data(client: Client, people: Cast, monkeypatch: Any) -> None:
    fail_a_job()
    found = client.get("/health").json()
    assert found.pop("status") == "attention"
    assert found["jobs_failed"] == 1
    assert all(isinstance(value, int) for value in found.values())
    assert client.get("/health/live").json() == {"status": "ok"}


def test_the_pages_take_few_queries(people: Cast) -> None:
    household(people)
    assert queries(people.audit_admin, "/desk/audit/") <= MOST_QUERIES
    assert queries(people.system_admin, "/desk/health/") <= MOST_QUERIES
