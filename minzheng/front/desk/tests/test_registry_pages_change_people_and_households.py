from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.http import HttpResponse

from minzheng.base import clock
from minzheng.data.population.cast import person as cast_person
from minzheng.data.population.identifiers import cast_id
from minzheng.data.registry import AttributeSource, Household, HouseholdMember, Person
from minzheng.front.desk.tests.admin_kit import (
    MOST_QUERIES,
    PHONE,
    household,
    page,
    post,
    queries,
    records,
    register,
    text,
)
from minzheng.front.desk.tests.case_kit import hidden
from minzheng.testing import Cast, as_owner
from minzheng.testing.cast import NEIGHBOUR_COUNTY, VILLAGE

NEW = "/desk/people/register/"
REASON = "已查验户口簿原件"


def baby(**more: Any) -> dict[str, Any]:
    born = clock.today() - dt.timedelta(days=40)
    return {"id_number": cast_id(f"{born:%Y%m%d}", 901), "name": "张小满", "occasion": "newborn", "ethnicity": "汉族",
            "as_of": clock.today().isoformat(), "to_village": VILLAGE, "reason": REASON, **more}


def count() -> int:
    with as_owner():
        return Person.objects.count()


def others(people: Cast) -> list[Any]:
    """Posts and people who may not change the registry."""
    return [people.village, people.reviewer, people.approver, people.city, people.finance, people.system_admin,
            people.citizen]


def test_nobody_found_by_a_whole_number_may_be_registered_by_who_may(people: Cast) -> None:
    number = baby()["id_number"]
    assert "登记这个人" in text(page(people.township, "/desk/people/", q=number))
    assert "登记这个人" not in text(page(people.village, "/desk/people/", q=number))
    assert "登记这个人" not in text(page(people.township, "/desk/people/", q="张小满"))
    form = text(post(people.township, NEW, step="start", id_number=number))
    assert number in form and "里厍" in form and "常熟" not in form


def test_a_newborn_is_registered_once_however_often_it_is_pressed(people: Cast) -> None:
    first, second = post(people.township, NEW, **baby()), post(people.township, NEW, **baby())
    assert first.status_code == second.status_code == 302 and first.headers["Location"] == second.headers["Location"]
    assert count() == 1 and records("registry.register") == 1
    with as_owner():
        row = Person.objects.get()
        assert (row.name, row.jurisdiction, row.id_number) == ("张小满", VILLAGE, baby()["id_number"])
        assert AttributeSource.objects.filter(person_id=row.pk, resource="户口簿(新生儿入户)").exists()
    assert "立户" in text(page(people.township, first.headers["Location"]))


@pytest.mark.parametrize("wrong", [
    {"reason": ""}, {"reason": "无"}, {"to_village": ""}, {"to_village": "320581004001"}, {"name": "张3"}, {"as_of": "2999-01-01"},
    {"id_number": cast_id("19700312", 901)}, {"id_number": "320583197003120010"}, {"occasion": ""}])
def test_what_is_wrong_is_said_and_nothing_is_written(people: Cast, wrong: dict[str, str]) -> None:
    answer = post(people.township, NEW, **baby(**wrong))
    assert answer.status_code == 422 and "role=\"alert\"" in text(answer)
    assert count() == 0


def test_who_may_not_register_writes_nothing(people: Cast) -> None:
    for who in others(people):
        assert page(who, NEW).status_code == 403
        assert post(who, NEW, **baby()).status_code == 403
    assert post(people.township, NEW, **baby(to_village="320583102201")).status_code == 422  # another township
    assert count() == 0


def test_a_person_of_another_county_is_not_registered_again(people: Cast) -> None:
    register(people)
    from minzheng.front.desk.tests.case_kit import officer

    foreign = officer("county_clerk", NEIGHBOUR_COUNTY, "常熟陈洁")
    known = cast_person("zhang_jianguo")
    answer = post(foreign, NEW, **baby(id_number=known.id_number, name=known.name, occasion="moved_in",
                                       to_town="320581004000", to_village=village_of("320581004000")))
    assert answer.status_code == 422 and "已登记在苏州市昆山市" in text(answer) and "异地人员" in text(answer)
    assert count() == 1


def village_of(town: str) -> str:
    from minzheng.base.divisions.names import children_of

    return children_of(town)[0].code


def split_of(who: Any, number: int, wife: int, **more: Any) -> HttpResponse:
    there = f"/desk/people/{number}/split/"
    data = {"on": clock.today().isoformat(), f"relation_{wife}": "户主", "reason": "离婚后分户", **more}
    if "version" not in data:
        data["version"] = hidden(page(who, there), "version")
    return post(who, there, **data)


def test_a_household_splits_once_and_a_stale_page_does_nothing(people: Cast) -> None:
    head, wife = household(people)
    there = f"/desk/people/{head.pk}/split/"
    version = hidden(page(people.township, there), "version")
    for wrong in ({f"relation_{wife.pk}": ""}, {f"relation_{wife.pk}": "妻"}, {"reason": ""}, {"on": "2999-01-01"}):
        assert split_of(people.township, head.pk, wife.pk, **wrong).status_code == 422
    for who in others(people):
        assert post(who, there, version=version).status_code == 403
    assert post(people.neighbour, there, version=version).status_code == 403
    with as_owner():
        assert Household.objects.count() == 1
    assert split_of(people.township, head.pk, wife.pk, version=version).status_code == 302
    assert split_of(people.township, head.pk, wife.pk, version=version).status_code in (409, 422)
    with as_owner():
        assert Household.objects.count() == 2
        assert HouseholdMember.objects.get(person_id=wife.pk, valid_to=None).relation == "户主"


def test_a_person_joins_a_household_found_by_a_member(people: Cast) -> None:
    head, _ = household(people)
    post(people.township, NEW, **baby())
    with as_owner():
        child = Person.objects.get(name="张小满")
    there = f"/desk/people/{child.pk}/join/"
    found = post(people.township, there, step="find", member=head.id_number)
    assert found.status_code == 200 and "T0001" in text(found) and head.id_number not in text(found)
    data = {"step": "join", "household": hidden(found, "household"), "version": hidden(found, "version"), "relation": "子",
            "on": clock.today().isoformat(), "reason": "新生儿入户"}
    assert post(people.township, there, **{**data, "reason": ""}).status_code == 422
    for who in others(people):
        assert post(who, there, **data).status_code == 403
    with as_owner():
        assert not HouseholdMember.objects.filter(person_id=child.pk).exists()
    assert post(people.township, there, **data).status_code == 302
    assert post(people.township, there, **data).status_code in (409, 422)
    with as_owner():
        assert HouseholdMember.objects.filter(person_id=child.pk).count() == 1
    assert "已经是这一户的成员" in text(post(people.township, there, step="find", member=head.id_number))


def test_a_member_of_another_household_leaves_it_on_joining_and_a_head_does_not(people: Cast) -> None:
    head, wife = household(people)
    assert split_of(people.township, head.pk, wife.pk, on="2026-11-01").status_code == 302
    there = f"/desk/people/{wife.pk}/join/"
    found = post(people.township, there, step="find", member=head.id_number)
    assert "从入户日期起离开原户" in text(found)
    data = {"step": "join", "household": hidden(found, "household"), "version": hidden(found, "version"), "relation": "妻",
            "on": clock.today().isoformat(), "reason": "复婚并户"}
    assert post(people.township, there, **data).status_code == 302  # alone in her household, which ends
    with as_owner():
        assert HouseholdMember.objects.filter(person_id=wife.pk, valid_to=None).count() == 1
        assert Household.objects.filter(ended_on=None).count() == 1


def test_the_head_is_changed_and_one_without_household_opens_one(people: Cast) -> None:
    head, wife = household(people)
    there = f"/desk/people/{head.pk}/head/"
    data = {"head": wife.pk, "old_relation": "夫", "on": clock.today().isoformat(), "reason": "户主外出务工",
            "version": hidden(page(people.township, there), "version")}
    assert post(people.township, there, **{**data, "head": 999}).status_code == 422
    assert post(people.township, there, **data).status_code == 302
    assert post(people.township, there, **data).status_code in (409, 422)
    with as_owner():
        assert HouseholdMember.objects.get(person_id=wife.pk, valid_to=None).relation == "户主"
    post(people.township, NEW, **baby())
    with as_owner():
        child = Person.objects.get(name="张小满")
    there = f"/desk/people/{child.pk}/open/"
    data = {"on": clock.today().isoformat(), "reason": "集体户转出"}
    assert post(people.township, there, **data).status_code == 302
    assert post(people.township, there, **data).status_code == 302  # no second one
    with as_owner():
        assert HouseholdMember.objects.filter(person_id=child.pk).count() == 1


def correction(who: Any, number: int, item: str, **more: Any) -> HttpResponse:
    there = f"/desk/people/{number}/correct/?item={item}"
    data = {"resource": "本人签字的申请表", "as_of": clock.today().isoformat(), "reason": REASON, **more}
    if "version" not in data:
        data["version"] = hidden(page(who, there), "version")
    return post(who, there, **data)


def test_an_item_is_corrected_from_its_owner_and_kept_as_a_difference_from_others(people: Cast) -> None:
    head, _ = household(people)
    there = f"/desk/people/{head.pk}/correct/"
    assert "更正手机号" in text(page(people.township, there))
    assert PHONE not in text(page(people.township, there, item="phone"))
    version = hidden(page(people.township, there, item="phone"), "version")
    done = correction(people.township, head.pk, "phone", value="16000000077", department="本人申报", version=version)
    assert done.status_code == 302
    stale = correction(people.township, head.pk, "phone", value="16000000088", department="本人申报", version=version)
    assert stale.status_code == 409
    other = correction(people.township, head.pk, "name", value="张健国", department="民政")
    assert other.status_code == 302
    with as_owner():
        row = Person.objects.get(pk=head.pk)
        assert (row.phone, row.name) == ("16000000077", "张建国")
        assert AttributeSource.objects.filter(person_id=head.pk, attribute="name", state="conflict").exists()


def test_a_wrong_correction_changes_nothing(people: Cast) -> None:
    head, _ = household(people)
    there = f"/desk/people/{head.pk}/correct/?item=phone"
    for wrong in ({"value": "abc"}, {"value": "16000000077", "reason": ""}, {"value": "16000000077", "department": "公安"},
                  {"value": "16000000077", "as_of": "2999-01-01"}):
        assert correction(people.township, head.pk, "phone", **{"department": "本人申报", **wrong}).status_code == 422
    for who in others(people):
        assert post(who, there, value="16000000077").status_code == 403
    assert "可以更正的项目" in text(page(people.county, f"/desk/people/{head.pk}/correct/", item="id_number"))
    with as_owner():
        assert Person.objects.get(pk=head.pk).phone == PHONE


def test_the_neighbouring_county_reaches_none_of_these_pages(people: Cast) -> None:
    from minzheng.front.desk.tests.case_kit import officer

    head, _ = household(people)
    foreign = officer("county_clerk", NEIGHBOUR_COUNTY, "常熟陈洁")
    for part in ("correct", "join", "open", "split", "head"):
        assert page(foreign, f"/desk/people/{head.pk}/{part}/").status_code == 404
        assert post(foreign, f"/desk/people/{head.pk}/{part}/", reason=REASON).status_code == 404


def test_the_pages_take_few_queries(people: Cast) -> None:
    head, _ = household(people)
    for there in (NEW, *(f"/desk/people/{head.pk}/{part}/" for part in ("correct", "join", "split", "head"))):
        assert queries(people.township, there) <= MOST_QUERIES, there
