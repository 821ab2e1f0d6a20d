"""工作量与时效: exact figures by office, within one's own reach, down to the tasks; exports say who, why and how many."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections import Counter

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from minzheng.base import clock
from minzheng.base.flow.figures import quantile, workload
from minzheng.base.flow.models import Process, ProcessDefinition, Task
from minzheng.front.desk.tests.money_kit import text_of
from minzheng.testing import Cast, acting_as, as_owner, sign_in
from minzheng.testing.cast import (
    CITY,
    COUNTY,
    NEIGHBOUR_COUNTY,
    NEIGHBOUR_TOWNSHIP,
    OTHER_VILLAGE,
    PROVINCE,
    TOWNSHIP,
    VILLAGE,
)
from minzheng.testing.queries import queries
from minzheng.testing.unchanged import state

pytestmark = pytest.mark.django_db(databases=["default", "aside"])
URL = "/desk/workload/"
CLERK, APPROVER = ("town_clerk", 4), ("county_approver", 3)


def month() -> dt.date:
    return clock.today().replace(day=1)


def made(number: int, place: str, post: tuple[str, int] = CLERK, *, days: int | None = None, late: bool = False, who: int = 1) -> None:
    """A task of the month: finished after so many working days, or open."""
    now, office = clock.now(), place[:{4: 9, 3: 6, 5: 12}[post[1]]].ljust(12, "0")
    with as_owner():
        definition, _ = ProcessDefinition.objects.get_or_create(code="dibao", version=99, defaults={"name": "x", "sha": "x", "source": b""})
        process = Process.objects.create(subject=f"w{number}", jurisdiction=place, definition=definition, scene="assistance", state=b"",
                                         started_at=now)
        Task.objects.create(
            process=process, subject=f"w{number}", jurisdiction=place, level=post[1], office=office, role=post[0], scene="assistance",
            matter="dibao", key="review", title="受理审查", started_at=now, limit_amount=5, limit_unit="workday",
            due_at=now - dt.timedelta(days=1) if late else now + dt.timedelta(days=9), warn_at=now, worked_days=days,
            status="ready" if days is None else "done", completed_at=None if days is None else now, completed_by=who)


@pytest.fixture
def year(people: Cast) -> Cast:
    made(1, VILLAGE, days=0, who=people.clerk.account_id)
    made(2, VILLAGE, days=2, late=True, who=people.clerk.account_id)
    made(3, OTHER_VILLAGE)
    made(4, OTHER_VILLAGE, late=True)
    made(5, VILLAGE, APPROVER, days=5, who=people.approver.account_id)
    made(6, f"{NEIGHBOUR_TOWNSHIP[:9]}001", days=9)
    return people


def figures_of(people_of: object, place: str, level: int):  # type: ignore[no-untyped-def]
    with acting_as(people_of):  # type: ignore[arg-type]
        until = (month() + dt.timedelta(days=32)).replace(day=1)
        return workload(place, level, month(), until, scenes=("*",))


def test_figures_are_exact_and_children_add_up_to_their_parent(year: Cast) -> None:
    found = figures_of(year.county, COUNTY, 4)
    town, own = found.places[TOWNSHIP], found.places[COUNTY]
    assert (town.received, town.done, town.late, town.open, town.overdue) == (4, 2, 1, 2, 1)
    assert (town.median, town.p90, town.in_time) == (0, 2, 50)
    assert (own.received, own.done, own.median) == (1, 1, 5) and set(found.posts) == {"county_approver"}
    for who, place, level in ((year.province, PROVINCE, 2), (year.city, CITY, 3), (year.county, COUNTY, 4), (year.clerk, TOWNSHIP, 5)):
        found = figures_of(who, place, level)
        for name in ("received", "done", "late", "open", "overdue"):
            assert sum(getattr(work, name) for work in found.places.values()) == getattr(found.total, name)
    assert figures_of(year.city, CITY, 3).places[COUNTY].done == 3
    assert figures_of(year.province, PROVINCE, 2).places[CITY].done == 4


@pytest.mark.parametrize("who", ["county", "clerk", "approver", "village", "leader"])
def test_nobody_reads_the_neighbours_figures(year: Cast, who: str) -> None:
    client = sign_in(Client(), getattr(year, who))
    assert client.get(URL, {"place": NEIGHBOUR_COUNTY}).status_code == 422
    assert client.get(f"{URL}tasks/", {"place": NEIGHBOUR_TOWNSHIP, "role": "town_clerk", "what": "done"}).status_code == 422
    assert '>w6<' not in client.get(URL).content.decode()


def test_raw_sums_obey_the_scope_too(year: Cast) -> None:
    found = figures_of(year.neighbour, COUNTY, 4)
    assert found.total.empty and not found.places


def test_who_finished_how_many_is_for_the_own_office_only(year: Cast) -> None:
    assert "玉山李建国" in text_of(sign_in(Client(), year.clerk).get(URL))
    page = text_of(sign_in(Client(), year.county).get(URL, {"place": TOWNSHIP}))
    assert "玉山李建国" not in page and "本单位人员" not in page


def test_a_number_opens_its_tasks(year: Cast) -> None:
    page = sign_in(Client(), year.county).get(f"{URL}tasks/", {"place": TOWNSHIP, "role": "town_clerk", "what": "overdue"})
    assert page.status_code == 200 and "超期" in text_of(page)


def test_the_sheet_says_who_when_why_and_how_many(year: Cast) -> None:
    client = sign_in(Client(), year.county)
    answer = client.post(f"{URL}export", {"place": COUNTY, "month": f"{month():%Y-%m}", "kind": "xlsx", "reason": "月度例会通报"})
    sheet = zipfile.ZipFile(io.BytesIO(answer.content)).read("xl/worksheets/sheet1.xml").decode()
    assert "昆山陈敏" in sheet and "月度例会通报" in sheet and "玉山镇" in sheet and "行,用途" in sheet
    with as_owner():
        from minzheng.base.audit.models import AuditRecord

        assert AuditRecord.objects.filter(action="export.made", obj_type="workload").count() == 1


@pytest.mark.parametrize("data", [{"reason": ""}, {"reason": "看"}, {"kind": "exe"}, {"place": NEIGHBOUR_COUNTY}])
def test_an_export_without_a_reason_is_refused_and_leaves_no_record(year: Cast, data: dict[str, str]) -> None:
    client = sign_in(Client(), year.county)
    before = state()
    answer = client.post(f"{URL}export", {"place": COUNTY, "month": f"{month():%Y-%m}", "kind": "csv", "reason": "月度例会通报", **data})
    assert answer.status_code == 422 and state() == before
    with as_owner():
        from minzheng.base.audit.models import AuditRecord

        assert not AuditRecord.objects.filter(action="export.made").exists()


@pytest.mark.parametrize("address", [URL, f"{URL}?place={TOWNSHIP}"])
def test_the_page_takes_few_statements(year: Cast, address: str) -> None:
    assert queries(year.county, address) <= 18


@given(st.lists(st.integers(0, 60), min_size=1, max_size=200), st.sampled_from([50, 90]))
def test_the_quantile_is_that_of_the_sorted_days(days: list[int], percent: int) -> None:
    assert quantile(Counter(days), percent) == sorted(days)[-(-len(days) * percent // 100) - 1]
