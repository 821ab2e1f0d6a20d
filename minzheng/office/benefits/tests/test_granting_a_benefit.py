from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection

from minzheng.base.errors import NotAllowed, NotFound, Refused, Stale
from minzheng.office.benefits.granting import ALREADY, Covered, do_correct_payee, do_grant
from minzheng.office.benefits.models import Entitlement, EntitlementAmount, EntitlementChange
from minzheng.office.benefits.records import entitlement_for
from minzheng.office.benefits.tests.kit import (
    BISCUIT,
    MUG,
    NEIGHBOUR_VILLAGE,
    OCT,
    TODAY,
    TOWN,
    fresh,
    grant,
    grant_args,
    payee,
    set_day,
)
from minzheng.testing import Cast, acting_as, as_owner


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    set_day(monkeypatch, TODAY)


def test_a_benefit_is_due_from_the_month_after_the_decision(people: Cast) -> None:
    row = grant(people)
    assert (row.start_month, row.review_due, row.status) == (OCT, dt.date(2027, 10, 1), "active")
    with acting_as(people.approver):
        assert list(EntitlementAmount.objects.values_list("from_month", "fen")) == [(OCT, 96_500)]
        assert list(EntitlementChange.objects.values_list("kind", "after_fen")) == [("granted", 96_500)]


def test_granting_the_same_decision_again_gives_the_same_benefit(people: Cast) -> None:
    first, again = grant(people, n=901), grant(people, n=901)
    assert first.pk == again.pk
    with acting_as(people.approver):
        assert Entitlement.objects.count() == 1


def test_a_decision_cannot_serve_a_second_case(people: Cast) -> None:
    grant(people, n=902)
    with acting_as(people.approver), pytest.raises(Refused, match="决定书"):
        do_grant(**grant_args(people.approver, n=903, decision="茶决字〔2026〕902号"))


def test_a_member_covered_in_another_county_is_refused_though_nobody_here_sees_it(people: Cast) -> None:
    with acting_as(people.neighbour):
        there = do_grant(**grant_args(people.neighbour, n=904, jurisdiction=NEIGHBOUR_VILLAGE))
    members = [Covered(9050, "茶甲", "户主"), Covered(9041, "茶小杯", "之子")]
    with acting_as(people.approver):
        assert not Entitlement.objects.exists()
        for scheme in ("TEAPOT", MUG):
            with pytest.raises(Refused, match=ALREADY):
                do_grant(**grant_args(people.approver, n=905, scheme=scheme, members=members, head_person=9050))
        assert not Entitlement.objects.exists()
        do_grant(**grant_args(people.approver, n=905, scheme=BISCUIT, members=members, head_person=9050))
    assert there.exclusive_group == "crockery"


def test_only_deciding_posts_of_the_place_grant(people: Cast) -> None:
    allowed = {"county_approver", "county_leader", "town_reviewer"}
    for number, officer in enumerate(people.officers(), start=910):
        inside = officer.reaches("320583100001") and officer.jurisdiction not in ("320583100002",)
        with acting_as(officer):
            if officer.role in allowed and inside:
                assert do_grant(**grant_args(officer, n=number)).pk
            else:
                with pytest.raises(NotAllowed):
                    do_grant(**grant_args(officer, n=number))
    with as_owner():
        granted = Entitlement.objects.count()
    assert granted == sum(o.role in allowed and o.reaches("320583100001") for o in people.officers())
    with acting_as(people.citizen), pytest.raises(NotAllowed):
        do_grant(**grant_args(people.citizen, n=990))


@pytest.mark.parametrize(("changes", "said"), [
    ({"monthly_fen": 0}, "月标准"), ({"monthly_fen": -1}, "月标准"), ({"monthly_fen": 5_000_001}, "月标准"),
    ({"monthly_fen": True}, "月标准"), ({"monthly_fen": 10.5}, "月标准"),
    ({"decided_on": dt.date(2026, 11, 25)}, "不能晚于今天"), ({"scheme": "NONE"}, "没有登记过"),
    ({"members": []}, "不能为空"), ({"head_person": 1}, "户主不在"), ({"decision": " "}, "决定书文号"),
    ({"jurisdiction": "320583000000"}, "乡镇"), ({"review_months": 13}, "复核周期"),
    ({"payee": payee(1, name="=1+1")}, "户名"), ({"payee": payee(1, name="茶\u200b壶")}, "户名"),
    ({"payee": payee(1, account="6217-0012")}, "账号"), ({"payee": payee(1, id_number="329900195001010012")}, "证件"),
])  # fmt: skip
def test_a_faulty_grant_is_refused_and_nothing_is_written(people: Cast, changes: dict, said: str) -> None:
    with acting_as(people.approver), pytest.raises(Refused, match=said):
        do_grant(**grant_args(people.approver, n=906, **changes))
    with as_owner():
        assert not Entitlement.objects.exists() and not EntitlementChange.objects.exists()


def test_account_and_id_number_lie_encrypted_in_the_table(people: Cast) -> None:
    row = grant(people, n=907)
    with acting_as(people.approver), connection.cursor() as cursor:
        cursor.execute("select payee_account, payee_id_number from benefits_entitlement where id = %s", [row.pk])
        account, number = map(bytes, cursor.fetchone())
    assert b"990000" not in account and b"329900" not in number
    assert fresh(people, row).payee_account == payee(907).account


def test_a_corrected_account_must_be_confirmed_again(people: Cast) -> None:
    row = grant(people, n=908)
    with acting_as(people.county):
        changed = do_correct_payee(row.number, payee=payee(77), reason="旧卡遗失", by=people.county, version=row.version)
    assert (changed.payee_check, changed.payee_version) == ("", 2)
    with acting_as(people.county), pytest.raises(Stale):
        do_correct_payee(row.number, payee=payee(78), reason="旧卡遗失", by=people.county, version=row.version)
    assert fresh(people, row).payee_account == payee(77).account


def test_the_neighbour_and_outsiders_do_not_reach_a_benefit_by_its_number(people: Cast) -> None:
    row = grant(people)
    for officer in (people.neighbour, people.neighbour_clerk):
        with acting_as(officer):
            with pytest.raises(NotFound):
                entitlement_for(officer, row.number)
            with pytest.raises(NotFound if officer.role == "town_clerk" else NotAllowed):
                do_correct_payee(row.number, payee=payee(1), reason="试", by=officer)
    assert fresh(people, row).payee_version == 1


def test_a_citizen_sees_the_own_household_only(people: Cast) -> None:
    mine = grant(people, n=909, head_person=1, members=[Covered(1, "张建国", "户主")])
    grant(people)
    with acting_as(people.citizen):
        assert list(Entitlement.objects.values_list("pk", flat=True)) == [mine.pk]
        assert EntitlementAmount.objects.count() == EntitlementChange.objects.count() == 1
    with acting_as(people.other_citizen):
        assert not Entitlement.objects.exists() and not EntitlementAmount.objects.exists()


def test_a_village_worker_sees_the_village_and_the_township_sees_it_too(people: Cast) -> None:
    here, there = grant(people), grant(people, jurisdiction="320583100002")
    with acting_as(people.village):
        assert set(Entitlement.objects.values_list("pk", flat=True)) == {here.pk}
    with acting_as(people.township):
        assert set(Entitlement.objects.values_list("pk", flat=True)) == {here.pk, there.pk}
    assert people.township.jurisdiction == TOWN
