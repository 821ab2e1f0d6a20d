"""请假代岗: the absent officer asks, the head of the office agrees, and from the first day another stands in.

The stand-in gets a cover post of the same role, office and scenes, for these days only. What it does bears both names.
Passing the tasks on is the workflow's (`base.flow.covering`), which calls the writes here.
"""

from __future__ import annotations

import datetime as dt

from django.db.models import Q

from minzheng.base import clock
from minzheng.base.audit import record
from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.base.identity.models import Account, Leave, Post
from minzheng.base.identity.officer import Officer, Service
from minzheng.base.identity.posting import LONGEST_COVER, call_door
from minzheng.base.identity.posts import posts_in_force
from minzheng.base.identity.roles import get_role
from minzheng.base.scope.ranges import lies_in

AHEAD = 92  # days before which leave cannot be asked for yet (示例值)


def may_stand_in(post: Post, account: Account, on: dt.date) -> bool:
    """Whether the account works in the post's office or one above it, in a post of its own that is no administrator's."""
    held = [p for p in posts_in_force(account, on) if p.covers_id is None]
    return (account.pk != post.account_id and account.is_active and not any(get_role(p.role).admin for p in held)
            and any(lies_in(post.office, p.office) and p.office[:6] == post.office[:6] for p in held))


def candidates(post: Post) -> list[Account]:
    """Who could stand in: own posts at the same office and at those above it within the county, by name."""
    offices = {post.office[:n].ljust(12, "0") for n in (6, 9, 12)}
    today = clock.today()
    held = Post.objects.filter(Q(valid_to=None) | Q(valid_to__gte=today), office__in=offices, covers=None, ended_at=None,
                               approved_by__isnull=False, valid_from__lte=today, account__is_active=True)
    found = {p.account_id: p.account for p in held.exclude(account=post.account_id).select_related("account")
             if not get_role(p.role).admin}
    return sorted(found.values(), key=lambda account: account.pk)


def do_ask(*, stand_in: int, valid_from: dt.date, valid_to: dt.date, reason: str, tasks: str, by: Officer) -> Leave:
    """Leave from the acting post. The same days with the same stand-in again return the first request."""
    post = Post.objects.filter(pk=by.post_id, account=by.account_id, ended_at=None).first()
    if post is None or post.covers_id is not None:
        raise Refused("代岗岗位不能再请人代。请切换到您自己的岗位再请假。")
    heads = get_role(post.role).heads
    if not heads:
        raise Refused("这种岗位的代岗由系统管理员和安全管理员办理。")
    known = Leave.objects.filter(post=post, stand_in=stand_in, valid_from=valid_from, valid_to=valid_to,
                                 state__in=["asked", "approved"]).first()
    if known is not None:
        return known
    today = clock.today()
    if valid_from < today or valid_to < valid_from:
        raise Refused("请假从今天或以后开始,结束日期不能早于开始日期。", field="valid_to" if valid_from >= today else "valid_from")
    if (valid_to - valid_from).days > LONGEST_COVER or (valid_from - today).days > AHEAD:
        raise Refused(f"代岗最长 {LONGEST_COVER} 天,最早提前 {AHEAD} 天申请。", field="valid_to")
    if post.valid_to is not None and valid_to > post.valid_to:
        raise Refused(f"您的岗位 {post.valid_to} 到期,代岗不能更晚。", field="valid_to")
    if tasks not in dict(Leave.TASKS):
        raise Refused("请选择手头任务怎么办。", field="tasks")
    if len(reason.strip()) < 2:
        raise Refused("请写明原因,例如休假。", field="reason")
    account = Account.objects.filter(pk=stand_in, person_id=None).first()
    if account is None or not may_stand_in(post, account, today):
        raise Refused("代岗人应是本单位或上级单位在岗的工作人员,请从列表中选择。", field="stand_in")
    _check_days(post, account, valid_from, valid_to)
    row = Leave.objects.create(jurisdiction=post.office, post=post, account_id=post.account_id, stand_in=account,
                               heads=list(heads), valid_from=valid_from, valid_to=valid_to, reason=reason.strip(),
                               tasks=tasks, asked_at=clock.now())
    _record("leave.ask", row, by, reason=row.reason)
    return row


def _check_days(post: Post, account: Account, since: dt.date, until: dt.date) -> None:
    during = Leave.objects.filter(state__in=["asked", "approved"], valid_from__lte=until, valid_to__gte=since)
    if during.filter(post=post).exists():
        raise Refused("这几天已经有请假申请,请先撤回或结束那一次。", field="valid_from")
    if during.filter(account=account).exists():
        raise Refused(f"{account.name}这几天也请假,请另选代岗人。", field="stand_in")
    if Post.objects.filter(covers=post, ended_at=None, valid_from__lte=until, valid_to__gte=since).exists():
        raise Refused("这几天已经有人代这个岗位。", field="valid_from")


def leave_for(number: int, by: Officer | Service, *, lock: bool = False) -> Leave:
    rows = Leave.objects.select_for_update(of=("self",)) if lock else Leave.objects.all()
    row = rows.select_related("post", "account", "stand_in", "cover").filter(pk=number).first()
    if row is None:
        raise NotFound("没有找到这次请假,或不在本单位。")
    return row


def decides(row: Leave, by: Officer) -> bool:
    """Whether this officer is the head who may agree: the right role, the office within reach, neither of the two."""
    return (by.role in row.heads and by.covers is None and by.reaches(row.jurisdiction)
            and by.account_id not in (row.account_id, row.stand_in_id))


def agree(row: Leave, *, opinion: str, by: Officer) -> Leave:
    """The cover post comes to be. The row must be locked."""
    if row.state != "asked":
        raise Refused(f"这次请假{row.get_state_display()},不能再批准。")
    if not decides(row, by):
        raise NotAllowed("请假由本单位负责人批准,请假人和代岗人都不能批准。")
    if row.valid_to < clock.today():
        raise Refused("请假的日期已经过去,请退回重报。")
    _check_in_force(row)
    made = call_door("identity_cover_leave", [row.pk, clock.now()])
    if made is None:
        raise Refused("这次请假刚刚被别人处理过,或原岗位已结束,请刷新页面。")
    row.cover_id, row.state, row.opinion = made, "approved", opinion.strip()
    row.decided_by_id, row.decided_at = by.account_id, clock.now()
    row.save(update_fields=["cover", "state", "opinion", "decided_by", "decided_at"])
    _record("leave.approve", row, by, reason=row.opinion)
    return row


def _check_in_force(row: Leave) -> None:
    if not may_stand_in(row.post, row.stand_in, clock.today()):
        raise Refused(f"{row.stand_in.name}已不在本单位任职,请退回另选代岗人。")


def do_refuse(number: int, *, opinion: str, by: Officer) -> Leave:
    row = leave_for(number, by, lock=True)
    if row.state != "asked":
        raise Refused(f"这次请假{row.get_state_display()},不能再处理。")
    if not decides(row, by):
        raise NotAllowed("请假由本单位负责人批准,请假人和代岗人都不能批准。")
    if not opinion.strip():
        raise Refused("不批准的,请写明原因。", field="opinion")
    row.state, row.opinion, row.decided_by_id = "refused", opinion.strip(), by.account_id
    row.decided_at = row.closed_at = clock.now()
    row.save(update_fields=["state", "opinion", "decided_by", "decided_at", "closed_at"])
    _record("leave.refuse", row, by, reason=row.opinion)
    return row


def do_withdraw(number: int, *, by: Officer) -> Leave:
    """The absent officer takes back what has not been decided."""
    row = leave_for(number, by, lock=True)
    if row.account_id != by.account_id:
        raise NotAllowed("只能撤回自己的请假。")
    if row.state != "asked":
        raise Refused(f"这次请假{row.get_state_display()},不能撤回。已批准的可以提前结束。")
    row.state, row.closed_at = "withdrawn", clock.now()
    row.save(update_fields=["state", "closed_at"])
    _record("leave.withdraw", row, by)
    return row


def close(row: Leave, *, reason: str, by: Officer | Service) -> Leave:
    """The cover post ends. The row must be locked; ending an ended one changes nothing."""
    if row.state == "ended":
        return row
    if row.state != "approved":
        raise Refused("没有批准的请假不用结束。")
    if isinstance(by, Officer) and by.account_id != row.account_id and not decides(row, by):
        raise NotAllowed("由请假本人或批准的负责人结束代岗。")
    call_door("identity_uncover_leave", [row.pk, clock.now()])
    row.state, row.closed_at = "ended", clock.now()
    row.save(update_fields=["state", "closed_at"])
    _record("leave.end", row, by, reason=reason)
    return row


def _record(action: str, row: Leave, by: Officer | Service, reason: str = "") -> None:
    record(action, by=by, obj_type="leave", obj_id=row.pk, jurisdiction=row.jurisdiction, reason=reason,
           after={"post": row.post_id, "account": row.account_id, "stand_in": row.stand_in_id, "from": row.valid_from,
                  "to": row.valid_to, "state": row.state})
