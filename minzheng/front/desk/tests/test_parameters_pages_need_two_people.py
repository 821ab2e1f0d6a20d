from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpResponse

from minzheng.base import clock
from minzheng.base.identity.models import Account, Post
from minzheng.base.identity.officer import Officer
from minzheng.data.brain.models import ParameterVersion
from minzheng.front.desk.tests.admin_kit import MOST_QUERIES, page, post, queries, records, refused, text
from minzheng.testing import Cast, as_owner
from minzheng.testing.cast import CITY

SUZHOU = "z320500"
STANDARD = f"/desk/parameters/dibao.standard/?zone={SUZHOU}"
READERS = {"province", "city", "county", "township", "village", "neighbour", "neighbour_clerk", "reviewer", "approver",
           "leader", "data_officer"}


def draft(who: Officer, **changes: Any) -> HttpResponse:
    later = clock.today() + dt.timedelta(days=40)
    data = {"value": "1,234.50", "effective_from": later, "document": "苏民助〔2026〕12号", "article": "第二条",
            "reason": ""} | changes
    return post(who, STANDARD, **data)


def second_pair(people: Cast) -> Officer:
    """Another officer of 苏州, who may approve."""
    with as_owner():
        account = Account.objects.create(username="t_city2", name="苏州钱进", password="!")
        made = Post.objects.create(account=account, role="city_officer", office=CITY, scenes=["*"],
                                   valid_from=dt.date(2020, 1, 1), approved_by_id=people.city.account_id)
    return Officer(account.pk, account.name, made.pk, "city_officer", CITY, ("*",))


def only() -> ParameterVersion:
    return ParameterVersion.objects.get()


def test_case_posts_read_the_parameters_and_others_are_refused(people: Cast) -> None:
    refused(people, "/desk/parameters/", READERS)


def test_the_list_shows_value_dates_clause_sample_and_where_it_is_inherited_from(people: Cast) -> None:
    shown = text(page(people.county, "/desk/parameters/"))
    for words in ("低保标准", "元/人/月", "示例值", "沿用苏州市", "初审公示"):
        assert words in shown
    assert ">dibao" not in shown


def test_an_unknown_zone_scheme_or_day_is_refused(people: Cast) -> None:
    for bad in ({"zone": "z999999"}, {"scheme": "lottery"}, {"on": "tomorrow"}):
        assert page(people.county, "/desk/parameters/", **bad).status_code == 422
    assert page(people.county, "/desk/parameters/lottery.prize/").status_code == 404


def test_money_is_typed_in_yuan_and_goes_from_draft_over_two_people_into_force(people: Cast) -> None:
    assert draft(people.city).status_code == 302
    row = only()
    assert (row.value, row.status, row.zone) == (123450, "draft", SUZHOU)
    assert post(people.city, f"/desk/parameters/changes/{row.pk}/submit").status_code == 302
    other = second_pair(people)
    assert "1 项待您复核" in text(page(other, "/desk/parameters/"))
    assert post(other, f"/desk/parameters/changes/{row.pk}/approve", opinion="同意").status_code == 302
    row.refresh_from_db()
    assert (row.status, row.approved_by_name) == ("in_force", "苏州钱进")
    history = text(page(people.county, STANDARD))
    assert "1,234.50 元" in history
    assert "苏州顾明起草,苏州钱进批准" in history


def test_the_drafter_cannot_approve_the_own_draft_and_is_told_why(people: Cast) -> None:
    draft(people.city)
    row = only()
    post(people.city, f"/desk/parameters/changes/{row.pk}/submit")
    assert "由起草人以外的人复核" in text(page(people.city, f"/desk/parameters/changes/{row.pk}/"))
    assert post(people.city, f"/desk/parameters/changes/{row.pk}/approve").status_code == 403
    row.refresh_from_db()
    assert row.status == "submitted"


def test_sending_back_needs_an_opinion_and_the_drafter_reads_it(people: Cast) -> None:
    draft(people.city)
    row = only()
    post(people.city, f"/desk/parameters/changes/{row.pk}/submit")
    other = second_pair(people)
    address = f"/desk/parameters/changes/{row.pk}/send_back"
    assert post(other, address, opinion="").status_code == 422
    row.refresh_from_db()
    assert row.status == "submitted"
    assert post(other, address, opinion="文号写错了").status_code == 302
    shown = text(page(people.city, f"/desk/parameters/changes/{row.pk}/"))
    assert "文号写错了" in shown
    assert "修改草稿" in shown


def test_a_draft_is_revised_by_its_drafter_only(people: Cast) -> None:
    draft(people.city)
    row, later = only(), clock.today() + dt.timedelta(days=50)
    address = f"/desk/parameters/changes/{row.pk}/"
    data = {"value": "1300", "effective_from": later, "document": "苏民助〔2026〕13号"}
    assert post(people.city, address, **data).status_code == 302
    row.refresh_from_db()
    assert (row.value, row.document) == (130000, "苏民助〔2026〕13号")
    assert post(second_pair(people), address, **data | {"value": "1"}).status_code == 403
    row.refresh_from_db()
    assert row.value == 130000


def test_those_who_do_not_own_the_zone_are_told_why_and_change_nothing(people: Cast) -> None:
    for who in (people.county, people.neighbour, people.township, people.province):
        assert "登记新的取值" in (shown := text(page(who, STANDARD)))
        assert "保存草稿" not in shown
        assert draft(who).status_code == 403
    assert not ParameterVersion.objects.exists()
    assert records("parameter.drafted") == 0


def test_values_that_cannot_be_are_refused_on_the_form(people: Cast) -> None:
    for bad in ({"value": "-1"}, {"value": "1.234"}, {"value": "99999999999"}, {"value": ""}, {"document": ""},
                {"effective_to": "2020-01-01"}, {"effective_from": "2026-13-01"},
                {"effective_from": clock.today() - dt.timedelta(days=400), "reason": ""}):
        response = draft(people.city, **bad)
        assert response.status_code == 422, bad
        assert "保存草稿" in text(response)
    assert not ParameterVersion.objects.exists()


def test_an_unknown_verb_or_change_is_refused(people: Cast) -> None:
    draft(people.city)
    assert post(people.city, f"/desk/parameters/changes/{only().pk}/destroy").status_code == 422
    assert page(people.city, "/desk/parameters/changes/999999/").status_code == 404
    assert post(people.city, "/desk/parameters/changes/999999/submit").status_code == 404


def test_a_step_done_twice_is_stale(people: Cast) -> None:
    draft(people.city)
    row = only()
    post(people.city, f"/desk/parameters/changes/{row.pk}/submit")
    assert post(people.city, f"/desk/parameters/changes/{row.pk}/submit").status_code == 409
    assert records("parameter.submitted") == 1


def test_pages_of_parameters_take_few_queries(people: Cast) -> None:
    draft(people.city)
    for address in ("/desk/parameters/", STANDARD, f"/desk/parameters/changes/{only().pk}/"):
        assert queries(people.city, address) <= MOST_QUERIES
