from __future__ import annotations

from minzheng.base.scope.guarding import Door, Guarded, Open

_MINE = {"case_column": "case_id", "citizen_using": "case_is_mine(case_id)"}

TABLES = [
    Guarded("decisions_hearingtry", officer="SI", batch="S", case_column="case_id"),
    Guarded("decisions_hearing", officer="SI", batch="S", citizen="S", **_MINE),
    Guarded("decisions_decision", officer="SIU", batch="S", citizen="S", **_MINE),
    Guarded("decisions_service", officer="SI", batch="SU", citizen="SI", **_MINE),
    Guarded("decisions_objection", officer="SIU", batch="S", citizen="SI", **_MINE),
    Open("decisions_serial"),
    Door("next_decision_number(text, integer)", officer=True),
]
