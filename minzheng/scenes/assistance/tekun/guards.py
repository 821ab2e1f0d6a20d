from __future__ import annotations

from minzheng.base.scope.guarding import Door, Guarded

TABLES = [
    Guarded("tekun_selfcare", officer="SI", batch="S", citizen="S", citizen_using="person = scope_person()",
            case_column="case_id"),
    Guarded("tekun_care", officer="SI", batch="S", citizen="S", citizen_using="person = scope_person()",
            case_column="case_id"),
    Guarded("tekun_spotcheck", officer="SI", batch="SI", case_column="case_id"),
    Door("tekun_drawn(text, integer)", officer=True, batch=True),
    Door("tekun_institution(text)", officer=True),
]
