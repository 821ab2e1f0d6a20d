"""A revoked cut or end is undone on the benefit in the same transaction: both or neither."""

from __future__ import annotations

from minzheng.base.identity.officer import Officer
from minzheng.office.benefits.changing import open_review
from minzheng.office.benefits.models import ENDED, EntitlementAmount, EntitlementChange
from minzheng.office.benefits.undoing import do_undo
from minzheng.office.decisions.models import Decision
from minzheng.office.ledger.models import Receivable

TAKES = ("cut", "end")


def undo_on_benefits(wrong: Decision, fresh: Decision, *, by: Officer) -> None:
    """`fresh` is the revocation. What was already recovered for the wrong end is left to a review, since only people can say
    what of it the family gets back."""
    if wrong.kind not in TAKES:
        return
    changes = EntitlementChange.objects.filter(decision=wrong.number)
    ids = list(changes.values_list("entitlement_id", flat=True))
    numbers = {*EntitlementAmount.objects.filter(entitlement__in=ids).values_list("decision", flat=True),
               *EntitlementChange.objects.filter(entitlement__in=ids).values_list("decision", flat=True)}
    known = Decision.objects.filter(number__in=numbers)
    undone = set(known.filter(kind__in=TAKES, revoked_at__isnull=False).values_list("number", flat=True))
    restoring = set(known.filter(kind="revoke").values_list("number", flat=True))
    rows = do_undo(wrong.number, undone=undone, restoring=restoring, decision=fresh.number,
                   reason=f"撤销 {wrong.number}", by=by)
    for row in rows:
        if row.status != ENDED and Receivable.objects.filter(entitlement=row).exists():
            open_review(row, key=f"recovered:{wrong.number}", cause="other", holds=False, by=by,
                        detail=f"{wrong.number}已撤销。这份待遇登记过追回,请核对哪些应退还给家庭")
