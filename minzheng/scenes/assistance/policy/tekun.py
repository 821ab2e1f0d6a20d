"""特困人员 formulas, version 2026.1: 《特困人员认定办法》 under the 社会救助法. Person by person.

Amounts are whole fen a month; shares of a standard or wage are rounded up to a fen. Choices where the text is silent:
- 无生活来源 looks at the person's own income, net of work costs; the household's property asks an officer.
- a minor who holds 特困 keeps it to 18 and beyond while in compulsory or senior-secondary schooling.
- who is in prison, compulsory detoxification or declared missing is not recognised.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minzheng.data.brain.rules.facts import Absence, ChildBenefit, DisabilityKind, Held
from minzheng.data.brain.rules.vocabulary import Formulas, Household, Person, add_up, age, ceil_div, rate

VERSION = "2026.1"
TK = "2021-07-01"
rules = Formulas()
AWAY = [Absence.PRISON, Absence.DRUG_DETENTION, Absence.MISSING]


@rules.flag(Person, "残疾达到无劳动能力的等级", since=TK)
def tekun_disabled(person: Any, period: Any, parameters: Any) -> Any:
    """Intellect and mind to grade 3, limb to 2, sight to 1 (art. 5)."""
    kind, grade = person("disability_kind", period), person("disability_grade", period)

    def within(kinds: list[DisabilityKind], name: str) -> Any:
        return np.isin(kind, kinds) & (grade <= rate(person, period, parameters, f"tekun.grade.{name}"))

    return (grade > 0) & (
        within([DisabilityKind.INTELLECT, DisabilityKind.MENTAL], "mind")
        | within([DisabilityKind.LIMB], "limb") | within([DisabilityKind.SIGHT], "sight"))


@rules.flag(Person, "老年、残疾或省规定的无劳动能力", since=TK)
def tekun_unfit(person: Any, period: Any, parameters: Any) -> Any:
    elder = age(person, period) >= rate(person, period, parameters, "tekun.age.elder")
    return elder | person("tekun_disabled", period) | person("no_labour_other", period)


@rules.flag(Person, "年满后是否在学决定能否继续", since=TK)
def tekun_grown(person: Any, period: Any, parameters: Any) -> Any:
    """Holders for whom only schooling can still count."""
    grown = age(person, period) >= rate(person, period, parameters, "tekun.age.stay")
    return (person("held", period) == Held.TEKUN) & grown & ~person("tekun_unfit", period)


@rules.flag(Person, "无劳动能力", since=TK)
def tekun_no_labour(person: Any, period: Any, parameters: Any) -> Any:
    years = age(person, period)
    minor = years < rate(person, period, parameters, "tekun.age.minor")
    stays = (person("held", period) == Held.TEKUN) & (years < rate(person, period, parameters, "tekun.age.stay"))
    return person("tekun_unfit", period) | minor | stays | (person("tekun_grown", period) & person("studying", period))


@rules.whole(Person, "本人收入", since=TK)
def tekun_income(person: Any, period: Any, parameters: Any) -> Any:
    """Basic pension, social insurance, 优抚 and 高龄津贴 are outside these amounts (art. 6)."""
    percent = rate(person, period, parameters, "dibao.income.work_cost_percent")
    cost = np.minimum(person("work_cost_fen", period), ceil_div(person("wage_fen", period) * percent, 100))
    return (
        person("wage_fen", period) - cost + np.maximum(person("business_fen", period), 0)
        + person("property_fen", period) + person("transfer_fen", period) + person("other_fen", period))


@rules.flag(Person, "收入低于低保标准", since=TK)
def tekun_poor(person: Any, period: Any, parameters: Any) -> Any:
    return person("tekun_income", period) < rate(person, period, parameters, "dibao.standard")


@rules.flag(Person, "义务人情况决定结论", since=TK)
def tekun_open(person: Any, period: Any, parameters: Any) -> Any:
    """No labour capacity, no income, not kept by the children's schemes (art. 9), not away."""
    return (
        person("tekun_no_labour", period) & person("tekun_poor", period)
        & (person("child_benefit", period) == ChildBenefit.NONE) & ~np.isin(person("absence", period), AWAY))


@rules.flag(Person, "符合特困条件", since=TK)
def tekun_person(person: Any, period: Any, parameters: Any) -> Any:
    """All three (art. 4): and nobody who must and can support."""
    return person("tekun_open", period) & (person("obligors_able", period) == 0)


@rules.whole(Person, "照料护理档", since=TK)
def tekun_band(person: Any, period: Any, parameters: Any) -> Any:
    """0 全自理, 1 半护理, 2 全护理, by how many of the six abilities are lacking (art. 22)."""
    unmet = person("self_care_unmet", period)
    half, full = (rate(person, period, parameters, f"tekun.selfcare.{band}_from") for band in ("half", "full"))
    return np.select([unmet >= full, unmet >= half], [2, 1], 0)


@rules.whole(Person, "基本生活费", since=TK)
def tekun_basic(person: Any, period: Any, parameters: Any) -> Any:
    percent = np.maximum(rate(person, period, parameters, "tekun.basic.percent"),
                         rate(person, period, parameters, "tekun.basic.percent_min"))
    amount = ceil_div(rate(person, period, parameters, "dibao.standard") * percent, 100)
    return np.where(person("tekun_person", period), amount, 0)


@rules.whole(Person, "照料护理费", since=TK)
def tekun_care(person: Any, period: Any, parameters: Any) -> Any:
    band = person("tekun_band", period)
    percent = np.select([band == number for number in (0, 1, 2)], [
        rate(person, period, parameters, f"tekun.care.{name}_percent") for name in ("self", "half", "full")], 0)
    amount = ceil_div(rate(person, period, parameters, "tekun.care.wage") * percent, 100)
    return np.where(person("tekun_person", period), amount, 0)


@rules.whole(Household, "特困人员数", since=TK)
def tekun_persons(household: Any, period: Any, parameters: Any) -> Any:
    return add_up(household, household.members("tekun_person", period))


@rules.flag(Household, "有履行能力的义务人多于义务人", since=TK)
def tekun_obligors_wrong(household: Any, period: Any, parameters: Any) -> Any:
    more = household.members("obligors_able", period) > household.members("obligors", period)
    return household.any(more & household.members("tekun_open", period))


@rules.whole(Household, "结论", since=TK)
def tekun_kind(household: Any, period: Any, parameters: Any) -> Any:
    return (household("tekun_persons", period) > 0).astype(np.int64)


@rules.whole(Household, "月供养金", since=TK)
def tekun_amount(household: Any, period: Any, parameters: Any) -> Any:
    each = household.members("tekun_basic", period) + household.members("tekun_care", period)
    return add_up(household, each)
