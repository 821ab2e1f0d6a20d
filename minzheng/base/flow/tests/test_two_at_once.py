"""Real connections side by side: what is committed by one is met by the other."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clean(transactional_db):
    """The tables are truncated by their owner afterwards, since nobody else may."""
    yield


def at_once(*acts):
    """Run the acts in threads that start together; returns each one's result or exception."""
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

    def work(index, act):
        try:
            barrier.wait()
            results[index] = act()
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(i, act)) for i, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
