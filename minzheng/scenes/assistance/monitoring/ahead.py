"""Reads the next range while the present one is evaluated: the database works on one core, the rules on the other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise

from django.db import connection

from minzheng.base.identity.officer import Service
from minzheng.base.scope import acting
from minzheng.scenes.assistance.monitoring.sweeping import Frames, read_range

Ask = Callable[[str, str], Callable[[], Frames]]


@contextmanager
def read_ahead(todo: list[tuple[str, str]], night: dt.date, by: Service) -> Iterator[Ask]:
    """Yields a function that gives the frames of a range, in the order of `todo`. A thread with a connection of its own,
    under the same scope, is always one range ahead. Where the caller is inside a transaction (as a test is) it reads
    on the caller's connection instead, since another would not see what is not committed."""
    if connection.in_atomic_block or len(todo) < 2:
        yield lambda low, high: lambda: read_range(low, high, night)
        return
    waiting: dict[tuple[str, str], Future[Frames]] = {}
    with ThreadPoolExecutor(1, thread_name_prefix="read-ahead") as pool:
        try:
            waiting[todo[0]] = pool.submit(_read, *todo[0], night, by)
            following = dict(pairwise(todo))

            def ask(low: str, high: str) -> Callable[[], Frames]:
                def take() -> Frames:
                    found = waiting.pop((low, high)).result()
                    if (after := following.get((low, high))) is not None:
                        waiting[after] = pool.submit(_read, *after, night, by)
                    return found

                return take

            yield ask
        finally:
            for future in waiting.values():
                future.cancel()
            pool.submit(connection.close)


def _read(low: str, high: str, night: dt.date, by: Service) -> Frames:
    with acting(by.scope()):
        return read_range(low, high, night)
