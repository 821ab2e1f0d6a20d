from __future__ import annotations

from minzheng.base.scope.guarding import Door, Open

TABLES = [
    Open("oidc_application", web="S", officer="S"),
    Open("oidc_signin", web="SIU", officer="S"),
    # the protocol library's: clients are written by our doors only, tokens come and go
    Open("allauth_idp_oidc_client", web="S"),
    Open("allauth_idp_oidc_token", web="SID"),
    Door("oidc_propose(text, text, text, text[], text, text, timestamptz)", officer=True),
    Door("oidc_approve(bigint, timestamptz)", officer=True),
    Door("oidc_end(bigint, timestamptz, text)", officer=True),
]
