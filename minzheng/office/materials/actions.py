"""Collecting, uploading, replacing and waiving materials."""

from __future__ import annotations

from typing import Any

from minzheng.base import audit, clock, files
from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.base.identity.officer import Actor, Citizen, Officer, require_role
from minzheng.office.cases.doors import get_case_for, get_case_for_citizen
from minzheng.office.cases.models import Case
from minzheng.office.cases.timeline import actor_title, note
from minzheng.office.materials.models import CaseMaterial
from minzheng.office.materials.queries import current_of, missing_of
from minzheng.office.materials.sources import Found, look_up
from minzheng.office.matters.catalogue import matter_of
from minzheng.office.matters.definitions import Material

CLERKS = ("village_worker", "town_clerk", "town_reviewer", "county_clerk")
CHANGEABLE = ("submitted", "accepted", "supplement")


def collect(case: Case, *, by: Actor) -> list[CaseMaterial]:
    """Takes what the registry and earlier cases of the household already have; returns all that is still to be asked.

    Run again it fills gaps only: what is present or waived stays.
    """
    have = {row.code: row for row in current_of(case)}
    taken: list[str] = []
    fresh: list[CaseMaterial] = []
    for spec in matter_of(case.matter, case.matter_version).materials:
        row = have.get(spec.code)
        if row is not None and row.status != "missing":
            continue
        found = _found(spec, case)
        if row is not None and found is None:
            continue
        if found is None:
            fresh.append(_filled(case, spec, None, by, status="missing", obtained=spec.obtained))
            continue
        filled = _filled(case, spec, row, by, status="present", obtained=found.obtained, reference=found.reference,
                         as_of=found.as_of, file=found.file)
        if row is None:
            fresh.append(filled)
        else:
            filled.save()
        taken.append(spec.title)
    CaseMaterial.objects.bulk_create(fresh)
    if taken:
        note(case, "materials_collected", f"免提交材料 {len(taken)} 份", by=by, text="、".join(taken))
        _record("material.collect", case, by, after={"taken": taken})
    return missing_of(case)


def do_upload(code: str, material: str, content: bytes, *, name: str, by: Actor) -> CaseMaterial:
    """Stores the file of a material that is missing. A citizen may do so for the own open case only."""
    case, spec, row = _open_case(code, material, by)
    if row is not None and row.status == "present":
        raise Refused(f"“{spec.title}”已经有了。如需更换,请使用“更换”。", field=material)
    fresh = _store(case, spec, row, content, name, by)
    note(case, "material_uploaded", f"提交材料:{spec.title}", by=by)
    _record("material.upload", case, by, after={"material": material, "file": fresh.file})
    return fresh


def do_replace(code: str, material: str, content: bytes, *, name: str, by: Actor, reason: str = "") -> CaseMaterial:
    """Puts a new file in the place of a present material; the old one is kept and still shown as 已更换."""
    case, spec, row = _open_case(code, material, by)
    if row is None or row.status != "present":
        raise Refused(f"“{spec.title}”还没有提交过,请直接上传。", field=material)
    if isinstance(by, Citizen) and row.obtained in ("registry", "earlier"):
        raise NotAllowed("这份材料是从共享数据中取得的。如果内容有误,请在申请页提出异议,由工作人员核实后更换。")
    fresh = _store(case, spec, row, content, name, by)
    note(case, "material_replaced", f"更换材料:{spec.title}", by=by, text=reason.strip())
    _record("material.replace", case, by, before={"file": row.file, "reference": row.reference},
            after={"material": material, "file": fresh.file}, reason=reason.strip())
    return fresh


def do_waive(code: str, material: str, *, by: Officer, reason: str) -> CaseMaterial:
    """免交: an officer says why the material need not be handed in."""
    if not reason.strip():
        raise Refused("请写明免交这份材料的原因。", field="reason")
    case, spec, row = _open_case(code, material, by)
    if row is not None and row.status == "present":
        raise Refused(f"“{spec.title}”已经有了,不需要免交。", field=material)
    fresh = _put(case, spec, row, by, status="waived", obtained=spec.obtained, reason=reason.strip())
    note(case, "material_waived", f"免交材料:{spec.title}", by=by, text=reason.strip())
    _record("material.waive", case, by, after={"material": material}, reason=reason.strip())
    return fresh


def why_not(case: Case, by: Officer) -> str:
    """Why the post cannot change the case's materials now; empty when it can."""
    if case.state not in CHANGEABLE:
        return "这个办件已经作出决定或已结束,材料不再变动。"
    if not by.reaches(case.jurisdiction):
        return "本单位是协办单位,可以查看,不能上传或更换。"
    if by.role not in CLERKS:
        return "材料由经办岗位上传、更换或免交,当前岗位可以查看。"
    return ""


def _found(spec: Material, case: Case) -> Found | None:
    if spec.obtained == "sign":
        return look_up(spec.code, case)
    if spec.obtained not in ("registry", "earlier"):
        return None
    return look_up(spec.code, case) or _earlier(spec, case)


def _earlier(spec: Material, case: Case) -> Found | None:
    """The newest file of the same material in an earlier case of the household, or of the applicant."""
    if case.applicant is None:
        return None
    earlier = Case.objects.exclude(pk=case.pk)
    earlier = earlier.filter(household=case.household) if case.household else earlier.filter(applicant=case.applicant)
    codes = dict(earlier.order_by("-id").values_list("pk", "code")[:50])
    row = CaseMaterial.objects.filter(case_id__in=codes, code=spec.code, status="present",
                                      file__isnull=False).order_by("-id").first()
    return Found(f"办件 {codes[row.case_id]}", row.as_of, row.file, "earlier") if row else None


def _put(case: Case, spec: Material, row: CaseMaterial | None, by: Actor, **values: Any) -> CaseMaterial:
    """Fills the row of a missing material; anything else is retired and a new row takes its place."""
    if row is not None and row.status != "missing":
        CaseMaterial.objects.filter(pk=row.pk).update(status="replaced")
    fresh = _filled(case, spec, row if row is not None and row.status == "missing" else None, by, **values)
    fresh.save()
    return fresh


def _filled(case: Case, spec: Material, row: CaseMaterial | None, by: Actor, **values: Any) -> CaseMaterial:
    fresh = row if row is not None else CaseMaterial(
        case_id=case.pk, jurisdiction=case.jurisdiction, code=spec.code, title=spec.title, required=spec.required)
    for name, value in values.items():
        setattr(fresh, name, value)
    fresh.actor, fresh.at = actor_title(by), clock.now()
    return fresh


def _open_case(code: str, material: str, by: Actor) -> tuple[Case, Material, CaseMaterial | None]:
    if isinstance(by, Citizen):
        case = get_case_for_citizen(by, code, lock=True)
    elif isinstance(by, Officer):
        case = get_case_for(by, code, lock=True)
        require_role(by, *CLERKS)
    else:
        raise NotAllowed("服务岗不能代替申请人提交材料。")
    if case.state not in CHANGEABLE:
        raise Refused("这个办件已经作出决定或已结束,不能再提交或更换材料。")
    specs = {m.code: m for m in matter_of(case.matter, case.matter_version).materials}
    if material not in specs:
        raise NotFound("这个事项没有这份材料,请从材料清单中选择。")
    row = CaseMaterial.objects.filter(case_id=case.pk, code=material).exclude(status="replaced").first()
    return case, specs[material], row


def _store(case: Case, spec: Material, row: CaseMaterial | None, content: bytes, name: str, by: Actor) -> CaseMaterial:
    stored = files.store(content, name=name, by=by, jurisdiction=case.jurisdiction, kind="material",
                         case_id=case.pk, person_id=case.applicant)
    return _put(case, spec, row, by, status="present", obtained="sign" if spec.obtained == "sign" else "upload",
                file=stored.pk, as_of=clock.today())


def _record(action: str, case: Case, by: Actor, **more: Any) -> None:
    audit.record(action, by=by, obj_type="case", obj_id=case.code, jurisdiction=case.jurisdiction,
                 subject_person=case.applicant, **more)
