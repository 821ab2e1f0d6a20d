"""Codes of the money pages in plain words. `{% load money_words %}`"""

from __future__ import annotations

import re

from django import template

from minzheng.base.identity.roles import role_title
from minzheng.office.benefits.budgets import yuan
from minzheng.office.benefits.schemes import all_schemes

register = template.Library()

BANK = {"0000": "核验通过", "1001": "账号不存在", "1002": "户名与账号不符", "1003": "证件号与账号不符",
        "1004": "账户被冻结", "1005": "账户已销户"}
RETURNED = {"0000": "到账"}
CHANGES = {
    "granted": "确认待遇", "amount_changed": "调整标准", "suspended": "暂停发放", "resumed": "恢复发放", "ended": "终止",
    "restored": "撤销决定后恢复",
    "grace_started": "进入渐退期", "moved": "变更管辖", "review_opened": "启动复核", "review_closed": "复核办结",
    "payee_changed": "更正收款账户",
}  # fmt: skip
COLOURS = {
    "paid": "green", "closed": "green", "built": "green", "active": "green", "open": "blue", "sealed": "blue",
    "approved": "blue", "released": "blue", "sent": "blue", "held": "orange", "suspended": "orange", "rejected": "red",
}  # fmt: skip


@register.filter
def bank_words(code: str) -> str:
    """What the bank said of an account."""
    return BANK.get(code, f"银行未受理(代码 {code})") if code else "等待银行核验"


@register.filter
def plain(note: str) -> str:
    """A note without the bank's codes."""
    text = re.sub(r"核验未通过\((\w+)\)", lambda found: f"核验未通过:{bank_words(found[1])}", note)
    return re.sub(r"(?<=[结果行]为 )([0-9A-Za-z]{1,12})", lambda found: RETURNED.get(found[1], bank_words(found[1])), text)


@register.filter
def scheme_title(code: str) -> str:
    return next((scheme.title for scheme in all_schemes() if scheme.code == code), "其他项目")


@register.filter
def change_words(kind: str) -> str:
    return CHANGES.get(kind, "其他变更")


@register.filter
def role_words(role: str) -> str:
    return role_title(role)


@register.filter
def state_colour(state: str) -> str:
    return COLOURS.get(state, "")


@register.filter
def percent(points: int) -> str:
    """Basis points as a percentage."""
    return f"{points / 100:.2f}".rstrip("0").rstrip(".") + "%"


@register.filter
def proof_words(text: str) -> str:
    """A proof's text with schemes by title and amounts in yuan."""
    for scheme in all_schemes():
        text = text.replace(f" {scheme.code} ", f" {scheme.title} ")
    return re.sub(r"(?<=[\u4e00-\u9fff])(-?\d{1,15})(?=、|$)", lambda found: f" {yuan(int(found[1]))}", text)


@register.filter
def absolute(value: int) -> int:
    return abs(value)
