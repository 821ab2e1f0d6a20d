"""Conditions that several schemes say in the same words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from minzheng.data.brain.rules.explain import Condition, Outcome, Reading, origins
from minzheng.data.brain.rules.facts import DisabilityKind, Held, MemberFacts, label
from minzheng.data.brain.rules.text import yuan

METHOD = "《最低生活保障审核确认办法》"
LAW = "《中华人民共和国社会救助法》"
LAW_SINCE = dt.date(2026, 7, 1)
INCOME = ("wage_fen", "business_fen", "property_fen", "transfer_fen", "other_fen")


def law(reading: Reading, articles: str, method: str) -> str:
    """The law with its articles once it is in force, and the method below it."""
    return f"{LAW}{articles};{method}" if reading.on >= LAW_SINCE else method


def rule(reading: Reading, code: str, title: str, value: str, source: str, outcome: Outcome, clause: str,
         used: Iterable[str] = (), detail: Iterable[str] = ()) -> Condition:
    """A condition with the versions of the parameters that it used; a 示例值 among them marks it."""
    applied = [reading.parameter(parameter) for parameter in used]
    version = "、".join(dict.fromkeys(value.version for value in applied))
    sample = any(value.sample for value in applied)
    return Condition(code, title, value, source or "系统登记", outcome, clause, version, sample, tuple(detail))


def said(member: MemberFacts, name: str) -> int:
    """The value of a fact that may be unknown, as a number; zero then."""
    fact = getattr(member, name)
    return 0 if fact is None else int(fact.value)


def names(people: Iterable[MemberFacts]) -> str:
    return "、".join(member.name for member in people)


def health(member: MemberFacts) -> str:
    """视力残疾一级、重特大疾病."""
    grade = said(member, "disability_grade")
    found = []
    if grade:
        found.append(f"{label(DisabilityKind(said(member, 'disability_kind')))}残疾{'一二三四'[grade - 1]}级")
    if said(member, "serious_illness"):
        found.append("重特大疾病")
    return "、".join(found)


def held(member: MemberFacts) -> Held:
    return Held(said(member, "held"))


def holders(members: Iterable[MemberFacts], kinds: Iterable[Held]) -> str:
    """张三(低保)、李四(特困供养) of those who hold one of the kinds."""
    wanted = frozenset(kinds)
    return "、".join(f"{m.name}({label(held(m))})" for m in members if held(m) in wanted)


def hukou(reading: Reading) -> Condition:
    fact = reading.facts.hukou_here
    here = fact is not None and fact.value
    value = "户籍在受理县区" if here else "户籍不在受理县区,是否符合居住地或省内通办受理条件待核实"
    return rule(reading, "hukou", "户籍在受理县区", value, origins([fact]), "ok" if here else "manual",
                law(reading, "第三十七条", METHOD + "第四条、第五条"))


def property_conditions(reading: Reading, prefix: str, clause: str, persons: int) -> Iterable[Condition]:
    """货币财产、机动车、住房 against `<prefix>.asset.…`; what is beyond asks an officer and refuses nobody."""
    facts, standard = reading.facts, reading.parameter("dibao.standard")
    months = reading.parameter(f"{prefix}.asset.financial_months")
    total, limit = facts.financial_fen.value if facts.financial_fen else 0, months.value * standard.value
    yield rule(reading, "assets", f"人均货币财产不超过 {months.text}({yuan(limit)})",
               f"{yuan(total)} ÷ {persons} = {yuan(total // max(persons, 1))}", origins([facts.financial_fen]),
               "manual" if total > limit * persons else "ok", clause, [months.id, standard.id])
    for name, noun, measure in (("vehicles", "机动车", "辆"), ("houses", "住房", "套")):
        owned, exempt = getattr(facts, name), getattr(facts, f"{name}_exempt")
        most = reading.parameter(f"{prefix}.asset.{name}_max")
        value = f"登记{noun} {owned.value} {measure}" if owned.value else f"无登记{noun}"
        value += f",其中经核实可不计 {exempt.value} {measure}" if exempt.value else ""
        yield rule(reading, name, f"{noun}不超过 {most.value} {measure}", value, origins([owned, exempt]),
                   "manual" if owned.value - exempt.value > most.value else "ok", clause, [most.id])
