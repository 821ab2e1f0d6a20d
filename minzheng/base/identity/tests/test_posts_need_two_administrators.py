from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from minzheng.base import audit, clock
from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.base.identity.models import Account, Post
from minzheng.base.identity.officer import Officer
from minzheng.base.identity.posting import (
    Proposal,
    do_approve_post,
    do_end_post,
    do_propose_post,
    posts_in,
)
from minzheng.base.identity.posts import posts_in_force
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.cast import COUNTY, NEIGHBOUR_COUNTY, TOWNSHIP, VILLAGE


@pytest.fixture
def newcomer(people: Cast) -> Account:
    with as_owner():
        return Account.objects.create(username="newcomer", name="新来的", password="!")


def proposal(who: Account, **changes: Any) -> Proposal:
    values = {"account": who.pk, "role": "town_clerk", "office": TOWNSHIP, "scenes": ["teahouse"],
              "valid_from": clock.today()} | changes
    return Proposal(**values)


def propose(people: Cast, who: Account, **changes: Any) -> Post:
    with acting_as(people.system_admin):
        return do_propose_post(proposal(who, **changes), by=people.system_admin)


def nothing_made(account: Account) -> None:
    with as_owner():
        assert not Post.objects.filter(account=account).exists()


def test_a_post_works_only_after_another_administrator_approved_it(people: Cast, newcomer: Account) -> None:
    post = propose(people, newcomer)
    assert posts_in_force(newcomer) == []
    with acting_as(people.security_admin):
        assert [p.pk for p in posts_in(people.security_admin, waiting=True)] == [post.pk]
        do_approve_post(post.pk, by=people.security_admin)
        with pytest.raises(Refused, match="批准过"):
            do_approve_post(post.pk, by=people.security_admin)
        assert posts_in(people.security_admin, waiting=True) == []
    assert [p.pk for p in posts_in_force(newcomer)] == [post.pk]
    with acting_as(people.audit_admin):
        since = clock.now() - dt.timedelta(days=1)
        found = audit.search(by_role=people.audit_admin.role, since=since, until=clock.now() + dt.timedelta(days=1))
        assert {"identity.propose_post", "identity.approve_post"} <= {entry.action for entry in found}


@pytest.mark.parametrize("who", ["security_admin", "audit_admin", "leader", "county", "clerk", "province",
                                 "data_officer"])
def test_nobody_else_proposes(people: Cast, newcomer: Account, who: str) -> None:
    other = getattr(people, who)
    with acting_as(other), pytest.raises(NotAllowed):
        do_propose_post(proposal(newcomer), by=other)
    nothing_made(newcomer)


@pytest.mark.parametrize("who", ["system_admin", "audit_admin", "leader", "county", "clerk", "province"])
def test_nobody_else_approves(people: Cast, newcomer: Account, who: str) -> None:
    post = propose(people, newcomer)
    other = getattr(people, who)
    with acting_as(other), pytest.raises(NotAllowed):
        do_approve_post(post.pk, by=other)
    assert posts_in_force(newcomer) == []


def test_the_database_refuses_who_pretends_to_be_an_administrator(people: Cast, newcomer: Account) -> None:
    pretender = replace(people.clerk, role="system_admin")
    with acting_as(pretender), pytest.raises(DatabaseError, match="system_admin is needed"), transaction.atomic():
        do_propose_post(proposal(newcomer), by=pretender)
    with acting_as(people.clerk), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Post.objects.create(account=newcomer, role="town_clerk", office=TOWNSHIP, valid_from=clock.today())
    nothing_made(newcomer)


@pytest.mark.parametrize(("changes", "error", "words"), [
    ({"role": "emperor"}, Refused, "没有这种岗位"),
    ({"office": "320583999000"}, Refused, "没有代码"),
    ({"office": NEIGHBOUR_COUNTY, "role": "county_clerk"}, NotAllowed, "本辖区"),
    ({"office": COUNTY}, Refused, "只能设在"),
    ({"scenes": []}, Refused, "业务范围"),
    ({"role": "audit_admin", "office": COUNTY}, Refused, "不办理业务"),
    ({"valid_to": dt.date(2020, 1, 1), "valid_from": dt.date(2019, 1, 1)}, Refused, "已经过去"),
    ({"valid_to": dt.date(2020, 1, 1)}, Refused, "不能早于"),
    ({"account": 0}, NotFound, "没有找到"),
])
def test_an_impossible_post_is_refused(people: Cast, newcomer: Account, changes: dict[str, Any], error: type[Refused],
                                       words: str) -> None:
    with pytest.raises(error, match=words):
        propose(people, newcomer, **changes)
    nothing_made(newcomer)


def test_nobody_makes_or_approves_the_own_post(people: Cast) -> None:
    with as_owner():
        system = Account.objects.get(pk=people.system_admin.account_id)
        security = Account.objects.get(pk=people.security_admin.account_id)
    with pytest.raises(NotAllowed, match="自己"):
        propose(people, system, role="system_admin", scenes=[], office=COUNTY)
    own = propose(people, security, role="security_admin", scenes=[], office=COUNTY)
    with acting_as(people.security_admin), pytest.raises(NotAllowed, match="本人"):
        do_approve_post(own.pk, by=people.security_admin)
    with acting_as(people.security_admin), pytest.raises(NotAllowed, match="自己"):
        do_end_post(people.security_admin.post_id, by=people.security_admin, reason="不干了")


@pytest.mark.parametrize("role", ["system_admin", "security_admin", "audit_admin"])
def test_the_three_administrators_exclude_one_another_and_business_posts(
        people: Cast, newcomer: Account, role: str) -> None:
    propose(people, newcomer)
    with pytest.raises(Refused, match="三员分立"):
        propose(people, newcomer, role=role, scenes=[], office=COUNTY)
    with as_owner():
        auditor = Account.objects.get(pk=people.audit_admin.account_id)
    with pytest.raises(Refused, match="三员分立"):
        propose(people, auditor)
    with as_owner():
        for account, kind in ((newcomer, role), (auditor, "town_clerk")):
            with pytest.raises(DatabaseError, match="no other post"), transaction.atomic():
                Post.objects.create(account=account, role=kind, office=COUNTY, valid_from=clock.today())


def test_an_administrator_who_left_may_take_a_business_post_afterwards(people: Cast, newcomer: Account) -> None:
    first = propose(people, newcomer, role="audit_admin", scenes=[], office=COUNTY)
    with acting_as(people.security_admin):
        do_end_post(first.pk, by=people.security_admin, reason="调整分工")
    assert propose(people, newcomer).role == "town_clerk"


def test_an_ended_post_stops_at_once_together_with_its_covers(people: Cast, newcomer: Account) -> None:
    cover = stand_in(people, newcomer)
    with acting_as(people.security_admin):
        do_approve_post(cover.pk, by=people.security_admin)
        with pytest.raises(Refused, match="原因"):
            do_end_post(people.approver.post_id, by=people.security_admin, reason=" ")
        do_end_post(people.approver.post_id, by=people.security_admin, reason="调离")
    assert posts_in_force(newcomer) == []
    with as_owner():
        assert posts_in_force(Account.objects.get(pk=people.approver.account_id)) == []


def test_the_neighbour_ends_nothing_here(people: Cast) -> None:
    with as_owner():
        account = Account.objects.create(username="admin2", name="常熟系统员", password="!")
        post = Post.objects.create(account=account, role="system_admin", office=NEIGHBOUR_COUNTY, scenes=[],
                                   valid_from=dt.date(2020, 1, 1), approved_by_id=people.security_admin.account_id)
    other = Officer(account.pk, account.name, post.pk, "system_admin", NEIGHBOUR_COUNTY)
    with acting_as(other):
        with pytest.raises(NotFound):
            do_end_post(people.clerk.post_id, by=other, reason="试试")
        with pytest.raises(DatabaseError, match="outside the range"), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("select identity_end_post(%s, now())", [people.clerk.post_id])


def stand_in(people: Cast, account: Account, **changes: Any) -> Post:
    values = {"role": "county_approver", "office": COUNTY, "covers": people.approver.post_id, "reason": "休假",
              "valid_to": clock.today() + dt.timedelta(10)} | changes
    return propose(people, account, **values)


def test_a_cover_is_dated_and_ends_by_itself(people: Cast, newcomer: Account) -> None:
    cover = stand_in(people, newcomer)
    with acting_as(people.security_admin):
        do_approve_post(cover.pk, by=people.security_admin)
    assert [p.pk for p in posts_in_force(newcomer)] == [cover.pk]
    assert posts_in_force(newcomer, clock.today() + dt.timedelta(11)) == []


@pytest.mark.parametrize(("changes", "words"), [
    ({"valid_to": None}, "起止日期"), ({"valid_to": clock.today() + dt.timedelta(93)}, "起止日期"),
    ({"reason": ""}, "原因"),
    ({"role": "county_leader"}, "相同"), ({"covers": 0}, "没有找到"),
])
def test_a_cover_never_reaches_further_than_what_it_covers(people: Cast, newcomer: Account, changes: dict[str, Any],
                                                           words: str) -> None:
    with pytest.raises(Refused, match=words):
        stand_in(people, newcomer, **changes)
    nothing_made(newcomer)


def test_a_cover_of_a_cover_or_by_oneself_is_refused(people: Cast, newcomer: Account) -> None:
    cover = stand_in(people, newcomer)
    with acting_as(people.security_admin):
        do_approve_post(cover.pk, by=people.security_admin)
    with as_owner():
        other = Account.objects.create(username="other", name="另一位", password="!")
        approver = Account.objects.get(pk=people.approver.account_id)
    with pytest.raises(Refused, match="代岗不能再"):
        stand_in(people, other, covers=cover.pk)
    with pytest.raises(Refused, match="本人不能代"):
        stand_in(people, approver)


def test_a_wider_office_or_more_scenes_is_no_cover(people: Cast, newcomer: Account) -> None:
    with as_owner():
        Post.objects.filter(pk=people.village.post_id).update(scenes=["teahouse"])
    with pytest.raises(Refused, match="不能大于"):
        stand_in(people, newcomer, role="village_worker", office="320583100002", covers=people.village.post_id)
    with pytest.raises(Refused, match="业务范围"):
        stand_in(people, newcomer, role="village_worker", office=VILLAGE, covers=people.village.post_id, scenes=["inn"])


def test_a_cover_ends_no_later_than_what_it_covers(people: Cast, newcomer: Account) -> None:
    with as_owner():
        Post.objects.filter(pk=people.approver.post_id).update(valid_to=clock.today() + dt.timedelta(5))
    with pytest.raises(Refused, match="到期"):
        stand_in(people, newcomer)
    nothing_made(newcomer)
