"""How long a start of the demonstration takes once everything is built: `python bench/second_start.py [runs]`.

Starts it with the folder and ports of the environment (MZ_VAR, MZ_PORT, …), waits until every service answers, stops it by SIGTERM, and
prints the seconds of each run. The first run is the warm-up: when nothing is built yet, it builds, and is not counted.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

LONGEST = 900.0
PAUSE = 0.05


def answers(port: int, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=1) as found:
            return bool(found.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def start_once(web: int, streams: int) -> tuple[float, float]:
    """(seconds until web and streams answer, seconds until the last process is gone)."""
    began = time.monotonic()
    stack = subprocess.Popen([sys.executable, "-m", "minzheng.cli", "demo"], stdout=subprocess.DEVNULL)
    try:
        while not (answers(web, "/health/live") and answers(streams, "/live")):
            if stack.poll() is not None:
                raise SystemExit(f"the demonstration ended by itself with {stack.returncode}")
            if time.monotonic() - began > LONGEST:
                raise SystemExit(f"no answer after {LONGEST:.0f} s")
            time.sleep(PAUSE)
        ready = time.monotonic() - began
    finally:
        asked = time.monotonic()
        stack.send_signal(signal.SIGTERM)
        stack.wait(timeout=60)
    return ready, time.monotonic() - asked


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    web = int(os.environ.get("MZ_PORT", "8000"))
    streams = int(os.environ.get("MZ_STREAMS_PORT", str(web + 1)))
    if answers(web, "/health/live"):
        raise SystemExit(f"something answers on port {web} already: stop it first")
    print(f"warm-up: {start_once(web, streams)[0]:.1f} s")
    found = [start_once(web, streams) for _ in range(runs)]
    for number, (ready, gone) in enumerate(found, start=1):
        print(f"run {number}: ready after {ready:.1f} s, stopped within {gone:.1f} s")
    print(f"slowest of {runs}: {max(ready for ready, _ in found):.1f} s")


if __name__ == "__main__":
    main()
