from __future__ import annotations

from typing import Any

import pytest

from minzheng.base.scope.checks import the_province_is_one
from minzheng.base.scope.ranges import province


def test_everything_provincial_asks_the_setting(settings: Any) -> None:
    settings.PROVINCE = "330000000000"
    assert province() == "330000000000" and the_province_is_one(None) == []


@pytest.mark.parametrize("wrong", ["", "32", "320500000000", "0", "abc"])
def test_a_code_that_is_no_province_stops_the_start(settings: Any, wrong: str) -> None:
    settings.PROVINCE = wrong
    assert [problem.id for problem in the_province_is_one(None)] == ["scope.E007"]
