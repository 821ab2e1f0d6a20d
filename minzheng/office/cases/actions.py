"""What can be done with a case. `check_…` may refuse; `do_…` writes, audits and emits in one transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, connection, transaction

from minzheng.base import audit, clock, events, flow
from minzheng.base.divisions.names import division_at, full_name, jurisdiction_for
from minzheng.base.errors import NotAllowed, Refused
from minzheng.base.identity.officer import Actor, Citizen, Officer, require_role
from minzheng.base.scope.ranges import level_of, lies_in, office_of
from minzheng.data import registry
from minzheng.office.cases.delegation import is_delegated
from minzheng.office.cases.doors import check_version, get_case_for, get_case_for_citizen
from minzheng.office.cases.models import OPEN_STATES, Case, CaseMember
from minzheng.office.cases.timeline import note
from minzheng.office.matters.catalogue import matter_of
from minzheng.office.matters.definitions import CHANNELS, Matter

WINDOW = ("town_clerk", "village_worker", "county_clerk")
HANDERS = ("town_clerk", "county_clerk", "county_approver")
RELATIONS = ("本人", "配偶", "子女", "父母", "祖父母", "孙子女", "兄弟姐妹", "其他")


@dataclass(frozen=True)
class Member:
    """One person of the application, already found in the registry."""

    person: int
    name: str
    relation: str
    counted: bool = True
    reason: str = ""


@dataclass(frozen=True)
class Application:
    """What a window clerk or a citizen submits. `place` is the village of the household register, or where the need arose.
    `stated`: how somebody is called whom the registry does not know (yet); there are no members then."""

    matter: str
    place: str
    channel: str
    members: Sequence[Member]
    answers: dict[str, Any]
    household: int | None = None
    key: str = ""
    flags: dict[str, Any] = field(default_factory=dict)
    stated: str = ""


def _people_with_open_case(people: list[int], matter: str) -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute("select person, county from open_case_elsewhere(%s, %s)", [people, matter])
        return list(cursor.fetchall())


def check_submit(application: Application, *, by: Actor) -> Matter:
    """Refused with a reason unless the application could be taken in as it stands."""
    matter = matter_of(application.matter)
    if application.channel not in matter.channels:
        raise Refused(f"{matter.name}不能从这个渠道申请。")
    if matter.stated and application.stated and not application.members and isinstance(by, Officer):
        _check_place(application.place)
        return matter
    if not application.members:
        raise Refused("请至少填写申请人本人。", field="members")
    if application.members[0].relation != "本人":
        raise Refused("第一位家庭成员应为申请人本人。", field="members")
    people = [m.person for m in application.members]
    if len(set(people)) != len(people):
        raise Refused("同一个人填写了两次,请删去重复的一行。", field="members")
    for member in application.members:
        if member.relation not in RELATIONS:
            raise Refused(f"{member.name}的关系没有选择,请补全。", field="members")
        if not member.counted and not member.reason:
            raise Refused(f"{member.name}不计入共同生活成员,请写明原因。", field="members")
    _check_place(application.place)
    if isinstance(by, Citizen) and application.members[0].person != by.person_id:
        raise NotAllowed("只能为自己所在的家庭申请。替别人申请请到窗口办理代办手续。")
    names = {m.person: m.name for m in application.members}
    counted = [m.person for m in application.members if m.counted]
    for person, county in _people_with_open_case(counted, matter.code):
        raise Refused(f"{names[person]}已在{full_name(county)}的一件未办结的{matter.name}中,不能重复申请。"
                      "请先办结或撤回那一件。", field="members")
    return matter


def _check_place(place: str) -> None:
    division_at(place)
    if level_of(place) < 4:
        raise Refused("户籍地应选到乡镇(街道)或村(社区)。", field="place")


def submitted_before(key: str) -> Case | None:
    """The case that was opened under this key. Who submits the key at the same moment waits for the first."""
    if not key:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"case:submit:{key}"])
    return Case.objects.filter(submission_key=key).first()


def do_submit(application: Application, *, by: Actor) -> Case:
    """Opens a case and starts its process. The same `key` again returns the first case (double click)."""
    earlier = submitted_before(application.key)
    if earlier is not None:
        return earlier
    matter = check_submit(application, by=by)
    if isinstance(by, Officer):
        if not by.serves(matter.scene):
            raise NotAllowed("当前岗位不办理这类事项,请切换岗位。")
        require_role(by, *WINDOW)
    place = jurisdiction_for(application.place)
    flags = {**application.flags, "delegated": is_delegated(matter.code, place)}
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute("select next_case_code(%s)", [office_of(place, 3) + f"{now:%Y%m%d}"])
        (code,) = cursor.fetchone()
    head = application.members[0] if application.members else None
    person, name = (head.person, head.name) if head else (None, application.stated)
    try:
        with transaction.atomic():
            case = Case.objects.create(
                code=code, jurisdiction=place, matter=matter.code, matter_version=matter.version,
                form_version=matter.form_version, scene=matter.scene, channel=application.channel,
                applicant=person, applicant_name=name, household=application.household,
                answers=json.dumps(application.answers, ensure_ascii=False), flags=flags,
                submitted_at=now, created_by=by.account_id, submission_key=application.key or code)
    except IntegrityError as error:
        raise Refused(f"这户家庭已有一件未办结的{matter.name},不能重复申请。请先办结或撤回那一件。") from error
    CaseMember.objects.bulk_create([
        CaseMember(case_id=case.pk, jurisdiction=place, person=m.person, name=m.name, relation=m.relation,
                   counted=m.counted, reason=m.reason) for m in application.members])
    flow.start(matter.process, version=matter.process_version, subject=code, jurisdiction=place,
               data=flags, by=by)
    note(case, "submitted", "提交申请", by=by, text=f"渠道:{CHANNELS[application.channel]}")
    audit.record("case.submit", by=by, obj_type="case", obj_id=code, jurisdiction=place, subject_person=person,
                 after={"matter": matter.code, "members": [m.person for m in application.members]},
                 reason="提交申请")
    events.emit("case.submitted", aggregate=code, jurisdiction=place, payload={"case": code, "matter": matter.code})
    return case


def touch(case: Case, **changes: Any) -> None:
    """Writes changes to the case if nobody else has meanwhile; Stale otherwise."""
    before = case.version
    done = Case.objects.filter(pk=case.pk, version=before).update(version=before + 1, **changes)
    if not done:
        check_version(case, before + 1)
    for name, value in changes.items():
        setattr(case, name, value)
    case.version = before + 1


def do_accept(case: Case, *, by: Officer) -> None:
    """受理: from here the whole-case clock runs, which the process starts."""
    matter = matter_of(case.matter, case.matter_version)
    touch(case, state="accepted", accepted_at=clock.now())
    note(case, "accepted", "已受理", by=by, text=matter.promise)
    audit.record("case.accept", by=by, obj_type="case", obj_id=case.code, jurisdiction=case.jurisdiction,
                 subject_person=case.applicant, before={"state": "submitted"}, after={"state": "accepted"})
    events.emit("case.accepted", aggregate=case.code, jurisdiction=case.jurisdiction, payload={"case": case.code})


def do_ask_supplement(case: Case, missing: Sequence[str], *, by: Officer, text: str = "") -> None:
    """补正: one notice names all that is missing (一次性告知); the process pauses its clocks while it waits."""
    items = [item.strip() for item in missing if item.strip()]
    if not items:
        raise Refused("请写明缺少的全部材料或内容,一次告知申请人。", field="missing")
    touch(case, state="supplement", flags={**case.flags, "missing": items, "before_supplement": case.state})
    note(case, "supplement", "需要补正", by=by, text=";".join(items) + (f"。{text}" if text else ""))
    audit.record("case.ask_supplement", by=by, obj_type="case", obj_id=case.code, jurisdiction=case.jurisdiction,
                 subject_person=case.applicant, after={"missing": items})
    events.emit("case.supplement_asked", aggregate=case.code, jurisdiction=case.jurisdiction,
                payload={"case": case.code, "missing": items})


def do_supplement(code: str, *, by: Actor, text: str, version: int) -> Case:
    """The applicant (or a clerk for the applicant) has handed in what was missing; the clocks run again."""
    case = _mine_or_ours(code, by)
    check_version(case, version)
    if case.state != "supplement":
        raise Refused("这个办件现在不需要补正。")
    if not text.strip():
        raise Refused("请写一句补正说明,方便工作人员查看。", field="text")
    flags = {k: v for k, v in case.flags.items() if k not in ("missing", "before_supplement")}
    touch(case, state=case.flags.get("before_supplement", "submitted"), flags=flags)
    flow.signal(case.code, "supplemented", {}, by=by)
    note(case, "supplemented", "已补正", by=by, text=text.strip())
    audit.record("case.supplement", by=by, obj_type="case", obj_id=case.code, jurisdiction=case.jurisdiction,
                 subject_person=case.applicant, reason=text.strip())
    events.emit("case.supplemented", aggregate=case.code, jurisdiction=case.jurisdiction, payload={"case": case.code})
    return case


def _mine_or_ours(code: str, by: Actor) -> Case:
    if isinstance(by, Citizen):
        return get_case_for_citizen(by, code, lock=True)
    if isinstance(by, Officer):
        case = get_case_for(by, code, lock=True)
        require_role(by, *WINDOW)
        return case
    raise NotAllowed("服务岗不能代替申请人操作。")


def close(case: Case, state: str, title: str, *, by: Actor, text: str = "") -> None:
    """Brings a case to one of its final states and ends what still waits on it."""
    touch(case, state=state, closed_at=clock.now())
    note(case, state, title, by=by, text=text)
    audit.record(f"case.{state}", by=by, obj_type="case", obj_id=case.code, jurisdiction=case.jurisdiction,
                 subject_person=case.applicant, after={"state": state}, reason=text)
    events.emit(f"case.{state}", aggregate=case.code, jurisdiction=case.jurisdiction, payload={"case": case.code})


def do_withdraw(code: str, *, by: Actor, reason: str, version: int) -> Case:
    """The applicant withdraws before the decision."""
    case = _mine_or_ours(code, by)
    check_version(case, version)
    if case.state not in ("submitted", "accepted", "supplement"):
        raise Refused("已经作出决定的办件不能撤回。对决定不服,可以提出异议。")
    if not reason.strip():
        raise Refused("请写明撤回的原因。", field="reason")
    flow.signal(case.code, "withdrawn", {}, by=by)
    close(case, "withdrawn", "申请人撤回", by=by, text=reason.strip())
    return case


def do_object(code: str, *, by: Actor, about: str, text: str, version: int) -> Case:
    """异议: against a finding, a publicity or the decision. It is recorded, answered by a task, never dropped."""
    if about not in ("check", "publicity", "decision"):
        raise Refused("请选择对哪一项有异议。", field="about")
    if len(text.strip()) < 5:
        raise Refused("请把不同意的地方写清楚(至少 5 个字)。", field="text")
    case = _mine_or_ours(code, by)
    check_version(case, version)
    if about == "decision" and case.state not in ("decided", "closed"):
        raise Refused("还没有作出决定,暂时不能对决定提出异议。")
    if about != "decision" and case.state != "accepted":
        raise Refused("现在的环节不能对这一项提出异议。")
    touch(case, flags={**case.flags, "objections": [*case.flags.get("objections", []), about]})
    note(case, "objection", "提出异议", by=by, text=text.strip())
    audit.record("case.object", by=by, obj_type="case", obj_id=case.code, jurisdiction=case.jurisdiction,
                 subject_person=case.applicant, after={"about": about}, reason=text.strip())
    events.emit("case.objected", aggregate=case.code, jurisdiction=case.jurisdiction,
                payload={"case": case.code, "about": about})
    return case


def do_hand_over(code: str, target: str, *, by: Officer, reason: str, version: int) -> Case:
    """移交: another jurisdiction becomes answerable; we keep access as a party. Checks and audits inside the door.

    The register of the household may stay where it is: the new place reads the members by a grant of ours.
    """
    case = get_case_for(by, code, lock=True)
    check_version(case, version)
    require_role(by, *HANDERS)
    if case.state not in OPEN_STATES:
        raise Refused("办结的办件不能移交。")
    division_at(target)
    if target == case.jurisdiction or level_of(target) < 4:
        raise Refused("请选择接收的乡镇(街道)或村(社区)。", field="target")
    if not reason.strip():
        raise Refused("请写明移交的原因。", field="reason")
    note(case, "handed_over", f"移交至{full_name(target)}", by=by, text=reason.strip())
    audit.record("case.hand_over", by=by, obj_type="case", obj_id=case.code, jurisdiction=case.jurisdiction,
                 subject_person=case.applicant, before={"jurisdiction": case.jurisdiction},
                 after={"jurisdiction": target}, reason=reason.strip())
    people = registry.people_by_id([m.person for m in case.members], strict=False)
    registry.share_with(by, people.values(), target, f"办件 {code} 移交", fields=("id_number", "phone", "bank_account"))
    head = people.get(case.applicant or 0)
    way = "hukou" if head is not None and lies_in(head.jurisdiction, office_of(case.jurisdiction, 4)) else "residence"
    with connection.cursor() as cursor:
        cursor.execute("select hand_over_case(%s, %s, %s)", [case.pk, target, way])
    flow.move(case.code, target)
    events.emit("case.handed_over", aggregate=case.code, jurisdiction=target, payload={"case": case.code})
    return case

