"""Functional zones (功能区): nine of Jiangsu ship as data; a document puts one in force.

The statistical bureau keeps the places of a zone under six digits of the zone's own. That says where a zone is, not
that it answers for civil affairs there: this is settled by a document of the city or province, zone by zone. Without
one the counties answer, as the division codes say.
"""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction

from minzheng.base import clock
from minzheng.base.divisions.models import Division, Jurisdiction, JurisdictionArea
from minzheng.base.errors import Refused

DATA = Path(__file__).parent / "data" / "jiangsu_zones.csv"


@dataclass
class Zone:
    """A zone as shipped: the townships that the statistical bureau counts to it, and the source of that."""

    code: str
    name: str
    source: str
    townships: list[str] = field(default_factory=list)


def shipped_zones() -> dict[str, Zone]:
    found: dict[str, Zone] = {}
    with DATA.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            zone = found.setdefault(row["zone"], Zone(row["zone"], row["zone_name"], row["source"]))
            zone.townships.append(row["division"])
    return found


def put_in_force(code: str, document: str, since: dt.date) -> int:
    """From a day on the zone answers for its townships and villages; returns for how many places. The owner's: it
    moves no rows that are there already, so it belongs before the people of these places are loaded."""
    zone = shipped_zones().get(code)
    if zone is None:
        raise Refused(f"没有随产品提供代码为 {code} 的功能区。")
    if len(document.strip()) < 4:
        raise Refused("请写明由功能区承担民政职责的文件名称和文号。")
    if since < clock.today():
        raise Refused("功能区的起始日期不能早于今天,以前的事项由原县(市、区)负责。")
    with transaction.atomic():
        if Jurisdiction.objects.filter(code=code).exists():
            raise Refused(f"{zone.name}已经登记,不用再次登记。")
        places = list(Division.objects.filter(valid_to=None, code__in=zone.townships)
                      | Division.objects.filter(valid_to=None, parent__in=zone.townships))
        if {p.code for p in places if p.level == 4} != set(zone.townships):
            raise Refused(f"{zone.name}的乡镇(街道)没有全部装入行政区划,请先装入区划数据。")
        rows = [Jurisdiction(code=code, name=zone.name, level=3, kind="zone", source=document.strip())]
        rows += [Jurisdiction(code=code[:6] + p.code[6:], name=p.name, level=p.level, kind="zone", source=document.strip())
                 for p in places]
        Jurisdiction.objects.bulk_create(rows)
        JurisdictionArea.objects.bulk_create(
            [JurisdictionArea(jurisdiction_code_id=code, division=township, valid_from=since) for township in zone.townships])
    return len(places)
