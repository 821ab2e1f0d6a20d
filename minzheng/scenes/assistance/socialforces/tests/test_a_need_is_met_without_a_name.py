"""From an anonymous need to the thanks: one charity at a time, nothing disclosed before consent, never money."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minzheng.base import clock, flow
from minzheng.base.audit import trail_of
from minzheng.base.errors import NotAllowed, NotFound, Refused, Stale
from minzheng.base.identity.models import Account
from minzheng.base.identity.officer import Citizen, Service
from minzheng.data.registry.models import Organisation
from minzheng.scenes.assistance.aid import Consent
from minzheng.scenes.assistance.socialforces import claims, needs
from minzheng.scenes.assistance.socialforces.models import Claim, Disclosure, Feedback, Gift, Need
from minzheng.scenes.assistance.tests.carrying import own
from minzheng.scenes.assistance.tests.conftest import Family, make_family
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.background import as_worker, deliver_events
from minzheng.testing.cast import COUNTY, TOWNSHIP, VILLAGE
from minzheng.testing.unchanged import state

pytestmark = pytest.mark.django_db(databases=["default", "aside"])
FIRST, SECOND, FIRM = "53320583MJ0000001A", "51320583MJ0000002B", "91320583MJ0000003C"
SERVICE = Service("任务 socialforces.daily", COUNTY)
TEXT = {"title": "小学生需要课业辅导", "description": "父母务工,孩子六年级,数学跟不上,希望每周辅导一次"}


@pytest.fixture
def zhang(db: None) -> Family:
    family = make_family(("张建国", "19700312", 1, "户主"), ("张悦", "20140516", 2, "女"))
    with as_owner():
        for code, name in ((FIRST, "昆山阳光慈善基金会"), (SECOND, "玉山志愿者协会"), (FIRM, "某某有限公司")):
            Organisation.objects.create(jurisdiction=VILLAGE, credit_code=code, name=name, kind="社会组织", status="存续",
                                        founded_on=dt.date(2018, 1, 1), registered_capital_fen=1)
    return family


def write(people: Cast, family: Family, key: str = "n1", **change: Any) -> Need:
    values: dict[str, Any] = {
        "person": family.people[1].pk, "kind": "service", "topic": "tutor", "source": "alert", "key": key, **TEXT,
        "consent": Consent(family.head.pk, clock.today(), "signed"), **change}
    with acting_as(people.clerk):
        return needs.do_write(family.household.pk, by=people.clerk, **values)


def published(people: Cast, family: Family) -> Need:
    row = write(people, family)
    with acting_as(people.reviewer):
        return needs.do_publish(row.number, version=row.version, by=people.reviewer)


def claimed(people: Cast, row: Need, charity: str = FIRST, key: str = "c1") -> Claim:
    with acting_as(people.clerk):
        made = claims.do_claim_for(row.number, charity=charity, document="2026年11月认领函", how="每周六辅导两小时", key=key,
                                   version=look(row).version, by=people.clerk)
    deliver_events()
    return made


def matched(people: Cast, claim: Claim) -> Claim:
    with acting_as(people.reviewer):
        return claims.do_match(claim.number, consent_on=clock.today(), consent_way="signed", version=again(claim).version,
                               by=people.reviewer)


def look(row: Need) -> Need:
    with as_owner():
        return Need.objects.get(pk=row.pk)


def again(row: Claim) -> Claim:
    with as_owner():
        return Claim.objects.get(pk=row.pk)


def represented(people: Cast, charity: str = FIRST, name: str = "孙晓梅", account: str = "other") -> Citizen:
    """A citizen with an account who represents a charity."""
    helper = make_family((name, "19850312", 2, "户主"), number=f"rep-{name}")
    who = people.other_citizen if account == "other" else people.citizen
    with as_owner():
        Account.objects.filter(pk=who.account_id).update(person_id=helper.head.pk)
    with acting_as(people.county):
        needs.do_represent(charity=charity, id_number=helper.numbers[0], document="2026年授权委托书",
                           valid_to=clock.today() + dt.timedelta(days=300), by=people.county)
    return Citizen(who.account_id, name, helper.head.pk)


def board(who: Citizen) -> list[tuple[Any, ...]]:
    with acting_as(who), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM social_board(%s)", [clock.today()])
        return cursor.fetchall()


def daily() -> None:
    with as_worker(), acting_as(SERVICE):
        for step in (claims.take_back_late, claims.close_old):
            while step(by=SERVICE):
                pass


def test_a_representative_claims_is_matched_gives_and_is_thanked(people: Cast, zhang: Family) -> None:
    row = published(people, zhang)
    helper = represented(people)
    (shown,) = board(helper)
    text = json.dumps([str(value) for value in shown], ensure_ascii=False)
    assert TOWNSHIP in text and VILLAGE not in text and "张" not in text
    with acting_as(helper):
        number = claims.do_claim(row.number, how="每周六辅导两小时", key="k1", by=helper)
        claim = Claim.objects.get(pk=number)
        assert claims.contact_of(claim, by=helper) == {} and not Need.objects.exists()
    deliver_events()
    matched(people, claim)
    with acting_as(helper):
        mine = claims.get_own_claim(helper, claim.number)
        assert claims.contact_of(mine, by=helper)["name"] == "张建国"
        gift = claims.do_give(mine, kind="service", what="周六课业辅导", value_fen=20_000, hours=Decimal("2.0"),
                              given_on=clock.today(), by=helper)
    deliver_events()
    citizen = own(people, zhang)
    with acting_as(citizen):
        claims.do_say(gift.pk, score=5, text="", thanks="谢谢老师", by=citizen)
    assert look(row).state == "closed" and again(claim).state == "served"
    with acting_as(helper):
        assert Feedback.objects.get().thanks == "谢谢老师"
        assert claims.contact_of(claims.get_own_claim(helper, claim.number), by=helper) == {}
    with acting_as(people.county):
        assert {r.action for r in trail_of("claim", claim.number)} >= {"social.contact_read", "social.given", "social.said"}
        assert "social.disclosed" in {r.action for r in trail_of("need", row.number)}


def test_of_two_charities_at_once_one_gets_it(people: Cast, zhang: Family) -> None:
    row = published(people, zhang)
    first, second = represented(people), represented(people, SECOND, "钱志远", "citizen")
    with acting_as(first):
        claims.do_claim(row.number, how="每周六辅导两小时", key="a", by=first)
        assert claims.do_claim(row.number, how="每周六辅导两小时", key="a", by=first) == Claim.objects.get().pk
    before = state()
    with acting_as(second), pytest.raises(Stale):
        claims.do_claim(row.number, how="每周日辅导两小时", key="b", by=second)
    with acting_as(people.clerk), pytest.raises(Stale):
        claims.do_claim_for(row.number, charity=SECOND, document="2026年11月认领函", how="每周日辅导", key="d",
                            version=look(row).version, by=people.clerk)
    assert state() == before
    with as_owner(), pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.create(need=row, jurisdiction=row.jurisdiction, organisation=1, organisation_name="x", title="x",
                             description="x", how="x", claimed_at=clock.now(), key="z")


def test_nobody_but_a_representative_in_force_sees_the_board_or_claims(people: Cast, zhang: Family,
                                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    row = published(people, zhang)
    assert board(people.citizen) == []
    with acting_as(people.citizen), pytest.raises(NotAllowed):
        claims.do_claim(row.number, how="每周六辅导两小时", key="a", by=people.citizen)
    helper = represented(people)
    late = clock.now() + dt.timedelta(days=301)
    monkeypatch.setattr(clock, "now", lambda: late)
    monkeypatch.setattr(clock, "today", lambda: late.date())
    assert board(helper) == []
    with acting_as(helper), pytest.raises(NotAllowed):
        claims.do_claim(row.number, how="每周六辅导两小时", key="a", by=helper)


def test_no_contact_data_before_a_match_even_for_the_database(people: Cast, zhang: Family) -> None:
    claim = claimed(people, published(people, zhang))
    values = {"claim": claim, "jurisdiction": claim.jurisdiction, "person": 1, "contact": "{}", "consent_on": clock.today(),
              "consent_way": "signed", "disclosed_by": 1, "disclosed_name": "x", "at": clock.now()}
    with acting_as(people.reviewer), pytest.raises(DatabaseError), transaction.atomic():
        Disclosure.objects.create(**values)
    with as_owner():
        assert not Disclosure.objects.exists()


@pytest.mark.parametrize(("change", "says"), [
    ({"consent_way": ""}, "怎样同意"), ({"consent_on": dt.date(2020, 1, 1)}, "认领之后")])
def test_a_match_needs_the_consent_to_this_charity(people: Cast, zhang: Family, change: dict[str, Any], says: str) -> None:
    claim = claimed(people, published(people, zhang))
    before = state()
    with acting_as(people.reviewer), pytest.raises(Refused, match=says):
        claims.do_match(claim.number, **{"consent_on": clock.today(), "consent_way": "signed", **change}, version=1,
                        by=people.reviewer)
    assert state() == before


def test_the_writer_neither_publishes_nor_matches(people: Cast, zhang: Family) -> None:
    row = write(people, zhang)
    before = state()
    with acting_as(people.clerk), pytest.raises(NotAllowed):
        needs.do_publish(row.number, version=1, by=people.clerk)
    assert state() == before
    claim = claimed(people, published_(people, row))
    before = state()
    with acting_as(people.clerk), pytest.raises(NotAllowed):
        claims.do_match(claim.number, consent_on=clock.today(), consent_way="signed", version=1, by=people.clerk)
    assert state() == before


def published_(people: Cast, row: Need) -> Need:
    with acting_as(people.reviewer):
        return needs.do_publish(row.number, version=row.version, by=people.reviewer)


@pytest.mark.parametrize(("change", "says"), [
    ({"description": "张建国家里困难,需要辅导孩子功课"}, "姓名"), ({"description": "联系 16000000001,需要辅导孩子功课"}, "号码"),
    ({"description": "住在三号楼五单元,希望有人来辅导"}, "门牌"), ({"description": "希望捐款帮助孩子完成学业"}, "不经手钱款"),
    ({"title": "给个红包"}, "不经手钱款"), ({"kind": "money"}, "列表"), ({"consent": Consent(-1, dt.date(2026, 11, 1), "signed")}, "同意人")])
def test_what_could_tell_who_it_is_or_asks_for_money_is_refused(people: Cast, zhang: Family, change: dict[str, Any],
                                                                 says: str) -> None:
    before = state()
    with pytest.raises(Refused, match=says):
        write(people, zhang, **change)
    assert state() == before


def test_a_firm_is_no_charity(people: Cast, zhang: Family) -> None:
    row = published(people, zhang)
    before = state()
    with acting_as(people.clerk), pytest.raises(Refused, match="社会组织"):
        claims.do_claim_for(row.number, charity=FIRM, document="2026年11月认领函", how="每周六辅导", key="f", version=row.version,
                            by=people.clerk)
    assert state() == before


def test_money_is_never_recorded_as_a_gift(people: Cast, zhang: Family) -> None:
    claim = matched(people, claimed(people, published(people, zhang)))
    before = state()
    for change, says in (({"kind": "money"}, "不登记钱款"), ({"what": "现金两千元"}, "不经手钱款"), ({"value_fen": 0}, "价值"),
                         ({"hours": None}, "小时")):
        values = {"kind": "service", "what": "周六课业辅导", "value_fen": 20_000, "hours": Decimal(2), "given_on": clock.today(), **change}
        with acting_as(people.clerk), pytest.raises(Refused, match=says):
            claims.do_give(claim, by=people.clerk, **values)
    assert state() == before


def test_what_is_not_matched_or_served_in_time_returns_to_the_pool(people: Cast, zhang: Family,
                                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    row = published(people, zhang)
    first = claimed(people, row)
    start = clock.now()

    def later(days: int) -> None:
        moment = start + dt.timedelta(days=days)
        monkeypatch.setattr(clock, "now", lambda: moment)
        monkeypatch.setattr(clock, "today", lambda: moment.astimezone(clock.SHANGHAI).date())

    later(15)
    daily()
    assert again(first).state == "returned" and look(row).state == "open"
    with acting_as(people.reviewer):
        assert flow.open_tasks(first.number) == []
    second = matched(people, claimed(people, row, SECOND, "c2"))
    later(50)
    daily()
    assert again(second).state == "returned" and look(row).state == "open"
    with acting_as(people.clerk), pytest.raises(Stale):
        claims.do_give(again(second), kind="goods", what="书包一个", value_fen=9_900, hours=None, given_on=clock.today(),
                       by=people.clerk)
    later(200)
    daily()
    assert look(row).state == "closed"


def test_the_neighbour_and_other_citizens_reach_nothing(people: Cast, zhang: Family) -> None:
    claim = matched(people, claimed(people, published(people, zhang)))
    before = state()
    with acting_as(people.neighbour_clerk):
        assert not Need.objects.exists() and not Disclosure.objects.exists()
        with pytest.raises(NotFound):
            claims.get_claim_for(people.neighbour_clerk, claim.number)
    with acting_as(people.other_citizen):
        assert not any(model.objects.exists() for model in (Need, Claim, Disclosure, Gift))
    assert state() == before


def test_a_representative_gives_only_for_the_own_match(people: Cast, zhang: Family) -> None:
    claim = matched(people, claimed(people, published(people, zhang)))
    helper = represented(people, SECOND)
    with acting_as(helper), pytest.raises(DatabaseError), transaction.atomic():
        Gift.objects.create(claim_id=claim.pk, jurisdiction=claim.jurisdiction, kind="goods", what="书包", value_fen=1,
                            given_on=clock.today(), recorded_by=1, recorded_name="x", recorded_at=clock.now())


def test_two_presses_write_one_need(people: Cast, zhang: Family) -> None:
    assert write(people, zhang).pk == write(people, zhang).pk


STEPS = ("publish", "claim1", "claim2", "match", "give", "say", "back", "daily")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(STEPS), min_size=3, max_size=9))
def test_in_any_order_no_double_claim_and_no_disclosure_without_consent(people: Cast, zhang: Family, steps: list[str]) -> None:
    """Whatever is pressed in whatever order: at most one standing claim, contact data only of a claim that was matched."""
    sid = transaction.savepoint()
    try:
        row = write(people, zhang, key="prop")
        newest: Claim | None = None
        for n, step in enumerate(steps):
            try:
                with transaction.atomic():
                    if step == "publish":
                        published_(people, look(row))
                    elif step.startswith("claim"):
                        newest = claimed(people, row, FIRST if step == "claim1" else SECOND, f"k{n}")
                    elif step == "match" and newest:
                        matched(people, newest)
                    elif step == "give" and newest:
                        with acting_as(people.clerk):
                            claims.do_give(again(newest), kind="goods", what="书包一个", value_fen=9_900, hours=None,
                                           given_on=clock.today(), by=people.clerk)
                    elif step == "say" and newest:
                        with as_owner():
                            gift = Gift.objects.filter(claim=newest).first()
                        if gift:
                            with acting_as(people.village):
                                claims.do_say(gift.pk, score=4, text="", thanks="", by=people.village)
                    elif step == "back" and newest:
                        with acting_as(people.reviewer):
                            claims.do_take_back(newest.number, reason="对方放弃了", version=again(newest).version,
                                                by=people.reviewer)
                    elif step == "daily":
                        daily()
            except Refused:
                pass
            with as_owner():
                assert Claim.objects.filter(need=row, state__in=("claimed", "matched", "served")).count() <= 1
                for told in Disclosure.objects.select_related("claim"):
                    assert told.consent_on and told.claim.decided_name and told.claim.state != "claimed"
    finally:
        transaction.savepoint_rollback(sid)
