from __future__ import annotations

from minzheng.base.scope.guarding import Guarded

_T = "assistance_services_"
_MINE = "p.person = scope_person() OR p.consent_person = scope_person()"


def _of(item: str) -> str:
    return (f"EXISTS (SELECT 1 FROM {_T}planitem i JOIN {_T}serviceplan p ON p.id = i.plan_id"  # noqa: S608 (own names)
            f" WHERE i.id = {item} AND ({_MINE}))")


TABLES = [
    Guarded(_T + "needsassessment", officer="SI", batch="S"),
    Guarded(_T + "serviceplan", officer="SIU", batch="SU", citizen="S",
            citizen_using="person = scope_person() OR consent_person = scope_person()"),
    Guarded(_T + "planitem", officer="SI", batch="S", citizen="S",
            citizen_using=f"EXISTS (SELECT 1 FROM {_T}serviceplan p WHERE p.id = {_T}planitem.plan_id"  # noqa: S608 (own names)
                          f" AND ({_MINE}))"),
    Guarded(_T + "voucher", officer="SI", batch="S", citizen="S", citizen_using=_of(_T + "voucher.item_id")),
    Guarded(_T + "delivery", officer="SI", batch="SU", citizen="S", citizen_using=_of(_T + "delivery.item_id")),
    Guarded(_T + "evaluation", officer="SI", batch="S", citizen="SI",
            citizen_using=f"EXISTS (SELECT 1 FROM {_T}delivery d WHERE d.id = {_T}evaluation.delivery_id AND "  # noqa: S608
                          f"{_of('d.item_id')})"),
]
