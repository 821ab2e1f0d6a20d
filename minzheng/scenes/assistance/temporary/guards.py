from __future__ import annotations

from minzheng.base.scope.guarding import Door, Guarded

TABLES = [
    Guarded("temporary_emergency", officer="SIU", batch="S", case_column="case_id"),
    Guarded("temporary_meeting", officer="SI", batch="S", case_column="case_id"),
    Guarded("temporary_expense", officer="SI", batch="S", case_column="case_id"),
    Guarded("temporary_helprequest", officer="SU", batch="S", citizen="SI", citizen_using="person = scope_person()"),
    Door("temporary_given(text, integer)", officer=True),
    Door("temporary_given_to(text[], integer)", officer=True),
]
