from __future__ import annotations

import re
from pathlib import Path

import pytest
from allauth.account.forms import LoginForm
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.forms import Form
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

import minzheng
from minzheng.design import samples
from minzheng.design.assets import ICONS

pytestmark = pytest.mark.urls("minzheng.design.tests.urls")
DESIGN = Path(__file__).resolve().parent.parent
UI = DESIGN / "static" / "ui"
TEMPLATES = sorted(Path(minzheng.__file__).parent.rglob("templates/**/*.html"))
CSS = (UI / "gov.css").read_text()
TOKENS = dict(re.findall(r"(--[\w-]+): (#[0-9A-F]{6})", CSS))


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(text: str, ground: str) -> float:
    one, two = sorted((luminance(TOKENS.get(text, text)), luminance(TOKENS.get(ground, ground))))
    return (two + 0.05) / (one + 0.05)


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        *[(ink, ground) for ink in ("--ink", "--ink-2", "--ink-3") for ground in ("--card", "--bg", "--head")],
        *[(ink, ground) for ink in ("--ink", "--ink-2", "--ink-3") for ground in ("--brand-soft",)],
        *[("--ink", f"--{word}-soft") for word in ("ok", "warn", "bad", "mute")],
        *[(f"--{word}", f"--{word}-soft") for word in ("brand", "ok", "warn", "bad", "mute")],
        *[(f"--{word}", "--card") for word in ("brand", "ok", "warn", "bad")],
        *[(f"--{word}", "--brand-soft") for word in ("bad", "warn", "ok")],
        *[("#FFFFFF", ground) for ground in ("--bar", "--brand", "--brand-dark", "--seal", "--ok", "--bad", "#173A85")],
        ("#D5DEF5", "#173A85"), ("--ink-3", "--mute-soft"), ("--brand", "--bg"), ("--ok", "--bg"),
    ],
)
def test_text_stands_out_from_its_ground(text: str, ground: str) -> None:
    assert contrast(text, ground) >= 4.5, f"{text} on {ground}: {contrast(text, ground):.2f}"


def test_edges_of_controls_are_visible() -> None:
    assert contrast("--edge", "--card") >= 3
    assert contrast("--focus", "--ink") >= 3


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_have_nothing_that_a_strict_policy_refuses(template: Path) -> None:
    source = template.read_text()
    assert not re.search(r"\sstyle\s*=", source), "inline style"
    assert not re.search(r"<style\b", source), "style element"
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", source), "inline handler"
    assert "hx-on" not in source, "hx-on evaluates text"
    assert "javascript:" not in source
    for attributes, body in re.findall(r"<script\b([^>]*)>(.*?)</script>", source, re.S):
        assert "src=" in attributes, "inline script"
        assert not body.strip()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_use_listed_icons_only(template: Path) -> None:
    assert set(re.findall(r'{% icon "([^"]+)"', template.read_text())) <= ICONS


def test_the_style_sheet_uses_no_unknown_token_and_stays_small() -> None:
    defined = set(re.findall(r"(--[\w-]+):", CSS))
    assert set(re.findall(r"var\((--[\w-]+)\)", CSS)) <= defined
    assert CSS.count("{") == CSS.count("}")
    assert len(CSS.encode()) <= 25 * 1024


def test_each_script_is_small_and_all_our_files_together_fit_a_slow_line() -> None:
    scripts = list(UI.glob("*.js"))
    assert scripts
    for script in scripts:
        assert script.stat().st_size < 4096, script.name
    assert sum(path.stat().st_size for path in UI.iterdir()) <= 100 * 1024


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "409", "422"])
def test_error_pages_say_why_and_what_to_do_next(name: str) -> None:
    html = render_to_string(f"{name}.html", {"reason": "<这件事不在您的辖区>"}, RequestFactory().get("/x"))
    if name != "403_csrf":
        assert "&lt;这件事不在您的辖区&gt;" in html
    assert 'class="btn primary"' in html
    assert "12345" in html


def test_the_server_error_page_needs_no_context() -> None:
    assert "不是您的问题" in render_to_string("500.html")


@pytest.mark.parametrize("address", ["", *[f"{name}/" for name in samples.PAGES], "process.bpmn"])
def test_sample_pages_render_and_our_part_of_them_is_light(address: str) -> None:
    response = Client().get(f"/design/{address}")
    assert response.status_code == 200
    assert len(response.content) <= 64 * 1024
    ours = set(re.findall(rf"{settings.STATIC_URL}ui/([\w.-]+?\.(?:js|css|svg))", response.content.decode()))
    weight = sum((UI / name).stat().st_size for name in ours) + len(response.content)
    assert weight <= 100 * 1024


def test_every_sample_page_has_one_heading_and_one_main() -> None:
    for address in ("", *[f"{name}/" for name in samples.PAGES]):
        html = Client().get(f"/design/{address}").content.decode()
        assert html.count("<h1") == 1, address
        assert html.count("<main") == 1, address


def test_the_elder_edition_is_a_cookie_that_the_server_reads() -> None:
    client = Client()
    answer = client.get("/appearance/?elder=2&next=/design/home/")
    assert (answer.status_code, answer["Location"]) == (302, "/design/home/")
    assert '<html lang="zh-CN" data-mode="elder" data-size="2">' in client.get("/design/home/").content.decode()
    client.get("/appearance/?elder=0")
    assert '<html lang="zh-CN">' in client.get("/design/home/").content.decode()


def test_an_invented_size_or_a_foreign_address_is_not_followed() -> None:
    client = Client()
    answer = client.get("/appearance/?elder=9&next=https://elsewhere.example/")
    assert answer["Location"] == "/"
    assert '<html lang="zh-CN">' in client.get("/design/home/").content.decode()
    client.cookies["elder"] = '"><script>'
    assert '<html lang="zh-CN">' in client.get("/design/home/").content.decode()


def test_sign_in_is_in_our_words_and_ties_its_errors_to_the_fields() -> None:
    html = render_to_string("account/login.html", {"form": LoginForm({})}, _visitor())
    assert "<h1>登录</h1>" in html
    assert '<a href="#id_login">' in html
    assert 'aria-describedby="id_password-hint id_password-wrong"' in html
    assert "安全管理员重设" in html


def test_allauth_pages_that_we_did_not_rewrite_still_wear_our_shell() -> None:
    html = render_to_string("account/password_reset.html", {"form": Form()}, _visitor())
    assert 'class="seal"' in html
    assert 'class="btn primary"' in html
    assert "style=" not in html


def _visitor() -> HttpRequest:
    request = RequestFactory().get("/accounts/login/")
    request.user = AnonymousUser()
    return request
