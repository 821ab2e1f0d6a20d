from __future__ import annotations

from minzheng.base.scope.guarding import Door, Guarded

TABLES = [
    Guarded("temporary_emergency", officer="SIU", batch="S", case_column="case_id"),
    Guarded("temporary_meeting", officer="SI", batch="S", case_column="case_id"),
    Door("temporary_given(text, integer)", officer=True),
]
