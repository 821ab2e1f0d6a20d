from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from minzheng.base import clock, events, workdays
from minzheng.base.documents import verify_document
from minzheng.base.documents.models import IssuedDocument
from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.office.cases.models import Case
from minzheng.office.decisions import queries
from minzheng.office.decisions.actions import Draft, do_decide, do_revoke
from minzheng.office.decisions.limits import Limit
from minzheng.office.decisions.models import Decision, Service
from minzheng.office.decisions.service import Receipt, do_receive, do_serve
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.background import as_worker
from minzheng.testing.teahouse import make_case, published

REFUSE = Draft("refuse", "茶杯照片与章程第三条要求不符。", ["茶馆章程第三条"], remedy="可在收到之日起申请复议")


@pytest.fixture
def case(people: Cast) -> Iterator[Case]:
    with published():
        yield make_case()


@pytest.fixture
def refusal(people: Cast, case: Case) -> Decision:
    with acting_as(people.approver):
        return do_decide(Case.objects.get(pk=case.pk), REFUSE, by=people.approver)


def serve(people: Cast, refusal: Decision, **changes: Any) -> Service:
    with acting_as(people.clerk):
        return do_serve(refusal.number, Receipt(**{"method": "direct", "receiver": "张建国", "signature": 7} | changes),
                        by=people.clerk)


def test_the_receipt_says_until_when_review_can_be_asked_for_and_that_sixty_days_is_a_sample(
        people: Cast, refusal: Decision) -> None:
    row = serve(people, refusal)
    assert row.appeal_until == clock.today() + dt.timedelta(60)
    assert row.appeal_source.endswith("(示例值)") and row.receipt
    assert queries.may_appeal(row) and queries.may_appeal(row, row.appeal_until)
    assert not queries.may_appeal(row, row.appeal_until + dt.timedelta(1))


def test_a_sourced_limit_carries_no_sample_mark(people: Cast, refusal: Decision) -> None:
    with acting_as(people.clerk):
        row = do_serve(refusal.number, Receipt("left", "张建国", witnesses="王芳、赵强"), by=people.clerk,
                       appeal=Limit(15, "茶馆章程第十条"))
    assert (row.appeal_until - clock.today()).days == 15 and row.appeal_source == "茶馆章程第十条"


@pytest.mark.parametrize(("change", "field"), [
    ({"method": "pigeon"}, "method"), ({"signature": None}, "signature"), ({"receiver": " "}, "receiver"),
    ({"method": "left", "witnesses": "王芳"}, "witnesses"), ({"method": "post"}, "tracking"),
    ({"method": "electronic"}, "consented"),
    ({"served_at": dt.datetime(2099, 1, 1, tzinfo=dt.UTC)}, "served_at"),
    ({"served_at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)}, "served_at"),
])
def test_an_unproven_service_is_refused(people: Cast, refusal: Decision, change: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as error:
        serve(people, refusal, **change)
    assert error.value.field == field
    with as_owner():
        assert not Service.objects.exists()


def test_a_decision_is_served_once(people: Cast, refusal: Decision) -> None:
    serve(people, refusal)
    with pytest.raises(Refused, match="已经送达"):
        serve(people, refusal, method="post", tracking="EMS1")
    with as_owner():
        assert Service.objects.get().method == "direct"


@pytest.mark.parametrize("who", ["neighbour_clerk", "province", "approver", "finance"])
def test_others_do_not_serve_it(people: Cast, refusal: Decision, who: str) -> None:
    other = getattr(people, who)
    with acting_as(other), pytest.raises((NotAllowed, NotFound)):
        do_serve(refusal.number, Receipt("direct", "张建国", signature=7), by=other)
    with as_owner():
        assert not Service.objects.exists()


def test_the_citizen_takes_the_decision_on_the_phone_after_agreeing(people: Cast, refusal: Decision) -> None:
    with acting_as(people.citizen):
        with pytest.raises(Refused, match="同意"):
            do_receive(refusal.number, by=people.citizen, consented=False)
        assert do_receive(refusal.number, by=people.citizen, consented=True).consented
    with acting_as(people.other_citizen), pytest.raises(NotFound):
        do_receive(refusal.number, by=people.other_citizen, consented=True)


def test_the_proof_is_demanded_by_the_database_too(people: Cast, refusal: Decision) -> None:
    values = {"decision": refusal, "case_id": refusal.case_id, "jurisdiction": refusal.jurisdiction,
              "served_at": clock.now(), "receiver": "张", "relation": "本人",
              "appeal_days": 60, "appeal_until": clock.today(), "account": 1}
    with as_owner():
        for proof in ({"method": "direct"}, {"method": "post"}, {"method": "electronic"}, {"method": "left"}):
            with pytest.raises(DatabaseError), transaction.atomic():
                Service.objects.create(**values | proof)


def test_a_refusal_must_arrive_in_three_working_days_and_the_lamp_tells(people: Cast, refusal: Decision) -> None:
    limit = workdays.add(clock.today(), 3)
    assert refusal.serve_by == limit
    assert queries.lamp(refusal, None) == "green"
    assert queries.lamp(refusal, None, limit) == "yellow"
    assert queries.lamp(refusal, None, limit + dt.timedelta(1)) == "red"
    with acting_as(people.clerk):
        assert [row.number for row in queries.unserved(people.clerk)] == [refusal.number]
    with acting_as(people.neighbour_clerk):
        assert queries.unserved(people.neighbour_clerk) == []
    row = serve(people, refusal)
    assert queries.lamp(refusal, row, limit + dt.timedelta(30)) == "green"
    with acting_as(people.clerk):
        assert queries.unserved(people.clerk) == []


def test_the_receipt_of_an_electronic_service_follows_by_the_service_post(people: Cast, refusal: Decision) -> None:
    with acting_as(people.citizen):
        do_receive(refusal.number, by=people.citizen, consented=True)
    for _ in range(2):
        with as_worker():
            events.deliver_all()
    with as_owner():
        (paper,) = IssuedDocument.objects.filter(kind="service_receipt")
        assert Service.objects.get().receipt == paper.pk


def test_the_paper_of_a_revoked_decision_says_so(people: Cast, refusal: Decision) -> None:
    with acting_as(people.leader):
        fresh = do_revoke(refusal.number, by=people.leader, reasons="照片看错了,茶杯符合要求。",
                          legal_basis=["茶馆章程第九条"])
    with as_owner():
        old, new = (IssuedDocument.objects.get(number=number) for number in (refusal.number, fresh.number))
    assert verify_document(old.code).status == "已撤销"
    assert verify_document(new.code).status == "有效"
