"""The money pages in a real browser, wide and on a phone: axe, sideways scrolling, console errors."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from django.urls import reverse
from playwright.sync_api import Browser, Route, sync_playwright

from minzheng.design import look
from minzheng.front.desk.tests.money_kit import desk_of
from minzheng.office.benefits.tests.kit import OCT, TEAPOT, TODAY, grant, set_day
from minzheng.office.ledger.models import PaymentLine
from minzheng.office.ledger.tests.kit import answer, build, declared, fund, seal, sent, take
from minzheng.testing import Cast, as_owner
from minzheng.testing.teahouse import make_case, published

pytestmark = [
    pytest.mark.e2e, pytest.mark.django_db(databases=["default", "aside"]),
    pytest.mark.skipif(not look.CHROMIUM, reason="no chromium on this machine"),
]


def pages(people: Cast) -> dict[str, bytes]:
    """Every kind of page with something of everything on it, as the server sends it."""
    with published():
        case = make_case()
        fund(people)
        row = grant(people, n=1, case_code=case.code)
        grant(people, n=2)
        grant(people, n=3, checked=False)
        envelope, content = sent(people)
        rows = answer(content, {2: "1002"})
        odd = [*rows[0][:4], "1.00", "0000", "成功", "X"]
        take(envelope, [*rows, odd], declared([*rows, odd]))
        grant(people, n=4)
        waiting = seal(people, build(people, OCT))
        desk_of(people.finance).post(reverse("desk:pay_proof_keep"))
        with as_owner():
            line = PaymentLine.objects.get(state="rejected")
        wanted = [
            (people.cashier, reverse("desk:payments")), (people.finance, reverse("desk:pay_envelope", args=[waiting.number])),
            (people.cashier, reverse("desk:pay_envelope", args=[envelope.number])),
            (people.cashier, reverse("desk:pay_run", args=[envelope.run.number])),
            (people.cashier, reverse("desk:pay_line", args=[line.code])),
            (people.cashier, reverse("desk:pay_new") + f"?month=2026-09&scheme={TEAPOT}"),
            (people.finance, reverse("desk:pay_proof")), (people.county, reverse("desk:book")),
            (people.approver, reverse("desk:book_entitlement", args=[row.number])),
            (people.approver, reverse("desk:book_cut", args=[row.number])),
            (people.finance, reverse("desk:book_budgets")), (people.county, reverse("desk:figures")),
        ]  # fmt: skip
        return {path: desk_of(who).get(path).content for who, path in wanted}


def complaints(browser: Browser, path: str, source: bytes, size: dict[str, int]) -> list[str]:
    context = browser.new_context(viewport=size, locale="zh-CN")  # type: ignore[arg-type]
    tab, found = context.new_page(), []
    tab.on("console", lambda message: found.append(message.text) if message.type == "error" else None)

    def fulfil(route: Route) -> None:
        name = urlsplit(route.request.url).path
        if not name.startswith("/static/"):
            route.fulfill(body=source, content_type="text/html; charset=utf-8")
        elif file := finders.find(name.removeprefix("/static/")):
            route.fulfill(body=Path(file).read_bytes(), content_type=mimetypes.guess_type(name)[0] or "text/plain")
        else:
            route.fulfill(status=404)

    tab.route("**/*", fulfil)
    tab.goto("http://desk.test" + path)
    if (wider := tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")) > 0:
        found.append(f"{wider} px too wide")
    found += [f"axe {rule['id']}: {node['html'][:120]}" for rule in Axe().run(tab).response["violations"] for node in rule["nodes"]]
    context.close()
    return [f"{path} at {size['width']}: {each}" for each in found]


def test_money_pages_have_no_complaint(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    set_day(monkeypatch, TODAY)
    sources = pages(people)  # before the browser: its loop would give Django another connection
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=look.CHROMIUM, args=look.FLAGS)
        found = [each for path, source in sources.items() for size in (look.WIDE, look.PHONE)
                 for each in complaints(browser, path, source, size)]
        browser.close()
    assert found == []
