"""The resident ID number (公民身份号码, GB 11643) as people type it: one rule for forms, registry and exchange."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

from minzheng.base import clock
from minzheng.base.errors import Refused

_FORM = re.compile(r"[0-9]{17}[0-9X]")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


@dataclass(frozen=True)
class IdNumber:
    """A valid number and what it says. `sex` 1 男, 2 女."""

    number: str
    birth_date: dt.date
    sex: int


def folded(text: str) -> str:
    """Full-width characters and blanks as people paste them, in one form."""
    return re.sub(r"[\s\u200b-\u200f\u2060\ufeff-]", "", unicodedata.normalize("NFKC", text)).upper()


def looks_like_id(text: str) -> bool:
    return bool(_FORM.fullmatch(folded(text)))


def check_id_number(text: str) -> IdNumber:
    """The number in its one form; Refused with what is wrong: length, date of birth, check digit."""
    number = folded(text)
    if len(number) == 15 and number.isdigit():
        raise Refused("这是 15 位旧证号。请按新身份证输入 18 位号码。", field="id_number")
    if not _FORM.fullmatch(number):
        raise Refused("身份证号应为 18 位,前 17 位是数字,末位是数字或 X。请核对后重新输入。", field="id_number")
    try:
        born = dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise Refused("身份证号里的出生日期不存在。请核对第 7 至 14 位。", field="id_number") from None
    if born > clock.today() or born.year < 1880:
        raise Refused("身份证号里的出生日期不合理。请核对第 7 至 14 位。", field="id_number")
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))
    if _CHECKS[total % 11] != number[17]:
        raise Refused("身份证号校验位不正确,可能有一位输错。请对照证件逐位核对。", field="id_number")
    return IdNumber(number, born, 1 if int(number[16]) % 2 else 2)
