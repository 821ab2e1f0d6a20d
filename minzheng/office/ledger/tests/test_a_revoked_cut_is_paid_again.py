"""A wrong cut or end that is revoked: the former amount is due again from its month, and the difference is paid as 补发."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from minzheng.base.errors import NotAllowed, Refused
from minzheng.office.benefits import changing
from minzheng.office.benefits.granting import Covered, do_grant
from minzheng.office.benefits.models import Entitlement, EntitlementMember
from minzheng.office.benefits.tests.kit import (
    COUNTY,
    DEC,
    MUG,
    NOV,
    OCT,
    TEAPOT,
    counts,
    fresh,
    grant,
    grant_args,
    set_day,
)
from minzheng.office.benefits.undoing import do_undo
from minzheng.office.ledger.runs import do_build_supplement
from minzheng.office.ledger.tests.kit import assert_proved, build, fund, post_of, states
from minzheng.testing import Cast, acting_as, as_owner

pytestmark = pytest.mark.usefixtures("november")
JAN, FEB = dt.date(2027, 1, 1), dt.date(2027, 2, 1)
HEARD = dt.date(2026, 11, 20)
TABLES = ("benefits_entitlementamount", "benefits_entitlementchange", "benefits_review")


def cut(people: Cast, row: Entitlement, fen: int, month: dt.date = DEC, decision: str = "减", **more: Any) -> None:
    with acting_as(people.approver):
        changing.do_change_amount(row.number, from_month=month, monthly_fen=fen, decision=decision, reason="收入增加",
                                  heard_on=HEARD, by=people.approver, **more)


def end(people: Cast, row: Entitlement, last: dt.date = NOV, decision: str = "终") -> None:
    with acting_as(people.approver):
        changing.do_end(row.number, cause="income", last_month=last, reason="收入超标", decision=decision, heard_on=HEARD,
                        by=people.approver)


def undo(people: Cast, revoked: str, *, undone: set[str] | None = None, restoring: frozenset[str] = frozenset(),
         decision: str = "撤") -> list[Entitlement]:
    with acting_as(people.leader):
        return do_undo(revoked, undone=undone or {revoked}, restoring={decision, *restoring}, decision=decision,
                       reason="撤销", by=people.leader)


def supplement(people: Cast) -> tuple[int, int] | None:
    with acting_as(people.cashier):
        run = do_build_supplement(TEAPOT, COUNTY, by=people.cashier)
        return (run.line_count, run.total_fen) if run else None


def amounts(people: Cast, row: Entitlement, *months: dt.date) -> list[int]:
    from minzheng.office.benefits.due import due_of

    with acting_as(people.county):
        return [due_of(row.pk, TEAPOT, row.jurisdiction, month) for month in months]


def test_after_a_revoked_cut_the_difference_is_paid_once(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    fund(people)
    row = grant(people)
    cut(people, row, 50_000)
    set_day(monkeypatch, dt.date(2026, 12, 20))
    build(people, DEC)
    assert states(people) == [("regular", "open", 50_000)]
    undo(people, "减")
    assert amounts(people, row, NOV, DEC, JAN) == [96_500] * 3
    assert supplement(people) == (1, 46_500) and supplement(people) is None
    assert_proved(people)


def test_a_later_decision_keeps_its_amount_and_the_order_of_revoking_does_not_matter(people: Cast) -> None:
    first, second = grant(people), grant(people)
    for row in (first, second):
        cut(people, row, 70_000, DEC, f"减一{row.pk}")
        cut(people, row, 50_000, JAN, f"减二{row.pk}")
    undo(people, f"减一{first.pk}", decision="撤一")
    assert amounts(people, first, DEC, JAN) == [96_500, 50_000]
    both = {f"减一{first.pk}", f"减二{first.pk}"}
    undo(people, f"减二{first.pk}", undone=both, restoring=frozenset({"撤一"}), decision="撤二")
    assert amounts(people, first, DEC, JAN, FEB) == [96_500] * 3
    undo(people, f"减二{second.pk}", decision="撤三")
    assert amounts(people, second, DEC, JAN) == [70_000, 70_000]
    both = {f"减一{second.pk}", f"减二{second.pk}"}
    undo(people, f"减一{second.pk}", undone=both, restoring=frozenset({"撤三"}), decision="撤四")
    assert amounts(people, second, DEC, JAN, FEB) == [96_500] * 3


def test_who_left_by_the_cut_is_covered_again(people: Cast) -> None:
    row = grant(people)
    child = row.members[1]["person_id"]
    cut(people, row, 50_000, leaving=[child])
    assert fresh(people, row).persons == 1
    undo(people, "减")
    after = fresh(people, row)
    assert after.persons == 2 and [m["person_id"] for m in after.members] == [row.head_id, child]
    with as_owner():
        assert EntitlementMember.objects.get(entitlement=row, person_id=child).during.upper is None


def test_a_revoked_end_brings_the_benefit_back_and_pays_the_months_between(
        people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    fund(people)
    row = grant(people)
    end(people, row, last=OCT)
    set_day(monkeypatch, dt.date(2026, 12, 20))
    other = grant(people)  # somebody to be paid, so that the runs are there
    build(people, NOV)
    build(people, DEC)
    before = {state for _, state, _ in states(people)}
    undo(people, "终")
    after = fresh(people, row)
    assert (after.status, after.end_month, after.on_hold) == ("active", None, False) and before == {"open"} and other.pk
    with as_owner():
        assert {m.during.upper for m in EntitlementMember.objects.filter(entitlement=row)} == {None}
    assert supplement(people) == (2, 2 * 96_500)
    assert_proved(people)


def test_a_benefit_that_was_suspended_is_suspended_again_with_its_reviews(people: Cast) -> None:
    row = grant(people)
    with acting_as(people.county):
        changing.open_review(changing.entitlement_for(people.county, row.number, lock=True), key="k", cause="income",
                             detail="收入待核", holds=True, by=people.county)
        changing.do_suspend(row.number, cause="income", reason="核查", by=people.county)
    end(people, row)
    undo(people, "终")
    after = fresh(people, row)
    assert (after.status, after.on_hold, amounts(people, row, NOV, DEC)) == ("suspended", True, [0, 0])


def test_a_revoked_running_out_is_no_running_out(people: Cast) -> None:
    row = grant(people)
    with acting_as(people.approver):
        changing.do_start_grace(row.number, cause="income", until=JAN, decision="渐", reason="就业增收", by=people.approver)
    assert amounts(people, row, JAN, FEB) == [96_500, 0]
    undo(people, "渐")
    after = fresh(people, row)
    assert (after.grace_until, after.end_month, amounts(people, row, FEB)) == (None, None, [96_500])


@pytest.mark.parametrize("about", ["cut", "end"])
def test_it_is_refused_while_a_member_is_covered_elsewhere_and_nothing_changes(people: Cast, about: str) -> None:
    row = grant(people)
    child = row.members[1]["person_id"]
    if about == "cut":
        cut(people, row, 50_000, leaving=[child])
    else:
        end(people, row)
    with acting_as(people.approver):
        do_grant(**grant_args(people.approver, scheme=MUG, head_person=child, members=[Covered(child, "茶小杯", "户主")],
                              decided_on=dt.date(2026, 11, 24)))
    before, seen = counts(*TABLES), fresh(people, row)
    with pytest.raises(Refused, match=r"茶小杯.*已在其他家庭"):
        undo(people, "减" if about == "cut" else "终")
    assert counts(*TABLES) == before and fresh(people, row).version == seen.version


def test_only_those_who_grant_undo_and_the_neighbour_reaches_nothing(people: Cast) -> None:
    row = grant(people)
    end(people, row)
    before = counts(*TABLES)
    for officer in (people.finance, people.cashier, people.clerk):
        with acting_as(officer), pytest.raises(NotAllowed):
            do_undo("终", undone={"终"}, restoring=(), decision="撤", reason="x", by=officer)
    stranger = post_of("county_leader", "常熟局长", office="320581000000")
    with acting_as(stranger):
        assert do_undo("终", undone={"终"}, restoring=(), decision="撤", reason="x", by=stranger) == []
    assert counts(*TABLES) == before and fresh(people, row).status == "ended"


def test_running_out_is_for_a_risen_income_only(people: Cast) -> None:
    row = grant(people)
    for cause in ("exclusive", "refused_review", "move", "other", "nonsense"):
        with acting_as(people.approver), pytest.raises(Refused):
            changing.do_start_grace(row.number, cause=cause, until=JAN, decision="渐", reason="x", by=people.approver)
    assert fresh(people, row).grace_until is None
