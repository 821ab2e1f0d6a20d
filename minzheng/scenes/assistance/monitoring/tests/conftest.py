"""Households with known means and signals, and a sweep as the worker runs it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from minzheng.base import clock
from minzheng.base.identity.officer import Service
from minzheng.base.jobs import defer
from minzheng.scenes.assistance.monitoring.models import FLAGS, Sweep
from minzheng.scenes.assistance.monitoring.taking import WIDE, do_take_means, do_take_signals
from minzheng.scenes.assistance.tests.conftest import Family, make_family
from minzheng.testing import Cast, acting_as
from minzheng.testing.background import as_worker, run_jobs
from minzheng.testing.cast import COUNTY, PROVINCE, VILLAGE

SERVICE = Service("部门数据接收", COUNTY)
NIGHT = dt.date(2026, 11, 20)


def know(family: Family, *, day: dt.date = dt.date(2026, 10, 31), department: str = "核对平台", **values: int) -> None:
    """Every member's means: nothing at all, but for the head's `values`."""
    rows = []
    for person in family.people:
        own = values if person is family.head else {}
        rows += [(person.pk, word, own.get(word, 0), day) for word in WIDE if word not in FLAGS or word in own]
        rows += [(person.pk, word, 0, day) for word in FLAGS if word not in own]
    with as_worker(), acting_as(SERVICE):
        do_take_means(rows, department=department, by=SERVICE)


def tell(person: int, kind: str, key: str = "1", *, day: dt.date = dt.date(2026, 11, 10), amount: int = 0,
         department: str = "人社") -> int:
    with as_worker(), acting_as(SERVICE):
        return do_take_signals([(person, kind, key, day, amount)], department=department, by=SERVICE)


@pytest.fixture
def sweep(people: Cast) -> Callable[..., Sweep]:
    """Runs the job for a night, and returns the sweep as it stands then."""

    def run(night: dt.date = NIGHT, place: str = PROVINCE) -> Sweep:
        by = Service("定时任务", place)
        with as_worker(), acting_as(by):
            defer("monitoring.sweep", jurisdiction=place, night=night.isoformat())
        run_jobs()
        with acting_as(people.county):
            return Sweep.objects.get(night=night, place=place)

    return run


@pytest.fixture
def zhang(db: None) -> Family:
    return make_family(("张建国", "19700312", 1, "户主"), ("李秀英", "19720825", 2, "妻"), ("张悦", "20120516", 2, "女"))


@pytest.fixture
def wang(db: None) -> Family:
    return make_family(("王大明", "19800101", 1, "户主"), ("王小明", "20150101", 1, "子"), village=VILLAGE, number="2")


@pytest.fixture(autouse=True)
def fixed_day(monkeypatch: pytest.MonkeyPatch) -> Callable[[dt.date], None]:
    """Today is the night of the sweep, unless a test moves it."""

    def move(day: dt.date) -> None:
        moment = dt.datetime.combine(day, dt.time(2), clock.SHANGHAI)
        monkeypatch.setattr(clock, "now", lambda: moment)
        monkeypatch.setattr(clock, "today", lambda: day)

    move(NIGHT)
    return move


