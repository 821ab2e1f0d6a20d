"""Release (放款), the bank file and its sending. From the release on, the file's bytes are fixed; before it, a death or a
suspension still strikes a line out (核减). Sending is a job, outside any transaction, idempotent by envelope number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from minzheng.base import clock, jobs
from minzheng.base.crypto import sm3
from minzheng.base.divisions.names import name_of
from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.base.identity.officer import Actor, Officer, require_role
from minzheng.office.benefits.schemes import get_scheme
from minzheng.office.ledger import bankfile, iso20022
from minzheng.office.ledger.books import post
from minzheng.office.ledger.chart import IN_TRANSIT, PAYABLE
from minzheng.office.ledger.doors import RELEASE_ROLES, envelope_for, require_cashier, require_officer, tell
from minzheng.office.ledger.envelopes import add_signature
from minzheng.office.ledger.models import SPLIT, Envelope, PaymentLine
from minzheng.office.ledger.runs import VERDICT
from minzheng.office.ledger.settling import take_back

# Whoever suspends or ends one of these waits for us, or we see it.
_LOCK = """
SELECT count(*) FROM (SELECT 1 FROM benefits_entitlement e JOIN ledger_paymentline l ON l.entitlement_id = e.id
                      WHERE l.envelope_id = %s AND l.state = 'sealed' FOR SHARE OF e) locked
"""

_STRIKE = f"""
WITH bad AS (
  SELECT l.id, split_part(v.verdict, ':', 1) AS state, split_part(v.verdict, ':', 2) AS note
  FROM ledger_paymentline l JOIN benefits_entitlement e ON e.id = l.entitlement_id
  CROSS JOIN LATERAL (SELECT CASE WHEN e.payee_version <> l.payee_version THEN 'held:封包后收款账户有变更'
                             ELSE {VERDICT} END AS verdict) v
  WHERE l.envelope_id = %s AND l.state = 'sealed' AND v.verdict <> 'open:')
UPDATE ledger_paymentline l SET state = b.state, note = b.note || '(核减自第' || l.number || '行)',
  envelope_id = NULL, number = NULL
FROM bad b WHERE b.id = l.id RETURNING l.state, l.fen, {", ".join(f"l.{column}" for column in SPLIT)}
"""  # noqa: S608


def do_release(number: str, *, by: Officer) -> Envelope:
    """Strikes out what may no longer be paid, fixes the file and queues its sending.

    Refused when nothing is left (the envelope is then void) or when the same account took an earlier step.
    """
    officer = require_officer(by)
    with transaction.atomic():
        envelope = envelope_for(number, lock=True)
        if officer.jurisdiction != envelope.jurisdiction:
            raise NotAllowed("放款由该县(市、区)本级的资金岗位办理。")
        require_role(officer, *RELEASE_ROLES)
        if envelope.state in ("released", "sent", "closed"):
            return envelope
        if envelope.state != "approved":
            raise Refused(f"批次{envelope.get_state_display()},复核签批齐全后才能放款。")
        add_signature(envelope, "release", officer)
        _strike(envelope, by)
        rows = _sound_rows(envelope)
        envelope.released_at = clock.now()
        if not rows:
            envelope.state = "void"
            envelope.trouble = "放款前全部明细已核减"
        else:
            envelope.state = "released"
            envelope.file_digest = sm3(bankfile.render(rows)).hex()
            _index(envelope, rows)
            jobs.defer("ledger.send", jurisdiction=envelope.jurisdiction, by=by, key=f"ledger.send:{number}",
                       envelope=number)
        if (len(rows), sum(row.fen for row in rows)) != (envelope.net_count, envelope.net_fen):
            raise Refused("明细与封包金额不符,不能放款。请作废后重新封包,并报告审计管理员。")
        envelope.save(update_fields=["state", "released_at", "trouble", "file_digest", "struck_count", "struck_fen"])
        tell("ledger.envelope_released", by=by, kind="envelope", number=number, county=envelope.jurisdiction,
             count=envelope.net_count, fen=envelope.net_fen, struck=envelope.struck_count, state=envelope.state)
    return envelope


def _strike(envelope: Envelope, by: Actor) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [envelope.pk])
        cursor.execute(_STRIKE, [envelope.pk])
        struck = cursor.fetchall()
    envelope.struck_count, envelope.struck_fen = len(struck), sum(row[1] for row in struck)
    gone = [row for row in struck if row[0] == "cancelled"]
    take_back(envelope.run, sum(row[1] for row in gone), [sum(row[i] for row in gone) for i in range(2, 6)],
              from_account=PAYABLE, memo=f"放款前核减 {envelope.number}", by=by, key=f"strike:{envelope.number}")


def file_rows(envelope: Envelope) -> list[bankfile.Row]:
    """The rows of the file in clear text, in order."""
    fields = envelope.lines.order_by("number").values_list("number", "payee_name", "payee_id_number", "payee_account",
                                                           "fen")
    return [bankfile.Row(number or 0, *values) for number, *values in fields.iterator(5000)]


def _sound_rows(envelope: Envelope) -> list[bankfile.Row]:
    """The rows; lines whose payee can't stand in a file as it is are held instead."""
    rows, sound = file_rows(envelope), []
    for row in rows:
        if fault := bankfile.fault_of(row):
            envelope.lines.filter(number=row.number).update(state="held", note=fault, envelope=None, number=None)
            envelope.struck_count += 1
            envelope.struck_fen += row.fen
        else:
            sound.append(row)
    return sound


def _index(envelope: Envelope, rows: Sequence[bankfile.Row]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_paymentline l SET row_index = x.row_index"
            " FROM unnest(%s::integer[], %s::bytea[]) AS x(number, row_index)"
            " WHERE l.envelope_id = %s AND l.number = x.number",
            [[row.number for row in rows], bankfile.row_indexes(envelope.number, rows), envelope.pk])


def file_of(number: str, *, by: Actor) -> bytes:
    """The bytes that go, or went, to the bank: made again from the lines, and the same as at the release."""
    envelope = envelope_for(number)
    require_cashier(by, envelope.jurisdiction)
    if envelope.state not in ("released", "sent", "closed"):
        raise NotFound("批次尚未放款,没有银行文件。")
    content = bankfile.render(file_rows(envelope))
    if sm3(content).hex() != envelope.file_digest:
        raise Refused("银行文件与放款时的摘要不符,停止发送。请报告审计管理员。")
    return content


def iso_file_of(number: str, *, by: Actor) -> Iterator[bytes]:
    """The same rows as pain.001, in pieces. Refused, before the first piece, where the CSV file would be."""
    file_of(number, by=by)
    envelope = envelope_for(number)
    county = name_of(envelope.jurisdiction)
    title = get_scheme(envelope.run.scheme).title
    head = iso20022.Head(
        envelope=number, count=envelope.net_count, fen=envelope.net_fen,
        at=timezone.localtime(envelope.released_at), payer=f"{county}财政局", bank="一卡通代发银行",
        payer_account=settings.PAYER_ACCOUNTS.get(envelope.jurisdiction, f"9900{envelope.jurisdiction}"),
        text=f"{title}{envelope.run.month.year}年{envelope.run.month.month}月")
    return iso20022.render(head, file_rows(envelope))


def do_mark_sent(number: str, *, receipt: str, by: Actor) -> Envelope:
    """The bank has the file. Marking it again changes nothing."""
    with transaction.atomic():
        envelope = envelope_for(number, lock=True)
        require_cashier(by, envelope.jurisdiction)
        if envelope.state in ("sent", "closed"):
            return envelope
        if envelope.state != "released":
            raise Refused(f"批次{envelope.get_state_display()},不能登记为已送银行。")
        PaymentLine.objects.filter(envelope=envelope, state="sealed").update(state="sent")
        envelope.state, envelope.receipt, envelope.sent_at, envelope.trouble = "sent", receipt, clock.now(), ""
        envelope.save(update_fields=["state", "receipt", "sent_at", "trouble"])
        post(f"sent:{number}", kind="sent", county=envelope.jurisdiction, scheme=envelope.run.scheme, by=by,
             memo=f"批次 {number} 送银行", amounts={PAYABLE: envelope.net_fen, IN_TRANSIT: -envelope.net_fen})
        tell("ledger.envelope_sent", by=by, kind="envelope", number=number, county=envelope.jurisdiction,
             count=envelope.net_count, fen=envelope.net_fen, receipt=receipt)
    return envelope


def do_note_trouble(number: str, *, trouble: str, by: Actor) -> None:
    """Why the last attempt with the bank failed, for the page and the alarm."""
    with transaction.atomic():
        envelope = envelope_for(number, lock=True)
        require_cashier(by, envelope.jurisdiction)
        envelope.trouble = trouble[:300]
        envelope.save(update_fields=["trouble"])
        tell("ledger.bank_trouble", by=by, kind="envelope", number=number, county=envelope.jurisdiction,
             reason=trouble[:300])


def do_send_again(number: str, *, by: Officer) -> None:
    """Queues the sending once more, after a failure. The bank takes an envelope once, so this pays nobody twice."""
    with transaction.atomic():
        envelope = envelope_for(number)
        require_cashier(require_officer(by), envelope.jurisdiction)
        if envelope.state != "released":
            raise Refused(f"批次{envelope.get_state_display()},不需要重新发送。")
        jobs.defer("ledger.send", jurisdiction=envelope.jurisdiction, by=by, key=f"ledger.send:{number}",
                   envelope=number)
