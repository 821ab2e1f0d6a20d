from __future__ import annotations

from minzheng.base.scope.guarding import Open

TABLES = [
    Open("identity_account", web="SU", officer="S", citizen="S", batch="S", worker="S"),
    Open("identity_post", web="S", officer="S", batch="S", worker="S"),
]
