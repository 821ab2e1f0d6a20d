"""Draft → second pair of eyes → in force: who may, what is refused, and that a refusal changes nothing."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from minzheng.base.errors import NotAllowed, NotFound, Refused, Stale
from minzheng.base.identity.officer import Officer
from minzheng.data.brain import actions, queries
from minzheng.data.brain.actions import Proposal
from minzheng.data.brain.models import ParameterTurn, ParameterVersion
from minzheng.data.brain.rules import parameters
from minzheng.data.brain.tests import club
from minzheng.testing import Cast, acting_as, as_owner

club.register()
PRICE = "club.ball_price"
KUNSHAN = "z320583"
FAR = dt.date(2090, 1, 1)


def proposal(**change: Any) -> Proposal:
    base = Proposal(PRICE, KUNSHAN, 900, FAR, document="章程", article="第九条")
    return dataclasses.replace(base, **change)


def put_in_force(people: Cast, **change: Any) -> ParameterVersion:
    with acting_as(people.county):
        row = actions.do_draft(proposal(**change), by=people.county)
        actions.do_submit(row.pk, by=people.county)
    with acting_as(people.approver):
        return actions.do_approve(row.pk, by=people.approver)


def price(on: dt.date = FAR) -> int:
    return parameters.value(PRICE, KUNSHAN, on)


def rows() -> list[tuple[Any, ...]]:
    return list(ParameterVersion.objects.order_by("id").values_list(
        "id", "value", "effective_from", "effective_to", "status", "approved_by"))


def audited() -> list[tuple[str, str]]:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT action, obj_id FROM audit_record WHERE obj_type = 'parameter' ORDER BY id")
        return cursor.fetchall()


def test_a_value_counts_only_once_another_officer_has_approved_it(people: Cast) -> None:
    with acting_as(people.county):
        row = actions.do_draft(proposal(), by=people.county)
        assert price() == 800
        actions.do_submit(row.pk, by=people.county)
        assert price() == 800
    with acting_as(people.approver):
        actions.do_approve(row.pk, by=people.approver)
        assert price() == 900
        assert price(FAR - dt.timedelta(days=1)) == 800
        applied = parameters.lookup(PRICE, KUNSHAN, FAR)
        assert (applied.clause, applied.version) == ("章程第九条", f"第 {row.pk} 号变更")
    assert audited() == [(f"parameter.{step}", str(row.pk)) for step in ("drafted", "submitted", "in_force")]


def test_the_drafter_may_not_approve_the_own_draft(people: Cast) -> None:
    with acting_as(people.approver):
        row = actions.do_draft(proposal(), by=people.approver)
        actions.do_submit(row.pk, by=people.approver)
        before = rows()
        with pytest.raises(NotAllowed, match="起草人以外"):
            actions.do_approve(row.pk, by=people.approver)
        with pytest.raises(NotAllowed, match="起草人以外"):
            actions.do_send_back(row.pk, by=people.approver, opinion="自己退自己")
        assert rows() == before
        assert price() == 800


def test_the_database_itself_refuses_one_person_in_both_roles(people: Cast) -> None:
    with acting_as(people.county):
        row = actions.do_draft(proposal(), by=people.county)
    with pytest.raises(IntegrityError, match="second_pair_of_eyes"), as_owner(), transaction.atomic():
        ParameterVersion.objects.filter(pk=row.pk).update(status="in_force", approved_by=people.county.account_id)


def test_the_database_itself_refuses_two_values_on_a_day(people: Cast) -> None:
    put_in_force(people)
    with pytest.raises(IntegrityError, match="one_value_a_day"), as_owner(), transaction.atomic():
        ParameterVersion.objects.create(
            parameter=PRICE, zone=KUNSHAN, value=1, effective_from=FAR, sample=True, status="in_force", drafted_by=1,
            approved_by=2, created_at=dt.datetime.now(dt.UTC))


@pytest.mark.parametrize("who", ["province", "city", "neighbour", "township", "village", "finance", "data_officer"])
def test_only_the_office_that_owns_the_zone_drafts_and_decides(people: Cast, who: str) -> None:
    officer: Officer = getattr(people, who)
    with acting_as(people.county):
        waiting = actions.do_draft(proposal(), by=people.county)
        actions.do_submit(waiting.pk, by=people.county)
        before = rows()
    with acting_as(officer):
        for attempt in (lambda: actions.do_draft(proposal(), by=officer),
                        lambda: actions.do_approve(waiting.pk, by=officer),
                        lambda: actions.do_send_back(waiting.pk, by=officer, opinion="退"),
                        lambda: actions.do_withdraw(waiting.pk, by=officer)):
            with pytest.raises(NotAllowed):
                attempt()
        assert rows() == before


def test_a_clerk_drafts_but_does_not_approve(people: Cast) -> None:
    with acting_as(people.leader):
        row = actions.do_draft(proposal(), by=people.leader)
        actions.do_submit(row.pk, by=people.leader)
    with acting_as(people.county), pytest.raises(NotAllowed, match="县级经办"):
        actions.do_approve(row.pk, by=people.county)


def test_a_level_that_the_law_does_not_name_sets_nothing(people: Cast) -> None:
    line = proposal(parameter="club.poor_line")
    with acting_as(people.county), pytest.raises(NotAllowed, match="不由这一级制定"):
        actions.do_draft(line, by=people.county)
    assert rows() == []


@pytest.mark.parametrize(("change", "reason"), [
    ({"effective_from": dt.date(2024, 1, 1)}, "早于今天"),
    ({"effective_to": dt.date(2090, 12, 31)}, "2091-01-01 之后没有取值"),
    ({"value": -1}, "不小于零"), ({"value": 2**31}, "不小于零"), ({"value": True}, "不小于零"),
    ({"document": " "}, "文件名称"), ({"effective_to": dt.date(2089, 1, 1)}, "截止日早于起始日"),
    ({"zone": "z320599"}, "地区"), ({"zone": "3205"}, "地区"), ({"parameter": "club.racket"}, "没有这个规则参数"),
])
def test_a_doubtful_proposal_is_refused_and_nothing_is_written(
    people: Cast, change: dict[str, Any], reason: str,
) -> None:
    with acting_as(people.county):
        with pytest.raises(Refused, match=reason):
            actions.do_draft(proposal(**change), by=people.county)
        assert rows() == []


def test_a_retroactive_value_needs_a_reason_and_then_counts(people: Cast) -> None:
    start = dt.date(2025, 1, 1)
    row = put_in_force(people, effective_from=start, reason="市政府补发文件,自年初执行")
    assert (price(start), price(start - dt.timedelta(days=1))) == (900, 800)
    assert row.reason


def test_a_later_version_cuts_the_open_one_short_without_a_reason(people: Cast) -> None:
    first = put_in_force(people)
    second = put_in_force(people, value=950, effective_from=dt.date(2091, 7, 1))
    first.refresh_from_db()
    assert first.effective_to == dt.date(2091, 6, 30)
    assert (price(), price(dt.date(2091, 7, 1))) == (900, 950)
    assert (("parameter.in_force", str(first.pk))) in audited()[-3:]
    assert second.status == "in_force"


def test_an_overlap_needs_a_reason_and_supersedes_what_it_covers(people: Cast) -> None:
    first = put_in_force(people)
    with acting_as(people.county), pytest.raises(Refused, match="重叠"):
        actions.do_draft(proposal(value=950), by=people.county)
    put_in_force(people, value=950, reason="原取值登记有误")
    first.refresh_from_db()
    assert first.status == "superseded"
    assert price() == 950


def test_a_short_version_may_not_swallow_the_days_after_it(people: Cast) -> None:
    put_in_force(people)
    end = dt.date(2090, 12, 31)
    with acting_as(people.county):
        row = actions.do_draft(proposal(value=950, effective_to=end, reason="临时提高"), by=people.county)
        actions.do_submit(row.pk, by=people.county)
    before = rows()
    with acting_as(people.approver), pytest.raises(Refused, match="请先登记 2091-01-01 起的取值"):
        actions.do_approve(row.pk, by=people.approver)
    assert rows() == before


def test_a_gap_before_the_new_value_needs_a_reason(people: Cast) -> None:
    found = actions.concerns(proposal(effective_from=dt.date(2090, 2, 1)),
                             [club_value(dt.date(2089, 1, 1), dt.date(2089, 12, 31))], dt.date(2089, 6, 1))
    assert found == ["2090-01-01 至 2090-01-31 没有取值"]


def club_value(since: dt.date, until: dt.date | None) -> Any:
    return parameters.Dated(PRICE, KUNSHAN, 1, since, until, "章程", "", True, False, "test")


def test_a_draft_is_revised_sent_back_and_withdrawn_by_the_right_people(people: Cast) -> None:
    with acting_as(people.county):
        row = actions.do_draft(proposal(), by=people.county)
        actions.do_revise(row.pk, proposal(value=910), by=people.county)
        actions.do_submit(row.pk, by=people.county)
        with pytest.raises(Stale):
            actions.do_revise(row.pk, proposal(), by=people.county)
    with acting_as(people.approver):
        with pytest.raises(NotAllowed, match="只有起草人"):
            actions.do_withdraw(row.pk, by=people.approver)
        with pytest.raises(Refused, match="退回理由"):
            actions.do_send_back(row.pk, by=people.approver, opinion=" ")
        actions.do_send_back(row.pk, by=people.approver, opinion="条款不对")
        with pytest.raises(Stale):
            actions.do_approve(row.pk, by=people.approver)
    with acting_as(people.county):
        assert actions.do_withdraw(row.pk, by=people.county).status == "withdrawn"
        with pytest.raises(NotFound):
            actions.do_submit(row.pk + 1000, by=people.county)
    assert [step for step, _ in audited()] == [
        f"parameter.{step}" for step in ("drafted", "revised", "submitted", "sent_back", "withdrawn")]


def test_approving_twice_is_stale_and_changes_nothing(people: Cast) -> None:
    row = put_in_force(people)
    before = rows()
    with acting_as(people.leader), pytest.raises(Stale, match="生效"):
        actions.do_approve(row.pk, by=people.leader)
    assert rows() == before


def test_a_rolled_back_approval_leaves_no_trace_in_the_cache(people: Cast) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        put_in_force(people)
        with acting_as(people.approver):
            assert price() == 900
        raise RuntimeError
    with acting_as(people.approver):
        assert price() == 800


def test_a_change_by_another_process_is_seen_at_the_next_question(people: Cast) -> None:
    row = put_in_force(people)
    with acting_as(people.county):
        assert price() == 900
        before = ParameterTurn.objects.get(id=1).turn
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("UPDATE brain_parameterversion SET value = 901 WHERE id = %s", [row.pk])
        assert ParameterTurn.objects.get(id=1).turn > before
        assert price() == 901


def test_a_known_book_costs_one_query(people: Cast, django_assert_num_queries: Any) -> None:
    with acting_as(people.county):
        price()
        with django_assert_num_queries(1):
            price()


def test_the_page_shows_values_samples_inheritance_and_what_waits(
    people: Cast, django_assert_max_num_queries: Any,
) -> None:
    with acting_as(people.county):
        row = actions.do_draft(proposal(), by=people.county)
        actions.do_submit(row.pk, by=people.county)
    with acting_as(people.approver), django_assert_max_num_queries(3):
        page = {found.id: found for found in queries.parameters_page(people.approver, prefix="club.")}
    ball, line = page[PRICE], page["club.poor_line"]
    assert (ball.value, ball.inherited, ball.sample, ball.may_draft) == ("8 元", "苏州市", True, True)
    assert [(p.value, p.status_title, p.mine, p.may_decide) for p in ball.pending] == [("9 元", "待复核", False, True)]
    assert (line.value, line.inherited, line.sample, line.may_draft) == ("100 元", "全国", False, False)
    with acting_as(people.county):
        mine = queries.parameters_page(people.county, prefix="club.")[0].pending[0]
        assert (mine.mine, mine.may_decide) == (True, False)


def test_the_page_says_why_a_parameter_has_no_value(people: Cast) -> None:
    with acting_as(people.county):
        gap = queries.parameters_page(people.county, on=dt.date(2023, 7, 15), prefix="club.")[0]
    assert (gap.value, gap.number) == ("", None)
    assert "没有取值" in gap.problem


def test_the_history_keeps_what_was_superseded(people: Cast) -> None:
    put_in_force(people)
    put_in_force(people, value=950, reason="原取值登记有误")
    with acting_as(people.county):
        past = queries.history(PRICE, KUNSHAN)
        assert [(p.value, p.status_title, p.by) for p in past] == [
            ("9 元", "已被替代", "昆山陈敏起草,昆山何平批准"), ("9.50 元", "生效", "昆山陈敏起草,昆山何平批准")]
        assert [p.status_title for p in queries.history(PRICE, "z320500")] == ["随产品发布", "随产品发布"]


def test_citizens_and_jobs_read_parameters_and_cannot_write_them(people: Cast) -> None:
    put_in_force(people)
    for who in (people.citizen, people.service):
        with acting_as(who):
            assert price() == 900
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                ParameterVersion.objects.update(value=1)
    with as_owner():
        assert [value for _, value, *_ in rows()] == [900]
