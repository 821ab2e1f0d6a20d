from __future__ import annotations

from minzheng.base.audit.models import AuditRecord
from minzheng.data.population.cast import person as cast_person
from minzheng.data.registry import AttributeSource, Person
from minzheng.front.desk.tests.admin_kit import (
    ACCOUNT,
    MOST_QUERIES,
    PHONE,
    household,
    page,
    post,
    queries,
    records,
    refused,
    register,
    text,
)
from minzheng.testing import Cast, as_owner

CASE_PEOPLE = {"province", "city", "county", "township", "village", "neighbour", "neighbour_clerk", "reviewer",
               "approver", "leader", "data_officer"}


def test_case_posts_and_the_data_officer_see_the_page_and_others_are_refused(people: Cast) -> None:
    refused(people, "/desk/people/", CASE_PEOPLE)


def test_the_three_administrators_find_nobody_by_the_global_search_either(people: Cast) -> None:
    household(people)
    for who in (people.system_admin, people.security_admin, people.audit_admin):
        assert page(who, "/desk/search/", q="张建国").status_code == 403
        assert "全局查找" not in text(page(who, "/desk/health/")).split("</header>")[0]
    assert records("registry.search") == 0
    assert page(people.township, "/desk/search/", q="张建国").status_code == 200


def test_nothing_is_listed_without_words(people: Cast) -> None:
    household(people)
    shown = text(page(people.county, "/desk/people/"))
    assert "张建国" not in shown
    assert "请先输入要找的人" in shown
    assert records("registry.search") == 0


def test_one_character_is_too_little(people: Cast) -> None:
    household(people)
    response = page(people.county, "/desk/people/", q="张")
    assert response.status_code == 422
    assert "至少输入姓名的两个字" in text(response)
    assert records("registry.search") == 0


def test_a_name_finds_the_person_masked_and_leaves_a_record(people: Cast) -> None:
    head, _ = household(people)
    shown = text(page(people.township, "/desk/people/", q="张建国"))
    assert f"/desk/people/{head.pk}/" in shown
    assert head.id_number not in shown
    assert records("registry.search") == 1


def test_the_neighbouring_county_finds_neither_by_name_nor_by_place(people: Cast) -> None:
    household(people)
    assert "辖区内没有找到这个人" in text(page(people.neighbour, "/desk/people/", q="张建国"))
    assert page(people.neighbour, "/desk/people/", q="张建国 玉山镇").status_code == 422


def test_the_neighbouring_county_learns_of_a_full_number_only_the_county(people: Cast) -> None:
    household(people)
    shown = text(page(people.neighbour, "/desk/people/", q=cast_person("zhang_jianguo").id_number))
    assert "户籍在苏州市昆山市" in shown
    assert "张建国" not in shown


def test_a_wrong_check_digit_is_said(people: Cast) -> None:
    number = cast_person("zhang_jianguo").id_number
    wrong = number[:-1] + ("1" if number[-1] != "1" else "2")
    assert page(people.county, "/desk/people/", q=wrong).status_code == 422


def test_the_file_shows_household_sources_and_conflicts_but_no_clear_text(people: Cast) -> None:
    head, wife = household(people)
    shown = text(page(people.township, f"/desk/people/{head.pk}/"))
    for words in ("李秀英", "户号 T0001", "2010-01-01", "1 项数据有出入", "现用“已婚”", "离异", "户籍信息", "谁看过"):
        assert words in shown
    for secret in (head.id_number, wife.id_number, PHONE, ACCOUNT):
        assert secret not in shown
    assert records("registry.person_read") == 1


def test_a_person_of_another_county_does_not_exist_for_this_one(people: Cast) -> None:
    head, _ = household(people)
    for address in (f"/desk/people/{head.pk}/", "/desk/people/999999/"):
        assert page(people.neighbour, address).status_code == 404
    assert records("registry.person_read") == 0


def test_clear_text_needs_a_reason_and_is_recorded_for_the_person(people: Cast) -> None:
    head, _ = household(people)
    address = f"/desk/people/{head.pk}/reveal/phone/"
    assert PHONE not in text(page(people.township, address))
    short = post(people.township, address, reason="看看")
    assert short.status_code == 422
    assert PHONE not in text(short)
    assert records("registry.reveal") == 0
    told = post(people.township, address, reason="电话核实家庭情况")
    assert PHONE in text(told)
    assert "no-store" in told.headers["Cache-Control"]
    with as_owner():
        row = AuditRecord.objects.get(action="registry.reveal")
    assert row.subject_person == head.pk


def test_clear_text_of_another_county_is_refused(people: Cast) -> None:
    head, _ = household(people)
    for who in (people.neighbour, people.neighbour_clerk):
        response = post(who, f"/desk/people/{head.pk}/reveal/id_number/", reason="电话核实家庭情况")
        assert response.status_code == 404
        assert head.id_number not in text(response)
    assert records("registry.reveal") == 0


def test_only_sensitive_fields_can_be_revealed(people: Cast) -> None:
    head, _ = household(people)
    assert post(people.county, f"/desk/people/{head.pk}/reveal/name/", reason="电话核实家庭情况").status_code == 422


def test_a_difference_is_settled_by_the_data_officer_and_stays_visible(people: Cast) -> None:
    head, _ = household(people)
    with as_owner():
        row = AttributeSource.objects.get(state="conflict")
    address = f"/desk/people/{head.pk}/conflicts/{row.pk}/"
    done = post(people.data_officer, address, verdict="accept", reason="已看离婚证原件")
    assert done.status_code == 302
    with as_owner():
        assert Person.objects.get(pk=head.pk).marital == "离异"
    assert "已婚" in text(page(people.county, f"/desk/people/{head.pk}/"))


def test_settling_is_refused_to_others_and_without_grounds_and_nothing_changes(people: Cast) -> None:
    head, _ = household(people)
    with as_owner():
        row = AttributeSource.objects.get(state="conflict")
    address = f"/desk/people/{head.pk}/conflicts/{row.pk}/"
    assert post(people.township, address, verdict="accept", reason="已看离婚证原件").status_code == 403
    assert post(people.neighbour, address, verdict="accept", reason="已看离婚证原件").status_code == 403
    assert post(people.county, address, verdict="accept", reason="").status_code == 422
    with as_owner():
        assert Person.objects.get(pk=head.pk).marital == "已婚"
        assert AttributeSource.objects.get(pk=row.pk).state == "conflict"


def test_results_are_paged_by_where_the_last_one_stood(people: Cast) -> None:
    register(people)
    assert page(people.county, "/desk/people/", q="张建国", after="nonsense").status_code == 422


def test_a_page_of_a_person_takes_few_queries(people: Cast) -> None:
    head, _ = household(people)
    assert queries(people.township, f"/desk/people/{head.pk}/") <= MOST_QUERIES
    assert queries(people.township, "/desk/people/?q=张建国") <= MOST_QUERIES
