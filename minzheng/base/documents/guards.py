from __future__ import annotations

from minzheng.base.scope.guarding import Door, Guarded

TABLES = [
    Guarded("documents_issued", officer="SIU", batch="SIU", citizen="S", citizen_using="person_id = scope_person()",
            case_column="case_id"),
    Door("documents_verify(text)", web=True, officer=True, citizen=True),
]
