"""A department's window for 转介: takes a referral once, says how it stands, hears a reminder or a withdrawal.

A referral is known by its number: the same message again gets the first receipt, another message under that number is
refused. Without a switch it is accepted when first asked about, and done when asked again.
"""

from __future__ import annotations

import json
import time
from typing import Any

from simulators import wire
from simulators.desk import Desk, Refusal
from simulators.store import Transaction

REFERRED = ("medical", "education", "housing", "social_security")
GIVEN = {
    "medical": "已资助参加居民医保,个人缴费部分由财政全额资助", "education": "已按规定免除学杂费并发放助学金",
    "housing": "已发放公租房租赁补贴", "social_security": "已推荐岗位并办理技能培训报名",
}
DECLINED = "经核实,不符合本部门的办理条件"


class ReferralDesk(Desk):
    def _answer(self, path: str, request: dict[str, Any]) -> dict[str, Any]:
        if not path.startswith("/v1/referral"):
            return super()._answer(path, request)
        query = request.get("query")
        number = query.get("referral") if isinstance(query, dict) else None
        if not isinstance(number, str) or not number:
            raise Refusal("bad_query", "转介编号")
        if path == "/v1/referrals":
            return self._take(number, request)
        if path == "/v1/referral_state":
            return self._stand(number)
        if path == "/v1/referral_withdrawals":
            self._row(number)
            self._set(number, "withdrawn")
            return self._head(number, "referral_withdrawals") | {"state": "withdrawn"}
        raise Refusal("unknown_resource", path)

    def _head(self, number: str, resource: str) -> dict[str, Any]:
        return {"department": self.department.code, "resource": resource, "referral": number}

    def _row(self, number: str) -> tuple[str, str, str, int]:
        row: tuple[str, str, str, int] | None = self.store.connection.execute(
            "SELECT digest, receipt, state, asked FROM referrals WHERE number = ?", (number,)).fetchone()
        if row is None:
            raise Refusal("unknown_referral", number)
        return row

    def _set(self, number: str, state: str) -> None:
        self.store.connection.execute("UPDATE referrals SET state = ?, asked = asked + 1 WHERE number = ?", (state, number))

    def _take(self, number: str, request: dict[str, Any]) -> dict[str, Any]:
        subject, query = request.get("subject"), request["query"]
        if not isinstance(subject, dict) or not subject.get("id_number") or not query.get("ask"):
            raise Refusal("bad_query", "转介对象和事项")
        digest = wire.sm3(json.dumps([subject, query], sort_keys=True).encode())
        known = self.store.connection.execute("SELECT digest, receipt FROM referrals WHERE number = ?", (number,)).fetchone()
        if known and known[0] != digest:
            raise Refusal("conflict", number)
        receipt = known[1] if known else f"ZJHZ{wire.sm3(number.encode())[:12].upper()}"
        if not known:
            with Transaction(self.store.connection):
                self.store.connection.execute("INSERT INTO referrals VALUES (?, ?, ?, 'received', 0, ?, ?)",
                                              (number, digest, receipt, json.dumps(request, ensure_ascii=False), self.clock()))
        return self._head(number, "referrals") | {"receipt": receipt, "state": "received"}

    def _stand(self, number: str) -> dict[str, Any]:
        """How it stands; the switch says how this department behaves."""
        _, _, state, _ = self._row(number)
        wanted = self.switches.referral
        if wanted == "garbled":
            return self._head(number, "referral_state") | {"state": "done", "given": "", "given_on": "昨天"}
        if state == "received" and wanted in ("", "accept"):
            state = "accepted"
        elif state == "accepted" and wanted == "":
            state = "done"
        elif state in ("received", "accepted") and wanted == "decline":
            state = "declined"
        self._set(number, state)
        answer = self._head(number, "referral_state") | {"state": state}
        if state == "declined":
            answer["reason"] = DECLINED
        if state == "done":
            answer |= {"given": GIVEN[self.department.code],
                       "given_on": time.strftime("%Y-%m-%d", time.gmtime(self.clock() + 8 * 3600))}
        return answer
