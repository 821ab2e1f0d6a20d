"""重发: a rejected line is paid again as a new line that names the old one; the old one can be replaced once."""

from __future__ import annotations

from django.db import connection, transaction

from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Actor
from minzheng.office.ledger.books import post
from minzheng.office.ledger.chart import PAYABLE, RETURNED
from minzheng.office.ledger.doors import line_for, require_cashier, tell
from minzheng.office.ledger.models import REISSUED, REJECTED, PaymentLine

_COPY = """
INSERT INTO ledger_paymentline (run_id, entitlement_id, jurisdiction, scheme, month, kind, seq, state, note, persons,
  fen, central_fen, province_fen, city_fen, county_fen, payee_name, payee_account, payee_id_number, payee_version,
  bank_code, bank_message, bank_serial, reissue_of_id)
SELECT l.run_id, l.entitlement_id, l.jurisdiction, l.scheme, l.month, 'reissue',
  (SELECT count(*) + 1 FROM ledger_paymentline x WHERE x.entitlement_id = l.entitlement_id AND x.month = l.month
   AND x.kind = 'reissue'),
  'open', '', l.persons, l.fen, l.central_fen, l.province_fen, l.city_fen, l.county_fen, e.payee_name, e.payee_account,
  e.payee_id_number, e.payee_version, '', '', '', l.id
FROM ledger_paymentline l JOIN benefits_entitlement e ON e.id = l.entitlement_id WHERE l.id = %s RETURNING id
"""


def do_reissue(code: str, *, by: Actor) -> PaymentLine:
    """Pays a rejected line again, to the account that the bank has confirmed since. Asking twice gives the same line.

    The new line waits in the same run for its next envelope; the budget stays reserved.
    """
    with transaction.atomic():
        line = line_for(code, lock=True)
        require_cashier(by, line.run.jurisdiction)
        if line.state == REISSUED:
            return PaymentLine.objects.select_related("run", "entitlement").get(reissue_of=line)
        if line.state != REJECTED:
            raise Refused(f"这条明细{line.get_state_display()},只有银行退回的才能重发。")
        if line.entitlement.payee_check != "0000":
            raise Refused("收款账户还没有通过银行核验。请先更正账户信息,核验通过后再重发。")
        PaymentLine.objects.filter(pk=line.pk, state=REJECTED).update(state=REISSUED)
        with connection.cursor() as cursor:
            cursor.execute(_COPY, [line.pk])
            (made,) = cursor.fetchone()
        fresh = PaymentLine.objects.get(pk=made)
        post(f"reissue:{line.pk}", kind="reissue", county=line.run.jurisdiction, scheme=line.scheme, by=by,
             memo=f"退回重发 {code} → {fresh.code}", amounts={RETURNED: line.fen, PAYABLE: -line.fen})
        tell("ledger.line_reissued", by=by, kind="line", number=code, county=line.run.jurisdiction, fen=line.fen,
             new=fresh.code, entitlement=line.entitlement.number)
    return line_for(fresh.code)
