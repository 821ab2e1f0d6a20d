from __future__ import annotations

from minzheng.base.scope.guarding import Guarded, Open

TABLES = [
    # which month of which county stands in which version: no figures and no people
    Open("statistics_closing", officer="SIU", batch="SIU"),
    Guarded("statistics_line", officer="SI", batch="SI"),
]
