"""Counties of a place: statistical ones and functional zones that answer for their people themselves."""

from __future__ import annotations

from django.db.models import Q

from minzheng.base import clock
from minzheng.base.divisions.models import Division, Jurisdiction
from minzheng.base.scope.ranges import level_of, office_of, range_of


def counties(place: str) -> list[str]:
    """Codes of the counties inside, in order; a place below the city is its own county."""
    if level_of(place) >= 3:
        return [office_of(place, 3)]
    low, high = range_of(place)
    today = clock.today()
    found = set(Division.objects.filter(Q(valid_to=None) | Q(valid_to__gt=today), level=3, code__gte=low, code__lt=high,
                                        valid_from__lte=today).values_list("code", flat=True))
    found |= set(Jurisdiction.objects.filter(level=3, code__gte=low, code__lt=high).values_list("code", flat=True))
    return sorted(found)
