"""What a household is told about its money: paid, rejected by the bank, suspended, paid again."""

from __future__ import annotations

from collections.abc import Iterator

from minzheng.base.events import Event, subscribes
from minzheng.office.benefits.models import CAUSES
from minzheng.office.benefits.records import entitlement_for
from minzheng.office.benefits.schemes import get_scheme
from minzheng.office.ledger.doors import envelope_for, line_for
from minzheng.office.ledger.models import PAID, PaymentLine
from minzheng.office.notices.actions import Message, do_notify_many
from minzheng.office.notices.telling import Letter, notify_on
from minzheng.office.notices.wording import Template, register_template

CHUNK = 500
_HEAD = "{name}您好,"

register_template(Template(
    "ledger.paid", "救助金已发放", _HEAD + "{month}{scheme} {yuan} 元已发到登记的银行卡。请留意到账。", letter=False))
register_template(Template(
    "ledger.line_rejected", "救助金没有到账", _HEAD + "{month}{scheme}没有到账,银行退回的原因:{why}。请带身份证和银行卡到"
    "乡镇(街道)民政窗口核对账户,更正后补发,不会少发。", sms=True))
register_template(Template(
    "benefits.suspended", "救助金暂停发放", _HEAD + "您家的{scheme}自{month}起暂停发放,原因:{why}。对此有疑问的,请到"
    "乡镇(街道)民政窗口说明情况。", sms=True))
register_template(Template(
    "benefits.resumed", "救助金恢复发放", _HEAD + "您家的{scheme}自{month}起恢复发放。", sms=True))

register_template(Template(
    "benefits.restored", "救助金恢复发放", _HEAD + "原来的决定已撤销,您家的{scheme}自{month}起恢复。少发的月份会补发。", sms=True))


def _month(text: str) -> str:
    year, month, *_ = text.split("-")
    return f"{year}年{int(month)}月"


def _rejected(event: Event) -> Iterator[Letter]:
    line = line_for(event.payload["line"])
    row = line.entitlement
    yield Letter({"name": row.head_name, "scheme": get_scheme(line.scheme).title, "month": _month(line.month.isoformat()),
                  "why": line.bank_message or "账户信息不符"}, person=row.head_id, case_code=row.case_code,
                 jurisdiction=row.jurisdiction)


def _changed(event: Event) -> Iterator[Letter]:
    row = entitlement_for(event.by, event.payload["entitlement"])
    yield Letter({"name": row.head_name, "scheme": get_scheme(row.scheme).title, "month": _month(event.payload["month"]),
                  "why": dict(CAUSES).get(event.payload.get("cause", ""), "需要复核")}, person=row.head_id,
                 case_code=row.case_code, jurisdiction=row.jurisdiction)


notify_on("ledger.line_rejected", "ledger.line_rejected", _rejected)
notify_on("benefits.suspended", "benefits.suspended", _changed)
notify_on("benefits.resumed", "benefits.resumed", _changed)
notify_on("benefits.restored", "benefits.restored", _changed)


@subscribes("ledger.envelope_returned", level=1)
def the_bank_has_paid(event: Event) -> None:
    """Every paid line of the envelope is told once, whichever return file brought it."""
    lines = PaymentLine.objects.filter(envelope=envelope_for(event.payload["envelope"]), state=PAID).order_by("id")
    rows: list[Message] = []
    for line in lines.select_related("entitlement").iterator(CHUNK):
        row = line.entitlement
        rows.append(Message(
            {"name": row.head_name, "month": _month(line.month.isoformat()), "scheme": get_scheme(line.scheme).title,
             "yuan": f"{line.fen // 100}.{line.fen % 100:02d}"},
            key=f"paid:{line.pk}", jurisdiction=row.jurisdiction, person=row.head_id, case_code=row.case_code))
        if len(rows) >= CHUNK:
            do_notify_many("ledger.paid", rows)
            rows = []
    do_notify_many("ledger.paid", rows)
