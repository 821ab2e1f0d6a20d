from __future__ import annotations

from minzheng.base.scope.guarding import Door, Guarded, Open

TABLES = [
    Open("flow_definition", web="S", officer="S", citizen="S", batch="S", worker="S"),
    Guarded("flow_process", officer="SIU", batch="SIU"),
    Guarded("flow_task", officer="SIU", batch="SIU"),
    Guarded("flow_task_event", officer="SI", batch="SI"),
    Guarded("flow_cosign", officer="SIU", batch="SIU"),
    Guarded("flow_clock", officer="SIU", batch="SIU"),
    Guarded("flow_timer", officer="SIU", batch="SIU"),
    Door("flow_place(text)", citizen=True),
    Door("flow_move(text, text)", officer=True, batch=True),
]
