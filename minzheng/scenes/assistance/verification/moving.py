"""A check goes with its case when the case is handed over."""

from __future__ import annotations

from minzheng.scenes.assistance.verification.models import (
    Authorisation,
    AuthorisedPerson,
    Objection,
    VerificationRequest,
)


def move_checks(case_code: str, place: str) -> None:
    """Files everything about the case under its new place; the rows below a request follow it."""
    AuthorisedPerson.objects.filter(authorisation__case_code=case_code).update(jurisdiction=place)
    Authorisation.objects.filter(case_code=case_code).update(jurisdiction=place)
    Objection.objects.filter(report__request__case_code=case_code).update(jurisdiction=place)
    VerificationRequest.objects.filter(case_code=case_code).update(jurisdiction=place)
