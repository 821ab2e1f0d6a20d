"""Search first: nobody browses people. By ID number, or by name and place; never fewer than two characters,
never unmasked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection

from minzheng.base import audit, clock
from minzheng.base.crypto import blind_index, mask_id
from minzheng.base.divisions.models import Division
from minzheng.base.divisions.names import full_name
from minzheng.base.errors import Refused
from minzheng.base.id_numbers import check_id_number, folded
from minzheng.base.identity.officer import Officer
from minzheng.base.scope.ranges import range_of
from minzheng.data.registry.models import SEXES, Person
from minzheng.data.registry.names import bare, pairs

PAGE = 20
CAP = 100  # pages end here: add a place, or the full name


@dataclass(frozen=True)
class Found:
    """A line of the result: enough to choose the person, nothing in clear."""

    id: int
    name: str
    id_masked: str
    sex: int
    birth_date: dt.date
    jurisdiction: str
    dead: bool
    position: int

    @property
    def sex_title(self) -> str:
        return SEXES[self.sex]

    @property
    def place(self) -> str:
        return full_name(self.jurisdiction, start=3)

    @property
    def cursor(self) -> str:
        return f"{self.jurisdiction}-{self.id}-{self.position}"


_SQL = """
SELECT g.person_id FROM registry_namegram g
WHERE g.gram = %s AND (g.jurisdiction, g.person_id) > (%s, %s) AND g.jurisdiction >= %s AND g.jurisdiction < %s
  AND NOT EXISTS (SELECT 1 FROM unnest(%s::text[]) AS w (gram) WHERE NOT EXISTS (
    SELECT 1 FROM registry_namegram o WHERE o.gram = w.gram AND o.jurisdiction = g.jurisdiction AND o.person_id
    = g.person_id))
ORDER BY g.jurisdiction, g.person_id LIMIT %s
"""


def search(by: Officer, q: str, *, within: str = "", after: str = "", limit: int = PAGE) -> list[Found]:
    """People within the acting post's place.

    `q` is a full ID number, or a name (two characters or more, case-insensitive; joined pinyin or its initials also
    find), optionally followed by a blank and a place ("张建国 玉山镇"). `within` is a division code that narrows.
    `after` is the `cursor` of the last line seen. At most PAGE lines a call and CAP in all; Refused beyond, for less
    than two characters, and for an unknown place.
    """
    words = q.strip()
    number = folded(words)
    if len(number) >= 15 and number[:14].isdigit():
        rows = list(Person.objects.filter(id_index=blind_index("id_number", check_id_number(number).number)))
        return _answer(by, rows, "按身份证号查询")
    name, _, place = words.partition(" ")
    text = bare(name if place.strip() else words)
    if words.isascii() and not place.strip().isdigit():
        text, place = bare(words), ""  # "zhang jianguo" is one name
    if len(text) < 2:
        raise Refused("请至少输入姓名的两个字,或完整的身份证号。", field="q")
    if text.isdigit():
        raise Refused("身份证号要输完整 18 位才能查询。", field="q")
    codes = _places(by, place.strip(), within)
    first, rest = (text, []) if text.isascii() else (pairs(text)[0], pairs(text)[1:])
    start, person, seen = _cursor(after)
    found: list[int] = []
    for code in codes:
        low, high = range_of(code)
        with connection.cursor() as cursor:
            cursor.execute(_SQL, [first, start, person, low, high, rest, min(limit, PAGE) - len(found)])
            found += [row[0] for row in cursor.fetchall()]
        if len(found) >= min(limit, PAGE):
            break
    people = {row.pk: row for row in Person.objects.filter(pk__in=found)}
    rows = [people[one] for one in found if one in people and (text.isascii() or text in bare(people[one].name))]
    return _answer(by, rows, "按姓名查询", seen)


def _cursor(after: str) -> tuple[str, int, int]:
    """Place, person and position of the last line seen."""
    if not after:
        return "", 0, 0
    parts = after.split("-")
    if len(parts) != 3 or len(parts[0]) != 12 or not all(part.isdigit() for part in parts):
        raise Refused("翻页位置无效,请重新查询。")
    if int(parts[2]) >= CAP:
        raise Refused("结果太多。请输入完整姓名,或在姓名后加上镇、村名称。", field="q")
    return parts[0], int(parts[1]), int(parts[2])


def _places(by: Officer, place: str, within: str) -> list[str]:
    """The codes to look in, in order: the post's own place unless narrowed."""
    if within:
        low, high = range_of(within)
        own_low, own_high = by.range
        if not (own_low <= low and high <= own_high):
            raise Refused("查询范围超出了当前岗位的辖区。")
        return [within]
    if not place:
        return [by.jurisdiction]
    low, high = by.range
    rows = Division.objects.filter(valid_to=None, code__gte=low, code__lt=high)
    rows = rows.filter(code=place.ljust(12, "0")) if place.isdigit() else rows.filter(name__startswith=place)
    codes = list(rows.order_by("level", "code").values_list("code", flat=True)[:6])
    if not codes:
        raise Refused(f"辖区里没有叫“{place}”的地方。请写区划名称,例如“张建国 玉山镇”。", field="q")
    if len(codes) > 5:
        raise Refused(f"叫“{place}”的地方太多,请写得更完整。", field="q")
    top = min(len(code.rstrip("0")) for code in codes)
    return [code for code in codes if len(code.rstrip("0")) == top] if not place.isdigit() else codes


def _answer(by: Officer, rows: list[Person], how: str, seen: int = 0) -> list[Found]:
    """One record a query: how many were shown, and for whom it was when it was one."""
    only = rows[0].pk if len(rows) == 1 else None
    audit.record(
        "registry.search",
        by=by,
        obj_type="registry.person",
        obj_id=only or "search",
        jurisdiction=by.jurisdiction,
        after={"shown": [row.pk for row in rows]},
        subject_person=only,
        reason=how,
    )
    today = clock.today()
    return [
        Found(
            id=row.pk,
            name=row.name,
            id_masked=mask_id(row.id_number),
            sex=row.sex,
            birth_date=row.birth_date,
            jurisdiction=row.jurisdiction,
            dead=not row.alive_on(today),
            position=number,
        )
        for number, row in enumerate(rows, start=seen + 1)
    ]
