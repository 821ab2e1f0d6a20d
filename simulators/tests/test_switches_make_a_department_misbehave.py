from __future__ import annotations

import httpx
import pytest

from simulators.server import Simulators
from simulators.testing import Caller, signed_by
from simulators.tests.conftest import ZHANG


def test_down_refuses_the_connection_and_comes_back(caller: Caller) -> None:
    assert caller.switch("tax", down="refuse").status_code == 200
    with pytest.raises(httpx.ConnectError):
        caller.person("tax", *ZHANG)
    caller.admin("/tax/clear", {})
    assert caller.person("tax", *ZHANG).status_code == 200


def test_down_may_also_be_503(caller: Caller) -> None:
    caller.switch("bank", down="503")
    assert caller.person("bank", *ZHANG).status_code == 503


def test_slow_is_later_than_the_caller_waits(departments: Simulators, caller: Caller) -> None:
    caller.switch("tax", slow=0.3)
    response = caller.person("tax", *ZHANG)
    assert response.elapsed.total_seconds() >= 0.3


def test_wrong_signature_does_not_verify(departments: Simulators, caller: Caller) -> None:
    for code in ("tax", "police"):  # SM2 and Ed25519
        caller.switch(code, wrong="signature")
        assert not signed_by(departments.desks[code], caller.person(code, *ZHANG))


def test_wrong_body_is_signed_and_is_no_json(departments: Simulators, caller: Caller) -> None:
    caller.switch("tax", wrong="body")
    response = caller.person("tax", *ZHANG)
    assert signed_by(departments.desks["tax"], response)
    with pytest.raises(ValueError):
        response.json()


def test_contradictory_answers_contradict_the_others(caller: Caller) -> None:
    for code in ("police", "tax", "funeral", "marriage"):
        caller.switch(code, contradictory=True)
    assert caller.person("police", *ZHANG).json()["records"][0]["status"] == "死亡注销"
    assert caller.person("tax", *ZHANG).json()["records"][0]["total"] == "72000.00"
    assert caller.person("funeral", *ZHANG).json()["outcome"] == "found"
    assert caller.person("marriage", *ZHANG).json()["records"][-1]["event"] == "结婚"


def test_partial_says_so_and_gives_half(caller: Caller) -> None:
    caller.switch("bank", partial=True)
    answer = caller.person("bank", *ZHANG).json()
    assert (answer["outcome"], len(answer["records"])) == ("partial", 1)


@pytest.mark.parametrize("values", [{"nonsense": True}, {"slow": "1"}, {"slow": -1.0}, {"down": "yes"},
                                    {"partial": 1}, {"slow": 1.0, "wrong": "all"}])  # fmt: skip
def test_an_unknown_switch_or_value_changes_nothing(departments: Simulators, caller: Caller, values: dict) -> None:
    before = dict(vars(departments.desks["bank"].switches))
    assert caller.switch("bank", **values).status_code == 422
    assert vars(departments.desks["bank"].switches) == before


def test_the_admin_port_wants_its_token(departments: Simulators) -> None:
    url = departments.registry()["admin"]["base_url"] + "/bank/switches"
    assert httpx.post(url, json={"partial": True}).status_code == 401
    assert not departments.desks["bank"].switches.partial
