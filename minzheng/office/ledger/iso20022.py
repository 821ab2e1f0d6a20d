"""ISO 20022 beside the CSV file: pain.001.001.09 is written, a row at a time; pain.002.001.10 is read as a bank return.

See BANK_FILE.md. The same rows stand in both files; values are bound by the same rules, so nothing is altered to fit.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from minzheng.base.errors import Refused
from minzheng.office.ledger import bankfile

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from minzheng.office.ledger.returns import Declared, Returned

PAIN_001 = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
PAIN_002 = "urn:iso:std:iso:20022:tech:xsd:pain.002.001."
MOST_ID, MOST_NAME = 35, 140
PAID = {"ACSC", "ACCC"}
REJECTED = {"RJCT"}
ON_THE_WAY = {"RCVD", "PDNG", "ACCP", "ACTC", "ACSP", "ACWC", "ACFC", "PATC"}
# Their reason → the code of the CSV return, where there is one, and what a cashier reads.
REASONS = {
    "AC01": ("1001", "账号不存在"), "AC03": ("1001", "收款账号不正确"), "AC04": ("1005", "账户已销户"),
    "AC06": ("1004", "账户已冻结"), "AC13": ("AC13", "账户类型不能收款"), "AC14": ("AC14", "账户类型不正确"),
    "BE01": ("1002", "户名与账号不符"), "BE06": ("1002", "没有这个收款人"), "BE17": ("1003", "证件号码与账号不符"),
    "AM02": ("AM02", "金额超过账户限额"), "AM04": ("AM04", "付款账户余额不足"), "AM05": ("AM05", "银行认为重复付款"),
    "AG01": ("AG01", "账户不允许这种交易"), "MD07": ("MD07", "收款人已死亡"), "MS03": ("MS03", "银行没有说明原因"),
    "RR04": ("RR04", "监管原因"), "TM01": ("TM01", "超过银行受理时间"),
}


@dataclass(frozen=True)
class Head:
    """What stands above the rows. `fen` and `count` are the control figures; the rows must add up to them."""

    envelope: str
    count: int
    fen: int
    at: dt.datetime
    payer: str
    payer_account: str
    bank: str
    text: str


def render(head: Head, rows: Iterable[bankfile.Row]) -> Iterator[bytes]:
    """The file, in pieces and in bounded memory; the same rows always give the same bytes. ValueError for a faulty row or
    when count or sum are not those declared: then the file must not be used."""
    for value, most in ((head.envelope, MOST_ID), (head.payer, MOST_NAME), (head.bank, MOST_NAME), (head.text, MOST_NAME)):
        if not 0 < len(value) <= most:
            raise ValueError(f"{value!r} is empty or longer than {most}")
    yield _opening(head).encode()
    count = fen = 0
    piece: list[str] = []
    for row in rows:
        piece.append(_transaction(head, row))
        count, fen = count + 1, fen + row.fen
        if len(piece) == 500:
            yield "".join(piece).encode()
            piece.clear()
    if (count, fen) != (head.count, head.fen):
        raise ValueError(f"{count} rows with {fen} fen, declared {head.count} with {head.fen}")
    yield ("".join(piece) + "</PmtInf></CstmrCdtTrfInitn></Document>\n").encode()


def _opening(head: Head) -> str:
    control = f"<NbOfTxs>{head.count}</NbOfTxs><CtrlSum>{bankfile.yuan(head.fen)}</CtrlSum>"
    payer = f"<Nm>{escape(head.payer)}</Nm>"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{PAIN_001}"><CstmrCdtTrfInitn>'
        f"<GrpHdr><MsgId>{escape(head.envelope)}</MsgId><CreDtTm>{head.at.isoformat(timespec='seconds')}</CreDtTm>{control}"
        f"<InitgPty>{payer}</InitgPty></GrpHdr>\n"
        f"<PmtInf><PmtInfId>{escape(head.envelope)}</PmtInfId><PmtMtd>TRF</PmtMtd><BtchBookg>true</BtchBookg>{control}"
        f"<ReqdExctnDt><Dt>{head.at.date().isoformat()}</Dt></ReqdExctnDt><Dbtr>{payer}</Dbtr>"
        f"<DbtrAcct><Id><Othr><Id>{escape(head.payer_account)}</Id></Othr></Id><Ccy>CNY</Ccy></DbtrAcct>"
        f"<DbtrAgt><FinInstnId><Nm>{escape(head.bank)}</Nm></FinInstnId></DbtrAgt>\n")


def _transaction(head: Head, row: bankfile.Row) -> str:
    if fault := bankfile.fault_of(row):
        raise ValueError(f"{fault} ({row.number})")
    end_to_end = f"{head.envelope}-{row.number}"
    if len(end_to_end) > MOST_ID:
        raise ValueError(f"{end_to_end!r} is longer than {MOST_ID}")
    return (
        f"<CdtTrfTxInf><PmtId><EndToEndId>{escape(end_to_end)}</EndToEndId></PmtId>"
        f'<Amt><InstdAmt Ccy="CNY">{bankfile.yuan(row.fen)}</InstdAmt></Amt>'
        f"<Cdtr><Nm>{escape(row.name)}</Nm><Id><PrvtId><Othr><Id>{row.id_number}</Id><SchmeNm><Cd>NIDN</Cd></SchmeNm>"
        f"</Othr></PrvtId></Id></Cdtr><CdtrAcct><Id><Othr><Id>{row.account}</Id></Othr></Id></CdtrAcct>"
        f"<Purp><Cd>SSBE</Cd></Purp><RmtInf><Ustrd>{escape(head.text)}</Ustrd></RmtInf></CdtTrfTxInf>\n")


def is_xml(content: bytes) -> bool:
    return content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"


def _elements(content: bytes, *wanted: str) -> Iterator[tuple[str, Element]]:
    """Elements of these local names as they end; each is taken out afterwards. No DTD, no entities, pain.002 only."""
    above: list[Element] = []
    try:
        for event, element in iterparse(io.BytesIO(content), events=("start", "end"), forbid_dtd=True):
            space, _, name = element.tag.rpartition("}")
            if event == "start":
                above.append(element)
                if len(above) == 1 and (name != "Document" or not space.startswith("{" + PAIN_002)):
                    raise Refused("这不是付款状态报告(pain.002),请与银行核对文件。")
                continue
            above.pop()
            if name in wanted:
                yield name, element
                above[-1].remove(element)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Refused("付款状态报告读不出来,可能不完整或含有不允许的声明,请与银行核对。") from error


def _text(element: Element, path: str) -> str:
    found = element.find("/".join(f"{{*}}{step}" for step in path.split("/")))
    return (found.text or "").strip() if found is not None else ""


def read_status(content: bytes, envelope: str) -> Iterator[Returned]:
    """Rows of a pain.002 in the terms of the CSV return. A payment that is still on its way is no row yet: it stays 已送银行."""
    from minzheng.office.ledger.returns import PAID_CODE, Returned

    line = 0
    for name, element in _elements(content, "OrgnlGrpInfAndSts", "TxInfAndSts"):
        if name == "OrgnlGrpInfAndSts":
            if _text(element, "OrgnlMsgId") != envelope:
                raise Refused("这份付款状态报告不是这个批次的,请与银行核对。")
            continue
        line += 1
        status, reason = _text(element, "TxSts"), _text(element, "StsRsnInf/Rsn/Cd")
        if status in ON_THE_WAY:
            continue
        code, said = REASONS.get(reason, (reason or "RJCT", _text(element, "StsRsnInf/AddtlInf") or "银行没有说明原因"))
        if status in PAID:
            code, said = PAID_CODE, "成功"
        row = _row(element, envelope) if status in PAID | REJECTED and code.isalnum() and len(code) <= 12 else None
        values = [_text(element, "OrgnlEndToEndId"), status, reason, _text(element, "OrgnlTxRef/Amt/InstdAmt")]
        yield Returned(line, row, code[:12], said[:100], _text(element, "AcctSvcrRef")[:64], ",".join(values)[:500])
    if not line:
        raise Refused("付款状态报告里没有一笔付款,请与银行核对。")


def _row(element: Element, envelope: str) -> bankfile.Row | None:
    """The payment as the bank repeats it, or None when it does not name it whole."""
    prefix, _, number = _text(element, "OrgnlEndToEndId").rpartition("-")
    reference = element.find("{*}OrgnlTxRef")
    if prefix != envelope or not (number.isascii() and number.isdigit() and len(number) <= 9) or reference is None:
        return None
    amount = reference.find("{*}Amt/{*}InstdAmt")
    whole, point, rest = (amount.text or "").strip().partition(".") if amount is not None else ("", "", "")
    if amount is None or amount.get("Ccy") != "CNY" or not (whole.isascii() and whole.isdigit() and len(whole) <= 12):
        return None
    if point and not (rest.isascii() and rest.isdigit() and len(rest) <= 2):
        return None
    # since version 10 the party stands below Pty
    party = "Cdtr/Pty" if reference.find("{*}Cdtr/{*}Pty") is not None else "Cdtr"
    return bankfile.Row(int(number), _text(reference, f"{party}/Nm"), _text(reference, f"{party}/Id/PrvtId/Othr/Id"),
                        _text(reference, "CdtrAcct/Id/Othr/Id"), int(whole) * 100 + int(rest.ljust(2, "0") or "0"))


def declared_in(content: bytes) -> Declared:
    """What the bank declares in the report's own head: payments, paid ones and their sum. Refused when it declares nothing."""
    from minzheng.office.ledger.returns import Declared

    for _, element in _elements(content, "OrgnlGrpInfAndSts"):
        count = _text(element, "OrgnlNbOfTxs")
        paid_count = paid_fen = 0
        for part in element.findall("{*}NbOfTxsPerSts"):
            number, total = _text(part, "DtldNbOfTxs"), _text(part, "DtldCtrlSum")
            if _text(part, "DtldSts") in PAID:
                whole, _, rest = total.partition(".")
                if not (number.isdigit() and whole.isdigit() and len(rest) <= 2 and (rest.isdigit() or not rest)):
                    raise Refused("付款状态报告的声明笔数或金额不正确,请与银行核对。")
                paid_count += int(number)
                paid_fen += int(whole) * 100 + int(rest.ljust(2, "0") or "0")
        if not count.isdigit():
            break
        return Declared(int(count), paid_count, paid_fen)
    raise Refused("付款状态报告没有声明笔数(OrgnlNbOfTxs),请与银行核对。")
