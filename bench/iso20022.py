"""Writing pain.001 and reading pain.002 for many payments: time and peak memory. No database.

    .venv/bin/python bench/iso20022.py [payments]
"""

from __future__ import annotations

import datetime as dt
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minzheng.settings")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django

django.setup()
from minzheng.office.ledger import bankfile, iso20022  # noqa: E402

ENVELOPE = "P320583202611-BENCH-01"


def rows(count: int) -> Iterator[bankfile.Row]:
    for n in range(1, count + 1):
        yield bankfile.Row(n, "欧阳测试", "32058319600101910X", f"9900{n:012d}", 96_500 + n % 100)


def report(count: int) -> Iterator[bytes]:
    """A bank's answer to those payments: one in a hundred is rejected."""
    yield (f'<?xml version="1.0"?><Document xmlns="{iso20022.PAIN_002}10"><CstmrPmtStsRpt><OrgnlGrpInfAndSts><OrgnlMsgId>{ENVELOPE}'
           f"</OrgnlMsgId><OrgnlNbOfTxs>{count}</OrgnlNbOfTxs></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts>").encode()
    for row in rows(count):
        state = "<TxSts>RJCT</TxSts><StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf>" if row.number % 100 == 0 else "<TxSts>ACSC</TxSts>"
        yield (f"<TxInfAndSts><OrgnlEndToEndId>{ENVELOPE}-{row.number}</OrgnlEndToEndId>{state}<AcctSvcrRef>S{row.number}</AcctSvcrRef>"
               f'<OrgnlTxRef><Amt><InstdAmt Ccy="CNY">{bankfile.yuan(row.fen)}</InstdAmt></Amt><Cdtr><Pty><Nm>{row.name}</Nm><Id><PrvtId>'
               f"<Othr><Id>{row.id_number}</Id></Othr></PrvtId></Id></Pty></Cdtr><CdtrAcct><Id><Othr><Id>{row.account}</Id></Othr></Id>"
               "</CdtrAcct></OrgnlTxRef></TxInfAndSts>").encode()
    yield b"</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"


def peak() -> float:
    """MB that this process has held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    before = peak()
    head = iso20022.Head(ENVELOPE, count, sum(row.fen for row in rows(count)),
                         dt.datetime(2026, 11, 20, 9, tzinfo=dt.timezone(dt.timedelta(hours=8))), "昆山市财政局", "9900320583000000",
                         "代发银行", "最低生活保障金2026年11月")
    with tempfile.TemporaryFile() as out:
        start, used = time.perf_counter(), time.process_time()
        for piece in iso20022.render(head, rows(count)):
            out.write(piece)
        size = out.tell() / 1e6
        print(f"pain.001  {count:,} payments  {size:7.1f} MB  {time.perf_counter() - start:6.1f} s wall  {time.process_time() - used:6.1f} s"
              f" processor  peak {peak():.0f} MB ({peak() - before:+.0f})")
    content = b"".join(report(count))
    before = peak()
    start, used = time.perf_counter(), time.process_time()
    found = sum(row.row is not None for row in iso20022.read_status(content, ENVELOPE))
    print(f"pain.002  {found:,} rows read  {len(content) / 1e6:7.1f} MB  {time.perf_counter() - start:6.1f} s wall  {time.process_time() - used:6.1f} s"
          f" processor  peak {peak():.0f} MB ({peak() - before:+.0f} over the file itself)")


if __name__ == "__main__":
    main()
