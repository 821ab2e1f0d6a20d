"""How referrals look in the worklist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.urls import reverse

from minzheng.office.matters.entries import Work
from minzheng.scenes.assistance.aid import pk_of
from minzheng.scenes.assistance.referrals.models import PREFIX, Referral


def describe(numbers: Sequence[str]) -> Mapping[str, Work]:
    """One query."""
    rows = Referral.objects.filter(pk__in=[pk_of(PREFIX, number) for number in numbers])
    return {row.number: Work(row.number, reverse("assistance:referral", args=[row.number]),
                             f"转介:{row.department_title}", row.person_name, row.jurisdiction, "转介") for row in rows}
