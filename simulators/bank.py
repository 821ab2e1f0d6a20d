"""The bank's window for 一卡通: account-holder check, payment files, return files.

A file is taken once per envelope number: the same file again gets the first receipt, another file under that number is
refused. The declared count and sum must be those of the rows, or nothing is taken.
"""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from typing import Any

from simulators import wire
from simulators.desk import Desk, Refusal
from simulators.store import Transaction

COLUMNS = ("序号", "姓名", "证件号码", "账号", "金额")
RETURN_COLUMNS = (*COLUMNS, "结果代码", "结果说明", "银行流水号")
YUAN = re.compile(r"^(\d{1,12})\.(\d{2})$")
OUTCOMES = {
    "0000": "成功",
    "1001": "账号不存在",
    "1002": "户名与账号不符",
    "1003": "证件号码与账号不符",
    "1004": "账户已冻结",
    "1005": "账户已销户",
}


def fen_of(yuan: str) -> int:
    match = YUAN.match(yuan)
    if not match:
        raise Refusal("bad_file", f"金额 {yuan}")
    return int(match[1]) * 100 + int(match[2])


def yuan_of(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


@dataclass
class BankDesk(Desk):
    def _answer(self, path: str, request: dict[str, Any]) -> dict[str, Any]:
        query = request.get("query")
        if path == "/v1/person":
            return self._person(request)
        if not isinstance(query, dict):
            raise Refusal("bad_query")
        if path == "/v1/account_check":
            return self._account_check(query)
        if path == "/v1/payments":
            return self._take_file(query)
        if path == "/v1/returns":
            return self._give_return(query)
        raise Refusal("unknown_resource", path)

    def _account_check(self, query: dict[str, Any]) -> dict[str, Any]:
        """Whether account, name and ID number belong together; `code` as in a return file."""
        account, name, number = (query.get(key) for key in ("account", "name", "id_number"))
        if not (isinstance(account, str) and isinstance(name, str) and isinstance(number, str)):
            raise Refusal("bad_query", "账号、户名和证件号码")
        code = self._holder_code(account, name, number)
        return {"department": "bank", "resource": "account_check", "code": code, "message": OUTCOMES[code],
                "matches": code == "0000"}  # fmt: skip

    def _holder_code(self, account: str, name: str, number: str) -> str:
        card = self.store.card(account)
        if card is None:
            return "1001"
        if card[2] == "销户":
            return "1005"
        if card[0] != name:
            return "1002"
        if card[1] != number:
            return "1003"
        return "1004" if card[2] == "冻结" else "0000"

    def _take_file(self, query: dict[str, Any]) -> dict[str, Any]:
        envelope, count, total, content = (query.get(key) for key in ("envelope", "count", "total", "content"))
        if not (isinstance(envelope, str) and envelope and isinstance(count, int) and isinstance(total, str)
                and isinstance(content, str)):  # fmt: skip
            raise Refusal("bad_query", "批次号、笔数、金额和文件")
        digest = wire.sm3(json.dumps([envelope, count, total, content]).encode())
        known = self.store.connection.execute(
            "SELECT digest, receipt FROM batches WHERE envelope = ?", (envelope,)
        ).fetchone()
        if known:
            if known[0] != digest:
                raise Refusal("conflict", envelope)
            return dict(json.loads(known[1]))
        rows = self._rows(content)
        if len(rows) != count or sum(row[4] for row in rows) != fen_of(total):
            raise Refusal("bad_file", "笔数或金额合计与声明不符")
        receipt = {
            "department": "bank",
            "resource": "payments",
            "envelope": envelope,
            "count": count,
            "total": total,
            "receipt": f"HD{wire.sm3(envelope.encode())[:16].upper()}",
            "file_digest": wire.sm3(content.encode()),
            "accepted": int(self.clock()),
        }
        with Transaction(self.store.connection):
            self.store.connection.execute(
                "INSERT INTO batches VALUES (?, ?, ?, ?, 0)",
                (envelope, digest, json.dumps(receipt, ensure_ascii=False), self.clock()),
            )
            self.store.connection.executemany(
                "INSERT INTO payments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (self._settled(envelope, row) for row in rows),
            )
        return receipt

    def _rows(self, content: str) -> list[tuple[int, str, str, str, int]]:
        """(row, account, name, ID number, fen) of each line. Columns are found by their titles; more may follow."""
        reader = csv.DictReader(io.StringIO(content.lstrip("\ufeff")))
        if not set(COLUMNS) <= set(reader.fieldnames or ()):
            raise Refusal("bad_file", "缺少列:" + "、".join(sorted(set(COLUMNS) - set(reader.fieldnames or ()))))
        rows, seen = [], set()
        for line in reader:
            if not line["序号"].isdigit() or int(line["序号"]) in seen:
                raise Refusal("bad_file", f"序号 {line['序号']}")
            seen.add(int(line["序号"]))
            values = {name: (line[name] or "").strip() for name in COLUMNS}
            fen = fen_of(values["金额"])
            if fen == 0:
                raise Refusal("bad_file", f"金额 {values['金额']}")
            rows.append((int(line["序号"]), values["账号"], values["姓名"], values["证件号码"], fen))
        return rows

    def _settled(self, envelope: str, row: tuple[int, str, str, str, int]) -> tuple[Any, ...]:
        number, account, name, id_number, fen = row
        code = self._holder_code(account, name, id_number)
        serial = wire.sm3(f"{envelope}:{number}".encode())[:20].upper() if code == "0000" else ""
        return envelope, number, account, name, id_number, fen, code, OUTCOMES[code], serial

    def _give_return(self, query: dict[str, Any]) -> dict[str, Any]:
        """`state` processing, or ready with the return file; the totals are of the true rows."""
        envelope = query.get("envelope")
        batch = self.store.connection.execute(
            "SELECT accepted, polls FROM batches WHERE envelope = ?", (envelope,)
        ).fetchone()
        if batch is None:
            raise Refusal("unknown_batch", str(envelope))
        head = {"department": "bank", "resource": "returns", "envelope": envelope}
        self.store.connection.execute("UPDATE batches SET polls = polls + 1 WHERE envelope = ?", (envelope,))
        waits = self.clock() < batch[0] + self.switches.return_after_seconds
        if batch[1] < self.switches.return_after_polls or waits:
            return {**head, "state": "processing"}
        rows = self.store.connection.execute(
            "SELECT row, name, id_number, account, amount_fen, code, message, serial FROM payments"
            " WHERE envelope = ? ORDER BY row",
            (envelope,),
        ).fetchall()
        paid = [row for row in rows if row[5] == "0000"]
        return {
            **head,
            "state": "ready",
            "count": len(rows),
            "paid_count": len(paid),
            "paid_total": yuan_of(sum(row[4] for row in paid)),
            "content": self._return_file(rows),
        }

    def _return_file(self, rows: list[tuple[Any, ...]]) -> str:
        given = rows[: max(0, len(rows) - self.switches.return_missing_rows)]
        given += given[: self.switches.return_repeated_rows]
        last = max((row[0] for row in rows), default=0)
        given += [
            (last + extra, "未知户", "329900190001010000", f"99000000000{extra:05d}", 100, "0000", "成功", f"WZ{extra}")
            for extra in range(1, self.switches.return_unknown_rows + 1)
        ]
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(RETURN_COLUMNS)
        writer.writerows([*row[:4], yuan_of(row[4]), *row[5:]] for row in given)
        return out.getvalue()
