"""What the 刚性支出困难家庭 formulas found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from minzheng.data.brain.rules.explain import Condition, Explanation, Reading, origins
from minzheng.data.brain.rules.facts import MEMBER_TERMS, MemberFacts
from minzheng.data.brain.rules.text import yuan
from minzheng.scenes.assistance.policy import words
from minzheng.scenes.assistance.policy.rigid import EXPENSES, GX, HELD
from minzheng.scenes.assistance.policy.words import law, rule, said

METHOD = "《刚性支出困难家庭认定办法》"
OLD_RULE = "江苏省支出型困难家庭救助规定"


def explain(reading: Reading) -> Explanation:
    fits = reading.number("rigid_kind") == 1
    name = _name(reading)
    counted = [m for m, yes in zip(reading.facts.members, reading.members("dibao_counted"), strict=True) if yes]
    conditions = tuple(_conditions(reading, counted))
    failed = [c.title for c in conditions if c.outcome == "no"]
    sentence = (f"建议认定为{name},不发放保障金,可按规定申请专项救助和支出型临时救助" if fits
                else f"不符合{name}条件:未达到“{'”“'.join(failed)}”")
    return Explanation("rigid" if fits else "none", name if fits else "不符合", fits, sentence, (), conditions,
                       len(counted), tuple(m.key for m in counted) if fits else ())


def _name(reading: Reading) -> str:
    return "刚性支出困难家庭" if _new(reading) else "支出型困难家庭"


def _new(reading: Reading) -> bool:
    return reading.on >= dt.date.fromisoformat(GX)


def _clause(reading: Reading) -> str:
    return law(reading, "第二十二条", METHOD + "第四条") if _new(reading) else OLD_RULE


def _conditions(reading: Reading, counted: list[MemberFacts]) -> Iterable[Condition]:
    clause = _clause(reading)
    yield words.hukou(reading)
    holding = words.holders(counted, HELD)
    yield rule(reading, "held", "未享受低保、单人保,未认定低保边缘", holding or "没有享受或认定记录",
               origins(m.held for m in counted), "no" if reading.number("rigid_holder") else "ok", clause)
    per_capita = f"人均月收入 {yuan(reading.number('dibao_per_capita'))}"
    poorer = reading.number("rigid_poorer")
    yield rule(reading, "poorer", "收入不在低保和低保边缘范围内,或财产超出其规定",
               per_capita + (",财产也在规定内,应按低保或低保边缘办理" if poorer else ""),
               origins(getattr(m, name) for m in counted for name in words.INCOME), "no" if poorer else "ok", clause,
               ["dibao.standard", "dibao.edge.percent"])
    if reading.number("rigid_open"):
        yield from _year(reading, counted, clause)
    elif _new(reading) and not reading.number("rigid_holder") and not poorer:
        limit = reading.parameter("rigid.disposable")
        yield rule(reading, "income", f"人均收入低于上年度居民人均可支配收入 {yuan(limit.value)}", f"{per_capita},按十二个月已超过",
                   origins(getattr(m, name) for m in counted for name in words.INCOME), "no", clause, [limit.id])
    yield from words.property_conditions(reading, "rigid", clause, len(counted))


def _year(reading: Reading, counted: list[MemberFacts], clause: str) -> Iterable[Condition]:
    fact, spent, persons = reading.facts.income_year_fen, reading.number("rigid_spent"), len(counted)
    income = fact.value if fact is not None else 0
    ok_income, ok_ratio = reading.number("rigid_income"), reading.number("rigid_ratio")
    sources = origins(getattr(m, name) for m in counted for name in EXPENSES)
    lines = [_spent_line(m, fen) for m, fen in zip(reading.facts.members, reading.members("rigid_expense"), strict=True)
             if fen]
    if _new(reading):
        limit, percent = reading.parameter("rigid.disposable"), reading.parameter("rigid.percent")
        yield rule(reading, "income", f"人均收入低于上年度居民人均可支配收入 {yuan(limit.value)}",
                   f"前十二个月 {yuan(income)} ÷ {persons} = {yuan(income // persons)}", origins([fact]),
                   "ok" if ok_income else "no", clause, [limit.id])
        share = f"占 {spent * 100 // income}%" if income else "家庭没有收入"
        yield rule(reading, "ratio", f"前十二个月刚性支出超过家庭总收入的 {percent.text}",
                   f"支出 {yuan(spent)},收入 {yuan(income)},{share}", sources, "ok" if ok_ratio else "no", clause,
                   [percent.id], lines)
        return
    standard = reading.parameter("dibao.standard")
    yield rule(reading, "income", f"扣除刚性支出后人均月收入低于低保标准 {yuan(standard.value)}",
               f"({yuan(income)} - {yuan(spent)}) ÷ {persons} ÷ 12", origins([fact]), "ok" if ok_income else "no",
               clause, [standard.id])
    yield rule(reading, "ratio", "有刚性支出", yuan(spent), sources, "ok" if ok_ratio else "no", clause, (), lines)


def _spent_line(member: MemberFacts, total: int) -> str:
    kinds = ",".join(f"{MEMBER_TERMS[name].title.removeprefix('前十二个月')} {yuan(said(member, name))}"
                     for name in EXPENSES if said(member, name))
    return f"{member.name}:{kinds},共 {yuan(total)}"
