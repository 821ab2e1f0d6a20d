"""统计报表: children add up to their parent at every level, a closed month does not change, a correction is a new version."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import zipfile

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minzheng.base import clock
from minzheng.base.audit.models import AuditRecord
from minzheng.base.identity.officer import Officer, Service
from minzheng.office.benefits.months import add_months, first_of
from minzheng.scenes.assistance.recognitions.models import Recognition, RecognitionMember
from minzheng.scenes.assistance.statistics.forming import Figure, do_close, form, lines_behind, total_of
from minzheng.scenes.assistance.statistics.models import Closing, Line
from minzheng.scenes.assistance.tests.conftest import make_person
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
URL = "/desk/assistance/statistics/"
_numbers = itertools.count(1)


def last_month() -> dt.date:
    return add_months(first_of(clock.today()), -1)


def recognised(village: str = VILLAGE, kind: str = "dibao", *, since: dt.date | None = None, until: dt.date | None = None,
               births: tuple[str, ...] = ("19400101",), **more: object) -> Recognition:
    """A recognised household of people born on these days; `until` is the first day without it."""
    number, since = next(_numbers), since or dt.date(2025, 1, 1)
    with as_owner():
        people = [make_person(f"人{number}", birth, 1, village=village, **more)[0] for birth in births]
        row = Recognition.objects.create(kind=kind, jurisdiction=village, case_code=f"S{number:06d}", decision=f"统{number}号", head=people[0].pk,
                                         head_name="测试", persons=len(people), valid_from=since, ended_on=until, created_at=clock.now())
        RecognitionMember.objects.bulk_create([RecognitionMember(
            recognition=row, jurisdiction=village, person=person.pk, name="测试", relation="本人", kind=kind, during=(since, until))
            for person in people])
    return row


def closed(county: str = COUNTY, month: dt.date | None = None) -> Closing:
    by = Service("任务 statistics.close", county)
    with acting_as(by):
        return do_close(county, month or last_month(), by=by)


def figures(who: Officer, place: str, level: int, month: dt.date | None = None) -> dict[str, Figure]:
    with acting_as(who):
        return {code: total_of(rows) for code, rows in form(place, level, [month or last_month()]).items()}


def test_groups_are_counted_on_the_months_last_day(people: Cast) -> None:
    recognised(births=("19400101", "19900101", "20200101"))
    recognised(births=("19800101",), disability_class=1, disability_grade=2, illness="尿毒症")
    recognised(OTHER_VILLAGE, "edge", since=last_month())
    recognised(OTHER_VILLAGE, "edge", until=last_month() + dt.timedelta(days=9))
    recognised(since=first_of(clock.today()))
    closed()
    found = figures(people.county, COUNTY, 4)[TOWNSHIP]
    assert (found.households, found.persons, found.elderly, found.minors, found.disabled, found.ill) == (3, 5, 2, 1, 1, 1)
    assert (found.began, found.ended) == (1, 1)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from([VILLAGE, OTHER_VILLAGE, f"{NEIGHBOUR_TOWNSHIP[:9]}001"]), st.sampled_from(["dibao", "edge"]),
                          st.sampled_from(["19400101", "19900101", "20200101"])), max_size=5))
def test_children_add_up_to_their_parent_at_every_level(people: Cast, rows: list[tuple[str, str, str]]) -> None:
    with transaction.atomic():
        for village, kind, birth in rows:
            recognised(village, kind, births=(birth,))
        closed()
        closed(NEIGHBOUR_COUNTY)
        levels = [figures(people.province, PROVINCE, level) for level in (1, 2, 3, 4, 5)]
        for parent, child, digits in zip(levels, levels[1:], (2, 4, 6, 9), strict=False):
            for code, figure in parent.items():
                inside = [row for other, row in child.items() if other[:digits] == code[:digits]]
                assert total_of(dict(enumerate(inside))) == figure  # type: ignore[arg-type]
        assert sum(row.households for row in levels[0].values()) == len(rows)
        transaction.set_rollback(True)


def test_a_closed_month_does_not_change_and_closing_it_again_changes_nothing(people: Cast) -> None:
    row = recognised()
    first = closed()
    before = state()
    assert closed().pk == first.pk and state() == before
    with as_owner():
        Recognition.objects.filter(pk=row.pk).update(ended_on=last_month() - dt.timedelta(days=40))
    assert figures(people.county, COUNTY, 4)[TOWNSHIP].households == 1
    for sql in ("UPDATE statistics_line SET fen = 9", "DELETE FROM statistics_line", "UPDATE statistics_closing SET rows = 0"):
        with as_owner(), connection.cursor() as cursor, pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(sql)


def test_a_correction_is_a_new_version_with_its_reason_and_the_parent_follows(people: Cast) -> None:
    recognised()
    closed()
    recognised(OTHER_VILLAGE)
    assert figures(people.province, PROVINCE, 2)[CITY].households == 1
    client = sign_in(Client(), people.leader)
    before = state()
    data = {"place": COUNTY, "month": f"{last_month():%Y-%m}", "reason": ""}
    assert client.post(f"{URL}correct", data).status_code == 422 and state() == before
    assert client.post(f"{URL}correct", {**data, "reason": "漏录一户,核实补录"}).status_code == 302
    assert figures(people.province, PROVINCE, 2)[CITY].households == 2
    with as_owner():
        versions = list(Closing.objects.order_by("version").values_list("version", "rows", "reason"))
        assert versions == [(1, 1, ""), (2, 2, "漏录一户,核实补录")] and Line.objects.count() == 3
    assert "漏录一户" in sign_in(Client(), people.province).get(URL, {"place": COUNTY}).content.decode()


@pytest.mark.parametrize("who", ["county", "approver", "clerk", "neighbour", "city", "province", "village"])
def test_nobody_else_corrects(people: Cast, who: str) -> None:
    recognised()
    closed()
    client = sign_in(Client(), getattr(people, who))
    before = state()
    assert client.post(f"{URL}correct", {"place": COUNTY, "month": f"{last_month():%Y-%m}", "reason": "想改一改"}).status_code in (403, 422)
    assert state() == before


def test_the_neighbour_sees_neither_sums_nor_rows(people: Cast) -> None:
    row = recognised()
    closed()
    client = sign_in(Client(), people.neighbour)
    assert client.get(URL, {"place": COUNTY}).status_code == 422
    assert client.get(f"{URL}rows/", {"place": COUNTY, "measure": "households"}).status_code == 422
    assert figures(people.neighbour, COUNTY, 4) == {}
    with acting_as(people.neighbour):
        assert not lines_behind(COUNTY, last_month(), "", "households").exists()
    assert row.case_code in sign_in(Client(), people.clerk).get(f"{URL}rows/", {"measure": "households"}).content.decode()
    with as_owner():
        assert AuditRecord.objects.filter(action="statistics.traced").count() == 1


def test_each_number_is_the_sum_of_the_rows_behind_it(people: Cast) -> None:
    recognised(births=("19400101", "19410101"))
    recognised(births=("19900101",))
    closed()
    with acting_as(people.county):
        rows = list(lines_behind(COUNTY, last_month(), "dibao", "elderly"))
    assert sum(row.elderly for row in rows) == figures(people.county, COUNTY, 3)[COUNTY].elderly == 2 and len(rows) == 1


def test_the_current_month_cannot_be_closed(people: Cast) -> None:
    recognised()
    before = state()
    with pytest.raises(Exception, match="还没有结束"):
        closed(month=first_of(clock.today()))
    assert state() == before


def test_the_form_is_exported_with_watermark_and_reason(people: Cast) -> None:
    recognised()
    closed()
    client = sign_in(Client(), people.county)
    answer = client.post(f"{URL}export", {"kind": "xlsx", "reason": "报送市局", "month": f"{last_month():%Y-%m}"})
    sheet = zipfile.ZipFile(io.BytesIO(answer.content)).read("xl/worksheets/sheet1.xml").decode()
    assert "用途:报送市局" in sheet and "示例" in sheet and "已定稿" in sheet and people.county.name in sheet
    before = state()
    assert client.post(f"{URL}export", {"kind": "xlsx", "reason": ""}).status_code == 422 and state() == before


def test_pages_keep_to_the_ceiling(people: Cast) -> None:
    recognised()
    closed()
    assert queries(people.county, URL) <= 16
    assert queries(people.province, URL) <= 16
    assert queries(people.county, f"{URL}?period=quarter") <= 16
    assert queries(people.county, f"{URL}rows/?measure=persons") <= 12
