"""A result as an officer may see it: small cells only inside the own county; the households near the line, by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from minzheng.base import audit
from minzheng.base.crypto import mask_name
from minzheng.base.divisions.names import full_name, name_of
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Officer
from minzheng.base.scope.ranges import level_of, lies_in
from minzheng.data.brain.desk import hiding
from minzheng.data.brain.desk.models import Near, Part, Run
from minzheng.data.brain.rules import zones

NEAR_SHOWN = 60


@dataclass(frozen=True)
class County:
    code: str
    name: str
    row: dict[str, Any]

    @property
    def hidden(self) -> bool:
        return bool(self.row[hiding.HIDDEN])

    @property
    def delta_fen(self) -> int | None:
        after, before = self.row["fen_after"], self.row["fen_before"]
        return None if after is None or before is None else int(after) - int(before)


@dataclass(frozen=True)
class NearHousehold:
    """`name` is the masked name of the head, or nothing where the register has the household no more."""

    place: str
    name: str
    size: int
    measure_fen: int
    line_fen: int
    before_fen: int
    after_fen: int

    @property
    def away_fen(self) -> int:
        return self.measure_fen - self.line_fen


def inside(by: Officer, county: str) -> bool:
    """Whether the officer stands inside the county, where small numbers are no secret."""
    return level_of(by.jurisdiction) >= 3 and lies_in(by.jurisdiction, county)


def case_for(run: Run, number: int, by: Officer) -> tuple[dict[str, Any] | None, list[County]]:
    """(sums, counties) of one case. The officer's own county comes in full."""
    if run.result is None or not 0 <= number < len(run.cases):
        raise Refused("没有这个方案的结果,请从结果页选择。")
    found = run.result[number]
    if found is None:
        return None, []
    rows: dict[str, dict[str, Any]] = dict(found["counties"])
    own = {part.jurisdiction: part.cases[number]
           for part in Part.objects.filter(run_code=run.code, jurisdiction__in=[c for c in rows if inside(by, c)])
           if part.cases}
    for code, case in own.items():
        rows[code] = {**{name: case[name] for name in rows[code] if name != hiding.HIDDEN}, hiding.HIDDEN: False}
    if len(rows) == 1 and own:
        found = {**next(iter(own.values())), hiding.HIDDEN: False}
    return found, [County(code, _name(code), row) for code, row in sorted(rows.items())]


def _name(code: str) -> str:
    known = zones.tree().get("z" + code[:6])
    return known.name if known else name_of(code)


def near_for(run: Run, number: int, by: Officer) -> list[NearHousehold]:
    """The households nearest to the line within the officer's own place. The reading is audited for each head."""
    from minzheng.data.registry.models import HouseholdMember, Person

    rows = list(Near.objects.filter(run_code=run.code, case=number))
    rows = sorted(rows, key=lambda row: (abs(row.measure_fen - row.line_fen), row.household_id))[:NEAR_SHOWN]
    members = HouseholdMember.objects.filter(household_id__in=[row.household_id for row in rows], relation="户主",
                                             valid_to=None).values_list("household_id", "person_id", "jurisdiction")
    heads = {household: (person, place) for household, person, place in members}
    names = dict(Person.objects.filter(pk__in=[person for person, _ in heads.values()]).values_list("id", "name"))
    found = []
    for row in rows:
        person, place = heads.get(row.household_id, (None, row.jurisdiction))
        if person is not None:
            audit.record("policy.near_read", by=by, obj_type="policy_run", obj_id=run.code, jurisdiction=place,
                         subject_person=person, reason="政策仿真:查看临近标准线的家庭")
        found.append(NearHousehold(full_name(place, start=3), mask_name(names.get(person)) if person else "",
                                   row.size, row.measure_fen, row.line_fen, row.before_fen, row.after_fen))
    return found
