"""How plans look in the worklist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.urls import reverse

from minzheng.office.matters.entries import Work
from minzheng.scenes.assistance.aid import pk_of
from minzheng.scenes.assistance.services.models import PREFIX, ServicePlan


def describe(numbers: Sequence[str]) -> Mapping[str, Work]:
    """One query."""
    rows = ServicePlan.objects.filter(pk__in=[pk_of(PREFIX, number) for number in numbers])
    return {row.number: Work(row.number, reverse("assistance:plan", args=[row.number]), "服务计划", row.person_name,
                             row.jurisdiction, "服务类救助") for row in rows}
