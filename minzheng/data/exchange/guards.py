from __future__ import annotations

from minzheng.base.scope.guarding import Door, Guarded, Open

TABLES = [
    Open("exchange_partner", web="S", officer="S", batch="S", worker="S"),
    Guarded("exchange_exchangerecord", officer="SI", batch="SI"),
    Guarded("exchange_inboundnotice", officer="S", batch="S"),
    Door("exchange_take_notice(text, text, text, text, bytea, text, text, timestamptz)", web=True),
]
