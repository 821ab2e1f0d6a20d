from __future__ import annotations

import datetime as dt

import pytest

from minzheng.base import clock
from minzheng.base.errors import NotAllowed, Refused
from minzheng.base.jobs.models import JobRun
from minzheng.base.jobs.running import execute
from minzheng.data.ingest import actions, checking, report
from minzheng.data.ingest.models import Batch
from minzheng.office.benefits.models import Entitlement, EntitlementAmount
from minzheng.scenes.assistance.legacy import accepting, tasks
from minzheng.scenes.assistance.legacy.models import LegacyHousehold
from minzheng.scenes.assistance.legacy.tests import kit
from minzheng.scenes.assistance.legacy.tests.kit import (
    ACCOUNT,
    Old,
    again,
    check,
    load,
    person,
    reasons,
    receive,
)
from minzheng.scenes.assistance.recognitions.models import Recognition
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.background import as_worker, deliver_events, run_jobs


@pytest.fixture
def old(db: None) -> Old:
    """Two households: a couple and a single man."""
    found = Old()
    found.household("A001", ("赵大山", person("赵大山"), "01"), ("孙小妹", person("孙小妹"), "10"), yuan="1930.00")
    found.household("A002", ("钱老三", person("钱老三"), "01"), yuan="965.5")
    return found


def accept(cast: Cast, batch: Batch, month: dt.date | None = None) -> None:
    with acting_as(cast.approver):
        accepting.do_accept(batch.number, first_month=month or accepting.months()[1], seen=accepting.waiting(batch),
                            by=cast.approver)
    run_jobs()


def interrupted(name: str) -> None:
    """The waiting job runs into what the test has broken; what was committed before stays, and the queue will retry."""
    with as_owner():
        run = JobRun.objects.get(name=name)
    with as_worker(), pytest.raises(ConnectionError):
        execute(name, run.pk, run.jurisdiction, run.args)


def count(model: object) -> int:
    with as_owner():
        return model.objects.count()


def test_the_dry_run_writes_nothing_and_reports_counts_and_sums(people: Cast, old: Old) -> None:
    batch = check(people, old)
    assert batch.state == "checked" and batch.counted == batch.declared
    with acting_as(people.data_officer):
        money = report.figures(batch)[2]
        assert (money.rows, money.fen, money.outcomes["ok"]) == (2, 289550, (2, 289550))
        assert report.units(batch)["ok"] == 2
    assert count(LegacyHousehold) == count(Entitlement) == 0


def test_imported_households_are_paid_only_after_a_county_approver_accepted(people: Cast, old: Old) -> None:
    batch = load(people, check(people, old))
    assert batch.state == "loaded" and count(LegacyHousehold) == 2
    assert count(Entitlement) == count(Recognition) == 0
    accept(people, batch)
    with as_owner():
        first, second = Entitlement.objects.order_by("id")
        assert (first.persons, first.payee_account, first.start_month) == (2, ACCOUNT, accepting.months()[1])
        assert [row.fen for row in EntitlementAmount.objects.order_by("id")] == [193000, 96550]
        assert first.case_code == f"{batch.number}-A001" and second.head_name == "钱老三"
        assert list(Recognition.objects.order_by("id").values_list("kind", flat=True)) == ["dibao", "single"]
        assert not LegacyHousehold.objects.exclude(state="accepted").exists()
    deliver_events()


def test_this_month_may_be_the_first(people: Cast, old: Old) -> None:
    batch = load(people, check(people, old))
    accept(people, batch, accepting.months()[0])
    with as_owner():
        assert set(Entitlement.objects.values_list("start_month", flat=True)) == {clock.today().replace(day=1)}


def test_only_a_county_approver_of_that_county_accepts_and_only_what_was_shown(people: Cast, old: Old) -> None:
    batch = load(people, check(people, old))
    with acting_as(people.data_officer):
        seen = accepting.waiting(batch)
    for who in people.officers():
        if who == people.approver:
            continue
        with acting_as(who), pytest.raises(Refused):
            accepting.do_accept(batch.number, first_month=accepting.months()[1], seen=seen, by=who)
    with acting_as(people.approver), pytest.raises(Refused, match="有变化"):
        accepting.do_accept(batch.number, first_month=accepting.months()[1], seen=(2, 1), by=people.approver)
    with acting_as(people.approver), pytest.raises(Refused, match="本月或下月"):
        accepting.do_accept(batch.number, first_month=dt.date(2020, 1, 1), seen=seen, by=people.approver)
    assert count(Entitlement) == 0 and again(people, batch).state == "loaded"


def test_only_the_data_officer_uploads_and_starts(people: Cast, old: Old) -> None:
    batch = check(people, old)
    for who in people.officers():
        if who == people.data_officer:
            continue
        with acting_as(who), pytest.raises(NotAllowed):
            actions.do_start(batch.number, by=who)
        with acting_as(who), pytest.raises(NotAllowed):
            actions.do_receive(target="dibao_legacy", mapping=batch.mapping_id, source="旧系统", files={}, declared={}, by=who)
    assert again(people, batch).state == "checked"


def test_a_wrong_sum_refuses_the_whole(people: Cast, old: Old) -> None:
    declared = old.declared()
    declared["benefit"]["fen"] += 1
    batch = check(people, old, declared=declared)
    assert batch.state == "refused" and "2895.51" in batch.note and "2895.50" in batch.note
    with acting_as(people.data_officer), pytest.raises(Refused):
        actions.do_start(batch.number, by=people.data_officer)
    assert count(LegacyHousehold) == 0


def test_a_wrong_count_refuses_the_whole(people: Cast, old: Old) -> None:
    declared = old.declared()
    declared["member"]["rows"] = 2
    assert check(people, old, declared=declared).state == "refused"


def test_an_unreadable_amount_is_no_part_of_the_sum(people: Cast, old: Old) -> None:
    declared = old.declared()
    old.benefits[1] = ("A002", "九百六十五元五角", *old.benefits[1][2:])
    batch = check(people, old, declared=declared)
    assert batch.state == "refused" and "能读出的合计是 1930.00 元" in batch.note


def test_twins_of_the_file_are_all_set_aside_and_never_merged(people: Cast, old: Old) -> None:
    old.household("A003", ("钱老三", old.members[2][2], "01"))
    batch = check(people, old)
    assert reasons(people, batch)[2:] == [("twin", "同一身份证号还出现在第 5 行"), ("twin", "同一身份证号还出现在第 4 行")]
    batch = load(people, batch)
    with as_owner():
        assert list(LegacyHousehold.objects.values_list("number", flat=True)) == ["A001"]


def test_an_old_number_and_another_name_wait_for_an_officer(people: Cast, old: Old) -> None:
    number = person("周五郎")
    old.household("A003", ("周五郎", number[:6] + number[8:17], "01"))
    old.household("A004", ("吴六妹", person("吴陆妹"), "01"))
    batch = check(people, old)
    found = reasons(people, batch)[3:]
    assert [state for state, _ in found] == ["question", "question"]
    assert "15 位旧证号" in found[0][1] and "姓名与人口库登记的不同" in found[1][1]
    with acting_as(people.data_officer):
        rows = list(batch.rows.filter(state="question").order_by("pk"))
        actions.do_confirm(batch.number, rows[0].pk, same=True, by=people.data_officer)
        actions.do_confirm(batch.number, rows[1].pk, same=False, by=people.data_officer)
        with pytest.raises(Refused):
            actions.do_confirm(batch.number, rows[0].pk, same=False, by=people.data_officer)
    load(people, batch)
    with as_owner():
        assert sorted(LegacyHousehold.objects.values_list("number", flat=True)) == ["A001", "A002", "A003"]


def test_a_row_confirmed_after_the_import_is_imported_by_another_start(people: Cast, old: Old) -> None:
    old.household("A003", ("吴六妹", person("吴陆妹"), "01"))
    batch = load(people, check(people, old))
    with acting_as(people.data_officer):
        actions.do_confirm(batch.number, batch.rows.get(state="question").pk, same=True, by=people.data_officer)
    assert load(people, batch).state == "loaded"
    assert count(LegacyHousehold) == 3


def test_rows_that_cannot_be_read_hold_back_their_household_with_reasons(people: Cast, old: Old) -> None:
    old.household("A003", ("郑七", "32058319600101123X", "01"))
    old.household("A004", ("王八妹", person("王八妹"), "77"))
    old.household("A005", ("冯九", person("冯九", village="320581100001"), "01"))
    old.household("A006", ("陈十", person("陈十", death_date=dt.date(2025, 1, 2)), "01"))
    old.household("A007", ("褚一", person("褚一"), "10"))
    old.household("A008", ("卫二", person("卫二"), "01"), since="2099-01")
    old.household("A009", ("蒋三", person("蒋三"), "01"), account="abc")
    batch = check(people, old)
    found = dict(zip("3456789", reasons(people, batch)[3:], strict=True))
    assert found["3"][0] == "refused" and "校验位" in found["3"][1]
    assert "原代码没有对照" in found["4"][1]
    assert "户籍不在本县" in found["5"][1] and "常熟" in found["5"][1]
    assert "2025-01-02 死亡" in found["6"][1]
    assert "户主应正好一人" in found["7"][1]
    assert "今天之后" in found["8"][1]
    assert found["9"] == ("held", "同户有其他行要先处理")
    load(people, batch)
    assert count(LegacyHousehold) == 2


def test_the_same_files_are_taken_once(people: Cast, old: Old) -> None:
    batch = check(people, old)
    with pytest.raises(Refused, match=batch.number):
        receive(people, old)
    assert count(Batch) == 1


def test_a_household_of_a_corrected_file_is_not_imported_twice(people: Cast, old: Old) -> None:
    load(people, check(people, old))
    old.household("A003", ("郑七", person("郑七"), "01"))
    batch = load(people, check(people, old))
    assert [state for state, _ in reasons(people, batch)] == ["known", "known", "known", "loaded"]
    assert count(LegacyHousehold) == 3


def test_what_was_turned_down_may_come_again(people: Cast, old: Old) -> None:
    batch = load(people, check(people, old))
    with acting_as(people.approver):
        accepting.do_turn_down(batch.number, reason="金额与纸质台账不符", by=people.approver)
    assert count(Entitlement) == 0
    batch = load(people, check(people, old))
    assert batch.state == "loaded"
    accept(people, batch)
    assert count(Entitlement) == 2


def test_somebody_who_has_a_benefit_already_is_told_and_not_paid_twice(people: Cast, old: Old) -> None:
    accept(people, load(people, check(people, old)))
    old.homes, old.members, old.benefits = [("B001", "")], [("B001", *old.members[2][1:])], [("B001", *old.benefits[1][1:])]
    batch = check(people, old)
    assert "已被认定为" in reasons(people, batch)[0][1]


def test_a_row_too_many_for_one_batch_and_an_interruption_double_nothing(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    old, names = Old(), [f"测试{chr(0x4e00 + n % 500)}{chr(0x5000 + n // 500)}" for n in range(2001)]
    for n, (name, number) in enumerate(zip(names, kit.people(names), strict=True)):
        old.household(f"H{n:05d}", (name, number, "01"), yuan="100.00")
    batch, calls, keep = receive(people, old), [], checking.keep_rows

    def broken(*args: object) -> None:
        calls.append(1)
        if len(calls) == 4:
            raise ConnectionError("the machine went away")
        keep(*args)

    monkeypatch.setattr(checking, "keep_rows", broken)
    interrupted("ingest.check")
    with as_owner():
        run = JobRun.objects.get(name="ingest.check")
        assert (run.status, run.checkpoint, batch.rows.count()) == ("failed", {"rows:household": 2001, "rows:member": 2000}, 4001)
    run_jobs()
    batch = again(people, batch)
    assert batch.state == "checked" and batch.counted["benefit"] == {"rows": 2001, "fen": 20010000}
    load(people, batch)
    assert count(LegacyHousehold) == 2001


def test_an_interrupted_acceptance_goes_on_and_doubles_nothing(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    old, names = Old(), [f"测试{sign}" for sign in "甲乙丙丁戊"]
    for n, (name, number) in enumerate(zip(names, kit.people(names), strict=True)):
        old.household(f"H{n}", (name, number, "01"), yuan="100.00")
    batch, take_over, taken = load(people, check(people, old)), tasks.take_over, []

    def stops(row: LegacyHousehold, *rest: object) -> str:
        taken.append(row.number)
        if len(taken) == 4:
            raise ConnectionError("the machine went away")
        return take_over(row, *rest)

    monkeypatch.setattr(tasks, "take_over", stops)
    monkeypatch.setattr(tasks, "BATCH", 2)
    with acting_as(people.approver):
        accepting.do_accept(batch.number, first_month=accepting.months()[1], seen=(5, 50000), by=people.approver)
    interrupted("legacy.accept")
    assert count(Entitlement) == 2
    run_jobs()
    assert count(Entitlement) == count(Recognition) == 5
    with as_owner():
        assert not LegacyHousehold.objects.exclude(state="accepted").exists()
