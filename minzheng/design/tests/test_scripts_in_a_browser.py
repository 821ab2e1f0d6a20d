"""Our small scripts and the sample pages in a real browser, with the site's own content security policy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, Page, sync_playwright

from minzheng.design import assets, look

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.urls("minzheng.design.tests.urls"),
    pytest.mark.skipif(not look.CHROMIUM, reason="no chromium on this machine"),
    pytest.mark.skipif(not assets.is_current(settings.VAR_DIR), reason="run manage.py assets first"),
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=look.CHROMIUM, args=look.FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def base() -> Iterator[str]:
    """A server without a database: these pages need none."""
    thread = LiveServerThread("127.0.0.1", StaticFilesHandler, connections_override={})
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    if thread.error:
        raise thread.error
    yield f"http://127.0.0.1:{thread.port}"
    thread.terminate()


@pytest.fixture
def tab(chromium: Browser, base: str) -> Iterator[Page]:
    context = chromium.new_context(base_url=base, viewport=look.WIDE)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("path", look.PAGES)
@pytest.mark.parametrize("size", [look.WIDE, look.PHONE], ids=["desk", "phone"])
def test_sample_pages_have_no_complaint(
    chromium: Browser, base: str, path: str, size: dict[str, int], tmp_path: Path
) -> None:
    assert look.look(chromium, base, path, size, "", tmp_path) == []


@pytest.mark.parametrize("elder", ["1", "2", "3"])
def test_the_elder_edition_fits_a_phone(chromium: Browser, base: str, elder: str, tmp_path: Path) -> None:
    assert look.look(chromium, base, "/design/home/", look.PHONE, elder, tmp_path) == []


def test_keys_walk_the_ledger_tick_rows_and_open_them(tab: Page) -> None:
    tab.goto("/design/list/")
    tab.keyboard.press("j")
    tab.keyboard.press("j")
    assert tab.evaluate("document.activeElement.textContent") == "320583202611231020"
    tab.keyboard.press("x")
    assert tab.locator("[data-picked]").inner_text() == "1"
    tab.keyboard.press("k")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/design/case/")


def test_single_keys_are_silent_while_typing_and_can_be_switched_off_for_good(tab: Page) -> None:
    tab.goto("/design/list/")
    tab.keyboard.press("/")
    tab.keyboard.type("njx?")
    assert tab.locator(".search input").input_value() == "njx?"
    tab.keyboard.press("Escape")
    tab.keyboard.press("?")
    assert tab.locator("#keys").is_visible()
    tab.locator("[data-keys-switch]").uncheck()
    tab.keyboard.press("Escape")
    tab.reload()
    tab.keyboard.press("?")
    assert not tab.locator("#keys").is_visible()


def test_ctrl_enter_submits_the_form_that_is_being_filled(tab: Page) -> None:
    tab.goto("/design/case/")
    tab.locator("#opinion").focus()
    with tab.expect_request(lambda request: request.method == "POST"):
        tab.keyboard.press("Control+Enter")


def test_a_form_is_sent_once_however_often_the_button_is_pressed(tab: Page) -> None:
    sent: list[str] = []
    tab.goto("/design/case/")
    tab.route("**/design/case/", lambda route: (sent.append(route.request.method), route.fulfill(status=204)))
    tab.evaluate("const b = document.querySelector('.act .primary'); b.click(); b.click(); b.click()")
    tab.wait_for_timeout(300)
    assert sent == ["POST"]
    assert tab.locator(".act .primary").get_attribute("aria-disabled") == "true"


def test_a_dialog_opens_closes_and_gives_the_focus_back(tab: Page) -> None:
    tab.goto("/design/")
    tab.locator("a[href='#stop']").click()
    assert tab.evaluate("document.querySelector('#stop').matches(':modal')")
    tab.keyboard.press("Escape")
    assert tab.evaluate("document.activeElement.getAttribute('href')") == "#stop"


def test_without_scripts_a_dialog_still_opens_and_the_ledger_still_works(chromium: Browser, base: str) -> None:
    context = chromium.new_context(base_url=base, java_script_enabled=False)
    page = context.new_page()
    page.goto("/design/#stop")
    assert page.locator("#stop").is_visible()
    page.goto("/design/list/")
    assert page.locator(".batch button").first.is_visible()
    context.close()


def test_a_draft_survives_the_loss_of_the_page_and_goes_when_it_is_dropped(tab: Page) -> None:
    tab.goto("/design/form/?fresh")
    tab.evaluate("document.querySelector('.errors')?.remove()")
    tab.locator("#id_name").fill("张三")
    tab.locator("#id_reason_1").check()
    tab.wait_for_timeout(600)
    tab.route("**/design/form/*", lambda route: route.fulfill(
        body=route.fetch().text().replace('class="errors"', 'class="was-errors"'), content_type="text/html"))
    tab.goto("/design/form/?again")
    assert tab.locator("#id_name").input_value() == "张三"
    assert tab.locator("#id_reason_1").is_checked()
    tab.get_by_role("button", name="不要草稿").click()
    assert tab.locator("#id_name").input_value() == ""
    assert tab.evaluate("Object.keys(localStorage).filter(key => key.startsWith('draft:')).length") == 0


def test_a_reader_that_types_a_number_is_understood_or_asked_again(tab: Page) -> None:
    tab.goto("/design/")
    box = tab.locator("#card-id")
    box.focus()
    tab.keyboard.type("3205 83")
    tab.keyboard.press("Enter")
    assert "再刷一次" in tab.locator("#card-id + .hint").inner_text()
    with tab.expect_request(lambda request: request.method == "POST"):
        tab.keyboard.type("32058319680101241x")
        tab.keyboard.press("Enter")


def test_a_drawn_signature_is_put_into_the_form(tab: Page) -> None:
    tab.goto("/design/")
    canvas = tab.locator("[data-sign] canvas")
    canvas.scroll_into_view_if_needed()
    edge = canvas.bounding_box()
    assert edge
    tab.mouse.move(edge["x"] + 20, edge["y"] + 40)
    tab.mouse.down()
    tab.mouse.move(edge["x"] + 120, edge["y"] + 90, steps=5)
    tab.mouse.up()
    assert tab.locator("input[name=sign]").input_value().startswith("data:image/png;base64,")
    tab.get_by_role("button", name="重签").click()
    assert tab.locator("input[name=sign]").input_value() == ""
