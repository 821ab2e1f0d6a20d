"""随机抽查: the county looks at no fewer than 30 % of the cases itself, drawn by lot.

The lot of a case is a keyed digest of its number, so that nobody can choose it and the draw can be repeated; where chance
falls behind the share, the case is taken anyway. From the first case of a year on the share is never below the law's.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from minzheng.base import audit, clock, flow
from minzheng.base.crypto import blind_index
from minzheng.base.scope.ranges import office_of
from minzheng.office.cases.acts import follow_clock
from minzheng.office.cases.models import Case
from minzheng.office.cases.timeline import note
from minzheng.scenes.assistance.assess import parameter
from minzheng.scenes.assistance.steps import case_of
from minzheng.scenes.assistance.tekun.models import SpotCheck


def lot_of(case_code: str) -> int:
    """0 to 99, the same whenever it is drawn."""
    return int.from_bytes(blind_index("tekun_draw", case_code)[:8], "big") % 100


def is_taken(lot: int, percent: int, reached: int, taken: int) -> tuple[bool, bool]:
    """Whether the next case is taken, and whether only to keep the share. `reached` and `taken`: those before it."""
    behind = (taken * 100) < percent * (reached + 1)
    return (True, False) if lot < percent else (behind, behind)


def wrong_draws(rows: Iterable[SpotCheck]) -> list[SpotCheck]:
    """Rows of one county's year, in order, that another draw does not give: none, unless somebody meddled."""
    wrong, taken = [], 0
    for place, row in enumerate(rows):
        again = is_taken(lot_of(row.case_code), row.percent, place, taken)
        if (row.serial, row.lot, row.drawn, row.forced) != (place + 1, lot_of(row.case_code), *again):
            wrong.append(row)
        taken += row.drawn
    return wrong


@flow.handler("tekun.draw")
def draw(call: flow.Call) -> dict[str, bool]:
    """Draws once a case: one that comes back after a return keeps its lot."""
    case = case_of(call)
    row = SpotCheck.objects.filter(case_id=case.pk).first() or _draw(case, call)
    follow_clock(case)
    return {"drawn": row.drawn}


def _draw(case: Case, call: flow.Call) -> SpotCheck:
    county, year = office_of(case.jurisdiction, 3), clock.today().year
    with connection.cursor() as cursor:
        cursor.execute("SELECT reached, taken FROM tekun_drawn(%s, %s)", [county, year])
        reached, taken = cursor.fetchone()
    lot, percent = lot_of(case.code), int(parameter("tekun.sample_percent", case).value)
    drawn, forced = is_taken(lot, percent, reached, taken)
    row = SpotCheck.objects.create(
        case_id=case.pk, jurisdiction=case.jurisdiction, case_code=case.code, county=county, year=year, serial=reached + 1,
        percent=percent, lot=lot, drawn=drawn, forced=forced, at=clock.now())
    note(case, "spot_check", "随机抽查:抽中,县级入户核实" if drawn else "随机抽查:未抽中", by=call.by, public=False,
         text=f"本县当年第 {row.serial} 件,签号 {lot},比例 {percent}%" + (",补足比例" if forced else ""))
    audit.record("tekun.draw", by=call.by, obj_type="case", obj_id=case.code, jurisdiction=case.jurisdiction,
                 after={"serial": row.serial, "lot": lot, "percent": percent, "drawn": drawn, "forced": forced})
    return row
