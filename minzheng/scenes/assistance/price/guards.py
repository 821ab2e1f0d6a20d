from __future__ import annotations

from minzheng.base.scope.guarding import Door, Guarded

TABLES = [
    Guarded("price_batch", officer="SIU", batch="SU"),
    Guarded("price_line", officer="SI", batch="SU"),
    Door("price_had(bigint[], date)", officer=True),
]
