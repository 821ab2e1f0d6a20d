from __future__ import annotations

from minzheng.base.scope.guarding import Guarded, Open

_T = "assistance_monitoring_"
TABLES = [
    Guarded(_T + "means", officer="SIU", batch="SIU"),
    Guarded(_T + "meanssource", officer="SI", batch="SI"),
    Guarded(_T + "signal", officer="S", batch="SI"),
    Guarded(_T + "listing", officer="SIU", batch="S"),
    Guarded(_T + "outcome", officer="S", batch="SID"),
    Guarded(_T + "alert", officer="SU", batch="SIU"),
    Guarded(_T + "reason", officer="S", batch="SIU"),
    Guarded(_T + "ground", officer="S", batch="SIU"),
    Guarded(_T + "alertevent", officer="SI", batch="SI"),
    # counts and times of a night; nothing of a household
    Open(_T + "collected", officer="S", batch="SIU"),
    Open(_T + "sweep", officer="S", batch="SIU"),
    Open(_T + "sweptrange", officer="S", batch="SID"),
]
