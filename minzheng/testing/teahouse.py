"""A deliberately silly matter for the kernel's tests: registering a seat in a tea house (茶座登记)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from minzheng.office.cases.models import Case, CaseMember
from minzheng.office.matters import catalogue
from minzheng.office.matters.definitions import Material, Matter
from minzheng.testing.cast import VILLAGE, as_owner

MATERIALS = (
    Material("identity", "身份证明", "registry"),
    Material("poem", "咏茶诗一首", "earlier"),
    Material("promise", "不泼茶承诺书", "sign"),
    Material("cup", "自带茶杯照片", "upload"),
    Material("letter", "茶友介绍信", "upload", required=False),
)
TEA_SEAT = Matter(
    code="tea.seat", version=1, name="茶座登记", scene="teahouse", summary="登记一个茶座",
    legal_basis=("茶馆章程第一条",), levels=(4,), channels=("window", "phone"),
    form_version=1, process="seat", process_version=1, scheme="tea",
    promise="十个工作日", materials=MATERIALS, tasks=(), outcome="茶座证",
)


@contextmanager
def published() -> Iterator[Matter]:
    """The matter is published for the length of the block only, so that start-up checks of others never meet it."""
    with patch.dict(catalogue._matters, {TEA_SEAT.code: {1: TEA_SEAT}}):
        yield TEA_SEAT


def make_case(number: int = 1, **changes: Any) -> Case:
    """Writes an accepted case of two guests as the owner."""
    now = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
    values: dict[str, Any] = {
        "code": f"3205832026110200{number:03d}", "jurisdiction": VILLAGE, "matter": TEA_SEAT.code, "matter_version": 1,
        "form_version": 1, "scene": TEA_SEAT.scene, "channel": "window", "state": "accepted", "applicant": 1,
        "applicant_name": "张建国", "household": 100, "answers": json.dumps({"guests": 2}), "submitted_at": now,
        "accepted_at": now, "submission_key": f"tea-{number}",
    } | changes
    with as_owner():
        case = Case.objects.create(**values)
        for person, name, relation in ((case.applicant, case.applicant_name, "本人"), (50 + number, "张小芽", "子女")):
            CaseMember.objects.create(case_id=case.pk, jurisdiction=case.jurisdiction, person=person, name=name,
                                      relation=relation)
    return case
