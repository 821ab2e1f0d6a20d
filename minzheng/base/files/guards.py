from __future__ import annotations

from minzheng.base.scope.guarding import Guarded

TABLES = [
    Guarded("files_storedfile", officer="SI", batch="SI", citizen="SI", citizen_using="person_id = scope_person()",
            case_column="case_id"),
]
