from __future__ import annotations

from minzheng.base.scope.guarding import Door, Guarded, Open

TABLES = [
    Guarded("archive_archivepackage", officer="SI", batch="SI", case_column="case_id"),
    Open("archive_serial"),
    Door("next_archive_number(text, integer)", officer=True, batch=True),
]
