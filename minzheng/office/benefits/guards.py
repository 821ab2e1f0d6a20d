"""Who may do what with entitlements and budgets. A citizen sees what the household receives, never the account."""

from __future__ import annotations

from minzheng.base.scope.guarding import Guarded

# The column is given with its table: unqualified it would be the member table's own.
_MINE = "EXISTS (SELECT 1 FROM benefits_entitlementmember m WHERE m.entitlement_id = {} AND m.person_id = scope_person())"

TABLES = [
    Guarded("benefits_entitlement", officer="SIU", batch="SIU", citizen="S",
            citizen_using=_MINE.format("benefits_entitlement.id")),
    Guarded("benefits_entitlementmember", officer="SIU", batch="SIU", citizen="S",
            citizen_using="person_id = scope_person()"),
    Guarded("benefits_entitlementamount", officer="SI", batch="SI", citizen="S",
            citizen_using=_MINE.format("benefits_entitlementamount.entitlement_id")),
    Guarded("benefits_entitlementpause", officer="SIU", batch="SIU", citizen="S",
            citizen_using=_MINE.format("benefits_entitlementpause.entitlement_id")),
    Guarded("benefits_entitlementchange", officer="SI", batch="SI", citizen="S",
            citizen_using=_MINE.format("benefits_entitlementchange.entitlement_id")),
    Guarded("benefits_review", officer="SIU", batch="SIU"),
    Guarded("benefits_fundingshare", officer="SI", batch="SI"),
    Guarded("benefits_budgetline", officer="SIU", batch="SIU"),
    Guarded("benefits_budgetmove", officer="SI", batch="SI"),
]
