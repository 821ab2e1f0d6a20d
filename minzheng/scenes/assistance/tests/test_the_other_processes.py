"""The processes beside 低保: their limits are the law's parameters, and four eyes stand between the steps."""

from __future__ import annotations

from pathlib import Path

import pytest

from minzheng.base.flow.bpmn.definition import Definition, read

FOLDER = Path(__file__).parents[1] / "processes"


def process(code: str) -> Definition:
    return read(FOLDER / f"{code}.v1.bpmn")


@pytest.mark.parametrize(("code", "limits"), [
    ("edge", {"limit.total", "limit.total_ext", "limit.start_survey", "limit.confirm", "limit.refuse_notice", "public.days"}),
    ("rigid", {"limit.total", "limit.total_ext", "limit.start_survey", "limit.confirm", "limit.refuse_notice", "public.days"}),
    ("tekun", {"limit.survey", "limit.start_survey", "limit.confirm", "limit.refuse_notice", "public.days"})])
def test_the_limits_are_parameters_of_the_matters_own_law(code: str, limits: set[str]) -> None:
    found = {e.limit.parameter for e in process(code).elements.values() if e.limit and e.limit.parameter}
    assert found == {f"{code}.{name}" for name in limits}


def test_the_limits_of_a_review_are_those_of_the_support() -> None:
    found = {e.limit.parameter for e in process("review").elements.values() if e.limit and e.limit.parameter}
    assert found == {"tekun.limit.recheck", "tekun.end.public_days"}


@pytest.mark.parametrize(("code", "own"), [("edge", set()), ("rigid", {"bills"}), ("tekun", {"self_care", "arrange"})])
def test_who_surveyed_gives_no_opinion_and_decides_nothing(code: str, own: set[str]) -> None:
    elements = process(code).elements
    for key in ("town_review", "town_review_again", "rework", "town_decide"):
        assert own | {"review", "visit"} <= set(elements[key].not_same_as), key
    assert elements["visit"].signers == 2 and elements["county_review"].level == 3


def test_two_assess_and_another_approves_what_follows() -> None:
    assert process("tekun").elements["self_care"].signers == 2
    review = process("review").elements
    assert review["self_care"].signers == 2
    assert {"self_care", "verify", "hear"} <= set(review["decide"].not_same_as)
