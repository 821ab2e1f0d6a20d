"""Form fields that every form of the platform shares: money in yuan, ID numbers, dates that lie in the past."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from minzheng.base import clock
from minzheng.base.errors import Refused
from minzheng.base.id_numbers import check_id_number

_YUAN = re.compile(r"(-?)(\d{1,9})(?:\.(\d{1,2}))?")
MOST_FEN = 2_147_483_647


def fen_of(text: str) -> int:
    """Yuan as typed (1,234.5) to whole fen. ValueError when it is not an amount with at most two decimals."""
    found = _YUAN.fullmatch(text.strip().replace(",", "").replace(",", ""))
    if not found:
        raise ValueError(text)
    sign, yuan, rest = found.groups()
    return (-1 if sign else 1) * (int(yuan) * 100 + int((rest or "0").ljust(2, "0")))


def yuan_of(fen: int | None) -> str:
    """Whole fen as plain yuan for an input: 123450 → 1234.5."""
    if fen is None:
        return ""
    whole, rest = divmod(abs(fen), 100)
    return ("-" if fen < 0 else "") + str(whole) + (f".{rest:02d}".rstrip("0") if rest else "")


class MoneyField(forms.CharField):
    """An amount in yuan; cleans to whole fen. Blank is None, or `empty` when given."""

    def __init__(self, *, most_fen: int = MOST_FEN, signed: bool = False, empty: int | None = None, **kw: Any) -> None:
        kw.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(**kw)
        self.most_fen, self.signed, self.empty = most_fen, signed, empty

    def prepare_value(self, value: Any) -> Any:
        return yuan_of(value) if isinstance(value, int) and not isinstance(value, bool) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return self.empty
        try:
            fen = fen_of(text)
        except ValueError:
            raise ValidationError("请填写金额,单位元,最多两位小数,例如 1234.50。") from None
        if fen < 0 and not self.signed:
            raise ValidationError("金额不能小于 0。")
        if abs(fen) > self.most_fen:
            raise ValidationError(f"金额超出范围,最多 {yuan_of(self.most_fen)} 元。请核对是否多写了位数。")
        return fen


class IdNumberField(forms.CharField):
    """公民身份号码 (GB 11643): 18 characters with a valid check digit and a birth date in the past."""

    def __init__(self, **kw: Any) -> None:
        kw.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off", "maxlength": 24, "spellcheck": "false"}))
        super().__init__(**kw)

    def clean(self, value: Any) -> Any:
        text = str(super().clean(value))
        if not text.strip():
            return ""
        try:
            return check_id_number(text).number
        except Refused as refusal:
            raise ValidationError(refusal.reason) from None


class PastDateField(forms.DateField):
    """A day that is not in the future, nor implausibly long ago."""

    def __init__(self, **kw: Any) -> None:
        kw.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(**kw)

    def clean(self, value: Any) -> dt.date | None:
        day: dt.date | None = super().clean(value)
        if day is None:
            return None
        if day > clock.today():
            raise ValidationError("日期不能晚于今天。")
        if day.year < 1900:
            raise ValidationError("日期太早,请核对年份。")
        return day
