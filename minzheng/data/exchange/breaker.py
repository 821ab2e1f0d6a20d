"""Circuit breaker: after repeated failures a partner is left alone for a while. One per process, in memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

THRESHOLD = 3  # failures in a row
COOL_DOWN = 20.0  # seconds


class Breaker:
    """After the cool-down the next calls pass; a single failure among them closes the door again."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: dict[str, int] = {}
        self._opened: dict[str, float] = {}

    def wait(self, partner: str) -> float:
        """Seconds until the partner may be asked again; 0 when it may be asked now."""
        with self._lock:
            opened = self._opened.get(partner)
            return 0.0 if opened is None else max(0.0, opened + COOL_DOWN - self._clock())

    def succeeded(self, partner: str) -> None:
        with self._lock:
            self._failures.pop(partner, None)
            self._opened.pop(partner, None)

    def failed(self, partner: str) -> None:
        with self._lock:
            self._failures[partner] = self._failures.get(partner, 0) + 1
            if self._failures[partner] >= THRESHOLD:
                self._opened[partner] = self._clock()

    def reset(self) -> None:
        with self._lock:
            self._failures.clear()
            self._opened.clear()


BREAKER = Breaker()
