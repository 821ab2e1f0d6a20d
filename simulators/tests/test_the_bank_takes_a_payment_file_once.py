from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from simulators.bank import COLUMNS, fen_of, yuan_of
from simulators.desk import Refusal
from simulators.server import Simulators
from simulators.testing import Caller
from simulators.tests.conftest import CARD, ZHANG

FROZEN = ("9900000000000000026", "周海燕", "329900198502020026")


def csv_of(rows: list[tuple[Any, ...]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return out.getvalue()


ROWS = [(1, ZHANG[1], ZHANG[0], CARD, "560.00"), (2, FROZEN[1], FROZEN[2], FROZEN[0], "450.50"),
        (3, "王五", "329900197003030038", "9900000000000000999", "100.00")]  # fmt: skip


def send(caller: Caller, path: str, query: dict[str, Any]) -> Any:
    envelope = {"purpose": "低保金发放", "case": query.get("envelope", "P-1"), "authorisation": "ZF-1"}
    return caller.ask("bank", path, {**envelope, "query": query})


def file_of(envelope: str, rows: list[tuple[Any, ...]] = ROWS, **changed: Any) -> dict[str, Any]:
    return {"envelope": envelope, "count": 3, "total": "1110.50", "content": csv_of(rows), **changed}


def returned(caller: Caller, envelope: str) -> tuple[dict[str, Any], list[dict[str, str]]]:
    answer = send(caller, "/v1/returns", {"envelope": envelope}).json()
    return answer, list(csv.DictReader(io.StringIO(answer.get("content", ""))))


def test_the_same_file_twice_gets_the_first_receipt_and_is_settled_once(
    departments: Simulators, caller: Caller
) -> None:
    first = send(caller, "/v1/payments", file_of("P-1"))
    second = send(caller, "/v1/payments", file_of("P-1"))
    assert first.status_code == 200 and first.json() == second.json()
    count = departments.desks["bank"].store.connection.execute(
        "SELECT count(*) FROM payments WHERE envelope = 'P-1'"
    ).fetchone()
    assert count == (3,)


def test_another_file_under_the_same_number_is_refused(caller: Caller) -> None:
    send(caller, "/v1/payments", file_of("P-2"))
    other = [*ROWS[:2], (3, "王五", "329900197003030038", "9900000000000000999", "100.00 ")]
    assert send(caller, "/v1/payments", file_of("P-2", other)).status_code == 409


@pytest.mark.parametrize("changed", [{"count": 2}, {"total": "1110.51"}, {"total": "1110.5"},
                                     {"content": "序号,姓名\r\n1,张\r\n"},
                                     {"content": csv_of([ROWS[0], ROWS[0], ROWS[2]])},
                                     {"content": csv_of([*ROWS[:2], (3, "王五", "3", "9", "-100.00")])}])  # fmt: skip
def test_what_does_not_match_the_declaration_is_not_taken(caller: Caller, changed: dict[str, Any]) -> None:
    assert send(caller, "/v1/payments", file_of("P-3", **changed)).status_code == 422
    assert send(caller, "/v1/returns", {"envelope": "P-3"}).status_code == 404


def test_the_return_file_has_a_code_a_row(caller: Caller) -> None:
    send(caller, "/v1/payments", file_of("P-4"))
    answer, rows = returned(caller, "P-4")
    assert [row["结果代码"] for row in rows] == ["0000", "1004", "1001"]
    assert [bool(row["银行流水号"]) for row in rows] == [True, False, False]
    assert (answer["paid_count"], answer["paid_total"]) == (1, "560.00")


def test_the_return_file_can_be_late(caller: Caller) -> None:
    caller.switch("bank", return_after_polls=1)
    send(caller, "/v1/payments", file_of("P-5"))
    assert returned(caller, "P-5")[0]["state"] == "processing"
    assert returned(caller, "P-5")[0]["state"] == "ready"


def test_the_return_file_can_have_unknown_repeated_and_missing_rows(caller: Caller) -> None:
    send(caller, "/v1/payments", file_of("P-6"))
    caller.switch("bank", return_unknown_rows=1, return_repeated_rows=1, return_missing_rows=1)
    assert [row["序号"] for row in returned(caller, "P-6")[1]] == ["1", "2", "1", "4"]


@pytest.mark.parametrize("account, name, number, code", [
    (CARD, ZHANG[1], ZHANG[0], "0000"), (CARD, "李四", ZHANG[0], "1002"), (CARD, ZHANG[1], "329900", "1003"),
    ("1", ZHANG[1], ZHANG[0], "1001"), (*FROZEN, "1004"),
])  # fmt: skip
def test_the_account_holder_is_checked(caller: Caller, account: str, name: str, number: str, code: str) -> None:
    answer = send(caller, "/v1/account_check", {"account": account, "name": name, "id_number": number}).json()
    assert (answer["code"], answer["matches"]) == (code, code == "0000")


@pytest.mark.parametrize("fen", [1, 99, 100, 123456])
def test_yuan_and_fen_are_each_other_s_inverse(fen: int) -> None:
    assert fen_of(yuan_of(fen)) == fen


@pytest.mark.parametrize("yuan", ["", "1", "1.5", "1.555", "-1.00", "1e3", "=1+1", "1,000.00"])
def test_what_is_no_amount_is_refused(yuan: str) -> None:
    with pytest.raises(Refusal):
        fen_of(yuan)
