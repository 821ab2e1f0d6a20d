"""The bank of these tests reads pain.001 and answers in pain.002, with the standard library's parser."""

from __future__ import annotations

import datetime as dt
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minzheng.base.crypto import sm3
from minzheng.base.errors import NotAllowed, Refused
from minzheng.office.benefits.tests.kit import grant
from minzheng.office.ledger import bankfile, iso20022
from minzheng.office.ledger.iso20022 import Head, declared_in, read_status, render
from minzheng.office.ledger.models import Envelope, ReturnFile, ReturnOddity
from minzheng.office.ledger.releasing import iso_file_of
from minzheng.office.ledger.returns import do_take_return
from minzheng.office.ledger.tests.kit import BANK, assert_proved, fund, sent, states
from minzheng.testing import Cast, acting_as

NS = {"p": iso20022.PAIN_001}
AT = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=8)))
ENVELOPE = "P320583202611-TEA-01"
ROWS = [bankfile.Row(1, "王小明", "11010519491231002X", "9900000000000018", 96500),
        bankfile.Row(3, "阿不都·买买提", "11010519491231002X", "9900000000000026", 1)]


def head(rows: list[bankfile.Row], **changes: object) -> Head:
    values = {"envelope": ENVELOPE, "count": len(rows), "fen": sum(row.fen for row in rows), "at": AT, "payer": "昆山市财政局",
              "payer_account": "9900320583000000", "bank": "代发银行", "text": "茶壶补贴2026年11月"}
    return Head(**{**values, **changes})


def document(rows: list[bankfile.Row]) -> bytes:
    return b"".join(render(head(rows), rows))


def answer(content: bytes, results: dict[int, tuple[str, str]] | None = None, *, drop: set[int] = frozenset(), twice: bool = False,
           envelope: str = "", change: tuple[str, str] = ("", "")) -> bytes:
    """The bank's report on a pain.001: settled unless `results` says (status, reason) for a row number."""
    root = ET.fromstring(content)
    message = root.findtext(".//p:GrpHdr/p:MsgId", namespaces=NS)
    parts, paid, fen, count = [], 0, 0, 0
    for each in root.iterfind(".//p:CdtTrfTxInf", NS):
        end = each.findtext("p:PmtId/p:EndToEndId", namespaces=NS)
        status, reason = (results or {}).get(int(end.rsplit("-", 1)[1]), ("ACSC", ""))
        amount = each.findtext("p:Amt/p:InstdAmt", namespaces=NS)
        count += 1
        if status == "ACSC":
            paid, fen = paid + 1, fen + int(amount.replace(".", ""))
        if int(end.rsplit("-", 1)[1]) in drop:
            continue
        why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else ""
        serial = f"<AcctSvcrRef>S{count}</AcctSvcrRef>" if status == "ACSC" else ""
        parts += [(
            f"<TxInfAndSts><OrgnlEndToEndId>{end}</OrgnlEndToEndId><TxSts>{status}</TxSts>{why}{serial}<OrgnlTxRef><Amt><InstdAmt Ccy=\"CNY\">"
            f"{amount}</InstdAmt></Amt><Cdtr><Pty><Nm>{each.findtext('p:Cdtr/p:Nm', namespaces=NS)}</Nm><Id><PrvtId><Othr><Id>"
            f"{each.findtext('p:Cdtr/p:Id/p:PrvtId/p:Othr/p:Id', namespaces=NS)}</Id></Othr></PrvtId></Id></Pty></Cdtr><CdtrAcct><Id><Othr><Id>"
            f"{each.findtext('p:CdtrAcct/p:Id/p:Othr/p:Id', namespaces=NS)}</Id></Othr></Id></CdtrAcct></OrgnlTxRef></TxInfAndSts>"
        )] * (2 if twice else 1)
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{iso20022.PAIN_002}10"><CstmrPmtStsRpt><GrpHdr><MsgId>R1</MsgId></GrpHdr>'
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{envelope or message}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>"
        f"<OrgnlNbOfTxs>{count}</OrgnlNbOfTxs><NbOfTxsPerSts><DtldNbOfTxs>{paid}</DtldNbOfTxs><DtldSts>ACSC</DtldSts>"
        f"<DtldCtrlSum>{fen // 100}.{fen % 100:02d}</DtldCtrlSum></NbOfTxsPerSts></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts>{''.join(parts)}"
        "</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>")
    return text.replace(*change).encode() if change[0] else text.encode()


@pytest.fixture
def paid_out(people: Cast, november: None) -> tuple[Envelope, bytes]:
    """Three households' envelope that was sent, and its pain.001."""
    fund(people)
    for n in (1, 2, 3):
        grant(people, n=n)
    envelope, _ = sent(people)
    with acting_as(people.cashier):
        return envelope, b"".join(iso_file_of(envelope.number, by=people.cashier))


def take(envelope: Envelope, content: bytes) -> ReturnFile:
    with acting_as(BANK):
        return do_take_return(envelope.number, content=content, declared=declared_in(content), by=BANK)


def test_the_file_is_whole_its_sums_are_right_and_its_bytes_stay() -> None:
    content = document(ROWS)
    root = ET.fromstring(content)
    assert [root.findtext(f".//p:{part}/p:{what}", namespaces=NS) for part in ("GrpHdr", "PmtInf") for what in ("NbOfTxs", "CtrlSum")] == [
        "2", "965.01"] * 2
    first, second = root.findall(".//p:CdtTrfTxInf", NS)
    assert first.findtext("p:PmtId/p:EndToEndId", namespaces=NS) == f"{ENVELOPE}-1"
    assert second.findtext("p:Cdtr/p:Nm", namespaces=NS) == "阿不都·买买提"
    assert [one.tag.rpartition("}")[2] for one in first] == ["PmtId", "Amt", "Cdtr", "CdtrAcct", "Purp", "RmtInf"]
    assert [one.tag.rpartition("}")[2] for one in root.find(".//p:PmtInf", NS)][:9] == [
        "PmtInfId", "PmtMtd", "BtchBookg", "NbOfTxs", "CtrlSum", "ReqdExctnDt", "Dbtr", "DbtrAcct", "DbtrAgt"]
    assert content == document(ROWS)
    assert sm3(content).hex() == "2b7671b7a99b2fe2cc52f243bb1855de52b3e595af053cdd916573ded3aac4f9"


@pytest.mark.parametrize("changes", [{"count": 3}, {"fen": 96500}, {"envelope": "P" * 34}, {"payer": ""}])
def test_a_head_that_does_not_fit_the_rows_gives_no_file(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        b"".join(render(head(ROWS, **changes), ROWS))


def test_a_value_that_cannot_stand_in_a_file_gives_no_file() -> None:
    for row in (bankfile.Row(1, "<b>", ROWS[0].id_number, ROWS[0].account, 1), bankfile.Row(1, "王", ROWS[0].id_number, "1 2", 1)):
        with pytest.raises(ValueError, match=r"."):
            b"".join(render(head([row]), [row]))


@given(st.lists(st.tuples(st.sampled_from(["王小明", "欧阳一二", "Ann Lee"]), st.integers(1, 5_000_000)), min_size=1, max_size=30))
def test_what_is_written_comes_back_as_it_was(pairs: list[tuple[str, int]]) -> None:
    rows = [bankfile.Row(n, name, "11010519491231002X", f"9900{n:012d}", fen) for n, (name, fen) in enumerate(pairs, 1)]
    report = answer(document(rows))
    assert [found.row for found in read_status(report, ENVELOPE)] == rows
    assert declared_in(report).paid_fen == sum(row.fen for row in rows)


def test_a_report_settles_the_envelope_as_the_csv_would(people: Cast, paid_out: tuple[Envelope, bytes]) -> None:
    envelope, content = paid_out
    file = take(envelope, answer(content, {2: ("RJCT", "AC04")}))
    assert (file.paid, file.rejected, file.missing, file.quarantined) == (2, 1, 0, 0)
    assert [state for _, state, _ in states(people)] == ["paid", "rejected", "paid"]
    with acting_as(people.county):
        envelope.refresh_from_db()
        assert envelope.state == "closed" and envelope.trouble == ""
        line = envelope.lines.get(number=2)
        assert (line.bank_code, line.bank_message) == ("1005", "账户已销户")
    assert take(envelope, answer(content, {2: ("RJCT", "AC04")})).pk == file.pk
    assert_proved(people)


def test_payments_on_their_way_stay_sent_until_a_later_report(people: Cast, paid_out: tuple[Envelope, bytes]) -> None:
    envelope, content = paid_out
    assert take(envelope, answer(content, {1: ("PDNG", "")})).missing == 1
    later = take(envelope, answer(content))
    assert (later.paid, later.repeated, later.missing) == (1, 2, 0)
    assert_proved(people)


def test_a_repeated_row_pays_once_and_another_result_is_set_aside(people: Cast, paid_out: tuple[Envelope, bytes]) -> None:
    envelope, content = paid_out
    assert take(envelope, answer(content, twice=True)).repeated == 3
    assert take(envelope, answer(content, {1: ("RJCT", "AC01")})).quarantined == 1
    assert [state for _, state, _ in states(people)] == ["paid"] * 3


@pytest.mark.parametrize("change", [
    ("</InstdAmt>", "1</InstdAmt>"), ("<Nm>", "<Nm>老"), ('Ccy="CNY"', 'Ccy="USD"'), ("<TxSts>ACSC", "<TxSts>OKAY"),
    ("<AcctSvcrRef>", "<ChckSum>"), ("-1</OrgnlEndToEndId>", "-9</OrgnlEndToEndId>")])
def test_a_row_that_is_not_exactly_ours_is_never_matched(people: Cast, paid_out: tuple[Envelope, bytes], change: tuple[str, str]) -> None:
    envelope, content = paid_out
    report = answer(content, drop={2, 3}, change=change).replace(b"<ChckSum>S1</AcctSvcrRef>", b"")
    file = take(envelope, report)
    assert (file.paid, file.rejected, file.quarantined) == (0, 0, 1)
    assert [state for _, state, _ in states(people)] == ["sent"] * 3
    with acting_as(people.county):
        assert ReturnOddity.objects.get().kind == "unknown"


def test_the_report_of_another_envelope_is_refused_as_a_whole(people: Cast, paid_out: tuple[Envelope, bytes]) -> None:
    envelope, content = paid_out
    with pytest.raises(Refused, match="不是这个批次"):
        take(envelope, answer(content, envelope="P320583202610-TEA-01"))
    assert [state for _, state, _ in states(people)] == ["sent"] * 3


BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;">]><Document xmlns="%s10">&c;</Document>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><Document xmlns="%s10">&b;</Document>'


@pytest.mark.parametrize("content", [
    BOMB % iso20022.PAIN_002.encode(), OUTSIDE % iso20022.PAIN_002.encode(), (BOMB % iso20022.PAIN_002.encode()).decode().encode("utf-16"),
    b"<Document", b"<html></html>", document(ROWS), answer(document(ROWS))[:-40], b'<?xml version="1.0" encoding="nonsense"?><Document/>',
    f'<Document xmlns="{iso20022.PAIN_002}10"><CstmrPmtStsRpt/></Document>'.encode()])
def test_what_is_no_clean_status_report_is_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        declared_in(content)
        list(read_status(content, ENVELOPE))
    with pytest.raises(Refused):
        list(read_status(content, ENVELOPE))


def test_only_the_countys_cashier_gets_the_file(people: Cast, paid_out: tuple[Envelope, bytes]) -> None:
    envelope, _ = paid_out
    for who in people.officers():
        if who == people.cashier:
            continue
        with acting_as(who), pytest.raises(Refused) as refusal:
            iso_file_of(envelope.number, by=who)
        assert refusal.value.status in (NotAllowed.status, 404)
