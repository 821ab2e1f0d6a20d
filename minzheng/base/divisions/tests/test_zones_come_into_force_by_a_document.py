from __future__ import annotations

import datetime as dt
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from minzheng.base import clock
from minzheng.base.divisions.management.commands.load_divisions import read_shipped
from minzheng.base.divisions.models import Division, Jurisdiction, JurisdictionArea
from minzheng.base.divisions.names import full_name, jurisdiction_for
from minzheng.base.divisions.zones import put_in_force, shipped_zones
from minzheng.base.errors import Refused
from minzheng.testing import as_owner

PARK, WEITING, LOUFENG = "320576000000", "320506009000", "320505007000"
PAPER = "示例:市政府关于园区民政职责的通知"


@pytest.fixture
def suzhou(db: None) -> None:
    """The townships and villages of the industrial park, as they ship."""
    towns = set(shipped_zones()[PARK].townships)
    with as_owner():
        Division.objects.bulk_create(
            [row for row in read_shipped() if row.code in towns or row.parent in towns], ignore_conflicts=True)


def test_nine_zones_ship_with_their_source_and_whole_townships() -> None:
    zones, rows = shipped_zones(), {row.code: row for row in read_shipped()}
    assert len(zones) == 9 and all("NBS" in zone.source for zone in zones.values())
    assert {t[:6] for t in zones[PARK].townships} == {"320505", "320506"}  # under the codes of two counties
    for zone in zones.values():
        assert len({t[6:9] for t in zone.townships}) == len(zone.townships), "serials do not collide under the zone's code"
        for township in zone.townships:
            villages = [row for row in rows.values() if row.parent == township]
            assert villages and all(row.statistical_code.startswith(zone.code[:6]) for row in villages)


def test_without_a_document_the_counties_answer(suzhou: None) -> None:
    assert jurisdiction_for(WEITING) == WEITING
    assert not Jurisdiction.objects.filter(kind="zone").exists()


def test_from_its_day_on_the_zone_answers(suzhou: None) -> None:
    day = clock.today() + dt.timedelta(days=30)
    with as_owner():
        count = put_in_force(PARK, PAPER, day)
    assert count == 170
    assert jurisdiction_for(WEITING, day - dt.timedelta(days=1)) == WEITING
    assert jurisdiction_for(WEITING, day) == "320576009000"
    assert jurisdiction_for(LOUFENG, day) == "320576007000"
    assert full_name("320576009000") == "苏州市苏州工业园区唯亭街道"
    assert Jurisdiction.objects.filter(source=PAPER, level=5).count() == 165


@pytest.mark.parametrize("code,document,days", [
    ("320599000000", PAPER, 1), (PARK, "", 1), (PARK, PAPER, -1)])
def test_what_is_missing_is_said_and_nothing_changes(suzhou: None, code: str, document: str, days: int) -> None:
    with as_owner(), pytest.raises(Refused):
        put_in_force(code, document, clock.today() + dt.timedelta(days=days))
    assert not JurisdictionArea.objects.exists()


def test_a_zone_is_put_in_force_once_and_only_over_loaded_divisions(suzhou: None) -> None:
    with as_owner():
        put_in_force(PARK, PAPER, clock.today())
    with as_owner(), pytest.raises(Refused, match="已经登记"):
        put_in_force(PARK, PAPER, clock.today())
    with as_owner(), pytest.raises(Refused, match="没有全部装入"):
        put_in_force("320371000000", PAPER, clock.today())


def test_the_command_lists_and_refuses_in_words(suzhou: None) -> None:
    out = StringIO()
    call_command("zones", stdout=out)
    assert "苏州工业园区" in out.getvalue() and "未启用" in out.getvalue()
    with pytest.raises(CommandError, match="--since"):
        call_command("zones", PARK)
