from __future__ import annotations

from minzheng.base.scope.guarding import Guarded

TABLES = [
    Guarded("rigid_billcheck", officer="SI", batch="S", citizen="S", case_column="case_id",
            citizen_using="EXISTS (SELECT 1 FROM cases_case c WHERE c.id = rigid_billcheck.case_id"
                          " AND c.applicant = scope_person())"),
]
