"""低保 formulas, version 2026.2: 民发〔2021〕57号 under the 社会救助法, with the notice P-83 from 2023.

All amounts are whole fen a month. Choices where the text is silent:
- per-capita income is rounded down to the fen, in the household's favour; the income tests compare totals, so they
  do not depend on it. The amount is not rounded further; top-ups and the cap of work costs are rounded up to a fen.
- a loss from business counts as zero, it does not consume wages.
- a household whose income lies in the borderline band is paid, for each member who qualifies for 单人保, the standard
  less that member's own income, as a household of one.
- a person in several groups of 分类施保 gets the highest percentage only.
- property, vehicles, houses and auxiliary signs never refuse by themselves; they ask for an officer's look.
- 无业 is having neither wages nor income from business.
- version 2026.2 adds, from the first day of P-83: 成年无业重度残疾人 who apply as a household of one, whoever they live
  with; the cut for three refusals of suitable work; and that a 特困人员 is outside the household. All three follow
  claims of the vocabulary, so that a case decided before without them recomputes to the same fen.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minzheng.data.brain.rules.facts import Absence, DisabilityKind, Held, Relation
from minzheng.data.brain.rules.vocabulary import Formulas, Household, Person, add_up, age, ceil_div, rate

VERSION = "2026.2"
P57 = "2021-07-01"
P83 = "2023-01-01"
rules = Formulas()
NONE, EDGE, SINGLE, FULL = 0, 1, 2, 3
LEGAL_DUTY = [
    Relation.CHILD, Relation.PARENT, Relation.GRANDPARENT, Relation.GRANDCHILD, Relation.SIBLING, Relation.OBLIGED,
]


@rules.flag(Person, "共同生活家庭成员", since=P57)
def household_member(person: Any, period: Any, parameters: Any) -> Any:
    """共同生活的家庭成员 (art. 7); other schemes share it."""
    relation = person("relation", period)
    minor = age(person, period) < rate(person, period, parameters, "dibao.age.adult")
    near = np.isin(relation, [Relation.SELF, Relation.SPOUSE])
    child = (relation == Relation.CHILD) & (minor | person("dependent_adult", period))
    together = np.isin(relation, LEGAL_DUTY) & person("lives_together", period)
    return (near | child | together) & (person("absence", period) == Absence.NONE)


@rules.flag(Person, "计入的家庭成员", since=P57)
def dibao_counted(person: Any, period: Any, parameters: Any) -> Any:
    return person("household_member", period)


@rules.flag(Person, "计入的家庭成员", since=P83)
def dibao_counted(person: Any, period: Any, parameters: Any) -> Any:  # noqa: F811 (the later formula)
    """Who is supported as 特困人员 holds the other basic benefit and is outside."""
    return person("household_member", period) & (person("held", period) != Held.TEKUN)


@rules.whole(Person, "扣减的必要就业成本", since=P57)
def dibao_work_cost(person: Any, period: Any, parameters: Any) -> Any:
    percent = rate(person, period, parameters, "dibao.income.work_cost_percent")
    return np.minimum(person("work_cost_fen", period), ceil_div(person("wage_fen", period) * percent, 100))


@rules.whole(Person, "计入的收入", since=P57)
def dibao_income(person: Any, period: Any, parameters: Any) -> Any:
    """Countable income of one counted member (art. 13)."""
    excluded = rate(person, period, parameters, "dibao.income.pension_excluded")
    income = (
        person("wage_fen", period) - person("dibao_work_cost", period)
        + np.maximum(person("business_fen", period), 0)
        + person("property_fen", period) + person("transfer_fen", period) + person("other_fen", period)
        + np.where(excluded == 1, 0, person("basic_pension_fen", period))
    )
    return np.where(person("dibao_counted", period), income, 0)


@rules.whole(Person, "扣减的刚性支出", since=P57)
def dibao_rigid(person: Any, period: Any, parameters: Any) -> Any:
    """Extra cost of disability or serious illness, deducted as verified (art. 13)."""
    entitled = person("dibao_counted", period) & (
        (person("disability_grade", period) > 0) | person("serious_illness", period))
    return np.where(entitled, person("rigid_fen", period), 0)


@rules.flag(Person, "重度残疾或三级智力、精神残疾", since=P57)
def dibao_severe(person: Any, period: Any, parameters: Any) -> Any:
    """Grade 1-2 of any kind, grade 3 of intellect or mind (art. 8)."""
    grade, kind = person("disability_grade", period), person("disability_kind", period)
    mind = np.isin(kind, [DisabilityKind.INTELLECT, DisabilityKind.MENTAL])
    most = np.where(mind, rate(person, period, parameters, "dibao.single.mind_grade"),
                    rate(person, period, parameters, "dibao.single.any_grade"))
    return (grade > 0) & (grade <= most)


@rules.whole(Person, "按单人户的差额", since=P57)
def dibao_alone(person: Any, period: Any, parameters: Any) -> Any:
    """What 单人保 would pay for this member before top-ups; zero for one who does not qualify."""
    qualifies = person("dibao_counted", period) & (person("dibao_severe", period) | person("serious_illness", period))
    own = np.maximum(person("dibao_income", period) - person("dibao_rigid", period), 0)
    return np.where(qualifies, np.maximum(rate(person, period, parameters, "dibao.standard") - own, 0), 0)


@rules.flag(Person, "以单人户申请的成年无业重度残疾人", since=P83)
def dibao_apart(person: Any, period: Any, parameters: Any) -> Any:
    """Severely disabled, of age, without work; applies alone (P-83)."""
    adult = age(person, period) >= rate(person, period, parameters, "dibao.age.adult")
    idle = (person("wage_fen", period) == 0) & (person("business_fen", period) <= 0)
    return (person("applies_alone", period) & person("dibao_counted", period) & person("dibao_severe", period)
            & adult & idle)


@rules.whole(Person, "按单人户的差额", since=P83)
def dibao_alone(person: Any, period: Any, parameters: Any) -> Any:  # noqa: F811 (the later formula)
    """As before within the borderline; beyond it for those who apply apart."""
    ill = person("dibao_severe", period) | person("serious_illness", period)
    within = person.household("dibao_borderline", period) & ill & person("dibao_counted", period)
    own = np.maximum(person("dibao_income", period) - person("dibao_rigid", period), 0)
    gap = np.maximum(rate(person, period, parameters, "dibao.standard") - own, 0)
    return np.where(within | person("dibao_apart", period), gap, 0)


@rules.whole(Person, "分类施保增发百分比", since=P57)
def dibao_topup_percent(person: Any, period: Any, parameters: Any) -> Any:
    """分类施保 (art. 27): the highest percentage of the groups that the member belongs to."""
    def percent(group: str) -> Any:
        return rate(person, period, parameters, f"dibao.topup.{group}_percent")

    years = age(person, period)
    groups = [
        np.where(years >= rate(person, period, parameters, "dibao.topup.elder_age"), percent("elder"), 0),
        np.where(years < rate(person, period, parameters, "dibao.age.adult"), percent("minor"), 0),
        np.where(person("serious_illness", period), percent("ill"), 0),
        np.where(person("dibao_severe", period), percent("disabled"), 0),
    ]
    return np.where(person("dibao_counted", period), np.maximum.reduce(groups), 0)


@rules.whole(Person, "单人保差额与分类施保", since=P57)
def dibao_member_amount(person: Any, period: Any, parameters: Any) -> Any:
    """What the member adds to the amount beyond the household's shortfall: top-up, and the shortfall of 单人保."""
    kind = person.household("dibao_kind", period)
    alone = person("dibao_alone", period)
    return np.where(kind == SINGLE, alone, 0) + np.where(
        (kind == FULL) | ((kind == SINGLE) & (alone > 0)), person("dibao_topup", period), 0)


@rules.whole(Person, "分类施保增发金额", since=P57)
def dibao_topup(person: Any, period: Any, parameters: Any) -> Any:
    return ceil_div(rate(person, period, parameters, "dibao.standard") * person("dibao_topup_percent", period), 100)


@rules.whole(Person, "拒绝工作减发的金额", since=P83)
def dibao_cut(person: Any, period: Any, parameters: Any) -> Any:
    """The member's own share, in part or whole, after refusals of suitable work in a row (art. 34)."""
    refused = person("work_refusals", period) >= rate(person, period, parameters, "dibao.work.refusals")
    share = np.where(person("dibao_counted", period), person.household("dibao_shortfall", period), 0)
    share = share + person("dibao_member_amount", period)
    percent = np.minimum(rate(person, period, parameters, "dibao.work.cut_percent"), 100)
    return np.where(refused, share * percent // 100, 0)


@rules.flag(Person, "有劳动能力而收入不固定", since=P83)
def dibao_unsteady(person: Any, period: Any, parameters: Any) -> Any:
    """Of working age without severe disability or illness, income not fixed."""
    years = age(person, period)
    working = ((years >= rate(person, period, parameters, "dibao.age.adult"))
               & (years < rate(person, period, parameters, "dibao.age.retired")))
    fit = ~(person("dibao_severe", period) | person("serious_illness", period))
    return person("dibao_counted", period) & working & fit & ~person("fixed_income", period)


@rules.flag(Household, "收入不固定且有劳动能力", since=P83)
def dibao_unstable(household: Any, period: Any, parameters: Any) -> Any:
    """Reviewed half-yearly (art. 31)."""
    return household.any(household.members("dibao_unsteady", period))


@rules.flag(Household, "收入低于低保边缘上限", since=P83)
def dibao_borderline(household: Any, period: Any, parameters: Any) -> Any:
    line = rate(household, period, parameters, "dibao.standard") * household("dibao_persons", period)
    return household("dibao_total", period) * 100 < line * rate(household, period, parameters, "dibao.edge.percent")


@rules.whole(Household, "共同生活家庭成员数", since=P57)
def dibao_persons(household: Any, period: Any, parameters: Any) -> Any:
    return add_up(household, household.members("dibao_counted", period))


@rules.flag(Household, "没有可计入的成员", since=P57)
def dibao_nobody(household: Any, period: Any, parameters: Any) -> Any:
    return household("dibao_persons", period) == 0


@rules.flag(Household, "申请人不是恰好一名", since=P57)
def dibao_applicants(household: Any, period: Any, parameters: Any) -> Any:
    return add_up(household, household.members("relation", period) == Relation.SELF) != 1


@rules.whole(Household, "家庭月收入", since=P57)
def dibao_total(household: Any, period: Any, parameters: Any) -> Any:
    """Income of the counted members less their rigid expenses, not below zero."""
    net = household.members("dibao_income", period) - household.members("dibao_rigid", period)
    return np.maximum(add_up(household, net), 0)


@rules.whole(Household, "人均月收入", since=P57)
def dibao_per_capita(household: Any, period: Any, parameters: Any) -> Any:
    return household("dibao_total", period) // np.maximum(household("dibao_persons", period), 1)


@rules.whole(Household, "结论", since=P57)
def dibao_kind(household: Any, period: Any, parameters: Any) -> Any:
    """3 低保, 2 单人保, 1 低保边缘, 0 不符合; by income alone (社会救助法 art. 18, 21; art. 8)."""
    total, persons = household("dibao_total", period), household("dibao_persons", period)
    line = rate(household, period, parameters, "dibao.standard") * persons
    edge = total * 100 < line * rate(household, period, parameters, "dibao.edge.percent")
    single = add_up(household, household.members("dibao_alone", period)) > 0
    return np.select([total < line, edge & single, edge], [FULL, SINGLE, EDGE], NONE)


@rules.whole(Household, "结论", since=P83)
def dibao_kind(household: Any, period: Any, parameters: Any) -> Any:  # noqa: F811 (the later formula)
    """As before, and 单人保 for those who apply apart from a household above the borderline."""
    line = rate(household, period, parameters, "dibao.standard") * household("dibao_persons", period)
    single = add_up(household, household.members("dibao_alone", period)) > 0
    return np.select([household("dibao_total", period) < line, single, household("dibao_borderline", period)],
                     [FULL, SINGLE, EDGE], NONE)


@rules.whole(Household, "人均差额", since=P57)
def dibao_shortfall(household: Any, period: Any, parameters: Any) -> Any:
    """差额 per person: standard less per-capita income (art. 23)."""
    gap = rate(household, period, parameters, "dibao.standard") - household("dibao_per_capita", period)
    return np.where(household("dibao_kind", period) == FULL, gap, 0)


@rules.whole(Household, "月保障金", since=P57)
def dibao_amount(household: Any, period: Any, parameters: Any) -> Any:
    shared = household("dibao_shortfall", period) * household("dibao_persons", period)
    return shared + add_up(household, household.members("dibao_member_amount", period))


@rules.whole(Household, "月保障金", since=P83)
def dibao_amount(household: Any, period: Any, parameters: Any) -> Any:  # noqa: F811 (the later formula)
    shared = household("dibao_shortfall", period) * household("dibao_persons", period)
    each = household.members("dibao_member_amount", period) - household.members("dibao_cut", period)
    return shared + add_up(household, each)


@rules.flag(Household, "人均货币财产超过上限", since=P57)
def dibao_rich(household: Any, period: Any, parameters: Any) -> Any:
    """Financial assets per person above the limit (art. 14; compared as totals)."""
    months = rate(household, period, parameters, "dibao.asset.financial_months")
    limit = months * rate(household, period, parameters, "dibao.standard") * household("dibao_persons", period)
    return household("financial_fen", period) > limit


@rules.flag(Household, "机动车需核实", since=P57)
def dibao_vehicles(household: Any, period: Any, parameters: Any) -> Any:
    counted = household("vehicles", period) - household("vehicles_exempt", period)
    return counted > rate(household, period, parameters, "dibao.asset.vehicles_max")


@rules.flag(Household, "住房需核实", since=P57)
def dibao_houses(household: Any, period: Any, parameters: Any) -> Any:
    counted = household("houses", period) - household("houses_exempt", period)
    return counted > rate(household, period, parameters, "dibao.asset.houses_max")


@rules.flag(Household, "有辅助指标提示", since=P57)
def dibao_signs(household: Any, period: Any, parameters: Any) -> Any:
    """Auxiliary signs of any member (art. 17)."""
    signs = ["executive", "public_payroll", "private_school", "studies_abroad", "travels_abroad"]
    return household.any(np.logical_or.reduce([household.members(sign, period) for sign in signs]))
