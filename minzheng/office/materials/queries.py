"""What pages show of a case's materials."""

from __future__ import annotations

from minzheng.office.cases.models import Case
from minzheng.office.materials.models import CaseMaterial


def current_of(case: Case) -> list[CaseMaterial]:
    """One row a material, as it stands, in the order of collection."""
    return list(CaseMaterial.objects.filter(case_id=case.pk).exclude(status="replaced").order_by("id"))


def history_of(case: Case, code: str) -> list[CaseMaterial]:
    """All that was ever handed in for one material, newest first."""
    return list(CaseMaterial.objects.filter(case_id=case.pk, code=code).order_by("-id"))


def missing_of(case: Case) -> list[CaseMaterial]:
    """All that is still to be asked for at once (一次性告知)."""
    return [row for row in current_of(case) if row.status == "missing" and row.required]
