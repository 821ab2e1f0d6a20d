"""axe finds nothing, nothing runs off a phone's screen, no script fails: on the pages of officers and citizens."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.e2e.conftest import Desk

pytestmark = pytest.mark.e2e
OpenDesk = Callable[..., Desk]

DESK = {
    "clerk": ["/desk/", "/desk/?tab=claimable", "/desk/?tab=mine", "/desk/cases/", "/desk/assistance/dibao/new",
              "/desk/search/?q=张建国", "/desk/people/", "/desk/parameters/", "/desk/figures/", "/desk/messages/"],
    "cashier": ["/desk/payments/", "/desk/payments/new/", "/desk/payments/accounts/", "/desk/book/", "/desk/book/budgets/"],
    "sysadmin": ["/desk/accounts/", "/desk/health/"],
    "auditor": ["/desk/audit/"],
}
CITIZEN = ["/", "/matters/", "/matters/dibao/", "/publicity/", "/my/", "/my/access/", "/my/messages/", "/my/assistance/dibao/",
           "/my/assistance/tekun/", "/my/assistance/rigid/", "/my/assistance/edge/", "/my/assistance/recognitions/"]
BOTH_WIDTHS = {
    "clerk": ["/desk/assistance/tekun/new", "/desk/assistance/temporary/new", "/desk/assistance/temporary/funds",
              "/desk/assistance/recognitions/", "/desk/assistance/monitoring/", "/desk/assistance/monitoring/alerts/",
              "/desk/assistance/monitoring/nights/"],
    "city": ["/desk/policy/", "/desk/policy/new/", "/desk/policy/again/"],
    "county": ["/desk/assistance/price/"],
    "sysadmin": ["/desk/accounts/systems/", "/desk/accounts/systems/new/"],
    "data": ["/desk/assistance/legacy/"],
}
FOUND_ON = {"/desk/assistance/monitoring/alerts/": "/alerts/YJ", "/desk/policy/": "/desk/policy/runs/",
            "/desk/assistance/price/": "/price/JB"}


def troubles(desk: Desk, paths: list[str]) -> list[str]:
    """What a reader, a keyboard or a phone would stumble over, one line each."""
    found: list[str] = []
    desk.page.on("pageerror", lambda error: found.append(f"{desk.page.url}: {error}"))
    desk.page.on("console", lambda m: found.append(f"{desk.page.url}: {m.text}") if m.type == "error" else None)
    for path in paths:
        desk.go(path)
        results = Axe().run(desk.page)
        found += [f"{path}: {v['id']} {v['nodes'][0]['html'][:120]}" for v in results.response["violations"]]
        if desk.page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"):
            found.append(f"{path}: wider than the screen")
    return found


def first_case(desk: Desk, path: str, pattern: str) -> str:
    desk.go(path)
    return str(desk.page.locator(f"a[href*='{pattern}']").first.get_attribute("href"))


@pytest.mark.parametrize("account", DESK)
def test_pages_of_officers(desk: OpenDesk, account: str) -> None:
    officer = desk(account)
    paths = list(DESK[account])
    if account == "clerk":
        paths.append(first_case(officer, "/desk/cases/", "/desk/cases/3"))
    assert troubles(officer, paths) == []


@pytest.mark.parametrize("phone", [False, True])
@pytest.mark.parametrize("account", BOTH_WIDTHS)
def test_pages_of_the_further_kinds_of_help_at_both_widths(desk: OpenDesk, account: str, phone: bool) -> None:
    """With one page of each register that holds something."""
    officer = desk(account, phone=phone)
    paths = list(BOTH_WIDTHS[account])
    for path, pattern in FOUND_ON.items():
        if path in paths:
            officer.go(path)
            link = officer.page.locator(f"a[href*='{pattern}']")
            paths += [str(link.first.get_attribute("href"))] if link.count() else []
    assert troubles(officer, paths) == []


def test_the_case_page_and_the_worklist_on_a_phone(desk: OpenDesk) -> None:
    village = desk("village", phone=True)
    assert troubles(village, ["/desk/", "/desk/cases/", first_case(village, "/desk/cases/", "/desk/cases/3")]) == []


def test_pages_of_citizens_in_the_ordinary_and_the_elder_edition(desk: OpenDesk) -> None:
    citizen = desk("lin", phone=True)
    assert troubles(citizen, CITIZEN) == []
    for size in ("1", "3"):
        citizen.go(f"/appearance/?elder={size}&next=/")
        assert troubles(citizen, ["/", "/matters/dibao/", "/my/"]) == []


def test_the_window_form_is_filled_by_keyboard_alone(desk: OpenDesk) -> None:
    """Tab order follows the eye, and every control has a name."""
    clerk = desk("clerk")
    clerk.go("/desk/assistance/dibao/new")
    clerk.page.get_by_label("申请人身份证号").focus()
    from minzheng.data.population.cast import person

    clerk.page.keyboard.type(person("wang_haitao").id_number)
    clerk.page.keyboard.press("Enter")
    clerk.page.get_by_role("rowheader", name="王海涛").wait_for()
    clerk.page.locator("[name=m-0-relation]").focus()
    order = []
    for _ in range(14):
        order.append(clerk.page.evaluate("document.activeElement.name || ''"))
        clerk.page.keyboard.press("Tab")
    amounts = ["relation", "wage_fen", "business_fen", "property_fen", "transfer_fen", "other_fen", "basic_pension_fen",
               "work_cost_fen", "rigid_fen", "counted", "dependent_adult", "serious_illness", "signed", "reason"]
    assert order == [f"m-0-{name}" for name in amounts]
    nameless = clerk.page.evaluate("""() => [...document.querySelectorAll('main input:not([type=hidden]), main select, main textarea')]
        .filter(e => !e.labels?.length && !e.getAttribute('aria-label')).map(e => e.name)""")
    assert nameless == []
