"""A household of three and the departments that know something about it, as real services on free ports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from minzheng.base.crypto import public_key
from minzheng.data.exchange import transport
from minzheng.data.exchange.breaker import BREAKER
from minzheng.data.exchange.partners import sync
from minzheng.data.exchange.wire import CALLER, KEY
from minzheng.scenes.assistance.verification import Person, Signature, do_authorise, do_request_check, run_check
from minzheng.scenes.assistance.verification.models import SourceAnswer, VerificationRequest
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.cast import TOWNSHIP
from simulators.server import Simulators
from simulators.testing import running

FATHER = Person(1, "张建国", "329900198001010014", dt.date(1980, 1, 1), declared={"wage_fen": 250000})
MOTHER = Person(11, "李秀英", "329900198203030026", dt.date(1982, 3, 3), "配偶")
CHILD = Person(12, "张小明", "329900201505050012", dt.date(2015, 5, 5), "子女")
HOUSEHOLD = (FATHER, MOTHER, CHILD)
SIGNED = dt.date(2026, 1, 5)
CASE = "32058310020261100001"


def _rows(person: Person, **record: Any) -> tuple[str, str, dict[str, Any]]:
    return person.id_number, person.name, record


HOLDINGS = {
    "police": [_rows(p, table="police", status="正常", marital="有配偶" if p.relation != "子女" else "未婚")
               for p in HOUSEHOLD],
    "tax": [_rows(FATHER, table="tax", income_kind="工资薪金", payer="昆山电子", months=12, total="36000.00")],
    "social_security": [_rows(FATHER, table="social_insurance", insurance="企业职工养老", role="参保缴费",
                              status="正常", base="3000.00", pension="0.00", basic_pension="0.00")],
    "vehicles": [_rows(FATHER, table="vehicles", kind="小型汽车", plate="苏EI0001", value="30000.00", status="正常")],
    "real_estate": [_rows(MOTHER, table="real_estate", usage="住宅", area_m2="72.50", address="玉山镇", value="1.00",
                          status="现势")],
    "marriage": [_rows(p, table="marriages", event="结婚", registered_on="2010-05-20") for p in (FATHER, MOTHER)],
    "bank": [_rows(MOTHER, table="banks", bank="农商银行", kind="活期", balance="5000.25"),
             _rows(MOTHER, table="banks", bank="农商银行", kind="定期", balance="20000.00")],
    "market": [_rows(FATHER, table="market", organisation="昆山建国商行", position="股东", status="存续")],
    "finance": [(MOTHER.id_number, "李秀瑛", {"table": "public_payroll", "unit": "某中学"})],
}
Checks = Callable[[], VerificationRequest]


@pytest.fixture(scope="session")
def running_departments(tmp_path_factory: Any) -> Iterator[Simulators]:
    with running(tmp_path_factory.mktemp("departments"), HOLDINGS) as simulators:
        yield simulators


@pytest.fixture
def departments(running_departments: Simulators, db: None, monkeypatch: Any) -> Iterator[Simulators]:
    BREAKER.reset()
    monkeypatch.setattr(transport, "BACKOFF", 0.0)
    running_departments.admit(CALLER, public_key(KEY))
    with as_owner():
        sync(running_departments.registry())
    yield running_departments
    for desk in running_departments.desks.values():
        desk.switches.clear()


def signatures() -> list[Signature]:
    return [Signature(1, FATHER.name, SIGNED), Signature(11, MOTHER.name, SIGNED),
            Signature(12, FATHER.name, SIGNED, capacity="guardian")]


@dataclass
class Desk:
    """What the tests do again and again: authorise, request, run, look."""

    people: Cast
    departments: Simulators

    def authorise(self) -> str:
        with acting_as(self.people.clerk):
            form = do_authorise(by=self.people.clerk, case_code=CASE, jurisdiction=TOWNSHIP, people=HOUSEHOLD,
                                signatures=signatures())
        return form.number

    def request(self, **declared: int) -> VerificationRequest:
        number = self.authorise()
        with acting_as(self.people.county):
            return do_request_check(by=self.people.county, case_code=CASE, jurisdiction=TOWNSHIP, declared=declared,
                                    authorisation=number, people=HOUSEHOLD)

    def run(self, request: VerificationRequest) -> VerificationRequest:
        run_check(request.pk, by=self.people.service)
        return self.look(request)

    def look(self, request: VerificationRequest) -> VerificationRequest:
        with as_owner():
            return VerificationRequest.objects.get(pk=request.pk)

    def answers(self, request: VerificationRequest) -> dict[tuple[int, str], SourceAnswer]:
        with as_owner():
            rows = SourceAnswer.objects.filter(request=request).select_related("member")
            return {(row.member.person, row.department): row for row in rows}

    def asked(self) -> dict[str, int]:
        return {code: desk.asked for code, desk in self.departments.desks.items()}


@pytest.fixture
def desk(people: Cast, departments: Simulators) -> Desk:
    return Desk(people, departments)
