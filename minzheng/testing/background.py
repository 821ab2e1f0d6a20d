"""Events and jobs in tests: delivered at once, as the worker would, inside the test's transaction."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.test import override_settings

from minzheng.base.events import deliver_all
from minzheng.base.jobs.running import execute


@contextmanager
def as_worker() -> Iterator[None]:
    """The process signs in as mz_worker. The block counts as the test's own, so jobs that ask other departments run."""
    block = transaction.atomic()
    block._from_testcase = True
    with block, override_settings(DB_ROLE="mz_worker"), connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (before,) = cursor.fetchone()
        cursor.execute("SET LOCAL ROLE mz_worker")
        yield
        cursor.execute(f"SET LOCAL ROLE {before}")


def deliver_events() -> int:
    """Delivers everything that is due; returns the number of events tried."""
    with as_worker():
        return deliver_all()


def run_jobs(limit: int = 200) -> int:
    """Runs every waiting job, those that jobs queue as well; an error is raised. Returns how many ran."""
    count = 0
    with as_worker():
        while count < limit:
            with connection.cursor() as cursor:
                cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = (SELECT min(id) FROM"
                               " procrastinate_jobs WHERE status = 'todo') RETURNING id, task_name, args::text")
                row = cursor.fetchone()
            if row is None:
                break
            args = json.loads(row[2])
            execute(row[1], args["run"], args["jurisdiction"], args["args"])
            with connection.cursor() as cursor:
                cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s", [row[0]])
            count += 1
    return count
