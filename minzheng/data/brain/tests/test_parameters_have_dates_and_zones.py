"""A parameter is a value in a zone on a day, or a refusal."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minzheng.data.brain import rules
from minzheng.data.brain.rules import catalogue, parameters, zones
from minzheng.data.brain.rules.catalogue import Dated
from minzheng.data.brain.rules.parameters import Book
from minzheng.data.brain.tests import club

club.register()
PRICE = "club.ball_price"


def book() -> Book:
    return Book(catalogue.shipped(), {}, (0, 0))


def test_a_county_inherits_from_its_city_and_the_city_from_the_nation() -> None:
    assert book().lookup(PRICE, "z320583", dt.date(2022, 7, 1)).value == 700
    assert book().lookup(PRICE, "z320583", dt.date(2022, 6, 30)).value == 500
    assert book().lookup(PRICE, "z320102", dt.date(2025, 1, 1)).zone == "z000000"


def test_the_applied_value_says_its_clause_version_and_whether_it_is_a_sample() -> None:
    applied = book().lookup(PRICE, "z320583", dt.date(2025, 1, 1))
    assert (applied.value, applied.sample, applied.text, applied.version) == (800, True, "8 元", "test")
    assert book().lookup(PRICE, "z320102", dt.date(2025, 1, 1)).clause == "章程第一条"


def test_a_gap_between_two_values_is_refused_and_never_filled_from_above() -> None:
    with pytest.raises(rules.RuleCannotEvaluate, match="苏州市的“球价”在 2023-07-15 没有取值"):
        book().lookup(PRICE, "z320583", dt.date(2023, 7, 15))


def test_a_day_before_the_first_value_is_refused() -> None:
    with pytest.raises(rules.RuleCannotEvaluate, match="都没有“球价”的取值"):
        book().lookup(PRICE, "z320583", dt.date(2019, 12, 31))


def test_two_values_on_one_day_are_refused() -> None:
    with pytest.raises(rules.RuleCannotEvaluate, match="有 2 个取值"):
        book().lookup("club.poor_line", "z320583", dt.date(2029, 12, 15))


def test_an_unknown_parameter_is_refused() -> None:
    with pytest.raises(rules.RuleCannotEvaluate, match=r"没有名为“club\.racket”的规则参数"):
        book().lookup("club.racket", "z320583", dt.date(2025, 1, 1))


@pytest.mark.parametrize("key", ["3205", "z3205", "320500", "z320599", "320500000000", "", "Z320500", "z320500 "])
def test_anything_but_a_known_zone_key_is_refused(key: str) -> None:
    with pytest.raises(rules.RuleCannotEvaluate, match="地区"):
        book().lookup(PRICE, key, dt.date(2025, 1, 1))


def test_no_zone_key_is_four_digits_or_a_bare_number_that_reads_as_a_year() -> None:
    assert all(key.startswith("z") and len(key) == 7 for key in zones.tree())


@pytest.mark.parametrize(("jurisdiction", "key"), [
    ("320583100000", "z320583"), ("320571000000", "z320500"), ("320500000000", "z320500"), ("320000000000", "z320000"),
])
def test_a_jurisdiction_belongs_to_its_county_or_for_a_functional_zone_to_its_city(jurisdiction: str, key: str) -> None:
    assert rules.zone_of(jurisdiction) == key


@pytest.mark.parametrize("jurisdiction", ["329900000000", "310000000000", "3205", "320583", "", "32058310000x"])
def test_a_jurisdiction_outside_the_province_or_malformed_has_no_zone(jurisdiction: str) -> None:
    with pytest.raises(rules.RuleCannotEvaluate):
        rules.zone_of(jurisdiction)


days = st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1))


@given(days, days, days, days, days)
def test_an_overlay_wins_where_it_covers_and_changes_nothing_elsewhere(
    a: dt.date, b: dt.date, c: dt.date, d: dt.date, on: dt.date,
) -> None:
    base = Dated(PRICE, "z320600", 1, min(a, b), max(a, b), "文", "", True, False, "base")
    upper = Dated(PRICE, "z320600", 2, min(c, d), max(c, d), "文", "", True, False, "upper")
    series = Book({(PRICE, "z320600"): [base]}, {(PRICE, "z320600"): [upper]}, (0, 0)).series(PRICE, "z320600")
    found = [row.value for row in series if row.covers(on)]
    assert found == ([2] if upper.covers(on) else [1] if base.covers(on) else [])


def test_a_value_without_a_verified_source_must_be_a_sample(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "bad.yaml"
    path.write_text("""
version: x
parameters:
  - {id: club.net, name: 网, unit: fen, values: [{zone: z000000, value: 1, effective_from: 2020-01-01,
     effective_to: null, source: {document: "", article: ""}, verified: true, sample: false}]}
""", encoding="utf-8")
    with pytest.raises(catalogue.CatalogueError, match="must say sample"):
        catalogue.load(path)
    assert catalogue.definition("club.net") is None


@pytest.mark.parametrize("value", ["1.5", "-1", "true", "'900'"])
def test_a_value_that_is_not_a_whole_number_is_refused_at_load(tmp_path, value: str) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "bad.yaml"
    path.write_text(f"""
version: x
parameters:
  - {{id: club.net, name: 网, unit: fen, values: [{{zone: z000000, value: {value}, effective_from: 2020-01-01,
     effective_to: null, source: {{}}, verified: false, sample: true}}]}}
""", encoding="utf-8")
    with pytest.raises(catalogue.CatalogueError, match="whole number"):
        catalogue.load(path)


def test_a_unit_is_shown_as_people_write_it() -> None:
    assert parameters.show(110_000, "fen_per_person_month") == "1,100 元/人/月"
    assert parameters.show(150, "percent") == "150%"
    assert parameters.show(7, "days") == "7 天"
