"""Versions in force as the upper layer of the rules' book."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from minzheng.data.brain.models import ParameterTurn, ParameterVersion
from minzheng.data.brain.rules import parameters
from minzheng.data.brain.rules.catalogue import Dated
from minzheng.data.brain.rules.parameters import Series


def plug_in() -> None:
    parameters.Overlay.stamp = staticmethod(stamp)
    parameters.Overlay.read = staticmethod(in_force)
    parameters.Overlay.known = staticmethod(known)


def stamp() -> int:
    """The number of the last change; zero before the first."""
    return ParameterTurn.objects.values_list("turn", flat=True).filter(id=1).first() or 0


def in_force() -> Series:
    found: Series = {}
    for row in ParameterVersion.objects.filter(status=ParameterVersion.Status.IN_FORCE).order_by("effective_from"):
        found.setdefault((row.parameter, row.zone), []).append(dated(row))
    return found


def known(moment: dt.datetime) -> list[Dated]:
    """What had been approved up to an instant, in the order of approval and for the days approved."""
    rows = ParameterVersion.objects.filter(decided_at__lte=moment).order_by("decided_at", "id")
    return [replace(dated(row), until=row.approved_to) for row in rows]


def dated(row: ParameterVersion) -> Dated:
    return Dated(row.parameter, row.zone, row.value, row.effective_from, row.effective_to, row.document, row.article,
                 not row.sample, row.sample, f"第 {row.pk} 号变更", row.note)
