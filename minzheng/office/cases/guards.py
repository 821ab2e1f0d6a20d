from __future__ import annotations

from minzheng.base.scope.guarding import Door, Guarded, Open

TABLES = [
    Guarded("cases_case", officer="SIU", batch="SIU", citizen="SIU", case_column="id",
            citizen_using="applicant = scope_person()"),
    Guarded("cases_casemember", officer="SIUD", batch="SI", citizen="SI", case_column="case_id",
            citizen_using="case_is_mine(case_id)"),
    Guarded("cases_caseparty", officer="SIU", batch="S", case_column="case_id"),
    Guarded("cases_caseevent", officer="SI", batch="SI", citizen="SI", case_column="case_id",
            citizen_using="case_is_mine(case_id)"),
    Open("cases_delegation", officer="SIU", citizen="S", batch="S"),
    Door("case_is_mine(bigint)", citizen=True),
    Door("next_case_code(text)", officer=True, citizen=True, batch=True),
    Door("open_case_elsewhere(bigint[], text)", officer=True, citizen=True, batch=True),
    Door("case_parties(bigint)", officer=True),
    Door("hand_over_case(bigint, text, text)", officer=True),
]
