"""For the tests of the officers' pages: a household in the registry, roles against pages, counting queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.http import HttpResponse
from django.test import Client

from minzheng.base.audit.models import AuditRecord
from minzheng.base.identity.officer import Actor
from minzheng.data.population.cast import person as cast_person
from minzheng.data.registry import NewPerson, Person, Source, do_open_household, do_register_person, do_update_person
from minzheng.testing import Cast, acting_as, as_owner, sign_in
from minzheng.testing.cast import VILLAGE
from minzheng.testing.queries import MOST_QUERIES, queries

__all__ = ["ACCOUNT", "MOST_QUERIES", "PHONE", "household", "page", "post", "queries", "records", "refused", "register", "text"]

POLICE = Source("公安", "户籍信息", dt.date(2026, 9, 1))
HEALTH = Source("卫生健康", "出生医学证明", dt.date(2026, 9, 2))
ACCOUNT, PHONE = "990000000000000003", "16000000001"


def register(people: Cast, key: str = "zhang_jianguo", village: str = VILLAGE) -> Person:
    known = cast_person(key)
    new = NewPerson(id_number=known.id_number, name=known.name, jurisdiction=village, phone=PHONE, bank_account=ACCOUNT)
    with acting_as(people.county):
        return do_register_person(new, POLICE, by=people.county)


def household(people: Cast) -> tuple[Person, Person]:
    """张建国 and 李秀英 of one household; a department gives another marital status than the police."""
    head, wife = register(people), register(people, "li_xiuying")
    with acting_as(people.county):
        do_open_household([(head.pk, "户主"), (wife.pk, "妻")], jurisdiction=VILLAGE, on=dt.date(2010, 1, 1),
                          by=people.county, reason="测试立户", number="T0001")
        do_update_person(head.pk, {"marital": "已婚"}, POLICE, by=people.county)
        do_update_person(head.pk, {"marital": "离异"}, HEALTH, by=people.county)
    return head, wife


def page(who: Actor, address: str, **data: object) -> HttpResponse:
    return sign_in(Client(), who).get(address, data)  # type: ignore[return-value]


def post(who: Actor, address: str, **data: object) -> HttpResponse:
    return sign_in(Client(), who).post(address, data)  # type: ignore[return-value]


def text(response: HttpResponse) -> str:
    return response.content.decode()


def refused(people: Cast, address: str, allowed: Iterable[str]) -> set[str]:
    """Which of the cast are refused (403) at the address; the others must get 200."""
    out = set()
    names = [name for name, who in vars(people).items() if hasattr(who, "post_id") and name != "service"]
    for name in (*names, "citizen"):
        status = page(getattr(people, name), address).status_code
        assert status in (200, 403), (name, status)
        if status == 403:
            out.add(name)
    assert out == {*names, "citizen"} - set(allowed)
    return out


def records(action: str) -> int:
    with as_owner():
        return AuditRecord.objects.filter(action=action).count()
