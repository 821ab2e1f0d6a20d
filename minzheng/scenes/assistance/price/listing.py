"""Who gets what for a month in a county: the rules' answer once, then one set-based statement for each benefit scheme."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection

from minzheng.base import clock
from minzheng.base.scope.ranges import range_of
from minzheng.data.brain import rules
from minzheng.data.brain.rules import Fact, HouseholdFacts, MemberFacts, Relation
from minzheng.data.brain.rules.facts import Held
from minzheng.office.benefits.due import DUE
from minzheng.scenes.assistance.price.models import Batch

HOLDERS = {"dibao": Held.DIBAO, "tekun": Held.TEKUN}  # benefit schemes that are in force for the month
GONE, DEAD = "已不在保障名单,请核实后另行办理", "已登记死亡,由家属到窗口申请"
EDGE = "没有按月发放的待遇账户,请另行登记账户后办理"


def assess(county: str, month: dt.date, held: Held) -> rules.Assessment:
    """The scheme `price` for a person who holds this, in the month and the county's zone. A month without an index is
    refused there, by name of the parameter, zone and month."""
    on = clock.today()
    person = MemberFacts(key="1", name="每名享受对象", relation=Fact(int(Relation.SELF), "救助台账", on),
                         held=Fact(int(held), "救助台账", on)).declared_none("救助台账", on)
    return rules.evaluate("price", HouseholdFacts(members=(person,)), on, rules.zone_of(county), month=month)


_HOLDERS = f"""
WITH holder AS (
  SELECT e.id, e.jurisdiction, e.scheme, e.head_name, m.person_id,
    CASE WHEN NOT e.members @> jsonb_build_array(jsonb_build_object('person_id', m.person_id)) THEN %(gone)s
         WHEN p.death_date IS NOT NULL THEN %(dead)s ELSE '' END AS why
  FROM ({DUE}) d JOIN benefits_entitlement e ON e.id = d.id
  JOIN benefits_entitlementmember m ON m.entitlement_id = e.id AND m.during @> %(month)s::date
  LEFT JOIN registry_person p ON p.id = m.person_id
), had AS (SELECT price_had((SELECT array_agg(person_id) FROM holder), %(month)s) AS person_id),
fresh AS (SELECT h.* FROM holder h WHERE NOT EXISTS (SELECT 1 FROM had WHERE had.person_id = h.person_id)),
made AS (
  INSERT INTO price_line (batch_id, jurisdiction, entitlement, scheme, head_name, people, persons, fen, state, note)
  SELECT %(batch)s, jurisdiction, id, scheme, head_name, array_agg(person_id ORDER BY person_id), count(*),
    CASE WHEN why = '' THEN count(*) * %(each)s ELSE 0 END, CASE WHEN why = '' THEN 'planned' ELSE 'left_out' END, why
  FROM fresh GROUP BY id, jurisdiction, scheme, head_name, why ORDER BY jurisdiction, id
  RETURNING state, persons, fen)
SELECT count(*) FILTER (WHERE state = 'planned'), coalesce(sum(persons) FILTER (WHERE state = 'planned'), 0),
  coalesce(sum(fen), 0), coalesce(sum(persons) FILTER (WHERE state = 'left_out'), 0), (SELECT count(DISTINCT person_id) FROM had)
FROM made
"""  # noqa: S608
_EDGE = """
INSERT INTO price_line (batch_id, jurisdiction, entitlement, scheme, head_name, people, persons, fen, state, note)
SELECT %(batch)s, m.jurisdiction, NULL, 'edge', r.head_name, array_agg(m.person ORDER BY m.person), count(*), 0, 'left_out', %(edge)s
FROM recognitions_recognitionmember m JOIN recognitions_recognition r ON r.id = m.recognition_id
WHERE m.kind = 'edge' AND m.during && daterange(%(month)s, (%(month)s::date + interval '1 month')::date)
  AND m.jurisdiction >= %(low)s AND m.jurisdiction < %(high)s
GROUP BY m.jurisdiction, r.id, r.head_name RETURNING persons
"""


def write_lines(batch: Batch) -> None:
    """Lines and totals of a fresh batch, as benefits and people stand now."""
    low, high = range_of(batch.jurisdiction)
    values: dict[str, Any] = {"batch": batch.pk, "month": batch.month, "low": low, "high": high, "gone": GONE, "dead": DEAD,
                              "edge": EDGE}
    with connection.cursor() as cursor:
        for scheme in HOLDERS:
            if not batch.each.get(scheme):
                continue
            cursor.execute(_HOLDERS, {**values, "scheme": scheme, "each": batch.each[scheme]})
            count, persons, fen, left_out, had = map(int, cursor.fetchone())
            batch.count += count
            batch.persons += persons
            batch.fen += fen
            batch.left_out += left_out
            batch.had += had
        if batch.each.get("edge"):
            cursor.execute(_EDGE, values)
            batch.left_out += sum(row[0] for row in cursor.fetchall())
    batch.save(update_fields=["count", "persons", "fen", "left_out", "had"])


def rates(county: str, month: dt.date) -> tuple[dict[str, int], rules.Assessment]:
    """(fen a person by scheme, the explained result for a holder of 低保). Nothing where the rules give nothing."""
    found = {scheme: assess(county, month, held) for scheme, held in {**HOLDERS, "edge": Held.EDGE}.items()}
    return {scheme: each.amount_fen for scheme, each in found.items() if each.eligible}, found["dibao"]
