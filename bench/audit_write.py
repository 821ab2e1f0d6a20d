"""How many transactions a second write one audit record each, with the sealer running; and how fast a bulk is encrypted.

    python bench/audit_write.py [seconds]

Runs on an embedded server of its own with durable settings, in a temporary folder.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minzheng.settings")
django.setup()

from minzheng.base.crypto import KeyRing, blind_index_many, encrypt_many, use_ring  # noqa: E402
from minzheng.testing.installation import installation  # noqa: E402

WRITE = """
import threading, time
from django.db import connection, transaction
from minzheng.base import audit
from minzheng.base.identity.officer import Officer
by = Officer(71, "玉山李建国", 5, "town_clerk", "320583100000")
from minzheng.base.scope import acting
end, counts = time.monotonic() + {seconds}, []
def write():
    count = 0
    while time.monotonic() < end:
        with acting(by.scope()):
            audit.record("case.decide", by=by, obj_type="case", obj_id=count, jurisdiction="320583100001",
                         before={{"status": "deciding"}}, after={{"status": "approved"}}, reason="符合条件", subject_person=7)
        count += 1
    counts.append(count)
    connection.close()
threads = [threading.Thread(target=write) for _ in range({threads})]
[thread.start() for thread in threads]; [thread.join() for thread in threads]
print(sum(counts))
"""
SEAL = """
from minzheng.base.audit.sealing import delay, seal_forever
seal_forever(lambda: False)
"""


def bulk(total: int = 200_000) -> None:
    use_ring(KeyRing.in_memory())
    values = [f"32058319{number:010d}" for number in range(total)]
    for name, work in (("encrypt_many", lambda: encrypt_many("t.c", values)),
                       ("blind_index_many", lambda: blind_index_many("id_number", values))):
        began = time.perf_counter()
        work()
        print(f"{name}: {total / (time.perf_counter() - began):,.0f} values/s")


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5
    bulk()
    with tempfile.TemporaryDirectory() as folder, installation(Path(folder)) as house:
        for sealed in (False, True):
            sealer = house.background(SEAL, "sealer") if sealed else None
            time.sleep(8 if sealed else 0)  # it loads its modules first
            for threads in (1, 4):
                count = int(house.script(WRITE.format(seconds=seconds, threads=threads), "web"))
                print(f"{threads} writer(s), sealer {'on' if sealed else 'off'}: {count / seconds:,.0f} transactions/s")
            if sealer is not None:
                time.sleep(2)
                print("delay after the writers stopped: "
                      + house.script("from minzheng.base.audit.sealing import delay; print(delay())", "sealer") + " s")
                sealer.kill()
                sealer.wait()


if __name__ == "__main__":
    main()
