from __future__ import annotations

from minzheng.base.scope.guarding import Guarded

TABLES = [
    Guarded("ingest_mapping", officer="SI", batch="S"),
    Guarded("ingest_batch", officer="SIU", batch="SU"),
    Guarded("ingest_batchrow", officer="SU", batch="SIU"),
]
