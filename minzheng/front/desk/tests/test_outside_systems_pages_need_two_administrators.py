from __future__ import annotations

import re

from allauth.idp.oidc.models import Client as Known

from minzheng.base.oidc.models import Application
from minzheng.front.desk.tests.admin_kit import page, post, refused, text
from minzheng.testing import Cast, as_owner
from minzheng.testing.cast import COUNTY

BACK = "https://old.example.cn/callback"
VALUES = {"name": "昆山养老旧系统", "redirect_uris": BACK, "purpose": "过渡期共用登录"}


def test_only_administrators_see_the_systems(people: Cast) -> None:
    refused(people, "/desk/accounts/systems/", {"system_admin", "security_admin", "audit_admin"})


def test_a_system_is_registered_shown_its_secret_once_and_approved_by_another(people: Cast) -> None:
    answer = post(people.system_admin, "/desk/accounts/systems/new/", **VALUES)
    shown = answer.content.decode()
    found = Application.objects.get()
    secret = re.search(r"系统密钥</dt><dd class=\"wrap\"><code>([^<]+)", shown)[1]
    assert found.office == COUNTY and "no-cache" in answer["Cache-Control"]
    address = f"/desk/accounts/systems/{found.pk}/"
    assert secret not in page(people.system_admin, address).content.decode()
    assert post(people.system_admin, address + "approve").status_code == 403
    assert post(people.security_admin, address + "approve").status_code == 302
    with as_owner():
        assert Known.objects.get().check_secret(secret)
    assert "使用中" in text(page(people.audit_admin, address))


def test_an_unsafe_address_comes_back_on_the_form(people: Cast) -> None:
    answer = post(people.system_admin, "/desk/accounts/systems/new/", **{**VALUES, "redirect_uris": "http://old.example.cn/cb"})
    assert answer.status_code == 422 and "请使用 https 地址" in answer.content.decode()
    assert not Application.objects.exists()


def test_ending_needs_a_reason_and_the_neighbour_sees_nothing(people: Cast) -> None:
    post(people.system_admin, "/desk/accounts/systems/new/", **VALUES)
    address = f"/desk/accounts/systems/{Application.objects.get().pk}/"
    assert post(people.security_admin, address + "end", reason="").status_code == 422
    assert Application.objects.get().ended_at is None
    assert post(people.security_admin, address + "end", reason="老系统已下线").status_code == 302
    assert Application.objects.get().state == "未批准"
