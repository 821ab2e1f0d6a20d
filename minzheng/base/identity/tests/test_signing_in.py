from __future__ import annotations

import re
import time
from collections.abc import Iterator
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client

from minzheng.base import audit, clock
from minzheng.base.identity import middleware, second_factor
from minzheng.base.identity.models import Account, Post
from minzheng.testing import Cast, as_owner

pytestmark = pytest.mark.urls("minzheng.base.identity.tests.urls")
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
WORD = "一壶碧螺春2026"


@pytest.fixture(autouse=True)
def fresh_limits() -> Iterator[None]:
    """Rate limits and used codes are remembered in the process."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def clerk(people: Cast) -> Account:
    return with_password("t_township", factor=True)


def with_password(username: str, *, factor: bool = False, **changes: object) -> Account:
    with as_owner():
        account = Account.objects.get(username=username)
        account.set_password(WORD)
        for name, value in changes.items():
            setattr(account, name, value)
        account.save()
        if factor:
            second_factor.enrol(account, SECRET)
    return account


def sign_in(client: Client, username: str, password: str = WORD) -> object:
    return client.post("/accounts/login/", {"login": username, "password": password})


def code() -> str:
    cache.clear()
    return second_factor.current_code(SECRET)


def sign_in_fully(client: Client, username: str) -> None:
    assert sign_in(client, username).url == "/accounts/2fa/authenticate/"
    assert client.post("/accounts/2fa/authenticate/", {"code": code()}).status_code == 302


def test_an_officer_signs_in_with_password_and_code(client: Client, clerk: Account) -> None:
    sign_in_fully(client, "t_township")
    assert client.get("/desk/").content.decode() == "/desk/ 玉山李建国"


def test_the_password_alone_opens_nothing(client: Client, clerk: Account) -> None:
    sign_in(client, "t_township")
    assert client.get("/desk/").content.decode() == "/desk/ 访客"


def test_a_wrong_code_is_refused_in_plain_words(client: Client, clerk: Account) -> None:
    sign_in(client, "t_township")
    wrong = f"{(int(second_factor.current_code(SECRET)) + 1) % 1_000_000:06d}"
    answer = client.post("/accounts/2fa/authenticate/", {"code": wrong})
    assert "验证码不对" in answer.content.decode()
    assert client.get("/desk/").content.decode() == "/desk/ 访客"


def test_a_code_works_once(client: Client, clerk: Account) -> None:
    sign_in(client, "t_township")
    used = code()
    client.post("/accounts/2fa/authenticate/", {"code": used})
    other = Client()
    sign_in(other, "t_township")
    assert "只能用一次" in other.post("/accounts/2fa/authenticate/", {"code": used}).content.decode()


def test_an_officer_without_a_second_factor_is_sent_to_set_one_up(client: Client, people: Cast) -> None:
    account = with_password("t_township")
    sign_in(client, "t_township")
    assert client.get("/desk/").url == "/accounts/2fa/totp/activate/"
    page = client.get("/accounts/2fa/totp/activate/")
    text = page.content.decode()
    assert "绑定动态验证码" in text and "data:image/svg+xml" in text
    secret = page.context["form"].secret
    answer = client.post("/accounts/2fa/totp/activate/", {"code": second_factor.current_code(secret)})
    assert answer.url == "/accounts/2fa/recovery-codes/"
    assert len(re.findall(r"<li><code>", client.get(answer.url).content.decode())) == 10
    assert client.get("/desk/").content.decode() == "/desk/ 玉山李建国"
    with as_owner():
        stored = Authenticator.objects.get(user=account, type="totp").data["secret"]
    assert secret not in stored and second_factor.secret_of(account) == secret


def test_nobody_takes_off_the_own_second_factor(client: Client, clerk: Account) -> None:
    sign_in_fully(client, "t_township")
    assert "不能自行解除" in client.get("/accounts/2fa/totp/deactivate/").content.decode()
    client.post("/accounts/2fa/totp/deactivate/")
    with as_owner():
        assert Authenticator.objects.filter(user=clerk, type="totp").exists()


def test_five_wrong_passwords_lock_the_account_even_for_the_right_one(client: Client, clerk: Account) -> None:
    for _ in range(5):
        assert "错误" in sign_in(client, "t_township", "错的密码1234").content.decode()
    assert "已锁定" in sign_in(client, "t_township").content.decode()
    assert client.get("/desk/").content.decode() == "/desk/ 访客"
    with as_owner():
        assert Account.objects.get(pk=clerk.pk).locked_until > clock.now()
        Account.objects.filter(pk=clerk.pk).update(locked_until=clock.now())
    cache.clear()
    sign_in_fully(client, "t_township")


def test_an_unknown_name_is_answered_like_a_wrong_password(client: Client, clerk: Account) -> None:
    answers = [sign_in(client, name, "错的密码1234").content.decode() for name in ("t_township", "nobody")]
    known, unknown = (re.findall(r'class="wrong[^<]*|<li>[^<]*', text) for text in answers)
    assert known == unknown != []


def test_a_second_sign_in_ends_the_first(client: Client, clerk: Account) -> None:
    sign_in_fully(client, "t_township")
    sign_in_fully(Client(), "t_township")
    assert client.get("/desk/").content.decode() == "/desk/ 访客"
    with as_owner():
        assert Session.objects.filter(session_key=Account.objects.get(pk=clerk.pk).session_key).count() == 1


def test_a_citizen_signs_in_with_the_password_and_never_reaches_officers_pages(
        client: Client, people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[object] = []
    monkeypatch.setattr(audit, "record_refusal", lambda action, *, by, **more: kept.append((action, by)))
    with_password("t_citizen")
    assert sign_in(client, "t_citizen").url == "/my/"
    assert client.get("/my/").content.decode() == "/my/ 张建国"
    refused = client.get("/desk/")
    assert refused.status_code == 403 and "工作人员的页面" in refused.content.decode()
    assert kept == [("page.refused", people.citizen)]


def test_an_officer_without_a_post_in_force_is_told_so(client: Client, clerk: Account) -> None:
    sign_in_fully(client, "t_township")
    with as_owner():
        Post.objects.filter(account=clerk).update(ended_at=clock.now())
    answer = client.get("/desk/")
    assert answer.status_code == 403 and "没有可用的岗位" in answer.content.decode()


def test_an_initial_password_must_be_changed_first(client: Client, people: Cast) -> None:
    with_password("t_township", factor=True, must_change_password=True)
    sign_in_fully(client, "t_township")
    assert client.get("/desk/").url == "/accounts/password/change/"
    assert "初始密码" in client.get("/accounts/password/change/").content.decode()
    short = client.post("/accounts/password/change/", {"oldpassword": WORD, "password1": "abc", "password2": "abc"})
    assert "错误" in short.content.decode()
    assert client.get("/desk/").status_code == 302
    new = "龙井一杯不加糖2026"
    client.post("/accounts/password/change/", {"oldpassword": WORD, "password1": new, "password2": new})
    assert client.get("/desk/").content.decode() == "/desk/ 玉山李建国"


def test_a_session_ends_after_twelve_hours_however_busy(client: Client, clerk: Account,
                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in_fully(client, "t_township")
    assert client.get("/desk/").status_code == 200
    later = time.time() + middleware.LONGEST_SESSION + 1
    monkeypatch.setattr(middleware.time, "time", lambda: later)
    assert client.get("/desk/").url == "/accounts/login/"
    assert client.get("/desk/").content.decode() == "/desk/ 访客"


def test_a_disabled_account_is_out_at_once(client: Client, clerk: Account) -> None:
    sign_in_fully(client, "t_township")
    with as_owner():
        Account.objects.filter(pk=clerk.pk).update(is_active=False)
    assert client.get("/desk/").content.decode() == "/desk/ 访客"


def test_nobody_signs_up(client: Client, db: None) -> None:
    client.post("/accounts/signup/", {"username": "new", "password1": WORD})
    with as_owner():
        assert not Account.objects.filter(username="new").exists()


def test_the_demonstration_shows_the_code_with_its_mark_and_production_does_not(
        client: Client, clerk: Account, settings: object) -> None:
    sign_in(client, "t_township")
    text = client.get("/accounts/2fa/authenticate/").content.decode()
    assert "演示环境" in text and second_factor.current_code(SECRET) in text
    settings.DEMO = False
    assert "演示环境" not in client.get("/accounts/2fa/authenticate/").content.decode()
    assert second_factor.demo_code(clerk) == ""


def test_the_command_shows_the_code_in_demonstrations_only(clerk: Account, settings: object) -> None:
    out = StringIO()
    call_command("demo_totp", "t_township", stdout=out)
    assert out.getvalue().strip() == second_factor.current_code(SECRET)
    with pytest.raises(CommandError, match="没有"):
        call_command("demo_totp", "t_county")
    settings.DEMO = False
    with pytest.raises(CommandError, match="演示环境"):
        call_command("demo_totp", "t_township")


@pytest.mark.parametrize("path", ["/accounts/password/change/", "/accounts/logout/", "/accounts/2fa/",
                                  "/accounts/2fa/recovery-codes/generate/", "/accounts/reauthenticate/",
                                  "/accounts/2fa/reauthenticate/"])
def test_every_page_of_ours_is_in_chinese_and_our_shell(client: Client, clerk: Account, path: str) -> None:
    sign_in_fully(client, "t_township")
    with as_owner():
        RecoveryCodes.activate(clerk)
    text = client.get(path, follow=True).content.decode()
    assert "江苏民政" in text and "<h1>" in text and not re.search(r"<h1>[A-Za-z ]+</h1>", text)
