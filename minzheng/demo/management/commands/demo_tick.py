"""After the demonstration clock was moved: what the clock would have started is queued at once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from minzheng.base.errors import Refused
from minzheng.base.jobs import defer
from minzheng.base.scope.ranges import province


class Command(BaseCommand):
    help = "Queues the sweeps of timers and publicity."

    def handle(self, *args: Any, **options: Any) -> None:
        for name in ("flow.timers", "flow.escalate"):
            try:
                with transaction.atomic():
                    defer(name, jurisdiction=province(), key=f"every:{name}")
            except Refused:
                continue  # it is queued already
