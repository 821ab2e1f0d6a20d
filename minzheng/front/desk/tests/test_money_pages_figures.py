"""Figures by level and month: exactly the post's own range, downwards, compared, printable, and safe to take along."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest
from django.urls import reverse

from minzheng.base.spreadsheet import as_xlsx
from minzheng.front.desk.tests.money_kit import MOST_QUERIES, desk_of, queries_of, text_of
from minzheng.office.benefits.granting import do_grant
from minzheng.office.benefits.tests.kit import (
    COUNTY,
    NEIGHBOUR_VILLAGE,
    OCT,
    OTHER_VILLAGE,
    TEAPOT,
    TODAY,
    VILLAGE,
    counts,
    grant,
    grant_args,
    set_day,
)
from minzheng.office.ledger.tests.kit import answer, fund, sent, take
from minzheng.testing import Cast, acting_as
from minzheng.testing.teahouse import make_case, published

pytestmark = pytest.mark.django_db(databases=["default", "aside"])
TOWN, CITY, PROVINCE, NEIGHBOUR = "320583100000", "320500000000", "320000000000", "320581000000"


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    set_day(monkeypatch, TODAY)


def paid(people: Cast) -> None:
    """965.00 in one village in October and November, 333.33 in another in November (rejected); one in 常熟."""
    fund(people)
    grant(people, n=501)
    envelope, content = sent(people, OCT)
    take(envelope, answer(content))
    grant(people, n=502, jurisdiction=OTHER_VILLAGE, monthly_fen=33_333)
    with acting_as(people.neighbour):
        do_grant(**grant_args(people.neighbour, n=503, jurisdiction=NEIGHBOUR_VILLAGE, monthly_fen=77_777))
    envelope, content = sent(people)
    take(envelope, answer(content, {2: "1002"}))


def test_figures_go_down_from_province_to_village(people: Cast) -> None:
    paid(people)
    desk, path, place = desk_of(people.province), reverse("desk:figures"), PROVINCE
    for code, name in ((PROVINCE, "苏州市"), (CITY, "昆山市"), (COUNTY, "玉山镇"), (TOWN, None)):
        answered = desk.get(path, {"place": code, "month": "2026-11"})
        text = text_of(answered)
        assert "1,298.33" in text and "965.00" in text, code
        if name:
            assert name in text
        place = code
    assert place == TOWN and f"place={VILLAGE}" not in answered.content.decode()
    assert "333.33" in text


def test_the_month_is_compared_with_the_one_before(people: Cast) -> None:
    paid(people)
    text = text_of(desk_of(people.county).get(reverse("desk:figures"), {"month": "2026-11"}))
    assert "增 1 户" in text and "增 333.33" in text and "2026年10月" in text



@pytest.mark.parametrize(("who", "own", "sum_"), [
    ("province", PROVINCE, "1,298.33"), ("city", CITY, "1,298.33"), ("county", COUNTY, "1,298.33"),
    ("township", TOWN, "1,298.33"), ("village", VILLAGE, "965.00"), ("data_officer", COUNTY, "1,298.33"),
    ("finance", COUNTY, "1,298.33"),
])  # fmt: skip
def test_each_level_sees_its_own_range_only(people: Cast, who: str, own: str, sum_: str) -> None:
    paid(people)
    desk, path = desk_of(getattr(people, who)), reverse("desk:figures")
    text = text_of(desk.get(path))
    assert sum_ in text and "777.77" not in text
    if who != "province" and who != "city":
        for verb in ("figures", "figures_sheet"):
            assert desk.get(reverse(f"desk:{verb}"), {"place": NEIGHBOUR}).status_code == 422
        before = counts("audit_record")
        refused = desk.post(reverse("desk:figures_export"), {"place": NEIGHBOUR, "month": "2026-11", "kind": "csv", "reason": "季度报表"})
        assert refused.status_code == 422 and counts("audit_record") == before


def test_the_neighbour_counts_none_of_ours(people: Cast) -> None:
    paid(people)
    desk = desk_of(people.neighbour)
    text = text_of(desk.get(reverse("desk:figures"), {"month": "2026-11"}))
    assert "1,298.33" not in text and "965.00" not in text and "保障户数 0" in text
    for place in (COUNTY, TOWN, VILLAGE, CITY, PROVINCE):
        assert desk.get(reverse("desk:figures"), {"place": place}).status_code == 422
    book = desk.post(reverse("desk:figures_export"), {"month": "2026-11", "kind": "csv", "reason": "季度报表"}).content.decode()
    assert "965.00" not in book


def test_cases_are_counted_by_place(people: Cast) -> None:
    with published():
        make_case(1)
        make_case(2, state="closed", closed_at=TODAY_NOON)
        make_case(3, due_at="2026-11-03T00:00:00+08:00", state="submitted", household=103)
        make_case(4, jurisdiction=NEIGHBOUR_VILLAGE, household=104)
    text = text_of(desk_of(people.county).get(reverse("desk:figures"), {"month": "2026-11"}))
    assert "收件 决定 办结 超期" in text
    assert "玉山镇 3 0 1 1" in text and "合计 3 0 1 1" in text



TODAY_NOON = "2026-11-20T12:00:00+08:00"


def test_an_export_says_who_and_why_and_opens_as_text(people: Cast) -> None:
    paid(people)
    desk, path = desk_of(people.county), reverse("desk:figures_export")
    data = {"place": COUNTY, "month": "2026-11", "scheme": TEAPOT, "kind": "csv", "reason": "=HYPERLINK(1)季度报表"}
    before = counts("audit_record")["audit_record"]
    rows = list(csv.reader(io.StringIO(desk.post(path, data).content.decode("utf-8-sig"))))
    assert "昆山陈敏" in rows[0][0] and "季度报表" in rows[0][0] and not rows[0][0].startswith("=")
    assert rows[1][:3] == ["地区代码", "地区", "户数"] and rows[-1][1] == "合计" and rows[-1][4] == "1298.33"
    assert counts("audit_record")["audit_record"] == before + 1
    for wrong in ({"reason": "短"}, {"kind": "exe"}, {"month": "x"}, {"scheme": "moon"}, {"place": "moon"}):
        assert desk.post(path, {**data, **wrong}).status_code == 422
    assert desk.get(path).status_code == 405
    assert counts("audit_record")["audit_record"] == before + 1
    book = desk.post(path, {**data, "kind": "xlsx"})
    with zipfile.ZipFile(io.BytesIO(book.content)) as found:
        sheet = found.read("xl/worksheets/sheet1.xml").decode()
    assert "<v>1298.33</v>" in sheet and "<f>" not in sheet and "昆山陈敏" in sheet and ">320583100000</t>" in sheet


@pytest.mark.parametrize("text", ["=1+1", "+86", "-x", "@x", "<f>1</f>", "a&b", "]]>"])
def test_no_cell_of_a_workbook_is_a_formula(text: str) -> None:
    with zipfile.ZipFile(io.BytesIO(as_xlsx([[text, "12.00"]]))) as found:
        sheet = found.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count('t="inlineStr"') == 1 and "<f>" not in sheet and "<v>12.00</v>" in sheet


def test_the_sheet_prints_the_same_sum(people: Cast) -> None:
    paid(people)
    text = text_of(desk_of(people.county).get(reverse("desk:figures_sheet"), {"month": "2026-11"}))
    assert "1,298.33" in text and "昆山市" in text and "昆山陈敏" in text


def test_figures_take_few_queries_at_every_level(people: Cast) -> None:
    paid(people)
    desk = desk_of(people.province)
    for place in (PROVINCE, CITY, COUNTY, TOWN, VILLAGE):
        assert queries_of(desk, reverse("desk:figures"), place=place, month="2026-11") <= MOST_QUERIES
        assert queries_of(desk, reverse("desk:figures_sheet"), place=place, month="2026-11") <= MOST_QUERIES
