from __future__ import annotations

from minzheng.base.scope.guarding import Door, Guarded, Open

TABLES = [
    Open("identity_account", web="SU", officer="S", citizen="S", batch="S", worker="S"),
    Open("identity_post", web="S", officer="S", batch="S", worker="S"),
    Guarded("identity_leave", officer="SIU", batch="SU"),
    Door("identity_cover_leave(bigint, timestamptz)", officer=True),
    Door("identity_uncover_leave(bigint, timestamptz)", officer=True, batch=True),
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
