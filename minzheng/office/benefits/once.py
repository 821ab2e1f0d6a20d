"""Benefits that are paid once (一次性): from a decision, or as an addition to benefits in force for one month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection, transaction

from minzheng.base import audit, clock, events
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Actor
from minzheng.office.benefits.granting import ALREADY, Covered, Payee, check_amount, check_grant, make
from minzheng.office.benefits.models import Entitlement
from minzheng.office.benefits.months import add_months, check_month, first_of
from minzheng.office.benefits.records import constraint_of, require_post
from minzheng.office.benefits.schemes import Scheme, get_scheme


def check_once(code: str) -> Scheme:
    """The scheme, or Refused when it pays monthly."""
    scheme = get_scheme(code)
    if not scheme.once:
        raise Refused(f"{scheme.title}按月发放,不能一次性发放。", field="scheme")
    return scheme


def do_grant_once(*, scheme: str, case_code: str, decision: str, jurisdiction: str, household_id: int | None,
                  head_person: int, members: Sequence[Covered], payee: Payee, fen: int, by: Actor) -> Entitlement:
    """The one payment of a confirmed decision, due for this month. The same decision again gives the same benefit."""
    check_grant(scheme=scheme, case_code=case_code, decision=decision, decided_on=clock.today(), jurisdiction=jurisdiction,
                head_person=head_person, members=members, payee=payee, monthly_fen=fen, by=by)
    check_once(scheme)
    return make(scheme=scheme, case_code=case_code, decision=decision, jurisdiction=jurisdiction, household_id=household_id,
                head_person=head_person, members=members, payee=payee, fen=fen, by=by, start=first_of(clock.today()), cycle=12)


@dataclass(frozen=True)
class Addition:
    """What one benefit in force gets on top for one month, for these of its covered people."""

    entitlement: int
    people: tuple[int, ...]
    fen: int


_COPY = """
INSERT INTO benefits_entitlement (scheme, exclusive_group, case_code, decision, jurisdiction, household_id, head_id, head_name,
  members, persons, payee_name, payee_account, payee_id_number, payee_id_index, payee_version, payee_check,
  payee_checked_at, start_month, end_month, grace_until, review_months, review_due, status, reason, on_hold, once, version, created_at)
SELECT %(scheme)s, %(group)s, e.case_code, %(decision)s || '-' || e.id, e.jurisdiction, e.household_id, e.head_id, e.head_name,
  (SELECT jsonb_agg(m) FROM jsonb_array_elements(e.members) m WHERE (m->>'person_id')::bigint = ANY(x.people::bigint[])),
  cardinality(x.people::bigint[]), e.payee_name, e.payee_account, e.payee_id_number, e.payee_id_index, 1, e.payee_check,
  e.payee_checked_at, %(month)s, %(month)s, NULL, 12, %(next)s, 'active', '', false, true, 1, %(now)s
FROM benefits_entitlement e
JOIN unnest(%(ids)s::bigint[], %(people)s::text[]) AS x(id, people) ON x.id = e.id
ORDER BY e.id RETURNING id
"""
_MEMBERS = """
INSERT INTO benefits_entitlementmember (entitlement_id, jurisdiction, person_id, exclusive_group, during)
SELECT e.id, e.jurisdiction, (m->>'person_id')::bigint, e.exclusive_group, daterange(%(month)s, %(next)s)
FROM benefits_entitlement e CROSS JOIN LATERAL jsonb_array_elements(e.members) m WHERE e.id = ANY(%(made)s)
"""
_AMOUNTS = """
INSERT INTO benefits_entitlementamount (entitlement_id, jurisdiction, from_month, fen, decision, reason, by_account, by_name, at)
SELECT e.id, e.jurisdiction, %(month)s, x.fen, e.decision, '', %(account)s, %(name)s, %(now)s
FROM benefits_entitlement e JOIN unnest(%(ids)s::bigint[], %(fen)s::bigint[]) AS x(id, fen)
  ON e.decision = %(decision)s || '-' || x.id WHERE e.id = ANY(%(made)s)
"""
_CHANGES = """
INSERT INTO benefits_entitlementchange (entitlement_id, jurisdiction, kind, month, before_fen, after_fen, decision, reason,
  by_account, by_name, at)
SELECT e.id, e.jurisdiction, 'granted', %(month)s, NULL, a.fen, e.decision, '', %(account)s, %(name)s, %(now)s
FROM benefits_entitlement e JOIN benefits_entitlementamount a ON a.entitlement_id = e.id WHERE e.id = ANY(%(made)s)
"""


def do_add_once(scheme: str, *, month: dt.date, decision: str, county: str, additions: Sequence[Addition],
                by: Actor) -> int:
    """One-off additions to benefits in force, paid to the same accounts, all of them or none. Returns how many.

    Each has the number `<decision>-<benefit>`, so the same list again is refused by the database; so is a person who has
    an addition of the scheme's group for that month already, anywhere in the province. One audit record for the list.
    """
    require_post(by)  # a service post only: the list comes from a batch that people have approved
    kind = check_once(scheme)
    check_month(month)
    for one in additions:
        check_amount(one.fen)
        if not one.people or len(set(one.people)) != len(one.people):
            raise Refused("增发名单里有待遇没有人员或人员重复,请重新生成名单。")
    if not additions:
        return 0
    values: dict[str, Any] = {
        "scheme": scheme, "group": kind.exclusive_group, "decision": decision, "month": month, "next": add_months(month, 1),
        "now": clock.now(), "account": by.account_id, "name": by.name, "ids": [one.entitlement for one in additions],
        "people": ["{" + ",".join(map(str, one.people)) + "}" for one in additions],
        "fen": [one.fen for one in additions],
    }
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_COPY, values)
            values["made"] = [row[0] for row in cursor.fetchall()]
            if len(values["made"]) != len(additions):
                raise Refused("增发名单里有待遇不在辖区内,请重新生成名单。")
            for statement in (_MEMBERS, _AMOUNTS, _CHANGES):
                cursor.execute(statement, values)
            audit.record("benefits.added_once", by=by, obj_type="addition", obj_id=decision, jurisdiction=county,
                         after={"scheme": scheme, "month": month.isoformat(), "count": len(additions),
                                "fen": sum(one.fen for one in additions)})
            events.emit("benefits.added_once", aggregate=f"addition:{decision}", jurisdiction=county,
                        payload={"scheme": scheme, "month": month.isoformat(), "count": len(additions)})
    except IntegrityError as error:
        if constraint_of(error) in ("one_benefit_of_a_group", "entitlement_one_a_decision"):
            raise Refused(ALREADY, field="members") from error
        raise
    return len(additions)
