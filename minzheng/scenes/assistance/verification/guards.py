from __future__ import annotations

from minzheng.base.scope.guarding import Guarded


def _mine(request: str) -> str:
    """The citizen is a member of that request. The outer table is named in full: a bare column would be taken for one
    of the inner table, and the condition would hold for everybody's."""
    return ("EXISTS (SELECT 1 FROM verification_requestmember m"  # noqa: S608 (own column names)
            f" WHERE m.request_id = {request} AND m.person = scope_person())")


TABLES = [
    Guarded("verification_authorisation", officer="SIU", batch="SU", citizen="SIU",
            citizen_using="applicant = scope_person()"),
    Guarded("verification_authorisedperson", officer="SI", batch="SU", citizen="SI",
            citizen_using="EXISTS (SELECT 1 FROM verification_authorisation a WHERE"
                          " a.id = verification_authorisedperson.authorisation_id AND a.applicant = scope_person())"),
    Guarded("verification_verificationrequest", officer="SIU", batch="SIU", citizen="S",
            citizen_using=_mine("verification_verificationrequest.id")),
    Guarded("verification_requestmember", officer="SI", batch="SI", citizen="S",
            citizen_using="person = scope_person()"),
    Guarded("verification_sourceanswer", officer="SI", batch="SIU"),
    Guarded("verification_report", officer="SI", batch="SI", citizen="S",
            citizen_using=_mine("verification_report.request_id")),
    Guarded("verification_objection", officer="SIU", batch="SU", citizen="SI", citizen_using="person = scope_person()"),
]
