from __future__ import annotations

import time

import pytest

from simulators import wire
from simulators.departments import DEPARTMENTS
from simulators.server import Simulators
from simulators.testing import AS_OF, Caller, person_request, signed_by
from simulators.tests.conftest import ZHANG


def test_there_are_at_least_twelve_departments_each_with_its_own_port_and_key(departments: Simulators) -> None:
    registry = departments.registry()["departments"]
    assert len(registry) == len(DEPARTMENTS) >= 12
    assert len({entry["base_url"] for entry in registry.values()}) == len(registry)
    assert len({entry["public_key"] for entry in registry.values()}) == len(registry)


@pytest.mark.parametrize("algorithm", [wire.ED25519, wire.SM2])
def test_a_good_question_gets_a_signed_answer_bound_to_it(departments: Simulators, algorithm: str) -> None:
    response = Caller(departments, "other", algorithm).person("tax", *ZHANG)
    assert response.status_code == 200
    answer = response.json()
    assert (answer["outcome"], answer["as_of"], answer["records"][0]["total"]) == ("found", AS_OF, "36000.00")
    assert signed_by(departments.desks["tax"], response)
    response.extensions["digest"] = wire.sm3(b"another question")
    assert not signed_by(departments.desks["tax"], response)


def test_every_department_signs_its_answers_and_its_refusals(departments: Simulators, caller: Caller) -> None:
    for code, desk in departments.desks.items():
        assert signed_by(desk, caller.person(code, *ZHANG))
        assert signed_by(desk, caller.ask(code, "/v1/person", {}))


def test_a_person_unknown_to_the_department_is_none_and_another_name_a_mismatch(caller: Caller) -> None:
    assert caller.person("tax", "329900199901010011", "李四").json()["outcome"] == "none"
    assert caller.person("tax", ZHANG[0], "张 建·国").json()["outcome"] == "found"
    answer = caller.person("tax", ZHANG[0], "李四").json()
    assert (answer["outcome"], answer["records"]) == ("mismatch", [])


@pytest.mark.parametrize("missing, code", [("purpose", "GA2002"), ("case", "GA2003"), ("authorisation", "GA2004")])
def test_without_purpose_case_or_authorisation_it_refuses(caller: Caller, missing: str, code: str) -> None:
    for value in ("", "  "):
        response = caller.ask("police", "/v1/person", person_request(*ZHANG, **{missing: value}))
        assert (response.status_code, response.json()["code"]) == (403, code)


@pytest.mark.parametrize("header, value, status", [
    (wire.CALLER, "stranger", 401),
    (wire.SIGNATURE, "AAAA", 401),
    (wire.TIME, "an hour ago", 401),
    (wire.TIME, "in an hour", 401),
    (wire.TIME, "yesterday", 401),
    (wire.NONCE, "short", 409),
])  # fmt: skip
def test_a_bad_header_is_refused(caller: Caller, header: str, value: str, status: int) -> None:
    shift = {"an hour ago": -3600, "in an hour": 3600}.get(value)
    value = value if shift is None else str(int(time.time()) + shift)
    assert caller.person("police", *ZHANG, **{header: value}).status_code == status


def test_the_same_request_sent_again_is_refused(caller: Caller) -> None:
    nonce = "0123456789abcdef0123456789abcdef"
    assert caller.person("police", *ZHANG, **{wire.NONCE: nonce}).status_code == 200
    again = caller.person("police", *ZHANG, **{wire.NONCE: nonce})
    assert (again.status_code, again.json()["code"]) == (409, "GA1004")


def test_each_department_words_an_error_its_own_way(caller: Caller) -> None:
    ask = lambda code: caller.ask(code, "/v1/nothing", person_request(*ZHANG)).text  # noqa: E731
    assert '"code":"GA2006"' in ask("police")
    assert '"resultCode":"SW2006"' in ask("tax")
    assert "<retCode>YH2006</retCode>" in ask("bank")
    assert ask("justice").startswith("ERR|SF2006|")


def test_what_is_no_json_object_is_refused(departments: Simulators, caller: Caller) -> None:
    assert caller.ask("police", "/v1/person", []).status_code == 400  # type: ignore[arg-type]
