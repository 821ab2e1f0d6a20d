"""What the 低保 formulas found, said in plain Chinese for officers and applicants."""

from __future__ import annotations

from collections.abc import Iterable

from minzheng.data.brain.rules.explain import Condition, Explanation, Part, Reading, origins
from minzheng.data.brain.rules.facts import MEMBER_TERMS, Absence, Held, MemberFacts, Relation, label
from minzheng.data.brain.rules.text import yuan
from minzheng.scenes.assistance.policy import words
from minzheng.scenes.assistance.policy.dibao import EDGE, FULL, NONE, SINGLE
from minzheng.scenes.assistance.policy.words import INCOME, METHOD, law, rule, said

CODES = {FULL: "dibao", SINGLE: "single", EDGE: "edge", NONE: "none"}
TITLES = {FULL: "低保", SINGLE: "单人保", EDGE: "低保边缘", NONE: "不符合"}
NOTICE = "《关于进一步做好最低生活保障等社会救助兜底保障工作的通知》"
SIGNS = ("executive", "public_payroll", "private_school", "studies_abroad", "travels_abroad")


def explain(reading: Reading) -> Explanation:
    kind = reading.number("dibao_kind")
    parts = _parts(reading, kind)
    return Explanation(CODES[kind], TITLES[kind], kind in {FULL, SINGLE}, _sentence(reading, kind, parts), parts,
                       tuple(conditions(reading, kind)), reading.number("dibao_persons"), _covered(reading, kind))


def _covered(reading: Reading, kind: int) -> tuple[str, ...]:
    chosen = reading.members("dibao_alone" if kind == SINGLE else "dibao_counted") if kind != NONE else []
    return tuple(m.key for m, yes in zip(reading.facts.members, chosen, strict=False) if yes)


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
    parts += [Part(f"{m.name}拒绝工作减发", -fen, 1)
              for m, fen in zip(reading.facts.members, reading.members("dibao_cut"), strict=True) if fen]
    return tuple(parts)


def _sentence(reading: Reading, kind: int, parts: tuple[Part, ...]) -> str:
    amount = yuan(reading.number("dibao_amount"))
    working = _working(parts)
    per_capita, standard = yuan(reading.number("dibao_per_capita")), _standard(reading)
    if kind == FULL:
        return f"建议纳入低保,月保障金 {amount}({working})"
    if kind == SINGLE:
        return f"建议按单人户纳入低保,月保障金 {amount}({working})"
    if kind == EDGE:
        return (f"不符合低保,建议认定为低保边缘家庭,不发放保障金:人均月收入 {per_capita},"
                f"不低于低保标准 {standard},低于低保边缘上限 {edge_limit(reading)}")
    return f"不符合低保和低保边缘条件:人均月收入 {per_capita},不低于低保边缘上限 {edge_limit(reading)}"


def _working(parts: tuple[Part, ...]) -> str:
    """差额 280 元 × 3 人 + 张三分类施保 110 元 - 李四拒绝工作减发 280 元."""
    texts: list[str] = []
    for part in parts:
        sign = " - " if part.each_fen < 0 else " + "
        times = f" × {part.count} 人" if part.title == "差额" else ""
        texts.append(f"{sign if texts else ''}{part.title} {yuan(abs(part.each_fen))}{times}")
    return "".join(texts)


def _standard(reading: Reading) -> str:
    return yuan(reading.parameter("dibao.standard").value)


def edge_limit(reading: Reading) -> str:
    """The borderline's upper limit; half a fen can arise and is rounded up, since incomes are whole fen."""
    return yuan(-(-reading.parameter("dibao.standard").value * reading.parameter("dibao.edge.percent").value // 100))


def conditions(reading: Reading, kind: int, *, apply_for_edge: bool = False) -> Iterable[Condition]:
    """All conditions; `apply_for_edge` asks that the income is not below the standard, instead of below it."""
    yield words.hukou(reading)
    yield _composition(reading)
    yield from _income(reading, kind, apply_for_edge)
    pension = _pension(reading)
    if pension is not None:
        yield pension
    if not apply_for_edge:
        yield from _refusals(reading)
    yield from words.property_conditions(
        reading, "dibao", law(reading, "第十八条、第二十三条", METHOD + "第十四条"), reading.number("dibao_persons"))
    yield _auxiliary(reading)


def _composition(reading: Reading) -> Condition:
    counted = reading.members("dibao_counted")
    people = list(zip(reading.facts.members, counted, strict=True))
    outside = [f"{m.name}({_why_outside(m)})" for m, yes in people if not yes]
    inside = [f"{m.name}:{label(Relation(m.relation.value))}" for m, yes in people if yes and m.relation is not None]
    value = f"计入 {sum(counted)} 人" + (f",不计入 {len(outside)} 人:{'、'.join(outside)}" if outside else "")
    doubtful = any(not yes and said(m, "lives_together") and _absence(m) == Absence.NONE
                   and words.held(m) is not Held.TEKUN for m, yes in people)
    facts = [fact for m, _ in people for fact in (m.relation, m.lives_together)]
    return rule(reading, "members", f"共同生活家庭成员 = {sum(counted)} 人", value, origins(facts),
                "manual" if doubtful else "ok", METHOD + "第七条", ["dibao.age.adult"], inside)


def _absence(member: MemberFacts) -> int:
    return member.absence.value if member.absence is not None else Absence.NONE


def _why_outside(member: MemberFacts) -> str:
    if words.held(member) is Held.TEKUN:
        return "已享受特困供养"
    if _absence(member) != Absence.NONE:
        return label(Absence(_absence(member)))
    if member.relation is not None and member.relation.value == Relation.OTHER:
        return "无法定赡养、扶养、抚养义务"
    return "未长期共同居住"


def _income(reading: Reading, kind: int, apply_for_edge: bool) -> Iterable[Condition]:
    persons, total = reading.number("dibao_persons"), reading.number("dibao_total")
    value = f"{yuan(total)} ÷ {persons} = {yuan(reading.number('dibao_per_capita'))}"
    facts = [getattr(m, name) for m in reading.facts.members for name in (*INCOME, "work_cost_fen", "rigid_fen")]
    source = origins(facts)
    side = "不低于" if apply_for_edge else "低于"
    yield rule(
        reading, "income", f"人均月收入{side}低保标准 {_standard(reading)}", value, source,
        "ok" if (kind == FULL) is not apply_for_edge else "no", law(reading, "第十八条", METHOD + "第十三条"),
        ["dibao.standard", "dibao.income.work_cost_percent"], _income_lines(reading))
    if kind == FULL:
        return
    percent = reading.parameter("dibao.edge.percent")
    within = total * 100 < reading.parameter("dibao.standard").value * persons * percent.value
    yield rule(
        reading, "edge", f"人均月收入低于低保标准的 {percent.text}({edge_limit(reading)})", value, source,
        "ok" if within else "no", law(reading, "第二十一条", METHOD + "第八条"), ["dibao.standard", "dibao.edge.percent"])
    if within and not apply_for_edge:
        yield _single(reading, kind)
    yield from _apart(reading)


def _income_lines(reading: Reading) -> Iterable[str]:
    costs, incomes, rigid = (reading.members(name) for name in ("dibao_work_cost", "dibao_income", "dibao_rigid"))
    for place, member in enumerate(reading.facts.members):
        if not reading.members("dibao_counted")[place]:
            continue
        amounts = {MEMBER_TERMS[name].title: said(member, name) for name in INCOME}
        parts = [f"{title} {yuan(amount)}" for title, amount in amounts.items() if amount]
        parts += [f"减必要就业成本 {yuan(costs[place])}"] if costs[place] else []
        parts += [f"减残疾或重病刚性支出 {yuan(rigid[place])}"] if rigid[place] else []
        exempt = said(member, "exempt_fen")
        parts += [f"另有不计入收入的款物 {yuan(exempt)}"] if exempt else []
        parts += ["经营亏损按零计"] if said(member, "business_fen") < 0 else []
        yield f"{member.name}:{','.join(parts) or '无收入'},计入 {yuan(incomes[place] - rigid[place])}"


def _single(reading: Reading, kind: int) -> Condition:
    people = [m for m, gap in zip(reading.facts.members, reading.members("dibao_alone"), strict=True) if gap > 0]
    value = "、".join(f"{m.name}({words.health(m)})" for m in people) or "没有符合条件且本人收入低于低保标准的成员"
    facts = [fact for m in people or reading.facts.members for fact in (m.disability_grade, m.serious_illness)]
    return rule(reading, "single", "低保边缘家庭中有重度残疾或重病成员,可按单人户纳入", value, origins(facts),
                "ok" if kind == SINGLE else "no", METHOD + "第八条",
                ["dibao.single.any_grade", "dibao.single.mind_grade", "dibao.standard"])


def _apart(reading: Reading) -> Iterable[Condition]:
    """Those who ask to be a household of one, each with the answer."""
    apart, gaps = reading.members("dibao_apart"), reading.members("dibao_alone")
    for place, member in enumerate(reading.facts.members):
        if said(member, "applies_alone"):
            fits = bool(apart[place] and gaps[place])
            value = f"{words.health(member) or '没有残疾登记'},{'无业' if not _works(member) else '有工资或经营收入'}"
            yield rule(reading, f"apart:{member.key}", f"{member.name}:成年无业重度残疾人可以单人户申请,本人收入低于低保标准",
                       value, origins([member.applies_alone, member.disability_grade, member.wage_fen]),
                       "ok" if fits else "no", NOTICE,
                       ["dibao.age.adult", "dibao.single.any_grade", "dibao.single.mind_grade", "dibao.standard"])


def _works(member: MemberFacts) -> bool:
    return said(member, "wage_fen") > 0 or said(member, "business_fen") > 0


def _refusals(reading: Reading) -> Iterable[Condition]:
    """Members who refused suitable work too often; the household keeps the rest."""
    limit, cuts = reading.parameter("dibao.work.refusals"), reading.members("dibao_cut")
    for place, member in enumerate(reading.facts.members):
        if cuts[place]:
            yield rule(reading, f"refusals:{member.key}", f"{member.name}:未连续 {limit.value} 次无正当理由拒绝适当工作",
                       f"已连续 {said(member, 'work_refusals')} 次,减发本人部分 {yuan(cuts[place])}",
                       origins([member.work_refusals]), "manual", METHOD + "第三十四条",
                       [limit.id, "dibao.work.cut_percent"])


def _pension(reading: Reading) -> Condition | None:
    """Shown when somebody draws the basic pension; the exclusion was granted for the 十四五 years only."""
    drawn = [m for m in reading.facts.members if said(m, "basic_pension_fen")]
    if not drawn:
        return None
    excluded = reading.parameter("dibao.income.pension_excluded")
    value = "、".join(f"{m.name} {yuan(said(m, 'basic_pension_fen'))}" for m in drawn)
    title = "城乡居民基础养老金不计入收入" if excluded.value else "城乡居民基础养老金计入收入"
    value += ";原规定限于“十四五”期间,现行规定待核实" if excluded.sample else ""
    return rule(reading, "pension", title, value, origins(m.basic_pension_fen for m in drawn),
                "manual" if excluded.sample else "ok", METHOD + "第十三条", [excluded.id])


def _auxiliary(reading: Reading) -> Condition:
    found = [(m, name) for m in reading.facts.members for name in SIGNS if getattr(m, name).value]
    value = "、".join(f"{m.name}:{MEMBER_TERMS[name].title}" for m, name in found) or "无提示"
    facts = [getattr(m, name) for m, name in found] or [getattr(m, n) for m in reading.facts.members for n in SIGNS]
    return rule(reading, "signs", "无需要关注的辅助指标", value, origins(facts),
                "manual" if reading.number("dibao_signs") else "ok", METHOD + "第十七条")
