from __future__ import annotations

import pytest
from allauth.idp.oidc.models import Client as Known
from django.db import DatabaseError, transaction

from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.base.identity.officer import Officer
from minzheng.base.identity.posting import call_door
from minzheng.base.oidc.applications import applications_in, check_redirect_uri, do_approve, do_end, do_propose
from minzheng.base.oidc.models import Application
from minzheng.testing import Cast, acting_as

BACK = "https://old.example.cn/callback"
PLACE = "320583000000"


def proposed(who: Officer, **changes: object) -> Application:
    values = {"name": "昆山养老旧系统", "office": PLACE, "redirect_uris": [BACK], "purpose": "过渡期共用登录", **changes}
    with acting_as(who):
        return do_propose(**values, by=who)[0]


def test_a_proposed_system_is_unknown_until_the_security_administrator_approves(people: Cast) -> None:
    found = proposed(people.system_admin)
    assert found.state == "待批准" and not Known.objects.exists()
    with acting_as(people.security_admin):
        done = do_approve(found.pk, by=people.security_admin)
    known = Known.objects.get()
    assert done.state == "使用中" and known.pk == found.client_id
    assert known.get_redirect_uris() == [BACK] and known.get_scopes() == ["openid", "profile"]
    assert known.get_grant_types() == ["authorization_code"] and not known.skip_consent


def test_the_secret_is_shown_once_and_kept_as_a_hash(people: Cast) -> None:
    with acting_as(people.system_admin):
        found, secret = do_propose(name="旧系统", office=PLACE, redirect_uris=[BACK], purpose="过渡期共用登录",
                                   by=people.system_admin)
    with acting_as(people.security_admin):
        do_approve(found.pk, by=people.security_admin)
    assert len(secret) >= 43 and secret not in found.secret
    assert Known.objects.get().check_secret(secret) and not Known.objects.get().check_secret(secret[:-1])


def test_every_other_post_is_refused_by_the_action_and_by_the_database(people: Cast) -> None:
    for who in people.officers():
        if who.role == "system_admin":
            continue
        with acting_as(who), pytest.raises(NotAllowed):
            do_propose(name="旧系统", office=PLACE, redirect_uris=[BACK], purpose="过渡期共用登录", by=who)
        with acting_as(who), pytest.raises(DatabaseError), transaction.atomic():
            call_door("oidc_propose", ["c", "n", PLACE, [BACK], "h", "w", "2026-01-01T00:00:00+08:00"])
    assert not Application.objects.exists()


def test_neither_proposer_nor_a_stranger_approves(people: Cast) -> None:
    found = proposed(people.system_admin)
    for who in people.officers():
        if who.role == "security_admin":
            continue
        with acting_as(who), pytest.raises((NotAllowed, NotFound)):
            do_approve(found.pk, by=who)
        with acting_as(who), pytest.raises(DatabaseError), transaction.atomic():
            call_door("oidc_approve", [found.pk, "2026-01-01T00:00:00+08:00"])
    assert not Known.objects.exists()


def test_a_place_elsewhere_is_refused(people: Cast) -> None:
    with pytest.raises(NotAllowed):
        proposed(people.system_admin, office="320581000000")
    assert not Application.objects.exists()


def test_an_ended_system_is_unknown_again_and_stays_ended(people: Cast) -> None:
    found = proposed(people.system_admin)
    with acting_as(people.security_admin):
        do_approve(found.pk, by=people.security_admin)
        with pytest.raises(Refused):
            do_end(found.pk, reason="停", by=people.security_admin)
        assert do_end(found.pk, reason="老系统已下线", by=people.security_admin).state == "已停用"
        with pytest.raises(Refused):
            do_approve(found.pk, by=people.security_admin)
        assert [row.pk for row in applications_in(people.security_admin)] == [found.pk]
    assert not Known.objects.exists()


@pytest.mark.parametrize("uri", [
    "http://old.example.cn/callback", "https://*.example.cn/callback", "https://old.example.cn/cb#x", "https://u@old.example.cn/cb",
    "https://old.example.cn/cb?x=1", "https://old.example.cn", "old.example.cn/cb", "javascript:alert(1)", "https:///cb",
    "https://old.example.cn:99999/cb", "https://例子.cn/cb", "https://old.example.cn/a b", "https://old.example.cn\\@evil.cn/cb", "",
])
def test_an_unsafe_address_to_return_to_is_refused(uri: str) -> None:
    with pytest.raises(Refused):
        check_redirect_uri(uri)


def test_this_machine_may_be_reached_without_encryption() -> None:
    assert check_redirect_uri("http://127.0.0.1:8090/cb") and check_redirect_uri("http://localhost/cb")
