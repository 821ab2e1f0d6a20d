"""The 低保 process on its own: every way through it, by the engine alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from minzheng.base.flow.bpmn.definition import read
from minzheng.base.flow.bpmn.engine import Run

DIBAO = read(Path(__file__).parents[1] / "processes" / "dibao.v1.bpmn")


class Walk:
    def __init__(self, *, delegated: bool = False, kin: bool = False) -> None:
        self.served: list[str] = []
        self.run = Run.start(DIBAO, {"delegated": delegated, "kin": kin}, self._serve)

    def _serve(self, element: Any, variables: dict[str, Any]) -> dict[str, Any]:
        self.served.append(element.id)
        return {"disputed": False} if element.id == "publish" else {}

    def _token(self, key: str) -> Any:
        return next(t.id for t in (*self.run.ready(), *self.run.waiting()) if t.element.id == key)

    def do(self, *steps: str) -> Walk:
        """`key=outcome` completes a task, `!message` or `!message,name` (true) or `!message,-name` sends one,
        `@timer` fires. The state is saved and loaded between steps."""
        for step in steps:
            if step[0] == "!":
                name, _, flag = step[1:].partition(",")
                payload = {flag.lstrip("-"): not flag.startswith("-")} if flag else {}
                assert self.run.catch(name, payload), step
            elif step[0] == "@":
                assert self.run.fire(self._token(step[1:]))
            else:
                key, _, outcome = step.partition("=")
                assert outcome in DIBAO.elements[key].outcomes
                self.run.complete(self._token(key), outcome)
            self.run = Run.load(DIBAO, self.run.save(), self._serve)
        return self

    @property
    def at(self) -> set[str]:
        return self.run.current() - {"case", "publicity"}


ACCEPTED = ("review=accept", "!check_done,check_clear", "visit=done")
PUBLISHED = (*ACCEPTED, "town_review=agree")


def test_the_straight_way_ends_with_the_document_served():
    walk = Walk().do(*PUBLISHED)
    assert walk.at == {"public_days"}
    walk.do("@public_days", "county_review=confirm")
    assert walk.at == {"serve"}
    walk.do("serve=served")
    assert walk.run.ended
    assert walk.served == ["term_county", "check_request", "publish", "unpublish", "stop_total"]


def test_check_and_visit_run_side_by_side_and_both_are_waited_for():
    walk = Walk().do("review=accept")
    assert walk.at == {"await_check", "visit"}
    assert walk.do("visit=done").at == {"await_check"}
    assert walk.do("!check_done,check_clear").at == {"town_review"}


def test_a_supplement_comes_back_to_the_review_as_often_as_needed():
    walk = Walk()
    for _ in range(3):
        assert walk.do("review=supplement").at == {"await_supplement"}
        assert walk.do("!supplemented").at == {"review"}
    assert walk.do("review=reject").at == {"serve"}
    assert walk.do("serve=served").run.ended


def test_a_finding_is_told_and_an_objection_checked_anew():
    walk = Walk().do("review=accept", "visit=done", "!check_done,-check_clear")
    assert walk.at == {"check_inform"}
    assert walk.do("!check_objected").at == {"check_evidence"}
    assert walk.do("check_evidence=recheck").at == {"await_check"}
    assert walk.do("!check_done,-check_clear", "check_inform=objection", "check_evidence=stand").at == {"town_review"}
    assert walk.served.count("check_request") == 2


def test_a_finding_without_objection_goes_on():
    assert Walk().do("review=accept", "!check_done,-check_clear", "check_inform=no_objection", "visit=done").at == {
        "town_review"
    }


def test_the_reviewer_may_have_the_home_visited_again():
    walk = Walk().do(*ACCEPTED, "town_review=again")
    assert walk.at == {"visit_again"}
    assert walk.do("visit_again=done").at == {"town_review"}


def test_a_negative_opinion_goes_to_the_county_without_publicity():
    walk = Walk().do(*ACCEPTED, "town_review=disagree")
    assert walk.at == {"county_review"} and "publish" not in walk.served
    assert walk.do("county_review=refuse").at == {"serve"}


def test_a_disputed_publicity_lasts_its_days_and_is_then_discussed():
    walk = Walk().do(*PUBLISHED, "!publicity_disputed,disputed", "!publicity_disputed,disputed")
    assert walk.at == {"public_days"}
    assert walk.do("@public_days").at == {"democratic_review"}
    assert walk.do("democratic_review=done").at == {"town_review_again"}
    assert walk.do("town_review_again=agree").at == {"county_review"}


def test_a_wrong_notice_comes_back_to_the_opinion_and_is_published_for_all_its_days():
    walk = Walk().do(*PUBLISHED, "!publicity_disputed,disputed", "!publicity_withdrawn")
    assert walk.at == {"town_review"}
    assert walk.do("town_review=agree").at == {"public_days"}
    assert walk.do("@public_days").at == {"county_review"} and walk.served.count("publish") == 2


def test_a_decision_taken_on_the_phone_needs_no_server():
    walk = Walk().do(*PUBLISHED, "@public_days", "county_review=confirm", "!received")
    assert walk.run.ended and walk.run.ready() == []
    assert Walk().do(*PUBLISHED).run.catch("received", {}) == []


@pytest.mark.parametrize("delegated", [False, True])
def test_a_household_of_kin_is_visited_by_the_county(delegated):
    walk = Walk(delegated=delegated, kin=True).do(*PUBLISHED, "@public_days")
    assert walk.at == {"county_visit"}
    assert walk.do("county_visit=done").at == {"town_decide" if delegated else "county_review"}


def test_where_power_is_delegated_the_township_decides_within_its_own_limit():
    walk = Walk(delegated=True).do(*PUBLISHED, "@public_days")
    assert walk.at == {"town_decide"} and walk.served[0] == "term_town"
    assert walk.do("town_decide=confirm").at == {"serve"}


@pytest.mark.parametrize(("delegated", "decide"), [(False, "county_review"), (True, "town_decide")])
def test_a_returned_case_comes_back_with_or_without_new_publicity(delegated, decide):
    walk = Walk(delegated=delegated).do(*PUBLISHED, "@public_days", f"{decide}=return")
    assert walk.at == {"rework"}
    assert walk.do("rework=resubmit").at == {decide}
    assert walk.do(f"{decide}=return", "rework=publish_again").at == {"public_days"}
    assert walk.do("@public_days").at == {decide}
    assert walk.do(f"{decide}=refuse", "serve=served").run.ended


def test_the_county_may_visit_or_extend_before_it_decides():
    walk = Walk().do(*PUBLISHED, "@public_days", "county_review=extend")
    assert walk.at == {"county_review"} and walk.served[-1] == "extend_total"
    assert walk.do("county_review=visit").at == {"county_visit"}
    assert walk.do("county_visit=done", "county_review=confirm").at == {"serve"}


@pytest.mark.parametrize("before", [(), ("review=supplement",), ACCEPTED[:1], ACCEPTED, PUBLISHED])
@pytest.mark.parametrize(("message", "last"), [("withdrawn", "withdraw"), ("person_died", "note_death")])
def test_withdrawal_and_death_end_the_case_at_any_step(before, message, last):
    walk = Walk().do(*before, f"!{message}")
    assert walk.run.ended and walk.served[-1] == last
    assert walk.run.ready() == [] and walk.run.waiting() == []


def test_a_terminated_case_is_still_served_its_notice():
    walk = Walk().do(*ACCEPTED, "!terminated")
    assert walk.at == {"serve"}
    assert walk.run.catch("withdrawn", {}) == []


def test_after_the_decision_nothing_can_be_withdrawn():
    walk = Walk().do(*PUBLISHED, "@public_days", "county_review=confirm")
    assert walk.run.catch("withdrawn", {}) == []
    assert walk.at == {"serve"}


def test_the_limits_are_parameters_of_the_law():
    found = {e.limit.parameter for e in DIBAO.elements.values() if e.limit and e.limit.parameter}
    assert found == {
        "dibao.limit.total", "dibao.limit.total_delegated", "dibao.limit.total_ext", "dibao.limit.start_survey",
        "dibao.limit.confirm", "dibao.limit.refuse_notice", "dibao.public.days",
    }  # fmt: skip


def test_four_eyes_stand_between_intake_opinion_and_decision():
    elements = DIBAO.elements
    assert {"review", "visit"} <= set(elements["town_review"].not_same_as)
    assert {"town_review", "town_review_again"} <= set(elements["town_decide"].not_same_as)
    assert elements["county_review"].level == 3 and elements["visit"].signers == 2


def test_the_state_stays_small():
    walk = Walk(kin=True).do("review=supplement", "!supplemented", *PUBLISHED, "@public_days")
    assert len(walk.run.save()) < 6000
