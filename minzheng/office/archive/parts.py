"""What goes into a package. The kernel brings the case itself; scenes and the ledger register their parts."""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Model

from minzheng.base import audit, flow
from minzheng.office.cases.models import Case, CaseEvent, CaseMember
from minzheng.office.decisions.models import Decision, Hearing, HearingTry, Service
from minzheng.office.decisions.models import Objection as DecisionObjection
from minzheng.office.materials.models import CaseMaterial
from minzheng.office.matters.catalogue import matter_of
from minzheng.office.notices.models import Notice
from minzheng.office.publicity.models import Objection, Publicity

Part = Callable[[Case], dict[str, bytes]]
_NAME = re.compile(r"[a-z][a-z0-9_]{1,31}")
_PATH = re.compile(r"[a-z0-9_][a-z0-9_.-]{0,63}(/[a-z0-9_][a-z0-9_.-]{0,63})?")
_parts: dict[str, Part] = {}


def register_part(name: str, part: Part) -> None:
    """`part` answers {file name: content} for a case, {} when it has none; they lie in parts/<name>/."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a part name: {name!r}")
    if _parts.setdefault(name, part) is not part:
        raise ValueError(f"archive part {name} is registered twice")


def as_json(value: Any) -> bytes:
    """Canonical JSON: sorted keys, no blanks, UTF-8. Bytes as base64, times as ISO 8601."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, Decimal) or type(value).__name__ == "UUID":
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be archived")


def row(item: Model) -> dict[str, Any]:
    """All stored values of a row, encrypted ones in clear: the package itself is encrypted at rest."""
    return {field.attname: getattr(item, field.attname) for field in item._meta.concrete_fields}


def rows(items: Iterable[Model]) -> bytes:
    return as_json([row(item) for item in items])


def contents(case: Case) -> dict[str, bytes]:
    """All files of the package apart from the stored ones, by path."""
    matter = matter_of(case.matter, case.matter_version)
    mine = {"case_id": case.pk}
    found = {
        "case.json": as_json(row(case) | {"answers": json.loads(case.answers), "matter_name": matter.name,
                                          "legal_basis": matter.legal_basis}),
        "members.json": rows(CaseMember.objects.filter(**mine).order_by("id")),
        "timeline.json": rows(CaseEvent.objects.filter(**mine).order_by("id")),
        "materials.json": rows(CaseMaterial.objects.filter(**mine).order_by("id")),
        "decisions.json": rows(Decision.objects.filter(**mine).order_by("id")),
        "hearings.json": rows([*HearingTry.objects.filter(**mine).order_by("id"),
                               *Hearing.objects.filter(**mine).order_by("id")]),
        "objections.json": rows(DecisionObjection.objects.filter(**mine).order_by("id")),
        "services.json": rows(Service.objects.filter(**mine).order_by("id")),
        "publicity.json": rows([*Publicity.objects.filter(**mine).order_by("id"),
                                *Objection.objects.filter(**mine).order_by("id")]),
        "notices.json": rows(Notice.objects.filter(case_code=case.code, person__isnull=False).order_by("id")),
        "flow.json": rows(flow.history(case.code)),
        "audit.json": as_json(_audit(case)),
    }
    for name, part in sorted(_parts.items()):
        for path, content in part(case).items():
            if not _PATH.fullmatch(path):
                raise ValueError(f"part {name}: not a file name: {path!r}")
            found[f"parts/{name}/{path}"] = content
    return found


def _audit(case: Case) -> list[dict[str, Any]]:
    """The audit records of the case within the acting range, oldest first."""
    entries: list[dict[str, Any]] = []
    before: int | None = None
    while page := audit.trail_of("case", case.code, before_id=before, limit=200):
        entries += [vars(entry) for entry in page]
        before = page[-1].id
    return entries[::-1]
