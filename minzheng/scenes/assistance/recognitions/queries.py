"""Reading the register within the acting scope."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet

from minzheng.scenes.assistance.recognitions.models import Recognition


def in_force(on: dt.date) -> QuerySet[Recognition]:
    """Recognitions that hold on the day."""
    return Recognition.objects.filter(Q(valid_to=None) | Q(valid_to__gte=on), Q(ended_on=None) | Q(ended_on__gt=on),
                                      valid_from__lte=on)


def of_case(case_code: str) -> list[Recognition]:
    return list(Recognition.objects.filter(case_code=case_code).order_by("-id"))
