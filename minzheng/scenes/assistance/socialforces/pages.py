"""How claims look in the worklist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.urls import reverse

from minzheng.office.matters.entries import Work
from minzheng.scenes.assistance.aid import pk_of
from minzheng.scenes.assistance.socialforces.models import CLAIM, Claim


def describe(numbers: Sequence[str]) -> Mapping[str, Work]:
    """One query."""
    rows = Claim.objects.select_related("need").filter(pk__in=[pk_of(CLAIM, number) for number in numbers])
    return {row.number: Work(row.number, reverse("assistance:claim", args=[row.number]), "社会帮扶对接审核",
                             row.need.person_name, row.jurisdiction, "社会帮扶") for row in rows}
