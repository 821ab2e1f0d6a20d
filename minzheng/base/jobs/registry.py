"""Declaring jobs and putting them into the queue."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from minzheng.base.errors import Refused
from minzheng.base.scope.ranges import check_code, province

Work = Callable[..., None]


@dataclass(frozen=True)
class Job:
    """`one_transaction`: the whole work runs inside one; otherwise it opens its own by `run.transaction()`."""

    name: str
    work: Work
    queue: str
    one_transaction: bool
    title: str = "后台任务"


_jobs: dict[str, Job] = {}


def get_job(name: str) -> Job:
    try:
        return _jobs[name]
    except KeyError:
        raise LookupError(f"没有登记任务 {name}") from None


def job_title(name: str) -> str:
    """What administrators read; a job that is no longer registered is 后台任务."""
    return _jobs[name].title if name in _jobs else "后台任务"


def job(
    name: str, *, queue: str = "default", retries: int = 3, one_transaction: bool = False, every: str = "",
    jurisdiction: str = "", title: str = "后台任务",
) -> Callable[[Work], Work]:
    """Declare a job, in a room's tasks.py:  @job("ledger.monthly")  def monthly(run, month): …

    The work receives the Running object and the arguments given to `defer`. It is retried `retries` times with growing
    pauses and must be able to run twice. `every` is a cron line (Asia/Shanghai): the job is then also deferred by the
    clock for `jurisdiction`, by default the province. `title` is what administrators read.
    """

    def register(work: Work) -> Work:
        if _jobs.get(name) not in (None, Job(name, work, queue, one_transaction, title)):
            raise ValueError(f"任务 {name} 登记了两次")
        _jobs[name] = Job(name, work, queue, one_transaction, title)

        def task(*, run: int, jurisdiction: str, args: dict[str, Any]) -> None:
            from minzheng.base.jobs.running import execute

            execute(name, run, jurisdiction, args)

        app.task(name=name, queue=queue, retry=RetryStrategy(max_attempts=retries, exponential_wait=5))(task)
        if every:
            def tick(timestamp: int) -> None:
                # the last one may wait still, as after a time without a worker
                with suppress(Refused), transaction.atomic():
                    defer(name, jurisdiction=jurisdiction or province(), key=f"every:{name}")

            app.periodic(cron=every)(app.task(name=f"{name}.tick", queue=queue)(tick))
        return work

    return register


def defer(
    name: str, *, jurisdiction: str, by: Any = None, key: str = "", lock: str = "", at: datetime | None = None,
    **args: Any,
) -> int:
    """Queue a job in the current transaction; returns the id of its JobRun. RuntimeError outside a transaction.

    It will act within `jurisdiction`, which must lie in the acting scope. Arguments are ids and codes, never personal
    data. While a job with the same `key` waits, another is refused; jobs with the same `lock` run one after another.
    """
    found = get_job(name)
    check_code(jurisdiction)
    if not connection.in_atomic_block:
        raise RuntimeError("任务必须与业务写入在同一事务中排队")
    account = getattr(by, "account_id", 0) or None
    values = [name, found.queue, jurisdiction, json.dumps(args), account, lock or None, key or None, at]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT jobs_defer(%s, %s, %s, %s::jsonb, %s, %s, %s, %s)", values)
            return int(cursor.fetchone()[0])
    except IntegrityError as error:
        raise Refused("同样的任务已在排队,请等它开始后再试") from error


def defer_each(name: str, jurisdictions: Iterable[str], *, by: Any = None, **args: Any) -> list[int]:
    """Fan out: one run a jurisdiction (a province run by its counties)."""
    return [defer(name, jurisdiction=code, by=by, lock=f"{name}:{code}", **args) for code in jurisdictions]
