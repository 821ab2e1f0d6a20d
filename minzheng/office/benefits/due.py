"""What is due for a month (应发), set-based: the one definition that runs, supplements and proofs share."""

from __future__ import annotations

import datetime as dt

from django.db import connection

# Parameters: month, scheme, low, high. Columns: id, jurisdiction, fen. A month under an open pause isn't due (yet).
DUE = """
SELECT e.id, e.jurisdiction, a.fen
FROM benefits_entitlement e
CROSS JOIN LATERAL (SELECT fen FROM benefits_entitlementamount WHERE entitlement_id = e.id AND from_month <= %(month)s
                    ORDER BY from_month DESC, id DESC LIMIT 1) a
WHERE e.scheme = %(scheme)s AND e.jurisdiction >= %(low)s AND e.jurisdiction < %(high)s
  AND e.start_month <= %(month)s AND (e.end_month IS NULL OR e.end_month >= %(month)s)
  AND NOT EXISTS (SELECT 1 FROM benefits_entitlementpause p WHERE p.entitlement_id = e.id AND p.from_month <= %(month)s
                  AND (p.to_month IS NULL OR p.to_month >= %(month)s) AND NOT p.arrears)
"""


def due_of(entitlement_id: int, scheme: str, jurisdiction: str, month: dt.date) -> int:
    """Fen due to one entitlement for a month; 0 when nothing is."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT fen FROM ({DUE} AND e.id = %(id)s) d",  # noqa: S608
                       {"month": month, "scheme": scheme, "low": jurisdiction, "high": jurisdiction + "~",
                        "id": entitlement_id})
        row = cursor.fetchone()
    return int(row[0]) if row else 0
