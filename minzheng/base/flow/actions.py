"""Verbs on tasks. `check_…` may refuse; the verb then writes, audits and emits in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from minzheng.base import audit
from minzheng.base import clock as house_clock
from minzheng.base.errors import NotAllowed, NotFound, Refused, Stale
from minzheng.base.identity.models import Account, Post
from minzheng.base.identity.officer import Actor, Officer
from minzheng.base.identity.posts import hands_of, named, posts_at, posts_in_force
from minzheng.base.identity.roles import get_role
from minzheng.base.scope.ranges import lies_in

from . import registry
from .bpmn.definition import Definition, Element
from .limits import worked
from .models import CoSign, Process, ProcessDefinition, Task, TaskEvent, touch
from .running import begin, definition_of, engine_scope, lock, log, must_be_active, place_of, stepping

DONE_ELSEWHERE = "这个任务刚刚被别人处理过,请刷新页面看最新情况。"
Ref = Task | int


def start(
    process: str,
    *,
    subject: str,
    jurisdiction: str,
    data: Mapping[str, Any],
    by: Actor,
    version: int | None = None,
) -> Process:
    """Start a process for a subject (e.g. a case code). `data` must hold the inputs that the definition declares;
    other keys are left out. Refused when the subject already has a process."""
    definition, stored = published(process, version)
    check_inputs(definition, data)
    now = house_clock.now()
    with engine_scope(jurisdiction):
        try:
            with transaction.atomic():
                row = Process.objects.create(
                    subject=subject, jurisdiction=jurisdiction, definition=stored, state=b"", started_at=now,
                    scene=registry.scene_of(definition),
                )  # fmt: skip
        except IntegrityError as error:
            raise Refused("这个办件已经有流程在办,不能重复发起。") from error
        begin(row, {name: data[name] for name in definition.inputs}, by, now)
        audit.record(
            "flow.start", by=by, obj_type="process", obj_id=subject, jurisdiction=jurisdiction,
            after={"process": definition.label},
        )  # fmt: skip
    return row


def published(process: str, version: int | None = None) -> tuple[Definition, ProcessDefinition]:
    """The registered definition (by default the newest version) and its row. Refused when it is not published."""
    try:
        definition = registry.definition_of(process, version)
        return definition, ProcessDefinition.objects.only("id").get(
            code=process, version=definition.version, sha=definition.sha)
    except (LookupError, ProcessDefinition.DoesNotExist) as error:
        raise Refused("这个事项的流程还没有发布,请联系管理员。") from error


def check_inputs(definition: Definition, data: Mapping[str, Any]) -> None:
    missing = [name for name in definition.inputs if name not in data]
    if missing:
        raise Refused(f"缺少启动流程所需的信息:{'、'.join(missing)}。")


def get_task_for(by: Officer, ref: Ref) -> Task:
    """The task as it stands now, if the officer may see it; NotFound otherwise. The one door to a task."""
    pk = ref.pk if isinstance(ref, Task) else ref
    task = Task.objects.select_related("process").filter(pk=pk).first()
    if task is None or not by.reaches(task.jurisdiction):
        raise NotFound("没有找到这个任务,或它不在您的辖区。")
    return task


def element_of(task: Task) -> Element:
    """What the process definition says about the task: outcomes, signers, legal basis."""
    return definition_of(task.process).elements[task.key]


def check_seat(task: Task, by: Officer) -> None:
    """NotAllowed unless the acting post is of the task's office and role and serves its scene."""
    if by.role != task.role or by.jurisdiction != task.office:
        wanted = get_role(task.role).title
        raise NotAllowed(f"“{task.title}”由{wanted}岗位办理,当前岗位不能办。请切换岗位或转给相应人员。")
    if task.scene and not by.serves(task.scene):
        raise NotAllowed("当前岗位不办理这类事项,请切换岗位。")


def check_four_eyes(task: Task, *accounts: int) -> None:
    """NotAllowed when one of the accounts had a hand in an earlier task that must be somebody else's. A stand-in comes with
    the account it covers: what either did counts for both."""
    if task.kind == "notice":
        return
    others = element_of(task).not_same_as
    if not others:
        return
    earlier = Task.objects.filter(process_id=task.process_id, key__in=others, status="done")
    signed = CoSign.objects.filter(
        task__process_id=task.process_id, task__key__in=others, account__in=accounts, signed_at__isnull=False
    )
    done = earlier.filter(Q(completed_by__in=accounts) | Q(completed_for__in=accounts)).first()
    if done or signed.exists():
        title = done.title if done else "前面的环节"
        pair = "您或您代岗的人" if len(accounts) > 1 else "您"
        raise NotAllowed(f"{pair}办过“{title}”,“{task.title}”须由另一人办理。")


def able(task: Task) -> list[str]:
    """Names of those who hold the task's post today and had no hand in a task that must be another person's."""
    found = []
    for post in posts_at([task.office], task.role):
        if task.scene and not {"*", task.scene} & set(post.scenes):
            continue
        try:
            check_four_eyes(task, *hands_of(post))
        except NotAllowed:
            continue
        found.append(post.account.name)
    return found


def check_claim(task: Task, by: Officer) -> None:
    check_seat(task, by)
    must_be_active(task.process)
    if task.status != "ready":
        raise Stale(DONE_ELSEWHERE)
    check_four_eyes(task, *by.hands)


def claim(ref: Ref, *, by: Officer) -> Task:
    """Take a task. Of two who claim at once, one gets it and the other is told so (Stale)."""
    with transaction.atomic():
        task = get_task_for(by, ref)
        check_claim(task, by)
        now = house_clock.now()
        _write(task, task.version, status="claimed", assignee=by.account_id, assignee_for=by.covers,
               assignee_name=by.name[:64], claimed_at=now)
        _record(task, "claim", by)
    return task


def release(ref: Ref, *, by: Officer) -> Task:
    """Put a claimed task back for the office."""
    with transaction.atomic():
        task = get_task_for(by, ref)
        _check_mine(task, by)
        _write(task, task.version, status="ready", assignee=None, assignee_for=None, assignee_name="", claimed_at=None)
        _record(task, "release", by)
    return task


def transfer(ref: Ref, *, to: int, reason: str, by: Officer) -> Task:
    """Hand a task to another account that holds a post of the same role and office."""
    with transaction.atomic():
        task = get_task_for(by, ref)
        check_seat(task, by)
        must_be_active(task.process)
        if task.status == "claimed":
            _check_mine(task, by)
        elif task.status != "ready":
            raise Stale(DONE_ELSEWHERE)
        if not reason.strip():
            raise Refused("请写明转办的原因。", field="reason")
        account = _account(to)
        held = [p for p in posts_in_force(account) if p.role == task.role and p.office == task.office]
        if not held:
            raise Refused(f"{account.name}没有本单位的{get_role(task.role).title}岗位,不能转给他(她)。", field="to")
        post = next((p for p in held if p.covers is None), held[0])  # the own post before one held for somebody on leave
        check_four_eyes(task, *hands_of(post))
        now = house_clock.now()
        _write(task, task.version, status="claimed", assignee=to, assignee_name=named(account, post), claimed_at=now,
               assignee_for=post.covers.account_id if post.covers else None)
        _record(task, "transfer", by, reason.strip(), to=to)
    return task


def cosign(ref: Ref, *, accounts: Sequence[int], by: Officer) -> Task:
    """Ask further officers to sign; the task can be completed only when all have."""
    with transaction.atomic():
        task = get_task_for(by, ref)
        _check_mine(task, by)
        roles = element_of(task).cosign_roles or (task.role,)
        for pk in accounts:
            account = _account(pk)
            post = _cosign_post(account, roles, task)
            if post is None or pk == task.assignee:
                raise Refused(f"{account.name}不能会签这个任务:须是另一人,并有辖区内的会签岗位。", field="accounts")
            check_four_eyes(task, *hands_of(post))
            CoSign.objects.get_or_create(
                task=task, account=pk,
                defaults={
                    "jurisdiction": task.jurisdiction, "name": account.name, "role": post.role,
                    "asked_by": by.account_id, "asked_at": house_clock.now(),
                },
            )  # fmt: skip
        _write(task, task.version)
        _record(task, "cosign", by, accounts=list(accounts))
    return task


def sign(ref: Ref, *, by: Officer, comment: str = "") -> Task:
    """A co-signer signs."""
    with transaction.atomic():
        task = get_task_for(by, ref)
        must_be_active(task.process)
        row = CoSign.objects.select_for_update().filter(task=task, account=by.account_id).first()
        if row is None or by.role != row.role or not lies_in(task.jurisdiction, by.jurisdiction):
            raise NotAllowed("没有请您会签这个任务,或当前岗位不是会签岗位。")
        if task.status != "claimed" or row.signed_at is not None:
            raise Stale(DONE_ELSEWHERE)
        row.signed_at, row.comment = house_clock.now(), comment.strip()
        row.save(update_fields=["signed_at", "comment"])
        _write(task, task.version)
        _record(task, "sign", by, comment.strip())
    return task


def check_complete(task: Task, outcome: str, *, by: Officer, version: int) -> None:
    """May refuse; the same checks that `complete` makes."""
    _check_mine(task, by)
    if task.version != version:
        raise Stale(DONE_ELSEWHERE)
    check_four_eyes(task, *by.hands)
    if task.kind == "notice":
        return
    element = element_of(task)
    if outcome not in element.outcomes:
        raise Refused("请选择办理结果。", field="outcome")
    signs = list(CoSign.objects.filter(task=task))
    waiting = [s.name for s in signs if s.signed_at is None]
    if waiting:
        raise Refused(f"还有{'、'.join(waiting)}没有会签,签完才能提交。")
    if len(signs) + 1 < element.signers:
        raise Refused(f"“{task.title}”须有 {element.signers} 人签字,请先邀请会签。")


def complete(
    ref: Ref,
    *,
    by: Officer,
    outcome: str,
    version: int,
    comment: str = "",
    data: Mapping[str, Any] | None = None,
) -> Task:
    """Finish a claimed task with one of its outcomes; the process moves on in the same transaction. `version` is the
    task's as the page showed it (Stale when it has changed). `data` gives what the task declares to set."""
    return _finish(ref, by=by, outcome=outcome, version=version, comment=comment, data=data or {}, verb="complete")


def send_back(ref: Ref, *, to: str, reason: str, by: Officer, version: int) -> Task:
    """Finish a task by the outcome that the process has drawn as the way back to the task `to`."""
    task = get_task_for(by, ref)
    outcome = element_of(task).send_back.get(to) if task.kind == "task" else None
    if outcome is None:
        raise Refused("流程没有规定可以退回到这个环节。", field="to")
    if not reason.strip():
        raise Refused("请写明退回的原因。", field="reason")
    return _finish(ref, by=by, outcome=outcome, version=version, comment=reason, data={}, verb="send_back")


def _finish(
    ref: Ref, *, by: Officer, outcome: str, version: int, comment: str, data: Mapping[str, Any], verb: str
) -> Task:
    with transaction.atomic():
        process = lock(get_task_for(by, ref).subject)
        task = get_task_for(by, ref)
        check_complete(task, outcome, by=by, version=version)
        now = house_clock.now()
        _write(
            task, version, status="done", outcome=outcome, comment=comment.strip(), completed_by=by.account_id,
            completed_for=by.covers, completed_at=now, worked_days=worked(task, now),
        )  # fmt: skip
        _record(task, verb, by, comment.strip(), outcome=outcome)
        if task.kind == "task":
            assert task.token is not None
            with stepping(process, by, now) as run:
                run.complete(task.token, outcome, data)
    return task


def signal(subject: str, name: str, payload: Mapping[str, Any], *, by: Actor, missing_ok: bool = False) -> bool:
    """Deliver a message to the subject's process. Refused (or False with `missing_ok`) when nothing waits for it."""
    with engine_scope(place_of(subject)):
        process = lock(subject)
        must_be_active(process)
        now = house_clock.now()
        if name not in definition_of(process).messages():
            raise Refused("这个办件的流程不接收这类消息。")
        with stepping(process, by, now) as run:
            caught = run.catch(name, payload)
            if not caught and not missing_ok:
                raise Refused("这个办件现在的环节不需要这一步,请刷新页面看最新情况。")
        if caught:
            log(process, None, "signal", by, now, caught[0].name, message=name)
            audit.record(
                "flow.signal", by=by, obj_type="process", obj_id=subject, jurisdiction=process.jurisdiction,
                after={"message": name},
            )  # fmt: skip
    return bool(caught)


def _check_mine(task: Task, by: Officer) -> None:
    check_seat(task, by)
    must_be_active(task.process)
    if task.status == "ready":
        raise Refused("请先签收这个任务。")
    if task.status != "claimed":
        raise Stale(DONE_ELSEWHERE)
    if task.assignee != by.account_id:
        raise NotAllowed(f"这个任务由{task.assignee_name}办理,不能代办。需要时请他(她)转办。")
    if task.assignee_for != by.covers:
        raise NotAllowed("这个任务由您的另一个岗位签收,请先切换岗位(代岗与本岗分开办理)。")


def _account(pk: int) -> Account:
    account = Account.objects.filter(pk=pk, is_active=True).first()
    if account is None:
        raise Refused("没有这个工作人员账户,或已停用。")
    return account


def _cosign_post(account: Account, roles: Sequence[str], task: Task) -> Post | None:
    return next((p for p in posts_in_force(account) if p.role in roles and lies_in(task.jurisdiction, p.office)), None)


def _write(task: Task, version: int, **changes: Any) -> None:
    if not touch(task, version, **changes):
        raise Stale(DONE_ELSEWHERE)


def _record(task: Task, verb: str, by: Officer, text: str = "", **data: Any) -> None:
    TaskEvent.objects.create(
        process_id=task.process_id, task=task, subject=task.subject, jurisdiction=task.jurisdiction, verb=verb,
        account=by.account_id, name=by.name, role=by.role, at=house_clock.now(), text=text, data=data,
    )  # fmt: skip
    audit.record(
        f"flow.{verb}", by=by, obj_type="task", obj_id=task.pk, jurisdiction=task.jurisdiction,
        after={"subject": task.subject, "key": task.key, **data}, reason=text,
    )  # fmt: skip
