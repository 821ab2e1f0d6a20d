from __future__ import annotations

import logging
from typing import Any

from django.core.management.base import BaseCommand

from minzheng.base.jobs.worker import work_forever
from minzheng.base.scope.starting import refuse_unsafe_start


class Command(BaseCommand):
    help = "工作进程:执行排队的任务,投递事件。以 MZ_ROLE=worker 运行。"

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--concurrency", type=int, default=2)

    def handle(self, *args: Any, **options: Any) -> None:
        # procrastinate logs the arguments of jobs at INFO
        logging.getLogger("procrastinate").setLevel(logging.WARNING)
        refuse_unsafe_start()
        work_forever(options["concurrency"])
