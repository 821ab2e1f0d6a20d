from __future__ import annotations

from minzheng.base.scope.guarding import Open

_READ = {"web": "S", "officer": "S", "citizen": "S", "batch": "S", "worker": "S"}
TABLES = [
    Open("divisions_division", **_READ),
    Open("divisions_jurisdiction", **_READ),
    Open("divisions_jurisdictionarea", **_READ),
]
