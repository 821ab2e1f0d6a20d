"""Every money page and act against every post and the neighbouring county. What is refused writes nothing but the refusal."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from minzheng.front.context import CASE_ROLES, MONEY_ROLES
from minzheng.front.desk.money_urls import urlpatterns
from minzheng.front.desk.tests.money_kit import desk_of, text_of
from minzheng.office.benefits.tests.kit import TEAPOT, TODAY, counts, grant, payee, set_day
from minzheng.office.ledger.models import PaymentLine, Receivable, ReturnOddity
from minzheng.office.ledger.tests.kit import MONEY_TABLES, answer, declared, fund, sent, take
from minzheng.testing import Cast, as_owner

pytestmark = pytest.mark.django_db(databases=["default", "aside"])
TABLES = (*MONEY_TABLES, "benefits_entitlementchange", "benefits_entitlementamount", "benefits_entitlementpause",
          "benefits_fundingshare", "benefits_review", "ledger_dayproof", "ledger_instalment", "decisions_decision",
          "decisions_hearing", "events_outbox", "jobs_run")
FIGURES = {"figures", "figures_sheet", "figures_export"}
BOOK = {name for name in (p.name for p in urlpatterns) if name.startswith("book")} - {
    "book_ledger", "book_budgets", "book_appropriate", "book_shares"}
POSTS = {"pay_supplement", "pay_seal", "pay_refresh", "pay_check", "pay_cancel", "pay_reissue", "pay_sign", "pay_release",
         "pay_void", "pay_send", "pay_return", "pay_status_report", "pay_iso_file", "pay_bands_draft",
         "pay_bands_answer", "pay_export", "pay_file", "pay_resolve", "pay_proof_keep", "book_appropriate", "book_shares",
         "book_try", "book_hear", "book_decide", "book_act", "figures_export"}
OWN_LISTS = {"payments", "pay_new", "pay_bands", "pay_bands_draft", "pay_attention", "pay_accounts", "pay_recovery_list", "pay_proof", "book", "book_reviews",
             "book_ledger", "book_budgets", "figures", "figures_sheet", "pay_supplement", "pay_check", "pay_proof_keep",
             "book_appropriate", "book_shares", "figures_export"}
FORM = {"outcome": "withdrawn",
        "reason": "试一试看能不能办", "seen": "sent", "digest": "x", "resolution": "试一试看能不能办", "version": "1", "cause": "income",
        "month": "2026-11", "scheme": TEAPOT, "kind": "csv", "about": "cut", "way": "phone", "text": "无人接听",
        "payee_name": "茶小壶", "payee_account": "6217001210012345678", "payee_id_number": "32058319900101001X",
        "fen": "1", "slip": "JK1", "decision": "决1", "first_on": "2026-12-01", "parts": "1", "last_month": "2026-11"}


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    set_day(monkeypatch, TODAY)


@pytest.fixture
def things(people: Cast) -> dict[str, list[object]]:
    """The arguments of every address: one of each thing, in 昆山."""
    fund(people)
    row = grant(people, n=1)
    grant(people, n=2)
    envelope, content = sent(people)
    rows = answer(content, {2: "1002"})
    odd = [*rows[0][:4], "1.00", "0000", "成功", "X"]
    take(envelope, [*rows, odd], declared([*rows, odd]))
    with as_owner():
        line = PaymentLine.objects.get(state="rejected")
        oddity = ReturnOddity.objects.get()
        owed = Receivable.objects.create(entitlement=row, jurisdiction="320583000000", key="k", fen=100, reason="x", decision="x",
                                         by_account=1, by_name="x", opened_on=TODAY)
    run = envelope.run.number
    return {
        "run": [run], "line": [line.code], "envelope": [envelope.number], "oddity": [oddity.pk], "owed": [owed.number],
        "benefit": [row.number], "bands": ["1"],
    }


def address(name: str, things: dict[str, list[object]]) -> str:
    kinds = {"pay_run": "run", "pay_seal": "run", "pay_refresh": "run", "pay_line": "line", "pay_cancel": "line",
             "pay_reissue": "line", "pay_resolve": "oddity", "pay_recovery": "owed", "pay_recovery_new": "benefit",
             "pay_bands_answer": "bands"}
    if name in OWN_LISTS:
        return reverse(f"desk:{name}")
    kind = kinds.get(name) or ("benefit" if name.startswith("book_") else "envelope")
    return reverse(f"desk:{name}", args=[*things[kind], *(["suspend"] if name == "book_act" else [])])


NAMES = [pattern.name for pattern in urlpatterns]


def call(desk: Client, name: str, things: dict[str, list[object]]):
    path = address(name, things)
    return desk.post(path, FORM) if name in POSTS else desk.get(path)


@pytest.mark.parametrize("who", ["system_admin", "security_admin", "audit_admin", "citizen", "village", "city", "province",
                                 "data_officer", "township"])
def test_posts_without_money_open_no_money_page(people: Cast, things: dict, who: str) -> None:
    officer = getattr(people, who)
    role = getattr(officer, "role", "")
    desk, before = desk_of(officer), counts(*TABLES)
    for name in NAMES:
        allowed = (name in FIGURES and (role in CASE_ROLES | MONEY_ROLES or role == "data_officer")) or (
            name in BOOK and role in ("town_clerk", "town_reviewer")) or (
            name in ("book_cut", "book_try", "book_hear") and role == "village_worker")  # who hears the person
        if not allowed:
            assert call(desk, name, things).status_code == 403, name
    assert counts(*TABLES) == before


def test_visitors_are_asked_to_sign_in(client: Client, db: None) -> None:
    for name in ("payments", "book", "figures"):
        assert client.get(reverse(f"desk:{name}")).status_code == 302


@pytest.mark.parametrize("role", ["county_cashier", "county_finance", "county_approver"])
def test_the_neighbouring_county_reaches_none_of_ours(people: Cast, things: dict, role: str) -> None:
    """Every verb on every thing of ours: not there for them. Their own lists are empty."""
    from minzheng.office.ledger.tests.kit import post_of

    desk, before = desk_of(post_of(role, "常熟资金", office="320581000000")), counts(*TABLES)
    for name in NAMES:
        if name in OWN_LISTS:
            continue
        answered = call(desk, name, things)
        assert answered.status_code in (403, 404), (name, answered.status_code)
        text = text_of(answered)
        assert "茶小壶" not in text and "965.00" not in text
    for name in sorted(OWN_LISTS - POSTS - {"pay_new"}):
        answered = call(desk, name, things)
        assert answered.status_code == 200, name
        text = text_of(answered)
        for ours in ("965.00", "1,930.00", "茶", *map(str, things["run"] + things["envelope"] + things["benefit"])):
            assert ours not in text.replace("茶壶补贴", "").replace("茶杯补贴", ""), (name, ours)
    assert counts(*TABLES) == before


@pytest.mark.parametrize("who", ["county", "approver", "finance", "cashier", "leader"])
def test_every_money_post_reads_every_page(people: Cast, things: dict, who: str) -> None:
    officer = getattr(people, who)
    desk = desk_of(officer)
    for name in NAMES:
        if name in POSTS or name in ("pay_new", "pay_recovery_new", "book_payee", "book_cut"):
            continue
        answered = call(desk, name, things)
        assert answered.status_code == 200, name
        assert payee(1).account not in answered.content.decode() and TEAPOT not in text_of(answered), name


CASHIER_ONLY = ("pay_new", "pay_supplement", "pay_seal", "pay_refresh", "pay_check", "pay_cancel", "pay_reissue", "pay_send",
                "pay_file", "pay_resolve")


@pytest.mark.parametrize("who", ["county", "approver", "finance", "leader"])
def test_what_the_cashier_does_is_refused_to_the_others(people: Cast, things: dict, who: str) -> None:
    desk, before = desk_of(getattr(people, who)), counts(*TABLES)
    for name in CASHIER_ONLY:
        path = address(name, things)
        assert desk.post(path, FORM).status_code == 403, name
    assert counts(*TABLES) == before


@pytest.mark.parametrize("name", sorted(POSTS))
def test_acts_are_not_done_by_opening_an_address(people: Cast, things: dict, name: str) -> None:
    before = counts(*TABLES)
    assert desk_of(people.cashier).get(address(name, things)).status_code in (403, 405)
    assert counts(*TABLES) == before


def test_unknown_numbers_are_not_found(people: Cast) -> None:
    desk = desk_of(people.cashier)
    for path in ("payments/runs/R99999999/", "payments/runs/moon/", "payments/lines/L9999999999/", "payments/envelopes/P1/",
                 "payments/recovery/ZH99999999/", "book/DY9999999999/", "book/moon/", "book/DY²/",
                 "book/DY" + "9" * 40 + "/", "payments/runs/R" + "9" * 40 + "/"):
        assert desk.get(f"/desk/{path}").status_code == 404, path
