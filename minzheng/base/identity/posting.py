"""Posts: the system administrator proposes, the security administrator approves, either ends. Covers are dated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from minzheng.base import clock
from minzheng.base.audit import record
from minzheng.base.divisions.names import division_at
from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.base.identity.models import Account, Post
from minzheng.base.identity.officer import Officer, require_role
from minzheng.base.identity.roles import get_role
from minzheng.base.scope.ranges import LEVEL_NAMES, level_of, lies_in

LONGEST_COVER = 92
_THREE_APART = "系统、安全、审计管理员相互独立,也不能兼任业务岗位(三员分立)。"


@dataclass(frozen=True)
class Proposal:
    """A post to be: role × office × scenes × validity. `covers` is the id of the post that it stands in for (代岗)."""

    account: int
    role: str
    office: str
    scenes: Sequence[str]
    valid_from: dt.date
    valid_to: dt.date | None = None
    covers: int | None = None
    reason: str = ""


def call_door(function: str, arguments: Sequence[Any]) -> Any:
    """The single value that one of this room's doors answers."""
    marks = ", ".join(["%s"] * len(arguments))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}({marks})", list(arguments))
        return cursor.fetchone()[0]


def check_propose_post(proposal: Proposal, *, by: Officer) -> None:
    """Refused with a reason unless the post could be proposed by this administrator."""
    require_role(by, "system_admin")
    try:
        role = get_role(proposal.role)
    except KeyError:
        raise Refused("没有这种岗位,请从岗位列表中选择。", field="role") from None
    division_at(proposal.office)
    if not by.reaches(proposal.office):
        raise NotAllowed("只能设置本辖区内的岗位。")
    level = level_of(proposal.office)
    if level not in role.levels:
        allowed = "、".join(LEVEL_NAMES[n] for n in role.levels)
        raise Refused(f"{role.title}岗位只能设在{allowed}。", field="office")
    if role.admin and proposal.scenes:
        raise Refused("系统、安全、审计管理员不办理业务,不能选业务范围。", field="scenes")
    if not role.admin and not proposal.scenes:
        raise Refused("请选择岗位办理的业务范围。", field="scenes")
    if proposal.valid_to is not None and proposal.valid_to < proposal.valid_from:
        raise Refused("停用日期不能早于启用日期。", field="valid_to")
    if proposal.valid_to is not None and proposal.valid_to < clock.today():
        raise Refused("停用日期已经过去,请核对。", field="valid_to")
    account = Account.objects.filter(pk=proposal.account, person_id=None, is_active=True).first()
    if account is None:
        raise NotFound("没有找到这个工作人员账户,或账户已停用。")
    if account.pk == by.account_id:
        raise NotAllowed("不能给自己设置岗位。")
    _check_three_apart(proposal, role.admin)
    if proposal.covers is not None:
        _check_cover(proposal)


def _check_three_apart(proposal: Proposal, admin: bool) -> None:
    others = Post.objects.filter(Q(valid_to=None) | Q(valid_to__gte=proposal.valid_from), account=proposal.account,
                                 ended_at=None).exclude(role=proposal.role)
    if proposal.valid_to is not None:
        others = others.filter(valid_from__lte=proposal.valid_to)
    if any(admin or get_role(post.role).admin for post in others):
        raise Refused(f"{_THREE_APART}请先结束原岗位,或换一个账户。", field="role")


def _check_cover(proposal: Proposal) -> None:
    covered = Post.objects.filter(pk=proposal.covers or 0, ended_at=None, approved_by__isnull=False).first()
    if covered is None:
        raise NotFound("没有找到被代的岗位,或它已经结束。")
    if covered.covers_id is not None:
        raise Refused("代岗不能再由别人代。请直接代原岗位。", field="covers")
    if covered.account_id == proposal.account:
        raise Refused("本人不能代自己的岗位。", field="account")
    if proposal.role != covered.role or not lies_in(proposal.office, covered.office):
        raise Refused("代岗的岗位应与原岗位相同,管辖范围不能大于原岗位。", field="office")
    if "*" not in covered.scenes and not set(proposal.scenes) <= set(covered.scenes):
        raise Refused("代岗的业务范围不能大于原岗位。", field="scenes")
    if proposal.valid_to is None or (proposal.valid_to - proposal.valid_from).days > LONGEST_COVER:
        raise Refused(f"代岗必须写明起止日期,最长 {LONGEST_COVER} 天。", field="valid_to")
    if covered.valid_to is not None and proposal.valid_to > covered.valid_to:
        raise Refused(f"原岗位 {covered.valid_to} 到期,代岗不能更晚。", field="valid_to")
    if not proposal.reason.strip():
        raise Refused("请写明代岗的原因,例如休假。", field="reason")


def do_propose_post(proposal: Proposal, *, by: Officer) -> Post:
    """Writes the proposal; it has no effect until a security administrator approves it."""
    check_propose_post(proposal, by=by)
    try:
        number = call_door("identity_propose_post", [
            proposal.account, proposal.role, proposal.office, list(proposal.scenes), proposal.valid_from,
            proposal.valid_to, proposal.covers, proposal.reason.strip()])
    except IntegrityError as error:
        raise Refused(_THREE_APART) from error
    _record("identity.propose_post", by, number, proposal.office, reason=proposal.reason, after={
        "account": proposal.account, "role": proposal.role, "office": proposal.office,
        "scenes": list(proposal.scenes), "from": proposal.valid_from, "to": proposal.valid_to,
        "covers": proposal.covers})
    return Post.objects.get(pk=number)


def do_approve_post(number: int, *, by: Officer) -> Post:
    """The second pair of eyes: a security administrator who neither proposed the post nor gets it."""
    require_role(by, "security_admin")
    post = _post_for(number, by)
    if post.ended_at is not None:
        raise Refused("这个岗位已经结束或被退回。")
    if post.approved_by_id is not None:
        raise Refused("这个岗位已经批准过了。")
    if by.account_id in (post.proposed_by_id, post.account_id):
        raise NotAllowed("提出人和岗位本人都不能批准。请由另一位安全管理员办理。")
    if not call_door("identity_approve_post", [post.pk, clock.now()]):
        raise Refused("这个岗位刚刚被别人处理过,请刷新页面。")
    _record("identity.approve_post", by, post.pk, post.office, after={"account": post.account_id, "role": post.role})
    post.refresh_from_db()
    return post


def do_end_post(number: int, *, by: Officer, reason: str) -> Post:
    """Ends a post at once, or turns a proposal down; covers of it end too. The next request of its holder notices."""
    require_role(by, "system_admin", "security_admin")
    post = _post_for(number, by)
    if post.account_id == by.account_id:
        raise NotAllowed("不能结束自己的岗位。")
    if not reason.strip():
        raise Refused("请写明原因。", field="reason")
    if not call_door("identity_end_post", [post.pk, clock.now()]):
        raise Refused("这个岗位已经结束了。")
    _record("identity.end_post", by, post.pk, post.office, reason=reason.strip(),
            before={"account": post.account_id, "role": post.role})
    post.refresh_from_db()
    return post


def posts_in(by: Officer, *, waiting: bool = False, after: int = 0, limit: int = 50) -> list[Post]:
    """Posts within the administrator's range, or only the proposals that wait; keyset by id."""
    require_role(by, "system_admin", "security_admin", "audit_admin")
    low, high = by.range
    found = Post.objects.filter(office__gte=low, office__lt=high, id__gt=after).select_related("account", "covers")
    if waiting:
        found = found.filter(approved_by=None, ended_at=None)
    return list(found.order_by("id")[:limit])


def _post_for(number: int, by: Officer) -> Post:
    post = Post.objects.filter(pk=number).first()
    if post is None or not by.reaches(post.office):
        raise NotFound("没有找到这个岗位,或不在本辖区内。")
    return post


def _record(action: str, by: Officer, number: int, office: str, **more: Any) -> None:
    record(action, by=by, obj_type="post", obj_id=number, jurisdiction=office, **more)
