"""Switches that make a department misbehave while it runs."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Any

Record = dict[str, Any]
DOWN = ("", "503", "refuse")
WRONG = ("", "signature", "body")
REFERRAL = ("", "wait", "accept", "decline", "garbled")


@dataclass
class Switches:
    slow: float = 0.0  # seconds before each answer
    down: str = ""  # "503": answers that it is closed; "refuse": the port refuses connections
    wrong: str = ""  # "signature": signed by another key; "body": not JSON (but well signed)
    contradictory: bool = False  # answers that contradict the police and the other departments
    partial: bool = False  # gives half of what it has, and says so
    referral: str = ""  # "wait": no answer; "accept": accepted and no more; "decline"; "garbled": an answer that says nothing
    # the bank's return file
    return_after_polls: int = 0  # "still processing" that many times
    return_after_seconds: float = 0.0
    return_unknown_rows: int = 0  # rows nobody sent
    return_repeated_rows: int = 0  # rows given twice
    return_missing_rows: int = 0  # rows left out

    def set(self, values: Record) -> None:
        """Change the named switches. An unknown name or a value of another kind is an error, and changes nothing."""
        kinds: dict[str, type] = {field.name: type(field.default) for field in fields(self)}
        checked: Record = {}
        for name, value in values.items():
            kind = kinds.get(name)
            if kind is float and type(value) is int:
                value = float(value)
            if kind is None or type(value) is not kind:
                raise ValueError(f"没有这个开关或取值不对:{name}")
            if isinstance(value, (int, float)) and value < 0:
                raise ValueError(f"不能是负数:{name}")
            checked[name] = value
        if checked.get("down", "") not in DOWN or checked.get("wrong", "") not in WRONG:
            raise ValueError("down 只能是 503 或 refuse,wrong 只能是 signature 或 body")
        if checked.get("referral", "") not in REFERRAL:
            raise ValueError("referral 只能是 wait、accept、decline 或 garbled")
        for name, value in checked.items():
            setattr(self, name, value)

    def clear(self) -> None:
        for field in fields(self):
            setattr(self, field.name, field.default)


def half(records: list[Record]) -> list[Record]:
    return records[: len(records) // 2]


def contradiction(department: str, records: list[Record], today: str) -> list[Record]:
    """What a department says when its file is wrong: the living dead, the unmarried married, twice the money."""
    if department == "police":
        return [{**record, "status": "死亡注销", "cancelled_on": today} for record in records]
    if department == "social_security":
        return [{**record, "status": "死亡终止"} for record in records]
    if department == "funeral":
        return [{"table": "cremations", "died_on": today, "cremated_on": today, "facility": "殡仪馆"}]
    if department == "marriage":
        event = "离婚" if records and records[-1].get("event") == "结婚" else "结婚"
        return [*records, {"table": "marriages", "event": event, "registered_on": today, "spouse_name": "某某"}]
    return [{key: _double(value) for key, value in record.items()} for record in records]


def _double(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"\d+\.\d\d", value):
        return value
    hundredths = int(value.replace(".", "")) * 2
    return f"{hundredths // 100}.{hundredths % 100:02d}"
