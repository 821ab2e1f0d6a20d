from __future__ import annotations

import datetime as dt
from contextlib import nullcontext
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minzheng.base.errors import NotAllowed, NotFound, Refused, Stale
from minzheng.base.identity.officer import Service
from minzheng.base.jobs.running import execute
from minzheng.office.benefits import budgets
from minzheng.office.benefits.changing import do_end
from minzheng.office.benefits.models import Entitlement, EntitlementMember
from minzheng.office.benefits.once import Addition, do_add_once
from minzheng.office.benefits.tests.kit import COUNTY, NEIGHBOUR_VILLAGE
from minzheng.office.ledger.models import PaymentLine
from minzheng.office.ledger.runs import do_build_urgent
from minzheng.office.ledger.tests.kit import assert_proved, fund, post_of
from minzheng.scenes.assistance.price import actions, funding, tasks
from minzheng.scenes.assistance.price.models import Batch, Line
from minzheng.scenes.assistance.price.tests.conftest import (
    EACH,
    SEPTEMBER,
    approve,
    done,
    holder,
    prepared,
    submitted,
)
from minzheng.testing import Cast, acting_as
from minzheng.testing.background import as_worker, run_jobs
from minzheng.testing.unchanged import state

OCTOBER = dt.date(2026, 10, 1)
SERVICE = Service("价格补贴", COUNTY)


def added(people: Cast) -> list[Entitlement]:
    with acting_as(people.county):
        return list(Entitlement.objects.filter(scheme="price").order_by("id"))


def test_a_triggered_month_is_listed_approved_added_and_paid_by_an_urgent_run(people: Cast, money: None) -> None:
    holder(people, 3)
    holder(people, 1, scheme="tekun")
    row = submitted(people)
    assert (row.count, row.persons, row.fen) == (2, 4, 4 * EACH)
    with acting_as(people.county):
        assert sum(one.fen for one in funding.sources(row)) == row.fen
        assert not Entitlement.objects.filter(scheme="price").exists()
    row = done(people, row)
    assert row.state == "done"
    assert [(e.persons, e.start_month, e.end_month, e.once) for e in added(people)] == [
        (3, SEPTEMBER, SEPTEMBER, True), (1, SEPTEMBER, SEPTEMBER, True)]
    with acting_as(people.cashier):
        run = do_build_urgent("price", COUNTY, by=people.cashier)
        assert run is not None and (run.line_count, run.total_fen) == (2, row.fen)
        assert do_build_urgent("price", COUNTY, by=people.cashier) is None
    assert_proved(people)


def test_a_month_that_reaches_no_trigger_is_refused_and_leaves_nothing(people: Cast, money: None) -> None:
    holder(people)
    before = state()
    with pytest.raises(Refused, match="未达到启动条件"):
        prepared(people, OCTOBER)
    for month, what in ((dt.date(2026, 12, 1), "以内"), (dt.date(2026, 9, 2), "1 日")):
        with pytest.raises(Refused, match=what):
            prepared(people, month)
    assert state() == before


def test_a_month_without_an_index_is_refused_by_zone_and_month(people: Cast, money: None, monkeypatch: Any) -> None:
    holder(people)
    monkeypatch.setattr(actions, "months", lambda: [dt.date(2021, 6, 1)])
    before = state()
    with pytest.raises(Refused) as refusal:
        prepared(people, dt.date(2021, 6, 1))
    assert "昆山" in refusal.value.reason and "2021" in refusal.value.reason
    assert state() == before


def test_a_budget_too_small_stops_the_submission_and_says_what_lacks(people: Cast) -> None:
    fund(people, fen=3_000, scheme="price")
    holder(people, 2)
    row = prepared(people)
    before = state()
    with pytest.raises(Refused, match=r"央预算可用 30.00 元.*差 6.08 元"):
        submitted(people)
    with pytest.raises(Refused, match="不能审批"):
        approve(people, row)
    assert state() == before


def test_what_is_approved_but_in_no_run_yet_is_not_free(people: Cast, money: None) -> None:
    holder(people, 2)
    first = done(people, submitted(people))
    holder(people, 1)
    second = prepared(people)
    with acting_as(people.county):
        free = {one.name: one.free for one in funding.sources(second)}
    parts = budgets.split(first.fen, {"central": 4000, "province": 3333, "city": 0, "county": 2667})
    assert free["中央"] == 10_000_000 - parts["central"]


def test_no_shares_no_submission(people: Cast) -> None:
    holder(people)
    with pytest.raises(Refused, match="分担比例"):
        submitted(people)


def test_who_prepared_does_not_approve_and_others_do_neither(people: Cast, money: None) -> None:
    holder(people)
    row = submitted(people)
    own = post_of("county_approver", "", account=people.county.account_id)
    before = state()
    with pytest.raises(NotAllowed, match="不同的人"):
        approve(people, row, own)
    for who in ("county", "clerk", "finance", "cashier", "city", "province"):
        with pytest.raises(NotAllowed):
            approve(people, row, getattr(people, who))
    for who in ("approver", "clerk", "finance", "city"):
        by = getattr(people, who)
        with acting_as(by), pytest.raises(NotAllowed):
            actions.do_prepare(SEPTEMBER, by=by)
    assert state() == before


def test_the_database_itself_keeps_four_eyes_and_the_list(people: Cast, money: None) -> None:
    holder(people)
    row = submitted(people)
    with acting_as(people.county), pytest.raises(IntegrityError), transaction.atomic():
        Batch.objects.filter(pk=row.pk).update(answered_by=row.made_by)
    with acting_as(SERVICE), pytest.raises(Exception, match="keeps what was listed"), transaction.atomic():
        Line.objects.filter(batch=row).update(fen=1)


def test_the_neighbour_sees_nothing_and_lists_only_its_own(people: Cast, money: None) -> None:
    holder(people)
    row = submitted(people)
    other = post_of("county_clerk", "邻县经办", office=people.neighbour.jurisdiction)
    with acting_as(other):
        assert not Batch.objects.exists() and not Line.objects.exists()
        with pytest.raises(NotFound):
            actions.do_submit(row.number, by=other)
        with pytest.raises(Refused, match="没有可以发放"):
            actions.do_prepare(SEPTEMBER, by=other)


def test_pressing_twice_makes_one_list_and_one_approval(people: Cast, money: None) -> None:
    holder(people)
    assert prepared(people).pk == prepared(people).pk
    row = submitted(people)
    assert submitted(people).pk == row.pk
    approve(people, row)
    approve(people, row)
    run_jobs()
    assert len(added(people)) == 1
    approve(people, row)
    assert run_jobs() == 0 and len(added(people)) == 1


def test_a_stale_page_approves_nothing(people: Cast, money: None) -> None:
    holder(people)
    row = submitted(people)
    with acting_as(people.approver), pytest.raises(Stale):
        actions.do_approve(row.number, seen=(row.count, row.fen + 1), by=people.approver)
    assert not added(people)


def test_a_returned_list_pays_nothing_and_a_new_one_is_made(people: Cast, money: None) -> None:
    holder(people)
    row = submitted(people)
    with acting_as(people.approver):
        with pytest.raises(Refused, match="原因"):
            actions.do_return(row.number, reason=" ", by=people.approver)
        actions.do_return(row.number, reason="指数有误", by=people.approver)
    assert not added(people)
    assert prepared(people).pk != row.pk


def test_a_second_list_of_the_month_holds_only_who_joined_later(people: Cast, money: None) -> None:
    holder(people, 2)
    done(people, submitted(people))
    before = state()
    with pytest.raises(Refused, match="都已列入"):
        prepared(people)
    assert state() == before
    holder(people, 3)
    row = submitted(people)
    assert (row.count, row.persons, row.had) == (1, 3, 2)
    assert done(people, row).state == "done" and len(added(people)) == 2


def test_who_was_in_force_in_the_month_counts_and_nobody_else(people: Cast, money: None) -> None:
    left = holder(people, 1)
    with acting_as(people.approver):
        do_end(left.number, cause="income", last_month=SEPTEMBER, reason="收入增加", decision="终1", heard_on=dt.date(2026, 9, 20),
               by=people.approver)
    joined = holder(people, 1, decided_on=dt.date(2026, 9, 20))
    row = submitted(people)
    with acting_as(people.county):
        assert list(row.lines.values_list("entitlement", flat=True)) == [left.pk]
        assert joined.start_month == OCTOBER


def test_a_person_who_has_it_in_another_county_is_passed_over(people: Cast, money: None) -> None:
    row = holder(people, 1)
    with acting_as(SERVICE):
        person = row.members[0]["person_id"]
    moved = Service("迁移", "320000000000")
    with acting_as(moved):
        other = Entitlement.objects.get(pk=row.pk)
        other.pk, other.jurisdiction, other.scheme, other.exclusive_group, other.once = None, NEIGHBOUR_VILLAGE, "price", "price", True
        other.end_month = other.start_month
        other.save()
        EntitlementMember.objects.create(entitlement=other, jurisdiction=NEIGHBOUR_VILLAGE, person_id=person, exclusive_group="price",
                                         during=(SEPTEMBER, OCTOBER))
    with pytest.raises(Refused, match="都已列入"):
        prepared(people)


def test_a_household_that_changed_after_the_approval_is_refused_with_its_reason(people: Cast, money: None) -> None:
    changed, gone, kept = holder(people, 2), holder(people, 1), holder(people, 1)
    row = approve(people, submitted(people))
    with acting_as(people.approver):
        Entitlement.objects.filter(pk=changed.pk).update(members=changed.members[:1])
        Entitlement.objects.filter(pk=gone.pk).update(status="ended", end_month=dt.date(2026, 8, 1), start_month=dt.date(2026, 8, 1))
    run_jobs()
    with acting_as(people.county):
        assert [(line.state, line.note) for line in row.lines.order_by("id")] == [
            ("refused", "审批后保障名单有变化,请重新测算这一户"), ("refused", "审批后该月待遇已不应发,请核实"), ("added", "")]
        assert funding.total(row, "added", "refused") == (row.count, row.fen)
    assert [e.payee_account for e in added(people)] == [kept.payee_account]


def test_one_household_that_the_database_refuses_does_not_hold_up_the_others(people: Cast, money: None) -> None:
    holder(people, 1)
    twice = holder(people, 1)
    row = approve(people, submitted(people))
    with acting_as(SERVICE):
        do_add_once("price", month=SEPTEMBER, decision="另批", county=COUNTY, by=SERVICE,
                    additions=[Addition(twice.pk, (twice.members[0]["person_id"],), EACH)])
    run_jobs()
    with acting_as(people.county):
        assert [(line.state, bool(line.note)) for line in row.lines.order_by("id")] == [("added", False), ("refused", True)]
    assert len(added(people)) == 2


def test_after_a_kill_in_the_middle_the_rest_is_added_and_nothing_twice(people: Cast, money: None, monkeypatch: Any) -> None:
    for _ in range(5):
        holder(people, 1)
    row = approve(people, submitted(people))
    monkeypatch.setattr(tasks, "CHUNK", 2)
    real, calls = tasks.add_chunk, [0]

    def die(*args: Any) -> Any:
        found = real(*args)
        calls[0] += 1
        if calls[0] == 2:
            raise SystemExit("killed")
        return found

    monkeypatch.setattr(tasks, "add_chunk", die)
    again(row, killed=True)
    assert len(added(people)) == 2
    monkeypatch.setattr(tasks, "add_chunk", real)
    again(row)
    assert len(added(people)) == 5
    again(row)
    assert len(added(people)) == 5
    with acting_as(people.county):
        assert actions.batch_for(row.number).state == "done"
        assert funding.total(row, "added") == (row.count, row.fen)


def again(row: Batch, *, killed: bool = False) -> None:
    """The queue gives the job of the batch to a worker; one that is killed keeps what it had committed."""
    with as_worker(), pytest.raises(SystemExit) if killed else nullcontext():
        execute("price.add", row.run or 0, COUNTY, {"batch": row.pk})


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(1, 6), min_size=1, max_size=6), more=st.lists(st.integers(1, 4), max_size=3))
def test_lines_preview_approval_and_payments_are_the_same_money_and_nobody_is_paid_twice(
        people: Cast, money: None, sizes: list[int], more: list[int]) -> None:
    with transaction.atomic():
        for persons in sizes:
            holder(people, persons)
        batches = [done(people, submitted(people))]
        for persons in more:
            holder(people, persons)
        if more:
            batches.append(done(people, submitted(people)))
        wanted = EACH * (sum(sizes) + sum(more))
        with acting_as(people.county):
            assert sum(row.fen for row in batches) == wanted
            for row in batches:
                assert funding.total(row, "added") == (row.count, row.fen)
            covered = list(EntitlementMember.objects.filter(exclusive_group="price").values_list("person_id", flat=True))
            assert len(covered) == len(set(covered)) == sum(sizes) + sum(more)
            promised: dict[str, int] = {}
            for row in batches:
                for one in funding.sources(row):
                    promised[one.name] = promised.get(one.name, 0) + one.fen
        with acting_as(people.cashier):
            run = do_build_urgent("price", COUNTY, by=people.cashier)
            assert run is not None and run.total_fen == wanted
            lines = PaymentLine.objects.filter(run=run)
            paid = {"中央": "central_fen", "省": "province_fen", "市": "city_fen", "县": "county_fen"}
            assert {name: sum(lines.values_list(field, flat=True)) for name, field in paid.items()} == promised
        transaction.set_rollback(True)
