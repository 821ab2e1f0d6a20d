from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import count
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from django.db import DatabaseError, transaction

from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.office.cases.models import Case
from minzheng.office.materials import actions, queries, sources
from minzheng.office.materials.models import CaseMaterial
from minzheng.office.materials.sources import Found
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.teahouse import make_case, published


@pytest.fixture(autouse=True)
def stored() -> Iterator[list[bytes]]:
    """Files are kept by another room; here only that they are handed over."""
    kept: list[bytes] = []
    numbers = count(700)

    def store(content: bytes, **about: object) -> SimpleNamespace:
        kept.append(content)
        return SimpleNamespace(pk=next(numbers))

    with patch.object(actions.files, "store", store), patch.dict(sources._sources, clear=True):
        sources.register_source("tea.seat", "identity", lambda case: Found("公安人口库 户籍信息", dt.date(2026, 11, 1)))
        yield kept


@pytest.fixture
def case(people: Cast) -> Iterator[Case]:
    with published():
        yield make_case()


def rows(case: Case) -> dict[str, str]:
    with as_owner():
        return {m.code: m.status for m in queries.current_of(case)}


def test_what_the_registry_has_is_not_asked_for_and_the_rest_is_asked_at_once(people: Cast, case: Case) -> None:
    with acting_as(people.clerk):
        asked = [m.code for m in actions.collect(case, by=people.clerk)]
        assert asked == ["poem", "promise", "cup"]
        assert actions.collect(case, by=people.clerk) == queries.missing_of(case)
    with as_owner():
        taken = CaseMaterial.objects.get(code="identity")
        assert (taken.obtained, taken.reference) == ("registry", "公安人口库 户籍信息")
        assert taken.as_of == dt.date(2026, 11, 1)
        assert CaseMaterial.objects.count() == 5


def test_a_material_of_an_earlier_case_of_the_household_is_taken_again(people: Cast, case: Case) -> None:
    with acting_as(people.clerk):
        actions.collect(case, by=people.clerk)
        poem = actions.do_upload(case.code, "poem", b"%PDF", name="poem.pdf", by=people.clerk)
    later = make_case(2, state="submitted", applicant=77, applicant_name="李四", matter_version=1,
                      household=None)
    with as_owner():
        Case.objects.filter(pk=case.pk).update(state="closed")
        Case.objects.filter(pk=later.pk).update(household=100)
        later.refresh_from_db()
    with acting_as(people.clerk):
        assert [m.code for m in actions.collect(later, by=people.clerk)] == ["promise", "cup"]
        again = CaseMaterial.objects.get(case_id=later.pk, code="poem")
        assert (again.obtained, again.file, again.reference) == ("earlier", poem.file, f"办件 {case.code}")


def test_another_households_material_is_never_taken(people: Cast, case: Case) -> None:
    with acting_as(people.clerk):
        actions.collect(case, by=people.clerk)
        actions.do_upload(case.code, "poem", b"%PDF", name="poem.pdf", by=people.clerk)
    stranger = make_case(2, household=101, applicant=77)
    with acting_as(people.clerk):
        assert "poem" in [m.code for m in actions.collect(stranger, by=people.clerk)]


def test_a_gap_is_filled_when_the_registry_learns_of_it(people: Cast, case: Case) -> None:
    with acting_as(people.clerk):
        actions.collect(case, by=people.clerk)
        sources.register_source("tea.seat", "poem", lambda case: Found("诗社", None))
        assert [m.code for m in actions.collect(case, by=people.clerk)] == ["promise", "cup"]
        assert len(queries.current_of(case)) == 5


def test_a_replaced_file_is_kept(people: Cast, case: Case, stored: list[bytes]) -> None:
    with acting_as(people.citizen):
        first = actions.do_upload(case.code, "cup", b"old", name="a.jpg", by=people.citizen)
        with pytest.raises(Refused, match="已经有了"):
            actions.do_upload(case.code, "cup", b"again", name="b.jpg", by=people.citizen)
        second = actions.do_replace(case.code, "cup", b"new", name="b.jpg", by=people.citizen, reason="照片太暗")
        assert [(m.file, m.status) for m in queries.history_of(case, "cup")] == [
            (second.file, "present"), (first.file, "replaced")]
    assert stored == [b"old", b"new"]


def test_a_citizen_does_not_replace_shared_data(people: Cast, case: Case) -> None:
    with acting_as(people.citizen):
        actions.collect(case, by=people.citizen)
        with pytest.raises(NotAllowed):
            actions.do_replace(case.code, "identity", b"mine", name="a.jpg", by=people.citizen)
    assert rows(case)["identity"] == "present"


def test_a_waiver_has_a_reason_and_counts_as_settled(people: Cast, case: Case) -> None:
    with acting_as(people.clerk):
        actions.collect(case, by=people.clerk)
        with pytest.raises(Refused, match="原因"):
            actions.do_waive(case.code, "cup", by=people.clerk, reason=" ")
        actions.do_waive(case.code, "cup", by=people.clerk, reason="茶馆提供茶杯")
        assert [m.code for m in queries.missing_of(case)] == ["poem", "promise"]


@pytest.mark.parametrize("state", ["decided", "closed", "withdrawn", "rejected", "ended"])
def test_nothing_is_added_to_a_case_that_is_decided_or_over(people: Cast, case: Case, state: str,
                                                             stored: list[bytes]) -> None:
    with as_owner():
        Case.objects.filter(pk=case.pk).update(state=state)
    for who in (people.citizen, people.clerk):
        with acting_as(who), pytest.raises(Refused):
            actions.do_upload(case.code, "cup", b"x", name="a.jpg", by=who)
    assert stored == [] and rows(case) == {}


@pytest.mark.parametrize("who", ["other_citizen", "neighbour_clerk", "neighbour", "province", "city", "approver",
                                 "finance", "service"])
def test_others_upload_nothing(people: Cast, case: Case, who: str, stored: list[bytes]) -> None:
    other = getattr(people, who)
    with acting_as(other), pytest.raises((NotAllowed, NotFound)):
        actions.do_upload(case.code, "cup", b"x", name="a.jpg", by=other)
    assert stored == [] and rows(case) == {}


def test_an_unknown_material_is_refused(people: Cast, case: Case, stored: list[bytes]) -> None:
    with acting_as(people.clerk), pytest.raises(NotFound):
        actions.do_upload(case.code, "sword", b"x", name="a.jpg", by=people.clerk)
    assert stored == []


def test_the_database_shows_a_citizen_and_the_neighbour_nothing_of_others(people: Cast, case: Case) -> None:
    with acting_as(people.clerk):
        actions.collect(case, by=people.clerk)
    for who, expected in ((people.citizen, 5), (people.other_citizen, 0), (people.neighbour, 0), (people.county, 5)):
        with acting_as(who):
            assert CaseMaterial.objects.count() == expected
    with acting_as(people.other_citizen), pytest.raises(DatabaseError), transaction.atomic():
        CaseMaterial.objects.create(case_id=case.pk, jurisdiction=case.jurisdiction, code="x", title="x",
                                    status="missing", obtained="upload", at=case.submitted_at)
