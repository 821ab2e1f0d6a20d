from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from minzheng.base.errors import NotAllowed, NotFound, Refused, Stale
from minzheng.base.identity.officer import Officer
from minzheng.front.desk.tests.money_kit import MOST_QUERIES, desk_of, queries_of, text_of
from minzheng.office.benefits.tests.kit import COUNTY, NEIGHBOUR, TEAPOT, TODAY, counts, grant, set_day
from minzheng.office.ledger.bands import band_for, do_answer, do_draft
from minzheng.office.ledger.envelopes import do_seal
from minzheng.office.ledger.models import BandSet, Envelope
from minzheng.office.ledger.runs import do_build_supplement
from minzheng.office.ledger.tests.kit import build, fund, post_of, seal
from minzheng.testing import Cast, acting_as, as_owner

TOMORROW = dt.date(2026, 11, 25)
BOTH = ["county_finance", "county_leader"]
LOW = [{"up_to_fen": 50_000, "roles": ["county_finance"]}, {"up_to_fen": None, "roles": BOTH}]
SOURCE = "昆民发〔2026〕30号"


@pytest.fixture(autouse=True)
def november(monkeypatch: pytest.MonkeyPatch) -> None:
    set_day(monkeypatch, TODAY)


def draft(people: Cast, by: Officer | None = None, **changes: Any) -> BandSet:
    who = by or people.finance
    with acting_as(who):
        return do_draft(COUNTY, **{"from_date": TOMORROW, "bands": LOW, "source": SOURCE, **changes}, by=who)


def answered(people: Cast, row: BandSet, outcome: str = "in_force", by: Officer | None = None, reason: str = "") -> BandSet:
    who = by or people.leader
    with acting_as(who):
        return do_answer(row.number, outcome=outcome, reason=reason, by=who)


def roles(people: Cast, day: dt.date, fen: int = 96_500, county: str = COUNTY) -> list[str]:
    with acting_as(people.county):
        return band_for(fen, day, county).roles


def test_a_draft_changes_nothing_and_what_is_in_force_begins_on_its_day(people: Cast) -> None:
    row = draft(people)
    assert roles(people, TOMORROW) == ["county_finance"]
    answered(people, row)
    assert roles(people, TOMORROW - dt.timedelta(days=1)) == ["county_finance"]
    assert roles(people, TOMORROW) == BOTH and roles(people, TOMORROW, 50_000) == ["county_finance"]
    with acting_as(people.county):
        assert not band_for(1, TOMORROW, COUNTY).sample and band_for(1, TOMORROW, NEIGHBOUR).sample


def test_a_sealed_envelope_keeps_its_signers(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    fund(people)
    grant(people, n=1)
    before = seal(people, build(people))
    answered(people, draft(people))
    set_day(monkeypatch, TOMORROW)
    with acting_as(people.county):
        assert Envelope.objects.get(pk=before.pk).required == ["county_finance"]
    grant(people, n=2)
    with acting_as(people.cashier):
        late = do_build_supplement(TEAPOT, COUNTY, by=people.cashier)
        assert late is not None and do_seal(late.number, by=people.cashier).required == BOTH
    text = text_of(desk_of(people.finance).get(f"/desk/payments/envelopes/{before.number}/"))
    assert re.search(r"500,000.00 元\s*以内由县级资金复核", text) and "示例值" in text


def test_nobody_puts_the_own_draft_in_force_whatever_posts_the_account_holds(people: Cast) -> None:
    row = draft(people)
    same = post_of("county_leader", "", account=people.finance.account_id)
    before = counts("ledger_bandset", "audit_record")
    with pytest.raises(NotAllowed, match="不同的人"):
        answered(people, row, by=same)
    assert counts("ledger_bandset", "audit_record") == before and roles(people, TOMORROW) == ["county_finance"]
    with as_owner(), pytest.raises(IntegrityError, match="bandset_two_people"), transaction.atomic():
        BandSet.objects.update(state="in_force", answered_by=people.finance.account_id)


def test_each_verb_is_refused_to_all_other_posts_and_the_neighbour_finds_nothing(people: Cast) -> None:
    row = draft(people)
    for officer in people.officers():
        if officer.role != "county_finance":
            with pytest.raises((NotAllowed, NotFound)):
                draft(people, by=officer)
            with pytest.raises((NotAllowed, NotFound)):
                answered(people, row, "withdrawn", by=officer)
        if officer.role != "county_leader":
            with pytest.raises((NotAllowed, NotFound)):
                answered(people, row, by=officer)
    stranger = post_of("county_leader", "常熟局长", office=NEIGHBOUR)
    with pytest.raises(NotFound):
        answered(people, row, by=stranger)
    page = text_of(desk_of(stranger).get("/desk/payments/bands/"))
    assert SOURCE not in page and "还没有登记过自己的签批权限" in page
    assert desk_of(stranger).post(f"/desk/payments/bands/{row.number}/answer", {"outcome": "in_force"}).status_code == 404
    with as_owner():
        assert list(BandSet.objects.values_list("state", flat=True)) == ["draft"]


@pytest.mark.parametrize("changes", [
    {"from_date": dt.date(2026, 11, 24)}, {"source": "x"}, {"bands": []}, {"bands": LOW[:1]},
    {"bands": [{"up_to_fen": 5, "roles": BOTH}, {"up_to_fen": None, "roles": ["county_finance"]}]},
    {"bands": [{"up_to_fen": None, "roles": ["county_leader"]}]}, {"bands": [{"up_to_fen": None, "roles": ["county_cashier"]}]},
    {"bands": [LOW[0], LOW[0], LOW[1]]}, {"bands": [{"up_to_fen": 0, "roles": ["county_finance"]}, LOW[1]]},
])
def test_what_cannot_stand_is_refused(people: Cast, changes: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        draft(people, **changes)
    assert counts("ledger_bandset") == {"ledger_bandset": 0}


def test_history_is_kept_and_answered_once(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    first = draft(people)
    with pytest.raises(Refused, match="已有一份等负责人"):
        draft(people)
    with pytest.raises(Refused, match="写明理由"):
        answered(people, first, "refused")
    answered(people, first, "refused", reason="上限过低")
    second = answered(people, draft(people))
    with pytest.raises(Stale):
        answered(people, second)
    with pytest.raises(Refused, match="这一天起"):
        draft(people)
    for change in (lambda: BandSet.objects.filter(pk=second.pk).update(bands=[]), lambda: BandSet.objects.all().delete()):
        with as_owner(), pytest.raises(DatabaseError, match="kept as drafted"), transaction.atomic():
            change()
    third = draft(people, from_date=dt.date(2026, 11, 27))
    set_day(monkeypatch, dt.date(2026, 11, 27))
    with pytest.raises(Refused, match="日期已到"):
        answered(people, third)
    answered(people, third, "withdrawn", by=people.finance)
    with as_owner():
        assert list(BandSet.objects.order_by("id").values_list("state", flat=True)) == ["refused", "in_force", "withdrawn"]


def test_the_page_leads_finance_and_the_leader_through(people: Cast) -> None:
    finance, leader = desk_of(people.finance), desk_of(people.leader)
    page = "/desk/payments/bands/"
    assert "拟定新的权限" in text_of(finance.get(page)) and "示例值" in text_of(finance.get(page))
    assert finance.post(page + "draft", {"alone_fen": "x", "from_date": "", "source": ""}).status_code == 422
    sent = {"alone_fen": "1000", "from_date": "2026-11-25", "source": SOURCE}
    assert [finance.post(page + "draft", sent).status_code for _ in range(2)] == [302, 302]
    with as_owner():
        row = BandSet.objects.get()
    assert "待生效" in text_of(leader.get(page)) and queries_of(leader, page) <= MOST_QUERIES
    there = f"{page}{row.number}/answer"
    assert leader.post(there, {"outcome": "refused"}).status_code == 422
    assert finance.post(there, {"outcome": "in_force"}).status_code == 403
    assert leader.post(there, {"outcome": "in_force"}).status_code == 302
    assert re.search(r"1,000.00 元\s*以内由县级资金复核", text_of(finance.get(page)))
