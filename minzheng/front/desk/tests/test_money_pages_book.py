"""The ledger of benefits, changes with their reasons, hearing before a cut, budgets."""

from __future__ import annotations

import datetime as dt
import html
import re

import pytest
from django.urls import reverse

from minzheng.front.desk.tests.money_kit import MOST_QUERIES, desk_of, fields_of, queries_of, text_of
from minzheng.office.benefits.changing import open_review
from minzheng.office.benefits.models import Entitlement, EntitlementAmount
from minzheng.office.benefits.records import entitlement_for
from minzheng.office.benefits.tests.kit import DEC, OTHER_VILLAGE, TEAPOT, TODAY, counts, grant, payee, set_day
from minzheng.office.decisions.models import Decision
from minzheng.office.ledger.tests.kit import answer, assert_proved, build, fund, sent, take
from minzheng.testing import Cast, acting_as
from minzheng.testing.teahouse import make_case, published

pytestmark = pytest.mark.django_db(databases=["default", "aside"])
TOUCHED = ("benefits_entitlementchange", "benefits_entitlementamount", "benefits_entitlementpause", "benefits_budgetmove",
           "benefits_fundingshare", "decisions_decision", "decisions_hearing", "audit_record", "events_outbox")


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    set_day(monkeypatch, TODAY)


def state(people: Cast, row: Entitlement) -> Entitlement:
    with acting_as(people.approver):
        return entitlement_for(people.approver, row.number)


def test_the_book_shows_a_month_of_a_place_with_masked_names(people: Cast) -> None:
    fund(people)
    row = grant(people, n=1)
    grant(people, n=2, jurisdiction=OTHER_VILLAGE, monthly_fen=33_333)
    envelope, content = sent(people)
    take(envelope, answer(content, {2: "1002"}))
    desk, path = desk_of(people.county), reverse("desk:book")
    text = text_of(desk.get(path))
    assert "已编制金额 1,298.33" in text and "已到账户数 1" in text and row.number in text
    assert "茶**" in text and "茶小壶" not in text and "银行退回" in text
    town = text_of(desk_of(people.township).get(path, {"place": OTHER_VILLAGE}))
    assert row.number not in town and "333.33" in town
    assert row.number not in text_of(desk.get(path, {"month": "2026-09"}))
    assert queries_of(desk, path) <= MOST_QUERIES


@pytest.mark.parametrize("asked", [
    {"place": "320581000000"}, {"place": "moon"}, {"month": "x"}, {"status": "moon"}, {"after": "1~2"}, {"after": "a~b~c"},
])  # fmt: skip
def test_odd_filters_are_refused_in_words(people: Cast, asked: dict) -> None:
    answered = desk_of(people.county).get(reverse("desk:book"), asked)
    assert answered.status_code == 422 and "请" in text_of(answered)


def test_the_book_turns_pages_without_losing_or_repeating(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from minzheng.front.desk import money_reads

    monkeypatch.setattr(money_reads, "PAGE", 2)
    rows = [grant(people, n=n, jurisdiction=OTHER_VILLAGE if n % 2 else "320583100001") for n in range(1, 6)]
    desk, path, seen = desk_of(people.county), reverse("desk:book"), []
    while path:
        text = desk.get(path).content.decode()
        seen += [row.number for row in rows if f"/{row.number}/" in text]
        found = re.search(r'href="([^"]+)" rel="next"', text)
        path = reverse("desk:book") + html.unescape(found[1]) if found else ""
    assert sorted(seen) == sorted(row.number for row in rows)


def test_a_benefit_is_suspended_and_resumed_once_for_two_clicks(people: Cast) -> None:
    fund(people)
    row = grant(people, n=1)
    desk, page = desk_of(people.approver), reverse("desk:book_entitlement", args=[row.number])
    suspend, resume = (reverse("desk:book_act", args=[row.number, step]) for step in ("suspend", "resume"))
    data = {**fields_of(desk.get(page), suspend), "cause": "income", "reason": "收入核查未结"}
    assert desk.post(suspend, {**data, "cause": ""}).status_code == 422 and state(people, row).status == "active"
    for _ in range(2):
        assert desk.post(suspend, data).status_code == 302
    assert counts("benefits_entitlementpause") == {"benefits_entitlementpause": 1}
    data = {**fields_of(desk.get(page), resume), "arrears": "yes", "reason": "核查无变化"}
    for _ in range(2):
        assert desk.post(resume, data).status_code == 302
    assert state(people, row).status == "active" and state(people, row).version == 3
    text = text_of(desk.get(page))
    assert "收入核查未结" in text and "恢复发放" in text and payee(1).account not in text
    assert queries_of(desk, page) <= MOST_QUERIES


def test_a_page_older_than_somebody_elses_change_writes_nothing(people: Cast) -> None:
    row = grant(people, n=1)
    first, second = desk_of(people.approver), desk_of(people.county)
    path = reverse("desk:book_act", args=[row.number, "suspend"])
    data = {**fields_of(first.get(reverse("desk:book_entitlement", args=[row.number])), path), "cause": "income"}
    assert second.post(path, {**data, "reason": "收入核查"}).status_code == 302
    before = counts(*TOUCHED)
    assert first.post(path, {**data, "reason": "另有原因"}).status_code == 409 and counts(*TOUCHED) == before


def test_a_raise_reaches_back_and_a_cut_does_not_pass_here(people: Cast) -> None:
    fund(people)
    row = grant(people, n=1)
    desk, path = desk_of(people.approver), reverse("desk:book_act", args=[row.number, "raise"])
    data = {"version": 1, "from_month": "2026-10", "decision": "茶调〔2026〕1号", "reason": "提高标准"}
    before = counts(*TOUCHED)
    refused = desk.post(path, {**data, "monthly_fen": "900"})
    assert refused.status_code == 422 and "听取当事人意见" in text_of(refused)
    assert desk.post(path, {**data, "monthly_fen": "1e9"}).status_code == 422
    assert counts(*TOUCHED) == before
    for _ in range(2):
        assert desk.post(path, {**data, "monthly_fen": "1,000.50"}).status_code == 302
    with acting_as(people.approver):
        assert list(EntitlementAmount.objects.order_by("id").values_list("fen", flat=True)) == [96_500, 100_050]


@pytest.mark.parametrize(("who", "steps"), [
    ("township", ()), ("county", ("suspend",)), ("finance", ()), ("cashier", ()),
    ("reviewer", ("suspend", "raise", "death")), ("approver", ("suspend", "raise", "death")),
])  # fmt: skip
def test_each_post_sees_its_steps_and_is_refused_the_others(people: Cast, who: str, steps: tuple[str, ...]) -> None:
    row = grant(people, n=1)
    desk = desk_of(getattr(people, who))
    shown = desk.get(reverse("desk:book_entitlement", args=[row.number])).content.decode()
    before = counts("benefits_entitlementchange", "benefits_entitlementamount", "benefits_entitlementpause")
    for step in ("suspend", "raise", "death"):
        path = reverse("desk:book_act", args=[row.number, step])
        assert (path in shown) is (step in steps)
        if step not in steps:
            assert desk.post(path, {"version": 1, "cause": "income", "reason": "试一试看", "last_month": "2026-11"}).status_code == 403
    assert counts(*before) == before


def test_a_review_is_closed_with_its_outcome(people: Cast) -> None:
    row = grant(people, n=1)
    with acting_as(people.approver):
        open_review(entitlement_for(people.approver, row.number, lock=True), key="death:11", cause="death", holds=True,
                    detail="家庭成员死亡,待核实", by=people.approver)
    desk = desk_of(people.approver)
    assert "家庭成员死亡" in text_of(desk.get(reverse("desk:book_reviews")))
    page = desk.get(reverse("desk:book_entitlement", args=[row.number]))
    path = reverse("desk:book_act", args=[row.number, "review"])
    data = {**fields_of(page, path), "outcome": "已核实,人数不变"}
    for _ in range(2):
        assert desk.post(path, data).status_code == 302
    assert not state(people, row).on_hold
    assert "没有因情况变化" in text_of(desk.get(reverse("desk:book_reviews")))


def test_reviews_that_fall_due_are_listed(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    row = grant(people, n=1)
    desk, path = desk_of(people.township), reverse("desk:book_reviews")
    assert row.number not in text_of(desk.get(path))
    set_day(monkeypatch, dt.date(2027, 9, 15))
    assert row.number in text_of(desk.get(path)) and queries_of(desk, path) <= MOST_QUERIES


def test_a_cut_needs_a_hearing_and_then_changes_benefit_and_decision_together(people: Cast) -> None:
    with published():
        case = make_case()
        fund(people)
        row = grant(people, n=1, case_code=case.code)
        approver, page = desk_of(people.approver), reverse("desk:book_cut", args=[row.number])
        shown = text_of(approver.get(page))
        assert "✕ 缺" in shown and "请在下面第 1 步记录" in shown
        decide, hear = reverse("desk:book_decide", args=[row.number]), reverse("desk:book_hear", args=[row.number])
        data = {"about": "cut", "version": 1, "from_month": "2026-12", "monthly_fen": "500", "cause": "income",
                "reasons": "家庭收入增加,按规定减发", "legal_basis": "社会救助法第四十八条", "remedy": "可申请行政复议"}
        before = counts(*TOUCHED)
        refused = approver.post(decide, data)
        assert refused.status_code == 422 and "必须听取" in text_of(refused) and counts(*TOUCHED) == before
        clerk = desk_of(people.township)
        heard = {"about": "cut", "outcome": "unreachable", "person_name": "张建国", "told": "收入增加,拟减发"}
        assert clerk.post(hear, heard).status_code == 422
        for _ in range(2):
            assert clerk.post(reverse("desk:book_try", args=[row.number]), {"way": "phone", "text": "无人接听"}).status_code == 302
        for _ in range(2):
            assert clerk.post(hear, {**heard, "outcome": "heard", "statement": "没有意见"}).status_code == 302
        assert counts("decisions_hearing", "decisions_hearingtry") == {"decisions_hearing": 1, "decisions_hearingtry": 1}
        assert clerk.post(decide, data).status_code == 403
        before = counts(*TOUCHED)
        for wrong in ({"monthly_fen": "965"}, {"monthly_fen": ""}, {"from_month": "2026-11"}, {"reasons": "短"}):
            assert approver.post(decide, {**data, **wrong}).status_code == 422, wrong
        assert approver.post(decide, {**data, "version": 7}).status_code == 409
        assert counts(*TOUCHED) == before
        assert approver.post(decide, data).status_code == 302
        with acting_as(people.approver):
            made = Decision.objects.get()
            assert made.kind == "cut" and EntitlementAmount.objects.get(from_month=DEC).decision == made.number
        assert approver.post(decide, data).status_code == 409
        assert counts("decisions_decision") == {"decisions_decision": 1}
        assert queries_of(approver, page) <= MOST_QUERIES


def test_budgets_are_given_once_for_a_document(people: Cast) -> None:
    desk, page = desk_of(people.finance), reverse("desk:book_budgets")
    path = reverse("desk:book_appropriate")
    data = {"scheme": TEAPOT, "year": "2026", "source": "county", "fen": "10000", "document": "昆财预〔2026〕8号",
            "reason": "年初预算"}
    for _ in range(2):
        assert desk.post(path, data).status_code == 302
    text = text_of(desk.get(page, {"scheme": TEAPOT}))
    assert "10,000.00" in text and "20,000.00" not in text
    before = counts(*TOUCHED)
    again = desk.post(path, {**data, "fen": "9000"})
    assert again.status_code == 422 and "另一个金额" in text_of(again)
    assert desk.post(path, {**data, "document": "二", "fen": "-10000.01"}).status_code == 422
    for wrong in ({"source": "moon"}, {"fen": "0"}, {"fen": "1.001"}, {"document": ""}, {"year": "1999"}):
        assert desk.post(path, {**data, "document": "三", **wrong}).status_code == 422
    assert desk_of(people.cashier).post(path, {**data, "document": "四"}).status_code == 403
    assert {k: v for k, v in counts(*TOUCHED).items() if k != "audit_record"} == {
        k: v for k, v in before.items() if k != "audit_record"}
    assert queries_of(desk, page) <= MOST_QUERIES


def test_shares_add_up_and_are_set_once_a_month(people: Cast) -> None:
    desk, path = desk_of(people.leader), reverse("desk:book_shares")
    data = {"scheme": TEAPOT, "year": "2026", "from_month": "2026-11", "central": "40", "province": "33.33", "city": "0",
            "county": "26.67", "reason": "年度分担办法"}
    assert desk.post(path, {**data, "county": "26.66"}).status_code == 422
    for _ in range(2):
        assert desk.post(path, data).status_code == 302
    assert counts("benefits_fundingshare") == {"benefits_fundingshare": 4}
    assert desk.post(path, {**data, "central": "30", "city": "10"}).status_code == 422
    assert "33.33%" in text_of(desk.get(reverse("desk:book_budgets"), {"scheme": TEAPOT}))


def test_the_general_ledger_of_a_month_is_shown(people: Cast) -> None:
    fund(people)
    grant(people, n=1)
    build(people)
    desk, path = desk_of(people.finance), reverse("desk:book_ledger")
    assert "应付救助金" in text_of(desk.get(path)) and queries_of(desk, path) <= MOST_QUERIES
    assert_proved(people)
