from __future__ import annotations

from minzheng.base.scope.guarding import Guarded

TABLES = [
    Guarded("materials_casematerial", officer="SIU", batch="SI", citizen="SIU", case_column="case_id",
            citizen_using="case_is_mine(case_id)"),
]
