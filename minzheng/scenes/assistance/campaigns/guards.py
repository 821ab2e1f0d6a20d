from __future__ import annotations

from minzheng.base.scope.guarding import Guarded

TABLES = [
    Guarded("campaigns_campaign", officer="SIU", batch="SU"),
    Guarded("campaigns_row", officer="SIU", batch="SIU"),
]
