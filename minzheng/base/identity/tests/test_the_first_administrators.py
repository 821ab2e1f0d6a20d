from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from minzheng.base.identity.models import Account, Post
from minzheng.testing import Cast, as_owner

THREE = {"system": "xi:系一", "security": "an:安二", "audit": "shen:审三"}


def make(**more: str) -> str:
    out = io.StringIO()
    with as_owner():
        call_command("first_administrators", stdout=out, office="320000000000", **{**THREE, **more})
    return out.getvalue()


def test_three_different_people_get_one_time_passwords_and_their_posts(db: None) -> None:
    text = make()
    assert text.count("一次性密码") == 3
    assert sorted(Post.objects.values_list("role", flat=True)) == ["audit_admin", "security_admin", "system_admin"]
    assert all(a.must_change_password for a in Account.objects.filter(username__in=["xi", "an", "shen"]))


def test_one_person_cannot_be_two_of_them(db: None) -> None:
    with pytest.raises(CommandError, match="三个不同的人"):
        make(audit="xi:系一")
    assert not Account.objects.filter(username="xi").exists()


def test_it_is_refused_once_there_are_administrators(people: Cast) -> None:
    with pytest.raises(CommandError, match="已经有管理员"):
        make()
    assert not Account.objects.filter(username="xi").exists()
