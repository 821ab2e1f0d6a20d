"""A member of the household whose register is in another county: found by the number, with a reason, and no more."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from minzheng.base.audit.models import AuditRecord
from minzheng.base.divisions.names import children_of
from minzheng.base.errors import NotFound
from minzheng.base.identity.models import Account
from minzheng.data import registry
from minzheng.data.registry.models import Grant, HouseholdMember, Person
from minzheng.office.cases.models import Case, CaseMember
from minzheng.scenes.assistance.tests.conftest import Family, make_family
from minzheng.scenes.assistance.tests.test_a_household_passes_from_the_window_to_its_decision import act
from minzheng.scenes.assistance.tests.test_the_window_page_takes_a_household_in import URL, filled
from minzheng.scenes.assistance.verification.models import RequestMember
from minzheng.testing import Cast, acting_as, as_owner, sign_in

YUSHAN = "320581004000"  # 虞山街道 of the neighbouring county
WHY = "母亲随申请人共同生活,户籍未迁入"


@pytest.fixture
def mother(db: None) -> Family:
    """Of the neighbouring county, with a husband there."""
    return make_family(("王桂英", "19480305", 2, "户主"), ("张福根", "19450101", 1, "夫"),
                       village=children_of(YUSHAN)[0].code, number="常熟1")


def typed(people: Cast, zhang: Family, step: str, **more: Any) -> HttpResponse:
    post = filled(zhang) | {"step": step} | more
    return sign_in(Client(), people.clerk).post(URL, post)  # type: ignore[return-value]


def text(answer: HttpResponse) -> str:
    return answer.content.decode()


def taken_in(people: Cast, zhang: Family, mother: Family) -> Case:
    assert typed(people, zhang, "elsewhere", member_id=mother.numbers[0], elsewhere_reason=WHY).status_code == 200
    n = len(zhang.people)
    row = {f"m-{n}-person": mother.head.pk, f"m-{n}-relation": "父母", f"m-{n}-counted": "on", f"m-{n}-signed": "on",
           f"m-{n}-reason": WHY, "m-TOTAL_FORMS": n + 1, "m-INITIAL_FORMS": n + 1}
    done = typed(people, zhang, "submit", **row)
    code = re.search(r"受理号 <b>(\d{19})", text(done))
    assert code, text(done)[:4000]
    with as_owner():
        return Case.objects.get(code=code[1])


def test_the_number_alone_tells_the_county_and_asks_for_a_reason(people: Cast, zhang: Family, mother: Family) -> None:
    page = typed(people, zhang, "add", member_id=mother.numbers[0])
    assert page.status_code == 422
    assert "户籍在苏州市常熟市" in text(page) and "按异地人员添加" in text(page) and "王桂英" not in text(page)
    for reason in ("", "住"):
        again = typed(people, zhang, "elsewhere", member_id=mother.numbers[0], elsewhere_reason=reason)
        assert again.status_code == 422 and "王桂英" not in text(again) and "1800" in text(again)
    with as_owner():
        assert not Grant.objects.exists()


def test_adding_complains_of_the_number_only_and_keeps_what_was_typed_and_unticked(
        people: Cast, zhang: Family, mother: Family) -> None:
    post = filled(zhang) | {"step": "add", "member_id": mother.numbers[0], "cause": ""}
    del post["m-2-counted"], post["promise"]
    page = text(sign_in(Client(), people.clerk).post(URL, post))  # type: ignore[arg-type]
    assert "请选择主要困难原因" not in page and "请申请人确认承诺" not in page and "户籍在苏州市常熟市" in page
    assert re.search(r'name="m-1-counted"[^>]*checked', page) and not re.search(r'name="m-2-counted"[^>]*checked', page)


def test_a_number_that_nobody_has_says_what_to_do(people: Cast, zhang: Family) -> None:
    page = typed(people, zhang, "add", member_id="320583194801010015")
    assert page.status_code == 422 and ("请先在“查人查户”登记人员" in text(page) or "校验位" in text(page))


def test_with_a_reason_the_member_is_added_masked(people: Cast, zhang: Family, mother: Family) -> None:
    page = typed(people, zhang, "elsewhere", member_id=mother.numbers[0], elsewhere_reason=WHY)
    assert page.status_code == 200 and "王桂英" in text(page) and "户籍在常熟市" in text(page)
    assert mother.numbers[0] not in text(page) and WHY in text(page)
    twice = filled(zhang) | {"step": "add", "member_id": mother.numbers[0], "m-TOTAL_FORMS": 4, "m-INITIAL_FORMS": 4,
                             "m-3-person": mother.head.pk, "m-3-relation": "父母"}
    assert "已在表中" in text(sign_in(Client(), people.clerk).post(URL, twice))  # type: ignore[arg-type]


def test_the_member_is_in_the_application_and_in_the_check(people: Cast, zhang: Family, mother: Family) -> None:
    case = taken_in(people, zhang, mother)
    with as_owner():
        assert CaseMember.objects.filter(case_id=case.pk, person=mother.head.pk, counted=True).exists()
    act(people.clerk, case.code, "review", "accept")
    with as_owner():
        row = RequestMember.objects.get(person=mother.head.pk)
    assert row.id_number == mother.numbers[0]
    for who in (people.clerk, people.village, people.reviewer, people.approver):  # wherever the case is read
        page = sign_in(Client(), who).get(f"/desk/cases/{case.code}/")
        assert page.status_code == 200 and "王桂英" in text(page)  # type: ignore[arg-type]
        assert "没有异地办理授权" not in text(page)  # type: ignore[arg-type]


def test_nothing_more_than_that_person_is_seen(people: Cast, zhang: Family, mother: Family) -> None:
    taken_in(people, zhang, mother)
    head, husband = mother.people
    client = sign_in(Client(), people.clerk)
    page = client.get(f"/desk/people/{head.pk}/")
    shown = text(page)  # type: ignore[arg-type]
    assert page.status_code == 200 and "王桂英" in shown and "异地办理" in shown
    for secret in (head.phone or "", "示例银行", head.bank_account or "", "张福根", mother.household.number):
        assert secret not in shown
    for item in ("phone", "bank_account", "illness"):
        answer = client.post(f"/desk/people/{head.pk}/reveal/{item}/", {"reason": "电话核实家庭情况"})
        assert answer.status_code == 404, item
    assert client.get(f"/desk/people/{husband.pk}/").status_code == 404
    assert "王桂英" not in text(client.get("/desk/people/", {"q": "王桂英"})).split("<main")[1].replace('value="王桂英"', "")  # type: ignore[arg-type]
    with acting_as(people.clerk):
        assert not HouseholdMember.objects.filter(person_id__in=[head.pk, husband.pk]).exists()
        assert not Person.objects.filter(pk=head.pk).exists()
        with pytest.raises(NotFound):
            registry.get_person_for(people.clerk, head.pk, lock=True)
        with pytest.raises(NotFound):
            registry.do_update_person(head.pk, {"phone": "16000000009"}, registry.Source("本人申报", "申请表", dt.date(2026, 1, 1)),
                                      by=people.clerk)


def test_another_post_without_the_grant_sees_nobody(people: Cast, zhang: Family, mother: Family) -> None:
    taken_in(people, zhang, mother)
    with acting_as(people.neighbour):  # her own county of course does
        assert registry.get_person_for(people.neighbour, mother.head.pk).name == "王桂英"
    with as_owner():
        Grant.objects.all().delete()
    with acting_as(people.clerk), pytest.raises(NotFound):
        registry.get_person_for(people.clerk, mother.head.pk)


def test_the_member_sees_who_looked_and_why(people: Cast, zhang: Family, mother: Family) -> None:
    taken_in(people, zhang, mother)
    with as_owner():
        granted = AuditRecord.objects.filter(action="registry.grant", subject_person=mother.head.pk)
        assert granted.count() == 2  # the township at intake, then where the case is
        assert AuditRecord.objects.filter(action="registry.reveal", subject_person=mother.head.pk).count() == 1
        Account.objects.filter(pk=people.citizen.account_id).update(person_id=mother.head.pk)
    shown = text(sign_in(Client(), people.citizen).get("/my/access/"))  # type: ignore[arg-type]
    assert WHY in shown and "异地办理查阅授权" in shown and "核对家庭经济状况" in shown


def test_a_member_of_the_household_registered_elsewhere_is_left_to_be_added(
        people: Cast, zhang: Family, mother: Family) -> None:
    with as_owner():
        HouseholdMember.objects.filter(person_id=mother.head.pk).delete()
        HouseholdMember.objects.create(household_id=zhang.household.pk, person_id=mother.head.pk, relation="母亲",
                                       jurisdiction=zhang.household.jurisdiction, valid_from=dt.date(2020, 1, 1))
    page = sign_in(Client(), people.clerk).post(URL, {"step": "find", "id_number": zhang.numbers[0]})
    assert page.status_code == 200 and "李秀英" in text(page) and "王桂英" not in text(page)  # type: ignore[arg-type]
    assert "1 名成员户籍在外地" in text(page)  # type: ignore[arg-type]
