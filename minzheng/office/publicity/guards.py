from __future__ import annotations

from minzheng.base.scope.guarding import Door, Guarded

TABLES = [
    Guarded("publicity_publicity", officer="SIU", batch="SIU", citizen="S", case_column="case_id",
            citizen_using="case_is_mine(case_id)"),
    Guarded("publicity_objection", officer="SU", batch="S", case_column="case_id"),
    Door("publicity_open(text, text, date, integer)", web=True, officer=True, citizen=True),
    Door("publicity_object(uuid, bytea, bytea, bytea, bytea, timestamptz, date)", web=True, officer=True, citizen=True),
]
