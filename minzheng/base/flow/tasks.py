"""The sweeps as jobs, by the clock. Small transactions, so that officers seldom wait for a sweep."""

from __future__ import annotations

from typing import Any

from minzheng.base import clock
from minzheng.base.jobs import job

from .covering import do_turn_of_the_day
from .sweeps import escalate, fire_due, recompute_provisional

SMALL = 20


@job("flow.timers", every="* * * * *", title="流程到期检查")
def timers(run: Any) -> None:
    """Let due timers go off."""
    while True:
        with run.transaction():
            if fire_due(clock.now(), by=run.by, limit=SMALL) < SMALL:
                return


@job("flow.escalate", every="*/15 * * * *", title="超期督办")
def report_red_tasks(run: Any) -> None:
    """Report overdue tasks one level up."""
    while True:
        with run.transaction():
            if escalate(clock.now(), limit=SMALL) == 0:
                return


@job("flow.leaves", every="5 0 * * *", title="代岗交接")
def leaves(run: Any) -> None:
    """Leaves that begin or end with the day."""
    while True:
        with run.transaction():
            if do_turn_of_the_day(by=run.by, limit=SMALL) == 0:
                return


@job("flow.recompute", title="重算时限")
def recompute(run: Any, year: int) -> None:
    """After the official calendar of a year has been loaded."""
    while True:
        with run.transaction():
            if recompute_provisional(year, limit=SMALL * 10) == 0:
                return
