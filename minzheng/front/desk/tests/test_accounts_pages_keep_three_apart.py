from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse

from minzheng.base import clock
from minzheng.base.identity.models import Account, Post
from minzheng.base.identity.officer import Officer
from minzheng.front.desk.tests.admin_kit import MOST_QUERIES, page, post, queries, records, refused, text
from minzheng.testing import Cast, as_owner, sign_in
from minzheng.testing.cast import COUNTY, NEIGHBOUR_COUNTY, TOWNSHIP

COLUMNS = "用户名,姓名,岗位,管辖代码,业务范围,启用日期,停用日期"


def propose(people: Cast, who: Officer | None = None, **changes: Any) -> HttpResponse:
    data = {"username": "t_reviewer", "role": "county_clerk", "scenes": ["*"], "valid_from": clock.today(),
            "reason": "借调"} | changes
    return post(who or people.system_admin, "/desk/accounts/propose/", **data)


def waiting() -> Post:
    return Post.objects.get(approved_by=None, ended_at=None)


def neighbours_admin(role: str = "system_admin") -> Officer:
    with as_owner():
        account = Account.objects.create(username=f"n_{role}", name="常熟管理员", password="!")
        made = Post.objects.create(account=account, role=role, office=NEIGHBOUR_COUNTY, scenes=[],
                                   valid_from=dt.date(2020, 1, 1), approved_by=Account.objects.order_by("id").first())
    return Officer(account.pk, account.name, made.pk, role, NEIGHBOUR_COUNTY)


def send(people: Cast, *lines: str, who: Officer | None = None) -> HttpResponse:
    sheet = SimpleUploadedFile("账户.csv", "\n".join([COLUMNS, *lines]).encode())
    return sign_in_and_send(who or people.system_admin, sheet)


def sign_in_and_send(who: Officer, sheet: SimpleUploadedFile) -> HttpResponse:
    from django.test import Client

    return sign_in(Client(), who).post("/desk/accounts/import/", {"sheet": sheet})  # type: ignore[return-value]


def test_only_the_two_administrators_see_the_accounts(people: Cast) -> None:
    refused(people, "/desk/accounts/", {"system_admin", "security_admin"})
    refused(people, "/desk/accounts/import/", {"system_admin"})
    refused(people, "/desk/accounts/propose/", {"system_admin"})


def test_the_list_shows_the_own_range_only_and_finds_by_name(people: Cast) -> None:
    shown = text(page(people.system_admin, "/desk/accounts/"))
    assert "玉山李建国" in shown
    assert "常熟周强" not in shown
    found = text(page(people.system_admin, "/desk/accounts/", q="玉山李"))
    assert "玉山李建国" in found
    assert "昆山陈敏" not in found
    assert "常熟周强" not in text(page(people.system_admin, "/desk/accounts/", q="常熟"))
    assert "没有找到这个人的岗位" in text(page(people.system_admin, "/desk/accounts/", q="常熟"))


def test_a_post_is_proposed_by_one_administrator_and_approved_by_the_other(people: Cast) -> None:
    assert propose(people).status_code == 302
    made = waiting()
    assert (made.office, made.role) == (COUNTY, "county_clerk")
    assert "1 个岗位待批准" in text(page(people.security_admin, "/desk/accounts/"))
    assert post(people.security_admin, f"/desk/accounts/posts/{made.pk}/approve").status_code == 302
    made.refresh_from_db()
    assert made.approved_by_id == people.security_admin.account_id


def test_the_proposer_cannot_approve_and_the_approver_cannot_propose(people: Cast) -> None:
    propose(people)
    made = waiting()
    assert post(people.system_admin, f"/desk/accounts/posts/{made.pk}/approve").status_code == 403
    assert propose(people, people.security_admin).status_code == 403
    made.refresh_from_db()
    assert made.approved_by_id is None
    assert records("identity.propose_post") == 1


def test_a_township_is_chosen_in_the_cascade_which_offers_the_own_range_only(people: Cast) -> None:
    offered = text(page(people.system_admin, "/desk/accounts/places"))
    assert TOWNSHIP in offered
    assert NEIGHBOUR_COUNTY[:6] not in offered
    assert NEIGHBOUR_COUNTY not in text(page(people.system_admin, "/desk/accounts/places", place_county=NEIGHBOUR_COUNTY))
    assert propose(people, role="town_clerk", place_town=TOWNSHIP).status_code == 302
    assert waiting().office == TOWNSHIP


def test_proposals_that_cannot_be_come_back_on_the_form(people: Cast) -> None:
    for bad in ({"username": "nobody"}, {"role": "wizard"}, {"role": "town_clerk"}, {"scenes": []},
                {"valid_to": "2020-01-01"}, {"role": "security_admin", "scenes": []},
                {"place_town": NEIGHBOUR_COUNTY, "role": "town_clerk"}):
        response = propose(people, **bad)
        assert response.status_code == 422, bad
        assert "提出" in text(response)
    assert not Post.objects.filter(approved_by=None).exists()


def test_the_neighbours_administrators_reach_none_of_it(people: Cast) -> None:
    propose(people)
    made, target = waiting(), people.township.account_id
    admin, security = neighbours_admin(), neighbours_admin("security_admin")
    for who, address in ((security, f"/desk/accounts/posts/{made.pk}/approve"),
                         (admin, f"/desk/accounts/posts/{made.pk}/end/"),
                         (admin, f"/desk/accounts/posts/{people.township.post_id}/cover/"),
                         (security, f"/desk/accounts/{target}/password"),
                         (admin, f"/desk/accounts/{target}/disable"),
                         (admin, f"/desk/accounts/{target}/second_factor")):
        assert post(who, address, reason="跨县操作试试", username="n_system_admin").status_code == 404, address
    assert page(admin, f"/desk/accounts/{target}/").status_code == 404
    assert "玉山" not in text(page(admin, "/desk/accounts/", q="玉山")).replace('value="玉山"', "")
    made.refresh_from_db()
    assert (made.approved_by_id, made.ended_at) == (None, None)
    with as_owner():
        assert Account.objects.get(pk=target).is_active


def test_a_proposal_is_turned_down_or_a_post_ended_with_a_reason(people: Cast) -> None:
    address = f"/desk/accounts/posts/{people.reviewer.post_id}/end/"
    assert page(people.system_admin, address).status_code == 200
    assert post(people.system_admin, address, reason="").status_code == 422
    assert Post.objects.get(pk=people.reviewer.post_id).ended_at is None
    assert post(people.system_admin, address, reason="调离本单位").status_code == 302
    assert Post.objects.get(pk=people.reviewer.post_id).ended_at is not None
    assert "玉山孙伟" in text(page(people.system_admin, "/desk/accounts/", tab="ended"))


def test_leave_cover_copies_the_post_for_some_days(people: Cast) -> None:
    address = f"/desk/accounts/posts/{people.township.post_id}/cover/"
    until = clock.today() + dt.timedelta(days=10)
    data = {"username": "t_reviewer", "valid_from": clock.today(), "valid_to": until, "reason": "休假"}
    assert post(people.system_admin, address, **data | {"valid_to": clock.today() + dt.timedelta(200)}).status_code == 422
    assert post(people.system_admin, address, **data | {"username": "t_township"}).status_code == 422
    assert not Post.objects.filter(covers__isnull=False).exists()
    assert post(people.system_admin, address, **data).status_code == 302
    made = waiting()
    assert (made.covers_id, made.role, made.valid_to) == (people.township.post_id, "town_clerk", until)
    assert "代 玉山李建国" in text(page(people.security_admin, "/desk/accounts/", tab="waiting"))


def test_a_new_password_is_shown_once_and_the_second_factor_is_another_administrators(people: Cast) -> None:
    target = people.township.account_id
    with as_owner():
        before = Account.objects.get(pk=target).password
        Authenticator.objects.create(user_id=target, type="totp", data={"secret": "x"})
    address = f"/desk/accounts/{target}/"
    assert post(people.security_admin, address + "password", reason="").status_code == 422
    assert post(people.system_admin, address + "password", reason="忘记了密码").status_code == 403
    assert post(people.security_admin, address + "second_factor", reason="手机丢了补办").status_code == 403
    with as_owner():
        assert Account.objects.get(pk=target).password == before
        assert Authenticator.objects.filter(user_id=target).exists()
    shown = post(people.security_admin, address + "password", reason="忘记了密码")
    assert "只显示这一次" in text(shown)
    assert "no-store" in shown.headers["Cache-Control"]
    assert post(people.system_admin, address + "second_factor", reason="手机丢了补办").status_code == 302
    with as_owner():
        found = Account.objects.get(pk=target)
        assert found.password != before
        assert found.must_change_password
        assert not Authenticator.objects.filter(user_id=target).exists()


def test_a_locked_account_is_unlocked_and_one_is_disabled_and_enabled(people: Cast) -> None:
    target = people.township.account_id
    with as_owner():
        Account.objects.filter(pk=target).update(locked_until=clock.now() + dt.timedelta(minutes=10))
    address = f"/desk/accounts/{target}/"
    assert "已锁定" in text(page(people.system_admin, address))
    assert post(people.system_admin, address + "unlock").status_code == 302
    assert post(people.system_admin, address + "disable", reason="").status_code == 422
    assert post(people.system_admin, address + "disable", reason="离职停用").status_code == 302
    assert "已停用" in text(page(people.system_admin, address))
    assert post(people.system_admin, address + "enable", reason="返岗启用").status_code == 302
    with as_owner():
        found = Account.objects.get(pk=target)
    assert found.is_active
    assert found.locked_until is None


def test_each_row_of_an_import_has_its_own_outcome(people: Cast) -> None:
    response = send(people, f"wang.fang,王芳,乡镇经办,{TOWNSHIP},*,,", f"x,短名,乡镇经办,{TOWNSHIP},*,,",
                    f"li.lei,李雷,乡镇经办,{NEIGHBOUR_COUNTY},*,,", f"t_township,重名,乡镇经办,{TOWNSHIP},*,,")
    shown = text(response)
    assert response.status_code == 200
    assert "no-store" in response.headers["Cache-Control"]
    for words in ("1 个已建立", "3 行未导入", "王芳", "岗位待安全管理员批准", "用户名重复"):
        assert words in shown
    with as_owner():
        assert Account.objects.filter(username="wang.fang", must_change_password=True).exists()
        assert not Account.objects.filter(username="li.lei").exists()


def test_a_file_that_is_no_table_or_has_other_columns_is_refused_and_makes_nothing(people: Cast) -> None:
    with as_owner():
        before = Account.objects.count()
    for content in (b"\x89PNG\r\n\x00\x01", b"a,b\n1,2", b"PK\x03\x04nonsense", (COLUMNS + "\n").encode()):
        response = sign_in_and_send(people.system_admin, SimpleUploadedFile("x.csv", content))
        assert response.status_code == 422
    assert post(people.system_admin, "/desk/accounts/import/").status_code == 422
    assert send(people, f"wang.fang,王芳,乡镇经办,{TOWNSHIP},*,,", who=people.security_admin).status_code == 403
    with as_owner():
        assert Account.objects.count() == before


def test_the_empty_sheet_has_the_columns(people: Cast) -> None:
    assert COLUMNS in text(page(people.system_admin, "/desk/accounts/import/template.csv"))


def test_pages_of_accounts_take_few_queries(people: Cast) -> None:
    for address in ("/desk/accounts/", "/desk/accounts/propose/", f"/desk/accounts/{people.township.account_id}/"):
        assert queries(people.system_admin, address) <= MOST_QUERIES
