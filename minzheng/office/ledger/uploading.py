"""A return file that the bank has given by hand (接口不通时): finance uploads it, not the cashier, who
could pay again a line that a made-up file calls rejected. Unlike a file from the bank's own
interface, one with any doubtful row, or with other sums than the bank's slip says, is refused whole."""

from __future__ import annotations

from django.db import transaction

from minzheng.base import audit
from minzheng.base.crypto import sm3
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Officer
from minzheng.office.benefits.budgets import yuan
from minzheng.office.ledger.doors import envelope_for, require_returner
from minzheng.office.ledger.models import Envelope, ReturnFile
from minzheng.office.ledger.returns import PAID_CODE, Declared, Returned, do_take_return, parse, sort_rows

SHOWN = 3


def check_upload(envelope: Envelope, rows: list[Returned], declared: Declared) -> None:
    """Refused, with the lines, unless every row is one of ours for the first time and the slip's sums are the file's."""
    if not rows:
        raise Refused("文件里没有明细行,请核对是不是选错了文件。", field="file")
    found = sort_rows(envelope, rows)
    if found.oddities:
        first = ";".join(f"第 {item.line} 行:{note}" for _, note, item in found.oddities[:SHOWN])
        more = f"等 {len(found.oddities)} 行" if len(found.oddities) > SHOWN else ""
        raise Refused(f"文件没有收下:{first}{more}。请与银行核对,换正确的文件再上传。", field="file")
    if declared.count != len(rows):
        raise Refused(f"银行回单写 {declared.count} 行,文件里有 {len(rows)} 行。请核对。", field="count")
    paid = [item for item in rows if item.code == PAID_CODE and item.row is not None]
    if declared.paid_count != len(paid):
        raise Refused(f"银行回单写到账 {declared.paid_count} 笔,文件里到账 {len(paid)} 笔。请核对。", field="paid_count")
    fen = sum(item.row.fen for item in paid if item.row is not None)
    if declared.paid_fen != fen:
        raise Refused(f"银行回单写到账 {yuan(declared.paid_fen)} 元,文件里到账 {yuan(fen)} 元,"
                      f"差 {yuan(declared.paid_fen - fen)} 元。请核对。", field="paid_fen")


def do_upload_return(number: str, *, content: bytes, declared: Declared, reason: str, by: Officer) -> ReturnFile:
    """Takes the file as the bank's return, once; the reason why it came by hand is recorded."""
    if not reason.strip():
        raise Refused("请写明为什么手工上传,例如“银行接口故障”。", field="reason")
    with transaction.atomic():
        envelope = envelope_for(number, lock=True)
        require_returner(by, envelope.jurisdiction)
        if envelope.state not in ("sent", "closed"):
            raise Refused(f"批次{envelope.get_state_display()},还不能接收回盘文件。")
        if ReturnFile.objects.filter(envelope=envelope, digest=sm3(content).hex()).exists():
            raise Refused("这份文件已经收过,不会重复入账。", field="file")
        check_upload(envelope, list(parse(content)), declared)
        file = do_take_return(number, content=content, declared=declared, by=by)
        audit.record("ledger.upload_return", by=by, obj_type="envelope", obj_id=number, reason=reason.strip(),
                     jurisdiction=envelope.jurisdiction,
                     after={"digest": file.digest, "rows": file.rows, "paid_fen": file.paid_fen})
    return file
