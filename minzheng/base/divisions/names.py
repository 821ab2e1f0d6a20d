"""Look-ups by code and date. Divisions change a few times a year, so names are cached in the process for a minute."""

from __future__ import annotations

import datetime as dt
import time
from functools import lru_cache

from django.db.models import Q

from minzheng.base import clock
from minzheng.base.divisions.models import Division, Jurisdiction, JurisdictionArea
from minzheng.base.errors import Refused
from minzheng.base.scope.ranges import SIGNIFICANT, level_of


def division_at(code: str, on: dt.date | None = None) -> Division:
    """The division with this code as valid on the day. Refused, naming the successor, when abolished or unknown."""
    day = on or clock.today()
    found = Division.objects.filter(Q(valid_to=None) | Q(valid_to__gt=day), code=code, valid_from__lte=day).first()
    if found is not None:
        return found
    old = Division.objects.filter(code=code).order_by("-valid_from").first()
    if old is None:
        raise Refused(f"没有代码为 {code} 的行政区划,请重新选择。")
    heir = successor_of(code, day)
    hint = f",已并入或改为 {heir.name}({heir.code})" if heir else ""
    raise Refused(f"{old.name}在 {day:%Y-%m-%d} 不是有效的行政区划{hint}。请选择现行区划。")


def successor_of(code: str, on: dt.date | None = None) -> Division | None:
    """What an abolished division has become by the day, over as many changes as there were; None when nothing is named."""
    day, seen = on or clock.today(), {code}
    while True:
        old = Division.objects.filter(code=code, valid_to__lte=day).exclude(successor="").order_by("-valid_from").first()
        if old is None or old.successor in seen:
            return None
        code = old.successor
        seen.add(code)
        found = Division.objects.filter(Q(valid_to=None) | Q(valid_to__gt=day), code=code, valid_from__lte=day).first()
        if found is not None:
            return found


def predecessors_of(code: str) -> list[Division]:
    """The divisions that were merged into this one or became it, oldest change first."""
    return list(Division.objects.filter(successor=code).order_by("valid_to", "code"))


@lru_cache(maxsize=60_000)
def _name(code: str, minute: int) -> str:
    zone = Jurisdiction.objects.filter(code=code).values_list("name", flat=True).first()
    if zone:
        return zone
    known = Division.objects.filter(code=code).order_by("-valid_from").values_list("name", flat=True).first()
    return known or _name_in_zone(code) or "未知区划"


def _name_in_zone(code: str) -> str:
    """A place of a functional zone has the zone's six digits and the serial of its division (see `jurisdiction_for`)."""
    areas = JurisdictionArea.objects.filter(jurisdiction_code=code[:6] + "000000").values_list("division", flat=True)
    places = [area[:6] + code[6:] for area in areas if area[6:9] == code[6:9]]
    return Division.objects.filter(code__in=places).order_by("-valid_from").values_list("name", flat=True).first() or ""


def name_of(code: str) -> str:
    """Short name, e.g. 玉山镇."""
    return _name(code, int(time.monotonic() // 60)) if code else ""


def full_name(code: str, *, start: int = 2) -> str:
    """Name from level `start` down, e.g. 苏州市昆山市玉山镇."""
    level = level_of(code)
    return "".join(name_of(code[:SIGNIFICANT[n]].ljust(12, "0")) for n in range(min(start, level), level + 1))


def children_of(code: str, on: dt.date | None = None) -> list[Division]:
    day = on or clock.today()
    return list(Division.objects.filter(Q(valid_to=None) | Q(valid_to__gt=day), parent=code,
                                        valid_from__lte=day).order_by("code"))


def jurisdiction_for(division: str, on: dt.date | None = None) -> str:
    """Who answers for a place: the functional zone that holds its township or village, else the division itself."""
    day = on or clock.today()
    township = division[:9] + "000"
    area = JurisdictionArea.objects.filter(Q(valid_to=None) | Q(valid_to__gt=day), division__in=[division, township],
                                           valid_from__lte=day).first()
    if area is None:
        return division
    return area.jurisdiction_code_id[:6] + division[6:]
