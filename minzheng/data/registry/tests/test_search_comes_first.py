from __future__ import annotations

import pytest
from django.db import connection

from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.data import registry
from minzheng.data.population.cast import person as cast_person
from minzheng.data.registry import Person
from minzheng.data.registry.models import AttributeSource, Household, HouseholdMember, NameGram
from minzheng.testing import Cast, acting_as

ZHANG = cast_person("zhang_jianguo").id_number


def test_an_id_number_finds_the_person_in_any_typing_and_shows_only_a_mask(zhang: Person, people: Cast) -> None:
    for typed in (ZHANG, ZHANG.lower(), f" {ZHANG[:6]} {ZHANG[6:]} ", "".join(chr(ord(c) + 0xFEE0) for c in ZHANG)):
        with acting_as(people.township) as by:
            (found,) = registry.search(by, typed)
        assert (found.id, found.name) == (zhang.pk, "张建国")
        assert ZHANG not in repr(found) and found.id_masked.count("*") == 10


@pytest.mark.parametrize(
    "q", ["张建", "建国", "张建国", "zhangjianguo", "ZHANG Jianguo", "zjg", "张建国 里厍", "张建国 玉山镇"]
)
def test_a_name_of_two_characters_pinyin_or_initials_finds(zhang: Person, people: Cast, q: str) -> None:
    with acting_as(people.county) as by:
        assert [found.id for found in registry.search(by, q)] == [zhang.pk]


@pytest.mark.parametrize(
    "q", ["", " ", "张", "z", "3299001970", ZHANG[:-1] + ("1" if ZHANG[-1] != "1" else "2"), "张建国 月球镇"]
)
def test_too_little_or_wrong_words_are_refused(zhang: Person, people: Cast, q: str) -> None:
    with acting_as(people.county) as by, pytest.raises(Refused):
        registry.search(by, q)


def test_a_place_narrows_and_one_outside_the_post_is_refused(zhang: Person, people: Cast) -> None:
    with acting_as(people.county) as by:
        assert registry.search(by, "张建国 亭林") == []
        assert len(registry.search(by, "张建国", within="320583100000")) == 1
        with pytest.raises(Refused):
            registry.search(by, "张建国", within="320581000000")


def test_pages_go_on_by_cursor_and_end_at_the_cap(zhang: Person, people: Cast) -> None:
    with acting_as(people.county) as by:
        (found,) = registry.search(by, "张建国", limit=1)
        assert registry.search(by, "张建国", after=found.cursor) == []
        with pytest.raises(Refused):
            registry.search(by, "张建国", after=f"{found.jurisdiction}-{found.id}-100")
        with pytest.raises(Refused):
            registry.search(by, "张建国", after="1 or 1=1")


def test_the_neighbouring_county_gets_nothing_on_any_verb(zhang: Person, people: Cast) -> None:
    with acting_as(people.neighbour) as by:
        assert registry.search(by, ZHANG) == [] and registry.search(by, "张建国") == []
        for attempt in (
            lambda: registry.find_person(by, ZHANG),
            lambda: registry.get_person_for(by, zhang.pk),
            lambda: registry.reveal(by, zhang.pk, "id_number", "核对身份信息"),
            lambda: registry.people_by_id([zhang.pk]),
        ):
            with pytest.raises(NotFound):
                attempt()
        assert registry.household_of(zhang.pk) is None
        for model in (Person, Household, HouseholdMember, NameGram, AttributeSource):
            assert model.objects.count() == 0


def test_without_a_scope_even_the_count_is_refused(zhang: Person) -> None:
    from django.db import ProgrammingError, transaction

    with pytest.raises(ProgrammingError), transaction.atomic():
        Person.objects.count()


def test_levels_above_and_the_village_itself_find(zhang: Person, people: Cast) -> None:
    for officer in (people.province, people.city, people.county, people.township, people.village):
        with acting_as(officer) as by:
            assert registry.find_person(by, ZHANG).pk == zhang.pk


def test_a_citizen_reads_nobody_but_oneself_and_the_own_family(zhang: Person, wife: Person, people: Cast) -> None:
    from minzheng.base.identity.officer import Citizen

    me = Citizen(people.citizen.account_id, "张建国", zhang.pk)
    with acting_as(me):
        assert [p.pk for p in Person.objects.all()] == [zhang.pk]
        assert registry.get_person_for(me, zhang.pk).name == "张建国"
        assert [(kin.name, kin.relation) for kin in registry.family_of_citizen()] == [
            ("张建国", "户主"),
            ("李秀英", "妻"),
        ]
        assert HouseholdMember.objects.count() == 2 and Household.objects.count() == 1
        assert registry.reveal(me, zhang.pk, "phone") == "16000000001"
        with pytest.raises(NotAllowed):
            registry.reveal(me, wife.pk, "id_number", "想看看")
        with pytest.raises(NotFound):
            registry.get_person_for(me, wife.pk)
    with acting_as(people.other_citizen):
        assert Person.objects.count() == 0 and registry.family_of_citizen() == []


def test_clear_text_needs_a_reason_and_the_person_sees_the_record(zhang: Person, people: Cast) -> None:
    from minzheng.base import audit
    from minzheng.base.identity.officer import Citizen

    me = Citizen(people.citizen.account_id, "张建国", zhang.pk)
    with acting_as(me):
        before = len(audit.accesses_of(zhang.pk))
    with acting_as(people.township) as by:
        for reason in ("", "看看", "   "):
            with pytest.raises(Refused):
                registry.reveal(by, zhang.pk, "id_number", reason)
        with pytest.raises(Refused):
            registry.reveal(by, zhang.pk, "name", "核对身份信息")
    with acting_as(me):
        assert len(audit.accesses_of(zhang.pk)) == before
    with acting_as(people.township) as by:
        assert registry.reveal(by, zhang, "id_number", "核对身份信息") == ZHANG
    with acting_as(me):
        after = audit.accesses_of(zhang.pk)
    assert len(after) == before + 1 and "核对身份信息" in after[0].purpose


def test_sensitive_columns_are_ciphertext_in_the_table(zhang: Person, people: Cast) -> None:
    with acting_as(people.county), connection.cursor() as cursor:
        cursor.execute(
            "SELECT id_number, phone, bank_account, id_index FROM registry_person WHERE id = %s", [zhang.pk]
        )
        row = [bytes(value) for value in cursor.fetchone()]
    assert all(clear.encode() not in value for value in row for clear in (ZHANG, "16000000001", "990000000000000003"))
    assert len(row[3]) == 32


def test_somebody_elsewhere_is_only_known_to_exist_until_a_grant(zhang: Person, people: Cast) -> None:
    with acting_as(people.neighbour_clerk) as by:
        found = registry.find_elsewhere(by, ZHANG)
        assert found is not None and found.county == "320583000000"
        with pytest.raises(Refused):
            registry.allow_elsewhere(by, ZHANG, "办")
        with pytest.raises(NotFound):
            registry.people_by_id([zhang.pk])
        brief = registry.allow_elsewhere(by, ZHANG, "居住在本镇,申请低保")
        assert (brief.name, brief.birth_date, brief.jurisdiction) == ("张建国", zhang.birth_date, zhang.jurisdiction)
        assert brief.phone is None and brief.id_number == ""
        assert registry.people_by_id([zhang.pk])[zhang.pk].name == "张建国"
        with pytest.raises(NotFound):
            registry.reveal(by, zhang.pk, "phone", "联系申请人")
        assert registry.find_elsewhere(by, cast_person("ma_xiuzhen").id_number) is None
    with acting_as(people.neighbour) as by:  # the county above the township reads it too
        assert registry.people_by_id([zhang.pk])[zhang.pk].name == "张建国"


def test_a_number_and_a_name_match_only_together(zhang: Person, people: Cast) -> None:
    with acting_as(people.other_citizen):
        assert registry.match_person(ZHANG, "张建国") == zhang.pk
        assert registry.match_person(ZHANG, "张建军") is None
