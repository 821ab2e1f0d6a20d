"""An outside client over HTTP against a live server: it knows the discovery address, its identifier and its secret."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, make_server

import httpx
import jwt
import pytest
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connection, connections

from minzheng.base.identity import second_factor
from minzheng.base.identity.models import Account, Post
from minzheng.base.oidc import applications, keys
from minzheng.base.oidc.models import Application, SignIn
from minzheng.testing import Cast, acting_as, as_owner

SECRET, WORD = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "一壶碧螺春2026"
BACK = "https://old.example.cn/callback"


@dataclass
class System:
    """The outside system. `pair` is a fresh verifier with its challenge."""

    base: str
    client_id: str
    secret: str

    def discover(self) -> dict[str, object]:
        return httpx.get(f"{self.base}/.well-known/openid-configuration").json()

    def question(self, challenge: str, **changes: str | None) -> dict[str, str]:
        asked = {"response_type": "code", "client_id": self.client_id, "redirect_uri": BACK, "scope": "openid profile",
                 "state": "s1", "nonce": "n1", "code_challenge": challenge, "code_challenge_method": "S256", **changes}
        return {key: value for key, value in asked.items() if value is not None}

    def redeem(self, code: str, verifier: str, **changes: str) -> httpx.Response:
        return httpx.post(f"{self.base}/oidc/token", auth=(self.client_id, self.secret), data={
            "grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": verifier, **changes})

    def userinfo(self, token: str) -> httpx.Response:
        return httpx.get(f"{self.base}/oidc/userinfo", headers={"Authorization": f"Bearer {token}"})


def pair() -> tuple[str, str]:
    verifier = secrets.token_urlsafe(48)
    return verifier, base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


class Browser(httpx.Client):
    """The officer's browser: forms with their tokens, redirects by hand."""

    def submit(self, path: str, page: httpx.Response, **values: str) -> httpx.Response:
        fields = dict(re.findall(r'name="(csrfmiddlewaretoken|request|post)"[^>]*value="([^"]*)"', page.text))
        fields |= {"scopes": ["openid", "profile"]} if 'name="scopes"' in page.text else {}
        return self.post(path, data={**fields, **values}, headers={"Referer": str(self.base_url)})


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """The test's output stays readable."""


@pytest.fixture
def base(db: None, settings: object) -> Iterator[str]:
    """A real server on a port of its own. It shares the test's connection, so that all is rolled back at the end."""
    shared = connections["default"]
    for signal in (request_started, request_finished):  # they would close what the test still needs
        signal.disconnect(close_old_connections)
    shared.inc_thread_sharing()
    server = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet)

    def serve() -> None:
        connections["default"] = connections["aside"] = shared
        server.serve_forever(poll_interval=0.02)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    settings.PUBLIC_URL = f"http://127.0.0.1:{server.server_port}"
    cache.clear()
    yield settings.PUBLIC_URL
    server.shutdown()
    server.server_close()
    thread.join()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
    shared.dec_thread_sharing()


@pytest.fixture
def system(base: str, people: Cast) -> System:
    with acting_as(people.system_admin):
        found, secret = applications.do_propose(name="太仓低保老系统", office="320583000000", redirect_uris=[BACK],
                                                purpose="并行期内共用登录", by=people.system_admin)
    with acting_as(people.security_admin):
        applications.do_approve(found.pk, by=people.security_admin)
    return System(base, found.client_id, secret)


@pytest.fixture
def officer(base: str, people: Cast) -> Iterator[Browser]:
    with as_owner():
        account = Account.objects.get(username="t_township")
        account.set_password(WORD)
        account.save()
        second_factor.enrol(account, SECRET)
    with Browser(base_url=base, follow_redirects=False) as found:
        page = found.get("/accounts/login/")
        answer = found.submit("/accounts/login/", page, login="t_township", password=WORD)
        assert answer.headers["location"] == "/accounts/2fa/authenticate/"
        page = found.get("/accounts/2fa/authenticate/")
        answer = found.submit("/accounts/2fa/authenticate/", page, code=second_factor.current_code(SECRET))
        assert answer.status_code == 302
        yield found


def consent(officer: Browser, system: System, challenge: str, **changes: str | None) -> str:
    page = officer.get("/oidc/authorize", params=system.question(challenge, **changes))
    assert page.status_code == 200, page.text
    answer = officer.submit("/oidc/authorize", page, action="grant")
    assert answer.status_code == 302, answer.text
    assert answer.headers["location"].startswith(BACK)
    return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]


def signed_in(officer: Browser, system: System) -> dict[str, object]:
    verifier, challenge = pair()
    answer = system.redeem(consent(officer, system, challenge), verifier)
    assert answer.status_code == 200, answer.text
    return answer.json()


def actions() -> list[str]:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT action FROM audit_record WHERE action LIKE 'oidc.%' ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def test_the_officer_agrees_and_the_system_learns_name_and_post(officer: Browser, system: System) -> None:
    found = system.discover()
    assert (found["issuer"], found["code_challenge_methods_supported"]) == (system.base, ["S256"])
    verifier, challenge = pair()
    page = officer.get("/oidc/authorize", params=system.question(challenge))
    assert "太仓低保老系统" in page.text and "玉山李建国" in page.text and "不提供身份证号" in page.text
    assert "form-action 'self' https://old.example.cn" in page.headers["content-security-policy"]
    answer = officer.submit("/oidc/authorize", page, action="grant")
    back = parse_qs(urlsplit(answer.headers["location"]).query)
    assert back["state"] == ["s1"]
    given = system.redeem(back["code"][0], verifier)
    assert given.headers["cache-control"] == "no-store"
    tokens = given.json()
    assert "refresh_token" not in tokens and tokens["expires_in"] == 600
    key = jwt.PyJWKClient(found["jwks_uri"]).get_signing_key_from_jwt(tokens["id_token"])
    claims = jwt.decode(tokens["id_token"], key, algorithms=["RS256"], audience=system.client_id, issuer=system.base)
    assert claims["nonce"] == "n1" and claims["exp"] - claims["iat"] == 300 and claims["amr"] == ["pwd", "otp"]
    who = system.userinfo(tokens["access_token"]).json()
    assert who == {key: claims[key] for key in ("sub", "name", "preferred_username", "post")}
    assert who["name"] == "玉山李建国"
    assert who["post"] == {"role": "town_clerk", "title": "乡镇经办", "jurisdiction": "320583100000",
                           "jurisdiction_name": who["post"]["jurisdiction_name"]}
    assert not re.search(r"\d{17}[\dX]", str({**who, "sub": ""}))
    assert actions()[-3:] == ["oidc.consent", "oidc.token", "oidc.userinfo"]


def test_whoever_does_not_agree_gives_nothing(officer: Browser, system: System) -> None:
    page = officer.get("/oidc/authorize", params=system.question(pair()[1]))
    answer = officer.submit("/oidc/authorize", page, action="cancel")
    assert parse_qs(urlsplit(answer.headers["location"]).query) == {"error": ["access_denied"], "state": ["s1"]}
    assert not SignIn.objects.exists()


def test_a_visitor_is_sent_to_sign_in_and_comes_back(base: str, system: System) -> None:
    answer = httpx.get(f"{base}/oidc/authorize", params=system.question(pair()[1]))
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("/accounts/login/?next=/oidc/authorize%3F")


def test_a_wrong_verifier_gets_nothing_and_burns_the_code(officer: Browser, system: System) -> None:
    verifier, challenge = pair()
    code = consent(officer, system, challenge)
    assert system.redeem(code, pair()[0]).json()["error"] == "invalid_grant"
    assert system.redeem(code, verifier).json()["error"] == "invalid_grant"
    assert "oidc.token" not in actions() and actions()[-1] == "oidc.refused"


@pytest.mark.parametrize("changes", [{"code_challenge_method": "plain"}, {"code_challenge_method": None},
                                     {"code_challenge": None}, {"response_type": "token"}, {"prompt": "none"}])
def test_a_question_without_its_safeguards_gets_no_page(officer: Browser, system: System, changes: dict[str, str]) -> None:
    answer = officer.get("/oidc/authorize", params=system.question(pair()[1], **changes))
    assert answer.status_code == 422
    assert not SignIn.objects.exists()


def test_a_replayed_code_ends_what_it_had_given(officer: Browser, system: System) -> None:
    verifier, challenge = pair()
    code = consent(officer, system, challenge)
    token = system.redeem(code, verifier).json()["access_token"]
    assert system.userinfo(token).status_code == 200
    assert system.redeem(code, verifier).json()["error"] == "invalid_grant"
    assert system.userinfo(token).status_code == 401


@pytest.mark.parametrize("uri", ["https://evil.example.cn/callback", BACK + "/", BACK + "?a=1", "https://old.example.cn/Callback"])
def test_another_address_to_return_to_is_refused_here(officer: Browser, system: System, uri: str) -> None:
    answer = officer.get("/oidc/authorize", params=system.question(pair()[1], redirect_uri=uri))
    assert "location" not in answer.headers and "与登记的不一致" in answer.text


def test_the_address_to_return_to_is_checked_again_with_the_code(officer: Browser, system: System) -> None:
    verifier, challenge = pair()
    code = consent(officer, system, challenge)
    assert system.redeem(code, verifier, redirect_uri="https://old.example.cn/other").status_code in (400, 401)


def test_more_than_name_and_post_cannot_be_asked_for(officer: Browser, system: System) -> None:
    answer = officer.get("/oidc/authorize", params=system.question(pair()[1], scope="openid email"))
    assert "invalid_scope" in answer.headers["location"]


def test_another_system_cannot_redeem_the_code(officer: Browser, system: System) -> None:
    verifier, challenge = pair()
    code = consent(officer, system, challenge)
    answer = httpx.post(f"{system.base}/oidc/token", auth=(system.client_id, "guess"), data={
        "grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": verifier})
    assert answer.status_code == 401
    assert system.redeem(code, verifier, grant_type="password").json()["error"] == "unsupported_grant_type"


@pytest.mark.parametrize("what", ["suspended", "post ended", "signed out", "system ended"])
def test_what_ends_the_officer_ends_the_token_and_the_code(officer: Browser, system: System, people: Cast, what: str) -> None:
    token = str(signed_in(officer, system)["access_token"])
    verifier, challenge = pair()
    code = consent(officer, system, challenge)
    assert system.userinfo(token).status_code == 200
    if what == "suspended":
        with as_owner():
            Account.objects.filter(username="t_township").update(is_active=False)
    elif what == "post ended":
        with as_owner():
            Post.objects.filter(pk=people.township.post_id).update(ended_at="2026-01-01T00:00:00+08:00")
    elif what == "signed out":
        page = officer.get("/accounts/logout/")
        assert officer.submit("/accounts/logout/", page).status_code == 302
    else:
        with acting_as(people.security_admin):
            applications.do_end(Application.objects.get().pk, reason="老系统已下线", by=people.security_admin)
    assert system.userinfo(token).status_code == 401
    answer = system.redeem(code, verifier)
    assert answer.status_code in (400, 401) and "access_token" not in answer.text


def test_a_system_gives_its_token_back(officer: Browser, system: System) -> None:
    token = str(signed_in(officer, system)["access_token"])
    address = f"{system.base}/oidc/revoke"
    assert httpx.post(address, auth=(system.client_id, "guess"), data={"token": token}).status_code == 401
    assert system.userinfo(token).status_code == 200
    assert httpx.post(address, auth=(system.client_id, system.secret), data={"token": token}).status_code == 200
    assert system.userinfo(token).status_code == 401
    assert actions()[-1] == "oidc.revoked"


def test_a_new_key_signs_at_once_and_the_former_is_still_published(officer: Browser, system: System) -> None:
    before = signed_in(officer, system)["id_token"]
    keys.rotate()
    after = signed_in(officer, system)["id_token"]
    first, second = (jwt.get_unverified_header(token)["kid"] for token in (before, after))
    published = {key["kid"] for key in httpx.get(f"{system.base}/oidc/jwks.json").json()["keys"]}
    assert first != second and {first, second} <= published


def test_a_citizen_cannot_go_there(system: System, people: Cast, client: object) -> None:
    from django.test import Client

    visitor = Client()
    visitor.force_login(Account.objects.get(username="t_citizen"), backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = visitor.get("/oidc/authorize", system.question(pair()[1]))
    assert answer.status_code == 403 and "只供工作人员" in answer.content.decode()
