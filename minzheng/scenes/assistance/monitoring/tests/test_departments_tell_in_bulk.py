"""Departments' nightly files and 核对 reports reach monitoring, signed, once, and without one department harming another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minzheng.base.crypto import public_key
from minzheng.base.identity.officer import Service
from minzheng.base.jobs import defer
from minzheng.data.exchange.breaker import BREAKER
from minzheng.data.exchange.partners import sync
from minzheng.data.exchange.wire import CALLER, KEY
from minzheng.scenes.assistance.monitoring import collecting, feeding
from minzheng.scenes.assistance.monitoring.models import Collected, MeansSource, Reason, Signal, Sweep
from minzheng.scenes.assistance.monitoring.taking import DEDUCTED, SELF_DECLARED, standing
from minzheng.scenes.assistance.monitoring.tests.conftest import NIGHT, know
from minzheng.scenes.assistance.tests.conftest import Family
from minzheng.scenes.assistance.verification.findings import Finding
from minzheng.scenes.assistance.verification.summary import Member, Source
from minzheng.testing import Cast, acting_as, as_owner, sign_in
from minzheng.testing.background import as_worker, run_jobs
from minzheng.testing.cast import PROVINCE
from simulators.server import Simulators
from simulators.testing import running

Run = Callable[..., Sweep]
DAY = NIGHT - dt.timedelta(days=1)


@pytest.fixture(scope="session")
def running_departments(tmp_path_factory: Any) -> Iterator[Simulators]:
    with running(tmp_path_factory.mktemp("departments"), {}) as simulators:
        yield simulators


@pytest.fixture
def departments(running_departments: Simulators, db: None) -> Iterator[Simulators]:
    BREAKER.reset()
    running_departments.admit(CALLER, public_key(KEY))
    with as_owner():
        sync(running_departments.registry())
    yield running_departments
    for desk in running_departments.desks.values():
        desk.switches.clear()
        desk.store.connection.execute("DELETE FROM signals")


def put(departments: Simulators, code: str, family: Family, number: int, kind: str, key: str, *, day: dt.date = DAY, amount: str = "0.00",
        name: str = "") -> None:
    person = family.people[number]
    departments.desks[code].store.load_signals(
        [(family.numbers[number], name or person.name, kind, key, day.isoformat(), amount)])


def collect(people: Cast, night: dt.date = NIGHT) -> dict[str, Collected]:
    with as_worker(), acting_as(Service("定时任务", PROVINCE)):
        defer("monitoring.collect", jurisdiction=PROVINCE, night=night.isoformat())
    run_jobs()
    with acting_as(people.county):
        return {row.department: row for row in Collected.objects.filter(night=night)}


def told(people: Cast) -> list[tuple[str, str, int]]:
    with acting_as(people.county):
        return list(Signal.objects.order_by("id").values_list("kind", "department", "amount"))


def test_a_nightly_file_becomes_signals_and_an_alert(people: Cast, zhang: Family, departments: Simulators, sweep: Run, client: Client
                                                     ) -> None:
    know(zhang, wage_fen=600_000)
    put(departments, "medical", zhang, 1, "hospital", "b1", amount="45600.00")
    put(departments, "social_security", zhang, 0, "unemployed", "u1")
    rows = collect(people)
    assert len(rows) == 6 and {row.status for row in rows.values()} == {"taken"}
    assert (rows["medical"].told, rows["medical"].fresh, rows["medical"].through) == (1, 1, DAY)
    assert sorted(told(people)) == [("hospital", "医疗保障", 4_560_000), ("unemployed", "人力资源社会保障", 0)]
    sweep()
    with acting_as(people.village):
        assert set(Reason.objects.values_list("rule", flat=True)) == {"hospital", "lost_job"}
    sign_in(client, people.village)
    page = client.get("/desk/assistance/monitoring/nights/").content.decode()
    assert "部门报送" in page and "医疗保障" in page


def test_the_same_file_again_adds_nothing(people: Cast, zhang: Family, departments: Simulators) -> None:
    put(departments, "health", zhang, 1, "illness", "h1")
    collect(people)
    with as_owner():
        Collected.objects.all().delete()  # as if the night's rows were lost
    assert collect(people)["health"].fresh == 0 and len(told(people)) == 1


def test_a_dead_department_harms_no_other_and_loses_nothing(people: Cast, zhang: Family, departments: Simulators,
                                                           fixed_day: Callable[[dt.date], None]) -> None:
    put(departments, "health", zhang, 1, "illness", "h1")
    put(departments, "vehicles", zhang, 0, "vehicle", "v1", amount="80000.00")
    departments.desks["health"].switches.set({"down": "503"})
    rows = collect(people)
    assert (rows["health"].status, rows["health"].through, rows["vehicles"].status) == ("not_answered", None, "taken")
    assert [kind for kind, _, _ in told(people)] == ["vehicle"]
    departments.desks["health"].switches.clear()
    BREAKER.reset()
    fixed_day(later := NIGHT + dt.timedelta(days=1))
    assert collect(people, later)["health"].fresh == 1
    assert sorted(kind for kind, _, _ in told(people)) == ["illness", "vehicle"]


def test_what_is_not_signed_by_the_department_is_not_believed(people: Cast, zhang: Family, departments: Simulators) -> None:
    put(departments, "health", zhang, 1, "illness", "h1")
    departments.desks["health"].switches.set({"wrong": "signature"})
    assert collect(people)["health"].status == "bad_signature" and told(people) == []


def test_strangers_wrong_names_and_wrong_forms_are_counted_and_left_out(people: Cast, zhang: Family, departments: Simulators) -> None:
    store = departments.desks["medical"].store
    put(departments, "medical", zhang, 1, "hospital", "a", amount="1000.00", name="李秀 英")
    put(departments, "medical", zhang, 1, "hospital", "b", amount="1000.00", name="李秀美")
    put(departments, "medical", zhang, 1, "hospital", "c", amount="很多")
    put(departments, "medical", zhang, 1, "illness", "d")
    store.load_signals([("329900195001010015", "外地人", "hospital", "e", DAY.isoformat(), "1.00")])
    row = collect(people)["medical"]
    assert (row.told, row.fresh, row.mismatched, row.unknown) == (5, 1, 1, 1) and "2 条不合格式" in row.detail


def test_a_long_file_comes_in_pages(people: Cast, zhang: Family, departments: Simulators, monkeypatch: pytest.MonkeyPatch) -> None:
    from simulators import news

    monkeypatch.setattr(news, "PAGE", 2)
    for number in range(5):
        put(departments, "health", zhang, 1, "illness", f"h{number}")
    row = collect(people)["health"]
    assert (row.told, row.fresh, row.through) == (5, 5, DAY)


def test_a_long_silence_is_made_up_month_by_month(people: Cast, zhang: Family, departments: Simulators) -> None:
    with as_owner():
        Collected.objects.create(night=dt.date(2026, 9, 1), place=PROVINCE, department="health", name="卫生健康", status="taken",
                                 through=dt.date(2026, 8, 31), at=dt.datetime(2026, 9, 1, tzinfo=dt.UTC))
    put(departments, "health", zhang, 1, "illness", "old", day=dt.date(2026, 9, 3))
    put(departments, "health", zhang, 1, "illness", "new")
    assert collect(people)["health"].through == DAY and len(told(people)) == 2


class Killed(BaseException):
    """As if the process ended."""


def test_a_collection_that_is_killed_goes_on_without_doubles(people: Cast, zhang: Family, departments: Simulators,
                                                            monkeypatch: pytest.MonkeyPatch) -> None:
    from minzheng.base.jobs.running import execute

    put(departments, "health", zhang, 1, "illness", "h1")
    put(departments, "vehicles", zhang, 0, "vehicle", "v1", amount="80000.00")
    honest, count = collecting.do_take, 0

    def die(*args: Any, **more: Any) -> str:
        nonlocal count
        count += 1
        if count == 3:
            raise Killed
        return honest(*args, **more)

    monkeypatch.setattr(collecting, "do_take", die)
    with as_worker(), acting_as(Service("定时任务", PROVINCE)):
        number = defer("monitoring.collect", jurisdiction=PROVINCE, night=NIGHT.isoformat())
    with as_worker(), pytest.raises(Killed):
        execute("monitoring.collect", number, PROVINCE, {"night": NIGHT.isoformat()})
    with as_worker():
        execute("monitoring.collect", number, PROVINCE, {"night": NIGHT.isoformat()})
    assert sorted(kind for kind, _, _ in told(people)) == ["illness", "vehicle"]
    with acting_as(people.county):
        assert set(Collected.objects.values_list("status", flat=True)) == {"taken"} and Collected.objects.count() == 6


def test_a_dismissed_alert_stays_so_when_the_file_is_told_again(people: Cast, zhang: Family, departments: Simulators, sweep: Run,
                                                               fixed_day: Callable[[dt.date], None]) -> None:
    from minzheng.scenes.assistance.monitoring.tests.test_a_night_sweeps_everybody import alerts, close

    know(zhang, wage_fen=600_000)
    put(departments, "health", zhang, 1, "illness", "h1")
    collect(people)
    sweep()
    close(people, alerts(people)[0], "dismissed", visited_on=None)
    fixed_day(later := NIGHT + dt.timedelta(days=1))
    with as_owner():
        Collected.objects.update(through=NIGHT - dt.timedelta(days=5))
    collect(people, later)
    assert sweep(later).opened == 0
    put(departments, "health", zhang, 1, "illness", "h2", day=NIGHT)
    with as_owner():
        Collected.objects.all().delete()
    collect(people, later)
    assert sweep(later).opened == 1


def test_only_the_job_writes_what_was_collected(people: Cast, departments: Simulators) -> None:
    from django.db import DatabaseError, transaction

    collect(people)
    for who in (people.county, people.neighbour):
        with acting_as(who), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            Collected.objects.update(fresh=9)


def _member(*sources: Source) -> Member:
    return Member(1, "张建国", "3***", "本人", True, {}, sources)


def test_a_report_tells_nothing_of_what_a_silent_department_holds() -> None:
    tax = Source("tax", "found", as_of="2026-10-31", findings=(Finding("wage_fen", "tax", amount_fen=250_000),))
    banks = [Source(code, "none", as_of="2026-10-30") for code in ("bank", "securities", "insurance")]
    silent = Source("payments", "not_answered")
    rows = {said[1]: (department, said[2], said[3]) for department, said in feeding._reported(_member(tax, *banks, silent), NIGHT)}
    assert rows["wage_fen"] == ("税务", 250_000, dt.date(2026, 10, 31)) and rows["business_fen"][1] == 0
    assert "financial_fen" not in rows and "houses" not in rows
    whole = feeding._reported(_member(*banks, Source("payments", "none", as_of="2026-10-29")), NIGHT)
    assert {said[1]: said[3] for _, said in whole} == {"financial_fen": dt.date(2026, 10, 29)}
    wrong = Source("tax", "mismatch", as_of="2026-10-31")
    assert feeding._reported(_member(wrong), NIGHT) == []


SOURCE = st.tuples(st.sampled_from([SELF_DECLARED, "税务", "入户调查"]), st.integers(-3, 3), st.integers(0, 3))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(SOURCE, min_size=1, max_size=6), st.sampled_from(["wage_fen", "rigid_fen"]))
def test_a_declaration_never_stands_over_a_larger_or_newer_word(rows: list[tuple[str, int, int]], word: str) -> None:
    made = [MeansSource(pk=n, attribute=word, department=d, value=v, as_of=NIGHT - dt.timedelta(days=age))
            for n, (d, v, age) in enumerate(rows)]
    found = standing(made)
    assert found is not None
    others = [row for row in made if row.department != SELF_DECLARED]
    if others and found.department == SELF_DECLARED:
        newest = max(others, key=lambda row: (row.as_of, row.value))
        assert word not in DEDUCTED and found.as_of > newest.as_of and found.value > newest.value


@pytest.mark.parametrize("word", ["wage_fen", "rigid_fen"])
def test_the_database_picks_what_the_page_shows(people: Cast, zhang: Family, word: str) -> None:
    import itertools

    from minzheng.scenes.assistance.monitoring.models import Means
    from minzheng.scenes.assistance.monitoring.taking import do_take_means
    from minzheng.scenes.assistance.monitoring.tests.conftest import SERVICE

    person = zhang.head.pk
    for department, value, age in itertools.product([SELF_DECLARED, "税务", "入户调查"], (1, 3), (0, 2)):
        with as_worker(), acting_as(SERVICE):
            do_take_means([(person, word, value + age, NIGHT - dt.timedelta(days=age))], department=department, by=SERVICE)
        with acting_as(people.county):
            row = standing(MeansSource.objects.filter(person_id=person, attribute=word))
            assert row is not None and getattr(Means.objects.get(pk=person), word) == row.value
