"""What the 价格临时补贴 formulas found."""

from __future__ import annotations

from collections.abc import Iterable

from minzheng.data.brain.rules.explain import Condition, Explanation, Part, Reading, origins
from minzheng.data.brain.rules.facts import ChildBenefit, Held, MemberFacts, label
from minzheng.data.brain.rules.text import month, yuan
from minzheng.scenes.assistance.policy import words
from minzheng.scenes.assistance.policy.words import law, rule, said

RULE = "社会救助和保障标准与物价上涨挂钩联动机制"


def explain(reading: Reading) -> Explanation:
    fits, each = reading.number("price_kind") == 1, reading.number("price_each")
    people = [m for m, yes in zip(reading.facts.members, reading.members("price_holder"), strict=True) if yes]
    conditions = tuple(_conditions(reading, people))
    when = month(reading.month)
    sentence = (f"发放 {when}价格临时补贴 {yuan(reading.number('price_amount'))}({yuan(each)} × {len(people)} 人)" if fits
                else f"不发放 {when}价格临时补贴:{';'.join(c.value for c in conditions if c.outcome == 'no')}")
    parts = tuple(Part(f"{m.name}价格临时补贴", each, 1) for m in people) if fits else ()
    return Explanation("price" if fits else "none", "价格临时补贴" if fits else "不发放", fits, sentence, parts,
                       conditions, len(people), tuple(m.key for m in people) if fits else ())


def _conditions(reading: Reading, people: list[MemberFacts]) -> Iterable[Condition]:
    clause = law(reading, "第三十二条", RULE)
    yield rule(reading, "holder", "正在享受低保、特困供养或儿童基本生活保障",
               "、".join(f"{m.name}({_holds(m)})" for m in people) or "没有享受记录",
               origins(fact for m in people for fact in (m.held, m.child_benefit)), "ok" if people else "no", clause,
               ["price.edge_included"])
    names = {"consumer": "居民消费价格", "food": "食品价格"}
    used = [f"price.{side}.{name}" for name in names for side in ("index", "trigger")]
    said_ = ",".join(f"{title}同比上涨 {_percent(reading, f'price.index.{name}')}" for name, title in names.items())
    lines = ",或".join(f"{title}同比达到 {_percent(reading, f'price.trigger.{name}')}" for name, title in names.items())
    yield rule(reading, "trigger", lines, said_, "价格指数", "ok" if reading.number("price_triggered") else "no", clause, used)
    if reading.number("price_triggered"):
        yield rule(reading, "each", "每人补贴 = 低保标准 × 低收入居民价格指数涨幅",
                   f"{yuan(reading.parameter('dibao.standard').value)} × {_percent(reading, 'price.index.low_income')}"
                   f" = {yuan(reading.number('price_each'))}", "系统计算", "ok", clause,
                   ["dibao.standard", "price.index.low_income"])


def _percent(reading: Reading, parameter: str) -> str:
    whole, rest = divmod(reading.parameter(parameter).value, 10)
    return f"{whole}.{rest}%"


def _holds(member: MemberFacts) -> str:
    if words.held(member) is not Held.NONE:
        return label(words.held(member))
    return label(ChildBenefit(said(member, "child_benefit")))
