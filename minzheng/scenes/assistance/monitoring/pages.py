"""What monitoring adds to the staff portal: who reads its pages, and how its alerts look in the worklist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.urls import reverse

from minzheng.office.matters.entries import Work
from minzheng.scenes.assistance.monitoring.models import Alert

READERS = ("village_worker", "town_clerk", "town_reviewer", "county_clerk", "county_approver", "county_leader",
           "city_officer", "province_officer")


def describe(numbers: Sequence[str]) -> Mapping[str, Work]:
    """Alerts for the worklist: one query."""
    ids = [int(number.removeprefix("YJ")) for number in numbers]
    return {alert.number: Work(alert.number, reverse("assistance:alert", args=[alert.number]),
                               f"监测预警({alert.grade_title})", alert.head_name, alert.jurisdiction, "动态监测")
            for alert in Alert.objects.filter(pk__in=ids)}
