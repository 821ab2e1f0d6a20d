"""Sealing lines into an envelope and signing it. builder ≠ reviewer ≠ releaser, by account, in the database."""

from __future__ import annotations

import hashlib

from django.db import IntegrityError, connection, transaction

from minzheng.base import clock
from minzheng.base.crypto import sign, verify
from minzheng.base.errors import NotAllowed, Refused, Stale
from minzheng.base.identity.officer import Actor, Officer, require_role
from minzheng.base.identity.posts import covered_accounts
from minzheng.office.benefits.records import constraint_of
from minzheng.office.ledger.bands import band_for
from minzheng.office.ledger.doors import envelope_for, require_cashier, require_officer, run_for, tell
from minzheng.office.ledger.models import Envelope, EnvelopeSignature, PaymentLine
from minzheng.office.ledger.runs import in_memory
from minzheng.office.ledger.settling import refresh

CHUNK = 20_000
SAME_PERSON = "编制、复核、放款应由不同的人办理。您已办理过这一批次的其他环节,请由另一人办理。"

_SEAL = """
UPDATE ledger_paymentline l SET state = 'sealed', envelope_id = %s, number = o.number
FROM (SELECT id, row_number() OVER (ORDER BY id) AS number FROM ledger_paymentline
      WHERE run_id = %s AND state = 'open') o
WHERE o.id = l.id
"""

# What the digest covers of a line: the account by the version that is set for the entitlement and its ciphertext.
_DIGEST = """
SELECT count(*), sum(fen), string_agg(line, E'\n' ORDER BY number) FROM (
  SELECT number, fen, number || ',' || entitlement_id || ',' || month || ',' || kind || ',' || seq || ',' || fen || ','
         || payee_version || ',' || encode(sha256(payee_account || payee_id_number || convert_to(payee_name, 'UTF8')), 'hex') AS line
  FROM ledger_paymentline WHERE envelope_id = %s AND number > %s AND number <= %s) lines
"""


def digest_of(envelope_id: int, last: int) -> tuple[int, int, str]:
    """(count, fen, SM3 hex) over the canonical lines 1 … `last` of an envelope, read in pieces."""
    digest, count, fen = hashlib.new("sm3"), 0, 0
    for low in range(0, last, CHUNK):
        with connection.cursor() as cursor:
            cursor.execute(_DIGEST, [envelope_id, low, low + CHUNK])
            rows, money, text = cursor.fetchone()
        if rows:
            count, fen = count + rows, fen + int(money)
            digest.update(text.encode() + b"\n")
    return count, fen, digest.hexdigest()


def do_seal(number: str, *, by: Officer) -> Envelope:
    """Puts all open lines of a run into a new envelope with declared count, sum and digest, signed by who builds it.

    Sealing again while the envelope waits for review gives that envelope. Refused when no line can be paid.
    """
    officer = require_officer(by)
    with transaction.atomic():
        run = run_for(number, lock=True)
        require_cashier(by, run.jurisdiction)
        in_memory()
        refresh(run, by)
        seq = run.envelopes.count() + 1
        if not run.lines.filter(state="open").exists():
            waiting = run.envelopes.filter(state="sealed").order_by("-seq").first()
            if waiting is None:
                raise Refused("这个批次没有可以封包的明细:要么已全部封包,要么都处于暂缓状态。")
            return waiting
        envelope = Envelope.objects.create(
            number=f"P{run.jurisdiction[:6]}{run.month:%Y%m}-{run.pk}-{seq:02d}", run=run, jurisdiction=run.jurisdiction,
            seq=seq, count=0, fen=0, digest="", created_at=clock.now())
        with connection.cursor() as cursor:
            cursor.execute(_SEAL, [envelope.pk, run.pk])
            sealed = cursor.rowcount
        envelope.count, envelope.fen, envelope.digest = digest_of(envelope.pk, sealed)
        envelope.required = band_for(envelope.fen, clock.today(), run.jurisdiction).roles
        envelope.save(update_fields=["count", "fen", "digest", "required"])
        add_signature(envelope, "build", officer)
        tell("ledger.envelope_sealed", by=by, kind="envelope", number=envelope.number, county=run.jurisdiction,
             count=envelope.count, fen=envelope.fen, digest=envelope.digest)
    return envelope


def _taken(envelope: Envelope) -> set[int]:
    """Accounts that have had a hand in the envelope: who built the run, who signed, and for whom."""
    signed = list(envelope.signatures.values_list("account", "post"))
    return {int(envelope.run.built_by), *(account for account, _ in signed), *covered_accounts(post for _, post in signed)}


def add_signature(envelope: Envelope, step: str, by: Officer) -> None:
    """One step by one account; NotAllowed for an account that has taken another step or built the run."""
    if step != "build" and by.hands & _taken(envelope):
        raise NotAllowed(SAME_PERSON)
    at = clock.now()
    statement = "|".join((envelope.number, str(envelope.count), str(envelope.fen), str(envelope.struck_count),
                          str(envelope.struck_fen), envelope.digest, step, by.role, str(by.account_id), str(by.post_id),
                          at.isoformat()))
    try:
        with transaction.atomic():
            EnvelopeSignature.objects.create(
                envelope=envelope, jurisdiction=envelope.jurisdiction, step=step, account=by.account_id,
                post=by.post_id, role=by.role, name=by.name, statement=statement, at=at,
                signature=sign("ledger", statement.encode()))
    except IntegrityError as error:
        if constraint_of(error) == "signature_four_eyes":
            raise NotAllowed(SAME_PERSON) from error
        raise Stale("这一环节已有人签批,请刷新页面。") from error


def signature_holds(row: EnvelopeSignature) -> bool:
    """Whether the stored signature is over the stored statement."""
    return verify("ledger", row.statement.encode(), bytes(row.signature))


def do_sign(number: str, *, digest: str, by: Officer) -> Envelope:
    """Reviews or approves: a step that the amount band asks for, over the digest that the page showed.

    Refused when the lines are no longer those that were sealed.
    """
    require_officer(by)
    with transaction.atomic():
        envelope = envelope_for(number, lock=True)
        if by.jurisdiction != envelope.jurisdiction:
            raise NotAllowed("资金签批由该县(市、区)本级办理。")
        require_role(by, *envelope.required)
        if envelope.state != "sealed":
            raise Stale(f"批次{envelope.get_state_display()},不在复核环节,请刷新页面。")
        if digest != envelope.digest:
            raise Stale("批次内容与页面显示的不一致,请刷新页面重新核对。")
        if digest_of(envelope.pk, envelope.count) != (envelope.count, envelope.fen, envelope.digest):
            raise Refused("明细与封包时的摘要不符,不能签批。请作废后重新封包,并报告审计管理员。")
        add_signature(envelope, by.role, by)
        signed = set(envelope.signatures.values_list("step", flat=True))
        if signed.issuperset(envelope.required):
            envelope.state = "approved"
            envelope.save(update_fields=["state"])
        tell("ledger.envelope_signed", by=by, kind="envelope", number=number, county=envelope.jurisdiction,
             step=by.role, state=envelope.state, digest=digest)
    return envelope


def do_void(number: str, *, reason: str, by: Actor) -> Envelope:
    """Opens an envelope again before its release; its lines can be sealed anew."""
    if not reason.strip():
        raise Refused("作废须写明原因。", field="reason")
    with transaction.atomic():
        envelope = envelope_for(number, lock=True)
        _may_void(envelope, by)
        if envelope.state not in ("sealed", "approved"):
            raise Refused(f"批次{envelope.get_state_display()},不能作废。已放款的请等待银行回盘。")
        PaymentLine.objects.filter(envelope=envelope, state="sealed").update(state="open", envelope=None, number=None)
        envelope.state = "void"
        envelope.save(update_fields=["state"])
        tell("ledger.envelope_voided", by=by, kind="envelope", number=number, county=envelope.jurisdiction,
             reason=reason)
    return envelope


def _may_void(envelope: Envelope, by: Actor) -> None:
    officer = require_officer(by)
    if officer.jurisdiction != envelope.jurisdiction:
        raise NotAllowed("批次作废由该县(市、区)本级的资金岗位办理。")
    require_role(officer, "county_cashier", "county_finance", "county_leader")


