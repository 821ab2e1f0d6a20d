from __future__ import annotations

from minzheng.base.scope.guarding import Door, Open

TABLES = [
    Open("identity_account", web="SU", officer="S", citizen="S", batch="S", worker="S"),
    Open("identity_post", web="S", officer="S", batch="S", worker="S"),
    Door("identity_require(text, text)"),
    Door("identity_require_account(bigint)"),
    Door("identity_make_account(text, text, text)", officer=True),
    Door("identity_propose_post(bigint, text, text, text[], date, date, bigint, text)", officer=True),
    Door("identity_approve_post(bigint, timestamptz)", officer=True),
    Door("identity_end_post(bigint, timestamptz)", officer=True),
    Door("identity_unlock(bigint)", officer=True),
    Door("identity_reset_password(bigint, text)", officer=True),
    Door("identity_enable(bigint, boolean)", officer=True),
    Door("identity_reset_second_factor(bigint)", officer=True),
]
