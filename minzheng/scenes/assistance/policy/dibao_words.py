"""What the 低保 formulas found, said in plain Chinese for officers and applicants."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from minzheng.data.brain.rules.explain import Condition, Explanation, Outcome, Part, Reading, origins
from minzheng.data.brain.rules.facts import MEMBER_TERMS, Absence, DisabilityKind, MemberFacts, Relation, label
from minzheng.data.brain.rules.text import yuan
from minzheng.scenes.assistance.policy.dibao import EDGE, FULL, NONE, SINGLE

CODES = {FULL: "dibao", SINGLE: "single", EDGE: "edge", NONE: "none"}
TITLES = {FULL: "低保", SINGLE: "单人保", EDGE: "低保边缘", NONE: "不符合"}
_METHOD = "《最低生活保障审核确认办法》"
_LAW = "《中华人民共和国社会救助法》"
_LAW_SINCE = dt.date(2026, 7, 1)
INCOME = ("wage_fen", "business_fen", "property_fen", "transfer_fen", "other_fen")
SIGNS = ("executive", "public_payroll", "private_school", "studies_abroad", "travels_abroad")


def explain(reading: Reading) -> Explanation:
    kind = reading.number("dibao_kind")
    parts = _parts(reading, kind)
    return Explanation(CODES[kind], TITLES[kind], kind in {FULL, SINGLE}, _sentence(reading, kind, parts), parts,
                       tuple(_conditions(reading, kind)), reading.number("dibao_persons"))


def _parts(reading: Reading, kind: int) -> tuple[Part, ...]:
    parts = []
    if kind == FULL:
        parts.append(Part("差额", reading.number("dibao_shortfall"), reading.number("dibao_persons")))
    alone, topups = reading.members("dibao_alone"), reading.members("dibao_topup")
    if kind == SINGLE:
        parts += [Part(f"{m.name}差额", gap, 1) for m, gap in zip(reading.facts.members, alone, strict=True) if gap]
    if kind in {FULL, SINGLE}:
        paid = [kind == FULL or gap > 0 for gap in alone]
        parts += [Part(f"{m.name}分类施保", fen, 1)
                  for m, fen, yes in zip(reading.facts.members, topups, paid, strict=True) if fen and yes]
    return tuple(parts)


def _sentence(reading: Reading, kind: int, parts: tuple[Part, ...]) -> str:
    amount = yuan(reading.number("dibao_amount"))
    working = " + ".join(
        f"{p.title} {yuan(p.each_fen)}" + (f" × {p.count} 人" if p.title == "差额" else "") for p in parts)
    per_capita, standard = yuan(reading.number("dibao_per_capita")), _standard(reading)
    if kind == FULL:
        return f"建议纳入低保,月保障金 {amount}({working})"
    if kind == SINGLE:
        return f"建议按单人户纳入低保,月保障金 {amount}({working})"
    if kind == EDGE:
        return (f"不符合低保,建议认定为低保边缘家庭,不发放保障金:人均月收入 {per_capita},"
                f"不低于低保标准 {standard},低于低保边缘上限 {_edge(reading)}")
    return f"不符合低保和低保边缘条件:人均月收入 {per_capita},不低于低保边缘上限 {_edge(reading)}"


def _standard(reading: Reading) -> str:
    return yuan(reading.parameter("dibao.standard").value)


def _edge(reading: Reading) -> str:
    """The borderline's upper limit; half a fen can arise and is rounded up, since incomes are whole fen."""
    return yuan(-(-reading.parameter("dibao.standard").value * reading.parameter("dibao.edge.percent").value // 100))


def _law(reading: Reading, law: str, method: str) -> str:
    return f"{_LAW}{law};{_METHOD}{method}" if reading.on >= _LAW_SINCE else _METHOD + method


def _rule(reading: Reading, code: str, title: str, value: str, source: str, outcome: Outcome, clause: str,
          used: Iterable[str] = (), detail: Iterable[str] = ()) -> Condition:
    applied = [reading.parameter(parameter) for parameter in used]
    version = "、".join(dict.fromkeys(value.version for value in applied))
    sample = any(value.sample for value in applied)
    return Condition(code, title, value, source, outcome, clause, version, sample, tuple(detail))


def _conditions(reading: Reading, kind: int) -> Iterable[Condition]:
    yield _hukou(reading)
    yield _composition(reading)
    yield from _income(reading, kind)
    pension = _pension(reading)
    if pension is not None:
        yield pension
    yield _assets(reading)
    yield _things(reading, "vehicles", "机动车", "辆", "无非生活必需机动车")
    yield _things(reading, "houses", "住房", "套", "住房不超过规定")
    yield _auxiliary(reading)


def _hukou(reading: Reading) -> Condition:
    fact = reading.facts.hukou_here
    here = fact is not None and fact.value
    said = "户籍在受理县区" if here else "户籍不在受理县区,是否符合居住地或省内通办受理条件待核实"
    return _rule(reading, "hukou", "户籍在受理县区", said, origins([fact]), "ok" if here else "manual",
                 _law(reading, "第三十七条", "第四条、第五条"))


def _composition(reading: Reading) -> Condition:
    counted = reading.members("dibao_counted")
    people = list(zip(reading.facts.members, counted, strict=True))
    outside = [f"{m.name}({_why_outside(m)})" for m, yes in people if not yes]
    inside = [f"{m.name}:{label(Relation(m.relation.value))}" for m, yes in people if yes and m.relation is not None]
    said = f"计入 {sum(counted)} 人" + (f",不计入 {len(outside)} 人:{'、'.join(outside)}" if outside else "")
    doubtful = any(not yes and m.lives_together is not None and m.lives_together.value and _absence(m) == Absence.NONE
                   for m, yes in people)
    facts = [fact for m, _ in people for fact in (m.relation, m.lives_together)]
    return _rule(reading, "members", f"共同生活家庭成员 = {sum(counted)} 人", said, origins(facts),
                 "manual" if doubtful else "ok", _METHOD + "第七条", ["dibao.age.adult"], inside)


def _absence(member: MemberFacts) -> int:
    return member.absence.value if member.absence is not None else Absence.NONE


def _why_outside(member: MemberFacts) -> str:
    if _absence(member) != Absence.NONE:
        return label(Absence(_absence(member)))
    if member.relation is not None and member.relation.value == Relation.OTHER:
        return "无法定赡养、扶养、抚养义务"
    return "未长期共同居住"


def _income(reading: Reading, kind: int) -> Iterable[Condition]:
    persons, total = reading.number("dibao_persons"), reading.number("dibao_total")
    value = f"{yuan(total)} ÷ {persons} = {yuan(reading.number('dibao_per_capita'))}"
    facts = [getattr(m, name) for m in reading.facts.members for name in (*INCOME, "work_cost_fen", "rigid_fen")]
    source = origins(facts)
    yield _rule(
        reading, "income", f"人均月收入低于低保标准 {_standard(reading)}", value, source,
        "ok" if kind == FULL else "no", _law(reading, "第十八条", "第十三条"),
        ["dibao.standard", "dibao.income.work_cost_percent"],
        _income_lines(reading))
    if kind == FULL:
        return
    percent = reading.parameter("dibao.edge.percent")
    yield _rule(
        reading, "edge", f"人均月收入低于低保标准的 {percent.text}({_edge(reading)})", value, source,
        "no" if kind == NONE else "ok", _law(reading, "第二十一条", "第八条"), ["dibao.standard", "dibao.edge.percent"])
    if kind != NONE:
        yield _single(reading, kind)


def _income_lines(reading: Reading) -> Iterable[str]:
    costs, incomes, rigid = (reading.members(name) for name in ("dibao_work_cost", "dibao_income", "dibao_rigid"))
    for index, member in enumerate(reading.facts.members):
        if not reading.members("dibao_counted")[index]:
            continue
        amounts = {MEMBER_TERMS[name].title: getattr(member, name).value for name in INCOME}
        said = [f"{title} {yuan(amount)}" for title, amount in amounts.items() if amount]
        said += [f"减必要就业成本 {yuan(costs[index])}"] if costs[index] else []
        said += [f"减残疾或重病刚性支出 {yuan(rigid[index])}"] if rigid[index] else []
        exempt = member.exempt_fen.value if member.exempt_fen is not None else 0
        said += [f"另有不计入收入的款物 {yuan(exempt)}"] if exempt else []
        if member.business_fen is not None and member.business_fen.value < 0:
            said.append("经营亏损按零计")
        yield f"{member.name}:{','.join(said) or '无收入'},计入 {yuan(incomes[index] - rigid[index])}"


def _single(reading: Reading, kind: int) -> Condition:
    people = [m for m, gap in zip(reading.facts.members, reading.members("dibao_alone"), strict=True) if gap > 0]
    said = "、".join(f"{m.name}({_health(m)})" for m in people) or "没有符合条件且本人收入低于低保标准的成员"
    facts = [fact for m in people or reading.facts.members for fact in (m.disability_grade, m.serious_illness)]
    return _rule(reading, "single", "低保边缘家庭中有重度残疾或重病成员,可按单人户纳入", said, origins(facts),
                 "ok" if kind == SINGLE else "no", _METHOD + "第八条",
                 ["dibao.single.any_grade", "dibao.single.mind_grade", "dibao.standard"])


def _health(member: MemberFacts) -> str:
    said = []
    if member.disability_grade is not None and member.disability_grade.value and member.disability_kind is not None:
        grade = "一二三四"[member.disability_grade.value - 1]
        said.append(f"{label(DisabilityKind(member.disability_kind.value))}残疾{grade}级")
    if member.serious_illness is not None and member.serious_illness.value:
        said.append("重特大疾病")
    return "、".join(said)


def _pension(reading: Reading) -> Condition | None:
    """Shown when somebody draws the basic pension; the exclusion was granted for the 十四五 years only."""
    drawn = [m for m in reading.facts.members if m.basic_pension_fen is not None and m.basic_pension_fen.value]
    if not drawn:
        return None
    rule = reading.parameter("dibao.income.pension_excluded")
    said = "、".join(f"{m.name} {yuan(m.basic_pension_fen.value)}" for m in drawn if m.basic_pension_fen is not None)
    title = "城乡居民基础养老金不计入收入" if rule.value else "城乡居民基础养老金计入收入"
    said += ";原规定限于“十四五”期间,现行规定待核实" if rule.sample else ""
    return _rule(reading, "pension", title, said, origins(m.basic_pension_fen for m in drawn),
                 "manual" if rule.sample else "ok", _METHOD + "第十三条", [rule.id])


def _assets(reading: Reading) -> Condition:
    persons, fact = reading.number("dibao_persons"), reading.facts.financial_fen
    months, standard = reading.parameter("dibao.asset.financial_months"), reading.parameter("dibao.standard")
    total = fact.value if fact is not None else 0
    return _rule(
        reading, "assets", f"人均货币财产不超过 {months.text}({yuan(months.value * standard.value)})",
        f"{yuan(total)} ÷ {persons} = {yuan(total // persons)}", origins([fact]),
        "manual" if reading.number("dibao_rich") else "ok", _law(reading, "第十八条、第二十三条", "第十四条"),
        [months.id, standard.id])


def _things(reading: Reading, name: str, noun: str, measure: str, title: str) -> Condition:
    owned, exempt = getattr(reading.facts, name), getattr(reading.facts, f"{name}_exempt")
    limit = reading.parameter(f"dibao.asset.{name}_max")
    said = f"登记{noun} {owned.value} {measure}" if owned.value else f"无登记{noun}"
    said += f",其中经核实可不计 {exempt.value} {measure}" if exempt.value else ""
    return _rule(reading, name, title, said, origins([owned, exempt] if exempt.value else [owned]),
                 "manual" if reading.number(f"dibao_{name}") else "ok", _METHOD + "第十四条", [limit.id])


def _auxiliary(reading: Reading) -> Condition:
    found = [(m, name) for m in reading.facts.members for name in SIGNS if getattr(m, name).value]
    said = "、".join(f"{m.name}:{MEMBER_TERMS[name].title}" for m, name in found) or "无提示"
    facts = [getattr(m, name) for m, name in found] or [getattr(m, n) for m in reading.facts.members for n in SIGNS]
    return _rule(reading, "signs", "无需要关注的辅助指标", said, origins(facts),
                 "manual" if reading.number("dibao_signs") else "ok", _METHOD + "第十七条")
