"""低收入人口库: who is recognised or listed, counted by place and kind, with open alerts by grade. Search first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Q

from minzheng.base import audit, clock
from minzheng.base.divisions.names import children_of
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Officer
from minzheng.base.scope.ranges import SIGNIFICANT, level_of, lies_in, range_of
from minzheng.data import registry
from minzheng.data.registry.models import HouseholdMember
from minzheng.scenes.assistance.monitoring.models import GRADES, OPEN, Alert, Listing
from minzheng.scenes.assistance.recognitions.queries import in_force

PAGE = 30
# Layers as the law has them: short title of each kind of the library.
TITLES = {"dibao": "低保", "single": "单人保", "tekun": "特困", "edge": "低保边缘", "rigid": "刚性支出困难", "return": "防返贫监测",
          "other": "其他困难"}


@dataclass
class Row:
    """One place: households and persons by kind, open alerts by grade."""

    code: str
    name: str
    inside: bool
    households: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TITLES, 0))
    alerts: dict[int, int] = field(default_factory=lambda: dict.fromkeys(GRADES, 0))

    @property
    def total(self) -> int:
        return sum(self.households.values())

    @property
    def cells(self) -> list[tuple[str, int]]:
        return [(title, self.households[kind]) for kind, title in TITLES.items()]

    @property
    def grades(self) -> list[tuple[int, str, int]]:
        return [(grade, title, self.alerts[grade]) for grade, title in GRADES.items()]


_COUNTS = """
SELECT rpad(left(jurisdiction, %(digits)s), 12, '0'), kind, count(*) FROM recognitions_recognition
WHERE jurisdiction >= %(low)s AND jurisdiction < %(high)s AND valid_from <= %(on)s AND (valid_to IS NULL OR valid_to >= %(on)s)
  AND (ended_on IS NULL OR ended_on > %(on)s) GROUP BY 1, 2
UNION ALL SELECT rpad(left(jurisdiction, %(digits)s), 12, '0'), kind, count(*) FROM assistance_monitoring_listing
WHERE jurisdiction >= %(low)s AND jurisdiction < %(high)s AND until IS NULL GROUP BY 1, 2
UNION ALL SELECT rpad(left(jurisdiction, %(digits)s), 12, '0'), grade::text, count(*) FROM assistance_monitoring_alert
WHERE jurisdiction >= %(low)s AND jurisdiction < %(high)s AND state IN ('open', 'watching') GROUP BY 1, 2
"""


def place_chosen(asked: str, by: Officer) -> str:
    """The asked place within the post's own, by default the post's. Refused otherwise."""
    if not asked:
        return by.jurisdiction
    try:
        inside = lies_in(asked, by.jurisdiction)
    except ValueError:
        inside = False
    if not inside:
        raise Refused("这个地区不在当前岗位的管辖范围内,请重新选择。")
    return asked


def counts(place: str) -> tuple[list[Row], Row]:
    """The places directly below and their sum (a village itself: one row)."""
    level = level_of(place)
    low, high = range_of(place)
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"digits": SIGNIFICANT[min(level + 1, 5)], "low": low, "high": high, "on": clock.today()})
        found = cursor.fetchall()
    names = {row.code: row.name for row in children_of(place)} if level < 5 else {}
    rows = {code: Row(code, name.removesuffix("居委会").removesuffix("村委会"), True) for code, name in names.items()}
    total = Row(place, "合计", False)
    for code, what, count in found:
        row = rows.setdefault(code, Row(code, "本级", False))
        for one in (row, total):
            if what in TITLES:
                one.households[what] += count
            else:
                one.alerts[int(what)] += count
    return list(rows.values()), total


def listed_in(village: str, kind: str = "") -> list[dict[str, Any]]:
    """The library's households of one village, for who works there."""
    low, high = range_of(village)
    rows = [{"household": r.household, "name": r.head_name, "kind": TITLES[r.kind], "persons": r.persons, "since": r.valid_from}
            for r in in_force(clock.today()).filter(jurisdiction__gte=low, jurisdiction__lt=high).order_by("id")[:500]
            if kind in ("", r.kind)]
    listings = [r for r in Listing.objects.filter(jurisdiction__gte=low, jurisdiction__lt=high, until=None)[:500]
                if kind in ("", r.kind)]
    names = heads_of([r.household_id for r in listings])
    rows += [{"household": r.household_id, "name": names.get(r.household_id, ""), "kind": TITLES[r.kind], "persons": None,
              "since": r.since} for r in listings]
    return rows


def heads_of(households: Sequence[int]) -> dict[int, str]:
    """Names of the heads."""
    rows = HouseholdMember.objects.filter(household_id__in=list(households), relation="户主", valid_to=None)
    heads = dict(rows.values_list("household_id", "person_id"))
    people = dict(registry.Person.objects.filter(pk__in=list(heads.values())).values_list("pk", "name"))
    return {household: people.get(person, "") for household, person in heads.items()}


def find(by: Officer, words: str, after: str = "") -> list[dict[str, Any]]:
    """People by number or name, with their household and what it is in the library."""
    found = registry.search(by, words, after=after)
    audit.record("monitoring.searched", by=by, obj_type="monitoring.library", obj_id="search", jurisdiction=by.jurisdiction,
                 after={"shown": len(found)})
    homes = dict(HouseholdMember.objects.filter(person_id__in=[p.id for p in found], valid_to=None).values_list(
        "person_id", "household_id"))
    households = list(set(homes.values()))
    kinds: dict[int, list[str]] = {}
    for row in in_force(clock.today()).filter(household__in=households):
        kinds.setdefault(int(row.household or 0), []).append(TITLES[row.kind])
    for listing in Listing.objects.filter(household_id__in=households, until=None):
        kinds.setdefault(listing.household_id, []).append(TITLES[listing.kind])
    alerts = {a.household_id: a for a in Alert.objects.filter(household_id__in=households, state__in=OPEN)}
    return [{"person": p, "household": homes.get(p.id), "kinds": kinds.get(homes.get(p.id, 0), []),
             "alert": alerts.get(homes.get(p.id, 0))} for p in found]


def open_alerts(by: Officer, place: str, *, grade: int = 0, after: int = 0) -> list[Alert]:
    """Open alerts of the place, the oldest of the most urgent first; `after` is the last one's rank."""
    low, high = range_of(place)
    rows = Alert.objects.filter(jurisdiction__gte=low, jurisdiction__lt=high, state__in=OPEN)
    if grade:
        rows = rows.filter(grade=grade)
    if after:
        last = Alert.objects.filter(pk=after).first()
        if last is None:
            raise Refused("翻页位置无效,请从第一页重新查看。")
        rows = rows.filter(Q(grade__gt=last.grade) | Q(grade=last.grade, pk__gt=last.pk))
    return list(rows.order_by("grade", "pk")[:PAGE + 1])


