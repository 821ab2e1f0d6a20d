"""What our own registers say of people when their household is assessed, read by one statement: every page counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import connection

from minzheng.scenes.assistance.referrals.working import counted

_READ = """
SELECT person, kind, NULL::text AS answer, NULL::text AS judged, NULL::date AS answered_on, NULL::date AS judged_on, 0 AS id
FROM recognition_held(%(people)s, %(day)s)
UNION ALL
SELECT person, NULL, answer, judged, answered_on, judged_on, id FROM assistance_referrals_joboffer
WHERE person = ANY(%(people)s) AND answer <> ''
ORDER BY answered_on, id
"""


def standing_of(people: Sequence[int], day: dt.date) -> tuple[dict[int, str], dict[int, tuple[int, dt.date]]]:
    """By person: the kind of 认定 held anywhere in the province on the day; refusals of work in a row, and their day."""
    held: dict[int, str] = {}
    offers: dict[int, list[tuple[str, str, dt.date | None, dt.date | None]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_READ, {"people": list(people), "day": day})
        for person, kind, answer, judged, answered_on, judged_on, _ in cursor.fetchall():
            if kind is not None:
                held[person] = kind
            else:
                offers.setdefault(person, []).append((answer, judged, answered_on, judged_on))
    return held, {person: counted(rows) for person, rows in offers.items()}
