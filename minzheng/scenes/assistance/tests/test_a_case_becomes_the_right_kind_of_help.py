"""One application, all kinds of help: the survey shows another kind to be right, and the case goes on as that."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from minzheng.base import flow
from minzheng.base.errors import NotAllowed, NotFound, Refused, Stale
from minzheng.office.cases.doors import get_case_for
from minzheng.office.cases.models import Case
from minzheng.office.decisions.models import Decision
from minzheng.scenes.assistance import converting
from minzheng.scenes.assistance.considering import Standing
from minzheng.scenes.assistance.recognitions.models import Recognition
from minzheng.scenes.assistance.tests import carrying
from minzheng.scenes.assistance.tests.conftest import Family
from minzheng.scenes.assistance.verification.models import VerificationRequest
from minzheng.testing import Cast, acting_as, sign_in
from minzheng.testing.unchanged import state

pytestmark = pytest.mark.django_db(databases=["default", "aside"])
BETWEEN = 400_000  # of three people: above the 低保 standard, below one and a half of it


@pytest.fixture(autouse=True)
def own_store(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)


def surveyed(people: Cast, family: Family, wage_fen: int = BETWEEN) -> str:
    code = carrying.applied(people, family, "dibao", wage_fen=wage_fen)
    carrying.surveyed(people, code)
    return code


def convert(people: Cast, code: str, to: str = "edge", **changes: Any) -> Case:
    values = {"to": to, "extra": {}, "reason": "核对后收入在低保标准以上、边缘线以下", "by": people.reviewer, **changes}
    with acting_as(values["by"]):
        case = get_case_for(people.reviewer, code)
        return converting.do_convert(code, version=values.pop("version", case.version), **values)


def test_the_best_lawful_way_is_proposed_with_reasons(people: Cast, zhang: Family) -> None:
    code = surveyed(people, zhang)
    with acting_as(people.reviewer):
        case = get_case_for(people.reviewer, code)
        proposals = converting.considered(case)
        best = converting.better(case, proposals)
    assert best is not None and best.schemes == ("edge",) and best is proposals[0]
    said = {scheme: p.standing for p in proposals for scheme in p.schemes}
    assert said["dibao"] == Standing.UNFIT
    assert all(p.reason for p in proposals)


def test_the_case_keeps_its_number_and_what_was_done_and_ends_as_the_other_kind(
        people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    code = surveyed(people, zhang)
    with acting_as(people.reviewer):
        before = flow.clock_of(code, "total")
        checks = VerificationRequest.objects.count()
    convert(people, code)
    with acting_as(people.reviewer):
        case = get_case_for(people.reviewer, code)
        assert (case.code, case.matter, case.state) == (code, "edge", "accepted")
        assert [t.key for t in flow.open_tasks(code)] == ["town_review"]
        assert VerificationRequest.objects.count() == checks, "departments are not asked again"
        total = flow.clock_of(code, "total")
        assert before is not None and total is not None
        assert (total.started_at, total.limit_amount) == (before.started_at, 30)
    carrying.published(people, code, monkeypatch)
    carrying.confirmed(people, code)
    with acting_as(people.approver):
        assert Recognition.objects.get().kind == "edge"
        assert Decision.objects.get().amount_fen is None


def test_what_only_the_other_kind_asks_is_asked_then(people: Cast, zhang: Family) -> None:
    """刚性支出 wants the year's expenses, and its bills are verified before the opinion."""
    code = surveyed(people, zhang)
    head = zhang.head.pk
    extra = {"income_year_fen": 4_800_000, "living_year_fen": 0, "other_rigid_year_fen": 0, f"medical_year_fen_{head}": 6_000_000}
    convert(people, code, to="rigid", extra=extra)
    with acting_as(people.reviewer):
        assert [t.key for t in flow.open_tasks(code)] == ["bills"]
        facts = converting.known_facts(get_case_for(people.reviewer, code))
        assert facts.income_year_fen is not None and facts.income_year_fen.value == 4_800_000
        assert len(facts.members) == 3


@pytest.mark.parametrize(("changes", "error", "words"), [
    ({"to": "dibao"}, Refused, "请选择"), ({"to": "tea"}, Refused, "请选择"), ({"reason": "是"}, Refused, "理由"),
    ({"version": 1}, Stale, "刷新"),
])
def test_a_wrong_request_is_refused_and_nothing_changes(
        people: Cast, zhang: Family, changes: dict[str, Any], error: type[Exception], words: str) -> None:
    code = surveyed(people, zhang)
    before = state()
    with pytest.raises(error, match=words):
        convert(people, code, **changes)
    assert state() == before


@pytest.mark.parametrize(("who", "error"), [("neighbour_clerk", NotFound), ("approver", Refused), ("village", Refused)])
def test_only_the_township_converts(people: Cast, zhang: Family, who: str, error: type[Exception]) -> None:
    code = surveyed(people, zhang)
    by = getattr(people, who)
    with acting_as(people.reviewer):
        version = get_case_for(people.reviewer, code).version
    before = state()
    with acting_as(by), pytest.raises((error, NotAllowed)):
        converting.do_convert(code, to="edge", extra={}, reason="看一看能不能改", by=by, version=version)
    assert state() == before


def test_before_the_survey_and_after_the_publicity_has_begun_it_is_refused(people: Cast, zhang: Family) -> None:
    code = carrying.applied(people, zhang, "dibao", wage_fen=180_000)
    with pytest.raises(Refused, match="受理以后"):
        convert(people, code)
    carrying.surveyed(people, code)
    carrying.act(people.reviewer, code, "town_review", "agree")
    before = state()
    with pytest.raises(Refused, match="先撤下公示"):
        convert(people, code)
    assert state() == before


def test_the_page_compares_and_converts(people: Cast, zhang: Family, client: Client) -> None:
    code = surveyed(people, zhang)
    sign_in(client, people.reviewer)
    address = f"/desk/assistance/cases/{code}/compare/"
    page = client.get(address).content.decode()
    assert "各项救助比对" in page and "低保边缘" in page and "建议" in page
    assert "按规则更合适的是低保边缘" in client.get(f"/desk/cases/{code}/").content.decode()
    form = client.get(address + "?to=edge").content.decode()
    with acting_as(people.reviewer):
        version = get_case_for(people.reviewer, code).version
    assert f'value="{version}"' in form
    short = client.post(address + "?to=edge", {"version": version, "reason": "短"})
    assert short.status_code == 422
    done = client.post(address + "?to=edge", {"version": version, "reason": "收入在边缘线以下"}, follow=True)
    assert "低保边缘" in done.content.decode()
    again = client.post(address + "?to=rigid", {"version": version, "reason": "收入在边缘线以下"})
    assert again.status_code in (409, 422)
    with acting_as(people.reviewer):
        assert get_case_for(people.reviewer, code).matter == "edge"


def test_the_same_household_is_compared_only_by_who_may_see_it(people: Cast, zhang: Family, client: Client) -> None:
    code = surveyed(people, zhang)
    sign_in(client, people.neighbour_clerk)
    assert client.get(f"/desk/assistance/cases/{code}/compare/").status_code == 404


def test_an_application_form_of_one_kind_does_not_leak_into_another(people: Cast, zhang: Family) -> None:
    code = surveyed(people, zhang)
    case = convert(people, code)
    with acting_as(people.reviewer):
        facts = converting.known_facts(case)
    assert facts.members[0].obligors is None and facts.income_year_fen is None
