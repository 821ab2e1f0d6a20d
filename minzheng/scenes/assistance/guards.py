from __future__ import annotations

from minzheng.base.scope.guarding import Guarded

TABLES = [
    Guarded("assistance_visit", officer="SI", batch="S", case_column="case_id"),
    Guarded("assistance_kinfiling", officer="SI", batch="S", case_column="case_id"),
    Guarded("assistance_democraticreview", officer="SI", batch="S", case_column="case_id"),
]
