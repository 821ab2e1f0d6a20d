"""What ships: sources where a text was read, 示例值 everywhere else, a value for each city today."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from minzheng.data.brain import rules
from minzheng.data.brain.rules import catalogue, zones
from minzheng.scenes.assistance import policy

policy.register()
TODAY = dt.date(2026, 11, 24)
OURS = [d.id for d in catalogue.definitions() if d.id.startswith(tuple(f"{name}." for name in policy.FILES))]


@pytest.mark.parametrize("key", [key for key, zone in zones.tree().items() if zone.level >= 2])
def test_every_city_and_county_has_every_parameter_today(key: str) -> None:
    for parameter in OURS:
        rules.lookup(parameter, key, TODAY)


def test_every_standard_is_shown_as_a_sample() -> None:
    shipped = catalogue.shipped().items()
    values = [row for (parameter, _), rows in shipped if parameter == "dibao.standard" for row in rows]
    assert len(values) == 13 + 8
    assert all(row.sample and not row.verified for row in values)


@pytest.mark.parametrize(("parameter", "value"), [
    ("dibao.limit.start_survey", 3), ("dibao.limit.start_check", 3), ("dibao.public.days", 7),
    ("dibao.limit.confirm", 10),
    ("dibao.limit.total", 30), ("dibao.limit.total_delegated", 20), ("dibao.limit.total_ext", 45),
    ("dibao.limit.refuse_notice", 3), ("dibao.exit.grace_months", 6), ("dibao.review.stable_months", 12),
    ("dibao.review.unstable_months", 6), ("dibao.death.check_months", 3), ("dibao.visit.min_staff", 2),
])
def test_the_procedure_follows_the_text_that_was_read(parameter: str, value: int) -> None:
    applied = rules.lookup(parameter, "z320583", TODAY)
    assert applied.value == value
    assert applied.clause
    assert not applied.sample


def test_the_borderline_ratio_is_a_sample_since_the_province_sets_it() -> None:
    assert not rules.lookup("dibao.edge.percent", "z320583", dt.date(2026, 6, 30)).sample
    assert rules.lookup("dibao.edge.percent", "z320583", dt.date(2026, 7, 1)).sample


@pytest.mark.parametrize(("parameter", "value"), [
    ("tekun.age.elder", 60), ("tekun.age.minor", 16), ("tekun.age.stay", 18), ("tekun.grade.mind", 3),
    ("tekun.grade.limb", 2), ("tekun.grade.sight", 1), ("tekun.selfcare.half_from", 1),
    ("tekun.selfcare.full_from", 4), ("tekun.limit.survey", 15), ("tekun.public.days", 7),
    ("tekun.limit.confirm", 15), ("tekun.sample_percent", 30), ("tekun.limit.recheck", 10),
    ("rigid.limit.total", 30), ("rigid.limit.total_ext", 45), ("rigid.valid_months", 12),
    ("temporary.limit.instant", 3),
])
def test_the_other_schemes_follow_the_texts_that_were_read(parameter: str, value: int) -> None:
    applied = rules.lookup(parameter, "z320583", TODAY)
    assert (applied.value, applied.sample) == (value, False)


@pytest.mark.parametrize("parameter", [
    "tekun.basic.percent", "tekun.care.full_percent", "tekun.care.wage", "rigid.percent", "rigid.disposable",
    "temporary.instant.months", "temporary.emergency.months", "price.trigger.consumer", "price.index.low_income",
])
def test_amounts_that_nobody_could_verify_are_samples(parameter: str) -> None:
    assert rules.lookup(parameter, "z320583", TODAY).sample


def test_every_limit_that_a_process_names_is_defined() -> None:
    processes = sorted((Path(policy.__file__).parents[1] / "processes").glob("*.bpmn"))
    named = {found for path in processes for found in re.findall(r'limit="([a-z][^"]*)"', path.read_text("utf-8"))}
    assert named <= {definition.id for definition in catalogue.definitions()}


def test_a_value_has_a_document_exactly_when_it_is_no_sample() -> None:
    rows = [row for (parameter, _), found in catalogue.shipped().items() if parameter in OURS for row in found]
    assert all(bool(row.document) is not row.sample for row in rows)
    assert all(row.note for row in rows if row.sample)


def test_every_group_of_parameters_has_a_title() -> None:
    for name in policy.FILES:
        assert catalogue.group_title(name) != "其他参数", name
    assert catalogue.group_title("dibao") == "最低生活保障"
