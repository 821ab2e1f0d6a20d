"""One cell of theirs to one value of ours. What cannot be read for certain is refused with a reason; nothing is guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stdnum.cn import ric

from minzheng.base.errors import Refused
from minzheng.base.forms import fen_of
from minzheng.base.id_numbers import check_id_number, folded
from minzheng.data.ingest.mapping import TableMapping
from minzheng.data.ingest.targets import Column, Table
from minzheng.data.registry.names import clean

MOST_FEN = 2_147_483_647
_MONTH = re.compile(r"(\d{4})[-/.年]?(\d{1,2})(?:[-/.月]?(?:\d{1,2}日?)?)?(?: 00:00:00)?")
_UNIT = re.compile(r"[0-9A-Za-z_\-]{1,40}")
_DIGITS = re.compile(r"[0-9]{1,32}")
OLD_NUMBER = "是 15 位旧证号,已按规则换算成 18 位,请核对是不是同一个人"


@dataclass
class Converted:
    """`reasons` refuse the row; `questions` ask an officer. Neither holds a person's data."""

    values: dict[str, Any] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)


def convert(table: Table, mapping: TableMapping, cells: Mapping[str, str]) -> Converted:
    """A row of theirs (title → text) in our terms."""
    found = Converted()
    for column in table.columns:
        text = cells.get(mapping.columns.get(column.code, ""), "").strip()
        if not text:
            if column.required:
                found.reasons.append(f"“{column.title}”是空的")
            continue
        try:
            found.values[column.code] = _value(column, text, mapping, found)
        except Refused as refusal:
            found.reasons.append(f"“{column.title}”:{refusal.reason}")
    return found


def _value(column: Column, text: str, mapping: TableMapping, found: Converted) -> Any:
    if any(unicodedata.category(ch) in ("Cc", "Cf", "Co", "Cs") for ch in text):
        raise Refused("含有看不见的字符")
    match column.type:
        case "choice":
            codes = mapping.codes[column.code]
            if text not in codes:
                raise Refused("原代码没有对照,请补充对照表")
            return codes[text]
        case "id_number":
            return _id_number(text, found)
        case "money":
            return _money(text, fen=mapping.fen)
        case "month":
            return _month(text)
        case "unit":
            return _match(_UNIT, unicodedata.normalize("NFKC", text), "应为字母、数字和横线")
        case "digits":
            return _match(_DIGITS, folded(text), "应为数字。表格软件可能改动了长数字,请把这一列设为文本")
        case "name":
            return _short(clean(text), 50)
        case _:
            return _short(text, column.length)


def _match(form: re.Pattern[str], text: str, wrong: str) -> str:
    if not form.fullmatch(text):
        raise Refused(wrong)
    return text


def _short(text: str, length: int) -> str:
    if len(text) > length:
        raise Refused(f"超过 {length} 个字")
    return text


def _id_number(text: str, found: Converted) -> str:
    number = folded(text)
    if len(number) == 15 and number.isascii() and number.isdigit():
        longer = number[:6] + "19" + number[6:]
        number = longer + ric.calc_check_digit(longer + "0")
        found.questions.append(OLD_NUMBER)
    return check_id_number(number).number


def _money(text: str, *, fen: bool) -> int:
    number = unicodedata.normalize("NFKC", text).replace("¥", "").replace("元", "")
    try:
        amount = int(number) if fen else fen_of(number)
    except ValueError:
        raise Refused("不是金额(最多两位小数)") from None
    if not 0 <= amount <= MOST_FEN:
        raise Refused("金额超出范围")
    return amount


def _month(text: str) -> str:
    """YYYY-MM of a month or a day as people write them."""
    plain = unicodedata.normalize("NFKC", text)
    match = _MONTH.fullmatch(plain)
    if plain.isdigit() and len(plain) not in (6, 8):
        match = None  # 2024115 could be two days
    if match is None or not (1950 <= int(match[1]) <= 2100 and 1 <= int(match[2]) <= 12):
        raise Refused("不是年月,请写成 2024-01")
    return f"{match[1]}-{int(match[2]):02d}"
