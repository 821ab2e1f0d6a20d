"""One application of each household matter beside 低保, taken in at the window by the same action as an officer's."""

from __future__ import annotations

from typing import Any

from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Officer
from minzheng.base.scope import acting
from minzheng.data import registry
from minzheng.scenes.assistance import intake
from minzheng.scenes.assistance.apply import HouseholdApplication, MemberAnswers, do_apply

WU, HUANG = "329900193912089163", "329900197504199302"  # 吴阿妹 lives alone, 黄美玲 pays for dialysis


def apply_each(by: Officer, borderline: list[dict[str, Any]]) -> int:
    """特困 for 吴阿妹, 刚性支出 for 黄美玲, 低保边缘 for the first household between the lines that can. Done once."""
    made = 0
    for household in borderline:
        made = _apply(by, household["head_id_number"], "edge", [household["monthly_income_fen"]], lambda people: {})
        if made:
            break
    made += _apply(by, WU, "tekun", [0], _supported)
    return made + _apply(by, HUANG, "rigid", [0, 380_000], _bills)


def _supported(people: list[Any]) -> dict[str, Any]:
    return {"asks": {str(people[0].pk): {"place": "home", "studying": False}}, "obligors": []}


def _bills(people: list[Any]) -> dict[str, Any]:
    year = {"income_year_fen": 4_560_000, "living_year_fen": 1_200_000, "other_rigid_year_fen": 0}
    for person in people:
        year |= {f"{name}_{person.pk}": 0 for name in ("medical_year_fen", "education_year_fen", "rehab_year_fen")}
    return {**year, f"medical_year_fen_{people[0].pk}": 3_200_000}


def _apply(by: Officer, number: str, matter: str, wages: list[int], extra: Any) -> int:
    with acting(by.scope()):
        head = registry.find_person(by, number)
        rows = intake.household_rows(head)
        members = [MemberAnswers(p.pk, relation, declared={"wage_fen": wages[n] if n < len(wages) else 0}, signed=True)
                   for n, (p, relation) in enumerate(rows)]
        people = [p for p, _ in rows]
        try:
            do_apply(HouseholdApplication(
                channel="window", members=members, payee=head.pk, phone=head.phone or "16000000000", cause="other",
                household={"financial_fen": 300_000, "vehicles": 0, "houses": 1}, key=f"demo-{matter}-{number[-6:]}",
                matter=matter, extra=extra(people)), by=by)
        except Refused:
            return 0
    return 1
