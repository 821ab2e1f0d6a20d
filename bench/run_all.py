"""Runs every bench script once at a size that a small machine can bear, and prints one table: `make bench`.

Databases and files lie in a temporary folder; `bench/verification.py` uses the tests' server. The pages are measured on a
demonstration of 4,000 people and 3,000 copied cases, with its own ports (MZ_PORT, 18790 unless set). The figures of
docs/performance.md were taken with the sizes named there, not with these.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Script, its arguments, and words of the lines of its output that the table keeps.
SCRIPTS: tuple[tuple[str, list[str], tuple[str, ...]], ...] = (
    ("population.py", ["100000"], (" people, ",)),
    ("rules_population.py", ["100000"], ("one household", "all ")),
    ("policy_desk.py", ["100000"], ("draft against law", "in one piece")),
    ("audit_verify.py", ["200000"], ("records/s", "条/秒")),
    ("audit_write.py", ["3"], ("/s", "delay")),
    ("verification.py", ["3"], ("median",)),
    ("worklist_plan.py", ["50000"], ("| ",)),
    ("workload.py", ["50000"], ("| ",)),
    ("payment_run.py", ["20000", "--file"], ("build + sum", "release", "return", "proof")),
    ("policy_desk.py", ["20000"], ("",)),
    ("sweep.py", ["20000", "--drop"], ("all", "evaluated", "household")),
    ("officers.py", ["0.5", "40", "--fill", "3000", "--people", "4000"], ("kind", "read:", "write:", "officers,", "in use")),
    ("intake.py", ["15", "4"], ("submit", "accept", "a case:")),
)
# Scripts that keep a database on a server of the temporary folder.
OWN_FOLDER = ("payment_run.py", "policy_desk.py", "sweep.py", "officers.py", "intake.py")


def main() -> int:
    failed = 0
    os.environ.setdefault("MZ_PORT", "18790")
    os.environ.setdefault("MZ_STREAMS_PORT", "18791")
    os.environ.setdefault("MZ_DEPARTMENT_PORTS", "18800")
    with tempfile.TemporaryDirectory() as var:
        for name in ("assets", "icons", "fonts"):
            if (ROOT / "var" / name).exists():
                (Path(var) / name).symlink_to(ROOT / "var" / name)
        for script, args, words in SCRIPTS:
            env = {**os.environ, "PYTHONPATH": str(ROOT)}
            if script in OWN_FOLDER:
                env["MZ_VAR"] = var
            began = time.perf_counter()
            done = subprocess.run([sys.executable, str(ROOT / "bench" / script), *args], env=env, cwd=ROOT, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            failed += done.returncode != 0
            lines = [line.strip() for line in done.stdout.splitlines() if any(word in line for word in words)]
            kept = lines if done.returncode == 0 else ["FAILED", *done.stdout.splitlines()[-5:]]
            for at, line in enumerate(kept or [""]):
                name = f"{script} {' '.join(args)}" if at == 0 else ""
                print(f"{name:<32}{line}", flush=True)
            print(f"{'':<32}({time.perf_counter() - began:.0f} s in all, load {os.getloadavg()[0]:.1f})", flush=True)
        stop_server(Path(var))
    return 1 if failed else 0


def stop_server(var: Path) -> None:
    """Ends the embedded server that a script has started in the temporary folder."""
    sys.path.insert(0, str(ROOT))
    from minzheng.base.pg.target import find_target

    target = find_target(var)
    if target.server is not None and target.server.running():
        target.server.stop()


if __name__ == "__main__":
    sys.exit(main())
