"""The fixed cast: 省, 苏州, 昆山, 玉山镇, a village, the neighbour county and two citizens.

Tests run as the real database roles: nothing is seen until somebody acts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction

from minzheng.base.identity.models import Account, Post
from minzheng.base.identity.officer import Actor, Citizen, Officer, Service
from minzheng.base.scope import acting

PROVINCE, CITY, COUNTY = "320000000000", "320500000000", "320583000000"
TOWNSHIP, VILLAGE, OTHER_VILLAGE = "320583100000", "320583100001", "320583100002"
NEIGHBOUR_COUNTY, NEIGHBOUR_TOWNSHIP = "320581000000", "320581100000"


@contextmanager
def as_owner() -> Iterator[None]:
    """Set-up only: writes as the owner of the tables, inside the test's transaction."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select current_user")
            (before,) = cursor.fetchone()
            cursor.execute("SET LOCAL ROLE mz_owner")
        yield
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL ROLE {before}")


@contextmanager
def acting_as(who: Actor, cases: tuple[int, ...] = ()) -> Iterator[Actor]:
    scope = who.scope(cases) if isinstance(who, Officer) else who.scope()
    with acting(scope):
        yield who


@dataclass(frozen=True)
class Cast:
    """Officers named by level; `clerk`, `reviewer`, `approver`, `finance`, `cashier`, `leader` are of 玉山镇 / 昆山."""

    province: Officer
    city: Officer
    county: Officer
    township: Officer
    village: Officer
    neighbour: Officer
    neighbour_clerk: Officer
    reviewer: Officer
    approver: Officer
    leader: Officer
    finance: Officer
    cashier: Officer
    data_officer: Officer
    system_admin: Officer
    security_admin: Officer
    audit_admin: Officer
    citizen: Citizen
    other_citizen: Citizen
    service: Service

    @property
    def clerk(self) -> Officer:
        return self.township

    def officers(self) -> list[Officer]:
        return [who for who in vars(self).values() if isinstance(who, Officer)]


_OFFICERS = {
    "province": ("province_officer", PROVINCE, "省厅宋立"),
    "city": ("city_officer", CITY, "苏州顾明"),
    "county": ("county_clerk", COUNTY, "昆山陈敏"),
    "township": ("town_clerk", TOWNSHIP, "玉山李建国"),
    "village": ("village_worker", VILLAGE, "里厍王芳"),
    "neighbour": ("county_approver", NEIGHBOUR_COUNTY, "常熟周强"),
    "neighbour_clerk": ("town_clerk", NEIGHBOUR_TOWNSHIP, "常熟许静"),
    "reviewer": ("town_reviewer", TOWNSHIP, "玉山孙伟"),
    "approver": ("county_approver", COUNTY, "昆山何平"),
    "leader": ("county_leader", COUNTY, "昆山徐正"),
    "finance": ("county_finance", COUNTY, "昆山沈洁"),
    "cashier": ("county_cashier", COUNTY, "昆山韩雪"),
    "data_officer": ("data_officer", COUNTY, "昆山吴数"),
    "system_admin": ("system_admin", COUNTY, "昆山系统员"),
    "security_admin": ("security_admin", COUNTY, "昆山安全员"),
    "audit_admin": ("audit_admin", COUNTY, "昆山审计员"),
}


def make_cast(citizen_person: int = 1, other_person: int = 2) -> Cast:
    """Writes accounts and posts as the owner and returns the cast."""
    found: dict[str, Officer] = {}
    admin = {"system_admin", "security_admin", "audit_admin"}
    with as_owner():
        for key, (role, office, name) in _OFFICERS.items():
            account = Account.objects.create(username=f"t_{key}", name=name, password="!")
            approver = Account.objects.order_by("id").first()
            scenes = [] if role in admin else ["*"]
            post = Post.objects.create(account=account, role=role, office=office, scenes=scenes,
                                       valid_from=dt.date(2020, 1, 1), approved_by=approver)
            found[key] = Officer(account.pk, name, post.pk, role, office, tuple(scenes), office)
        first = Account.objects.create(username="t_citizen", name="张建国", person_id=citizen_person, password="!")
        second = Account.objects.create(username="t_other", name="周海燕", person_id=other_person, password="!")
    return Cast(**found, citizen=Citizen(first.pk, first.name, citizen_person),
                other_citizen=Citizen(second.pk, second.name, other_person),
                service=Service("测试服务岗", COUNTY))


