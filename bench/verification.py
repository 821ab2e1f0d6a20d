"""How long one household of three takes over all simulated departments, each answering after 300 ms.

    python bench/verification.py [rounds]

The departments run in a process of their own; the database is the embedded test server.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
SLOW = 0.3


def test_one_household(people: Any, tmp_path: Path) -> None:
    import httpx

    from minzheng.base.crypto import public_key
    from minzheng.data.exchange.partners import sync
    from minzheng.data.exchange.wire import CALLER, KEY
    from minzheng.scenes.assistance.verification import do_authorise, do_request_check, run_check
    from minzheng.scenes.assistance.verification.models import SourceAnswer
    from minzheng.scenes.assistance.verification.tests.conftest import HOLDINGS, HOUSEHOLD, signatures
    from minzheng.testing import acting_as, as_owner
    from minzheng.testing.cast import TOWNSHIP
    from simulators.server import TOKEN
    from simulators.store import Store

    for code, rows in HOLDINGS.items():
        store = Store(tmp_path / f"{code}.sqlite")
        store.load(rows, as_of="2026-06-30", stamp="bench")
        store.close()
    script = ("import json, sys; from pathlib import Path; from simulators.server import serve;"
              "serve(Path(sys.argv[1]), '127.0.0.1', 0, {sys.argv[2]: sys.argv[3]})")
    served = subprocess.Popen([sys.executable, "-c", script, str(tmp_path), CALLER, public_key(KEY)], cwd=ROOT,
                              stdout=subprocess.PIPE, text=True)
    try:
        assert served.stdout is not None
        registry = json.loads(served.stdout.readline())
        with as_owner():
            sync(registry)
        admin = registry["admin"]
        for code in registry["departments"]:
            httpx.post(f"{admin['base_url']}/{code}/switches", json={"slow": SLOW}, headers={TOKEN: admin["token"]})
        taken = []
        for number in range(int(os.environ.get("MZ_BENCH_ROUNDS", "5"))):
            case = f"BENCH-{number}"
            with acting_as(people.clerk):
                form = do_authorise(by=people.clerk, case_code=case, jurisdiction=TOWNSHIP, people=HOUSEHOLD,
                                    signatures=signatures())
            with acting_as(people.county):
                request = do_request_check(by=people.county, case_code=case, jurisdiction=TOWNSHIP, people=HOUSEHOLD,
                                           authorisation=form.number)
            begun = time.perf_counter()
            run_check(request.pk, by=people.service)
            taken.append(time.perf_counter() - begun)
            with as_owner():
                statuses = set(SourceAnswer.objects.filter(request=request).values_list("status", flat=True))
            assert statuses == {"found", "none", "mismatch"}
        rss = next(line.split()[1] for line in Path(f"/proc/{served.pid}/status").read_text().splitlines()
                   if line.startswith("VmRSS"))
        print(f"\n{len(registry['departments'])} departments x {len(HOUSEHOLD)} members, {SLOW * 1000:.0f} ms each: "
              f"median {statistics.median(taken):.2f} s of {[round(t, 2) for t in taken]}; "
              f"departments {int(rss) // 1024} MB")
    finally:
        served.terminate()
        served.wait(10)


if __name__ == "__main__":
    os.environ.setdefault("MZ_TEST_DB", "bench")
    if len(sys.argv) > 1:
        os.environ["MZ_BENCH_ROUNDS"] = sys.argv[1]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minzheng.settings")
    import django

    django.setup()
    from django.conf import settings

    from minzheng import conftest
    from minzheng.base.pg.roles import ensure_roles, load_secrets

    if settings.TARGET.server is not None:  # the tests' server, which a fresh copy has not started yet
        settings.TARGET.server.start()
    with settings.TARGET.connect_admin() as admin:
        ensure_roles(admin, load_secrets(settings.VAR_DIR), for_tests=True)
    sys.exit(pytest.main([str(Path(__file__)), "-q", "-s", "--rootdir", str(ROOT)], plugins=[conftest]))
