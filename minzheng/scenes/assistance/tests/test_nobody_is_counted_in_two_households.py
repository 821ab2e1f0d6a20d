from __future__ import annotations

from dataclasses import replace

import pytest

from minzheng.base.errors import Refused
from minzheng.office.cases.models import Case, CaseMember
from minzheng.scenes.assistance.apply import MemberAnswers, do_apply
from minzheng.scenes.assistance.tests.conftest import Family, application_for, make_family
from minzheng.testing import Cast, acting_as


def with_stranger(family: Family, other: Family, reason: str = "") -> object:
    whole = application_for(family)
    stranger = MemberAnswers(other.head.pk, "配偶", reason=reason, declared={}, signed=True)
    return replace(whole, members=[*whole.members, stranger])


def test_a_member_of_another_household_is_refused_and_nothing_is_written(people: Cast, zhang: Family) -> None:
    other = make_family(("刘志强", "19840907", 1, "户主"), number="2")
    with acting_as(people.clerk), pytest.raises(Refused, match="登记在另一户"):
        do_apply(with_stranger(zhang, other), by=people.clerk)  # type: ignore[arg-type]
    with acting_as(people.clerk):
        assert not Case.objects.exists()


def test_spouses_registered_apart_are_counted_with_a_stated_reason(people: Cast, zhang: Family) -> None:
    other = make_family(("刘志强", "19840907", 1, "户主"), number="2")
    with acting_as(people.clerk):
        case = do_apply(with_stranger(zhang, other, "夫妻分户,长期共同居住"), by=people.clerk)  # type: ignore[arg-type]
        assert CaseMember.objects.get(case_id=case.pk, person=other.head.pk).reason == "夫妻分户,长期共同居住"


def test_whoever_is_not_counted_may_be_registered_elsewhere(people: Cast, zhang: Family) -> None:
    other = make_family(("刘志强", "19840907", 1, "户主"), number="2")
    whole = application_for(zhang)
    outside = MemberAnswers(other.head.pk, "其他", counted=False, reason="已分户", declared={})
    with acting_as(people.clerk):
        assert do_apply(replace(whole, members=[*whole.members, outside]), by=people.clerk).pk
