from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from minzheng.base.errors import NotFound
from minzheng.data.exchange.inbound import read_notice
from minzheng.data.exchange.models import InboundNotice
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.cast import VILLAGE
from simulators import wire
from simulators.departments import dump
from simulators.notices import signed_request
from simulators.server import Simulators

NOTICE = {"notice": "death", "id_number": "329900198001010014", "name": "张建国", "died_on": "2026-05-01",
          "jurisdiction": VILLAGE}
Post = Callable[..., Any]
pytestmark = pytest.mark.urls("minzheng.data.exchange.tests.urls")


@pytest.fixture
def post(departments: Simulators) -> Post:
    def send(code: str = "funeral", to: str = "", nonce: str = "a" * 32, notice: Any = NOTICE, **headers: str) -> Any:
        path = f"/exchange/inbound/{to or code}"
        request = signed_request(departments.desks[code], path, dump(notice), nonce)
        request["headers"].update(headers)
        return Client().post(path, request["content"], content_type="application/json",
                             headers={k: v for k, v in request["headers"].items() if k != "content-type"})

    return send


def kept() -> list[InboundNotice]:
    with as_owner():
        return list(InboundNotice.objects.all())


def outbox() -> list[tuple[str, Any]]:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT name, payload::text FROM events_outbox WHERE name = 'registry.death_reported'")
        return [(name, json.loads(text)) for name, text in cursor.fetchall()]


def test_a_signed_death_notice_is_kept_sealed_and_tells_the_registry(people: Cast, post: Post) -> None:
    response = post()
    assert response.status_code == 202
    number = response.json()["notice"]
    assert outbox() == [("registry.death_reported", {"notice": number, "partner": "funeral"})]
    with acting_as(people.village):
        notice = read_notice(number)
    assert (notice.id_number, notice.partner) == (NOTICE["id_number"], "funeral")
    assert notice.died_on.isoformat() == "2026-05-01"
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT body FROM exchange_inboundnotice")
        assert NOTICE["id_number"].encode() not in bytes(cursor.fetchone()[0])
    with pytest.raises(NotFound), acting_as(people.neighbour):
        read_notice(number)


def test_the_same_notice_again_is_refused_and_tells_nobody(post: Post) -> None:
    assert post().status_code == 202
    assert post().status_code == 409
    assert len(kept()) == len(outbox()) == 1
    assert post(code="police").status_code == 202  # another sender has its own nonces


@pytest.mark.parametrize("wrong, status", [
    ({"code": "tax"}, 404),  # does not report deaths
    ({"code": "police", "to": "funeral"}, 401),  # signed by another
    ({wire.SIGNATURE: "AAAA"}, 401),
    ({wire.TIME: str(int(time.time()) - 4000)}, 401),
    ({"nonce": "short"}, 400),
    ({"notice": {**NOTICE, "died_on": "2999-01-01"}}, 422),
    ({"notice": {**NOTICE, "notice": "birth"}}, 422),
    ({"notice": {**NOTICE, "died_on": "yesterday"}}, 400),
    ({"notice": {**NOTICE, "jurisdiction": "32"}}, 400),
    ({"notice": {"notice": "death"}}, 400),
    ({"notice": []}, 400),
])  # fmt: skip
def test_what_is_wrong_is_refused_and_nothing_is_kept(post: Post, wrong: dict[str, Any], status: int) -> None:
    assert post(**wrong).status_code == status
    assert kept() == [] and outbox() == []


def test_a_stale_notice_signed_properly_is_refused(departments: Simulators, post: Post) -> None:
    departments.desks["funeral"].clock = lambda: time.time() - 4000
    try:
        assert post().status_code == 401
    finally:
        departments.desks["funeral"].clock = time.time
    assert kept() == []


def test_the_web_role_itself_cannot_read_or_write_notices(post: Post) -> None:
    post()
    from django.db import DatabaseError, transaction

    for verb in ("SELECT 1 FROM exchange_inboundnotice", "DELETE FROM exchange_inboundnotice"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(verb)
