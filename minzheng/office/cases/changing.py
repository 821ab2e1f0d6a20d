"""改按另一事项办理: the same case, with its number, people, answers and materials, goes on as another matter."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction

from minzheng.base import audit, events, flow
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Officer
from minzheng.office.cases.actions import touch
from minzheng.office.cases.delegation import is_delegated
from minzheng.office.cases.models import Case
from minzheng.office.cases.timeline import note
from minzheng.office.matters.catalogue import matter_of


def do_change_matter(case: Case, matter: str, *, answers: dict[str, Any], done: Sequence[flow.Done], by: Officer,
                     reason: str) -> Case:
    """The case becomes one of the newest version of `matter`. `done` are the steps that the new process need not ask
    for again. The caller holds the case locked and has checked that its stage allows it. The whole-case clock goes on
    from its first start, under the new matter's limit."""
    target = matter_of(matter)
    if target.code == case.matter:
        raise Refused("办件已经是这个事项。", field="matter")
    if len(reason.strip()) < 5:
        raise Refused("请写明改按其他事项办理的理由(至少 5 个字)。", field="reason")
    before = matter_of(case.matter, case.matter_version)
    flags = {**case.flags, "delegated": is_delegated(target.code, case.jurisdiction),
             "matters": [*case.flags.get("matters", []), [case.matter, case.matter_version]]}
    try:
        with transaction.atomic():
            touch(case, matter=target.code, matter_version=target.version, form_version=target.form_version, flags=flags,
                  answers=json.dumps(answers, ensure_ascii=False))
    except IntegrityError as error:
        raise Refused(f"这户家庭已有一件未办结的{target.name},不能再改按它办理。", field="matter") from error
    note(case, "changed", f"改按{target.short_name or target.name}办理", by=by, text=reason.strip())
    audit.record("case.change_matter", by=by, obj_type="case", obj_id=case.code, jurisdiction=case.jurisdiction,
                 subject_person=case.applicant, before={"matter": before.code, "version": before.version},
                 after={"matter": target.code, "version": target.version}, reason=reason.strip())
    flow.replace(case.code, target.process, version=target.process_version, data=flags, done=done, by=by, reason=reason)
    total = flow.clock_of(case.code, "total")
    if total is not None and total.stopped_at is None:
        touch(case, due_at=total.due_at)
    events.emit("case.changed", aggregate=case.code, jurisdiction=case.jurisdiction,
                payload={"case": case.code, "from": before.code, "to": target.code})
    return case
