from __future__ import annotations

from minzheng.base.scope.guarding import Open

TABLES = [
    Open("brain_parameterversion", web="S", officer="SIU", citizen="S", batch="S", worker="S"),
    Open("brain_parameterturn", web="S", officer="S", citizen="S", batch="S", worker="S"),
]
