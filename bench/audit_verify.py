"""How many records a second the stand-alone verifier checks, on a synthetic segment of realistic records.

    python bench/audit_verify.py [records]
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from minzheng.base.audit import exporting, merkle, sealing, verifier
from minzheng.base.audit.canonical import canonical
from minzheng.base.crypto import KeyRing, sm3, use_ring
from minzheng.base.crypto.signing import declare_signing_key, public_key, sign

PER_SEAL = 1500


def make_segment(path: Path, total: int) -> int:
    clerk = SimpleNamespace(account_id=1201, name="玉山李建国", post_id=88, role="town_clerk",
                            jurisdiction="320583100000")
    at = dt.datetime(2026, 11, 24, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    head, prev, size, no = bytes(32), "", 0, 0
    last = -(-total // PER_SEAL)
    with path.open("wb") as out:
        out.write(json.dumps({"form": verifier.FORM, "first": 1, "last": last}).encode() + b"\n")
        for no in range(1, last + 1):
            records = [
                canonical("case.decide", at, clerk, "case", str(1_000_000 + i), "320583100001",
                          before={"status": "deciding"}, after={"status": "approved"}, reason="符合条件",
                          subject_person=5_000_000 + i, refused=False)
                for i in range(min(PER_SEAL, total - (no - 1) * PER_SEAL))
            ]
            values = sealing.chain(head, records)
            body = json.dumps({"count": len(records), "head": values[-1].hex(), "key": public_key("audit_seal"),
                               "no": no, "prev": prev, "root": merkle.merkle_root(values).hex(),
                               "sealed_at": at.isoformat(), "start": head.hex(), "xid_from": no, "xid_to": no + 1},
                              sort_keys=True, separators=(",", ":")).encode()
            size += exporting.write_block(out, body, sign("audit_seal", body), records)
            head, prev = values[-1], sm3(body).hex()
    return size


def main() -> None:
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    use_ring(KeyRing.in_memory())
    declare_signing_key("audit_seal")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "segment.jsonl"
        began = time.perf_counter()
        make_segment(path, total)
        print(f"made {total:,} records of {path.stat().st_size / total:.0f} bytes, {time.perf_counter() - began:.1f} s")
        for processes in (1, 2):
            began = time.perf_counter()
            count, alarms = verifier.verify_segment(str(path), {public_key("audit_seal")}, processes=processes)
            seconds = time.perf_counter() - began
            assert count == total and not alarms, alarms
            print(f"{processes} process(es): {seconds:.2f} s, {count / seconds:,.0f} records/s")


if __name__ == "__main__":
    main()
