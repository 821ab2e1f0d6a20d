"""The rules of 社会救助 as data and formulas. `register()` is called once by the scene's AppConfig.ready()."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import ModuleType

from minzheng.data.brain import rules

_HERE = Path(__file__).parent
_SEAL = _HERE / "seal.yaml"
# What the 低保 formulas read; the schemes that build on them need the same.
INCOME_TERMS = (
    "relation", "birth_date", "lives_together", "dependent_adult", "absence", "disability_kind", "disability_grade",
    "serious_illness", "wage_fen", "work_cost_fen", "business_fen", "property_fen", "transfer_fen", "other_fen",
    "basic_pension_fen", "exempt_fen", "rigid_fen", "held", "applies_alone", "work_refusals", "fixed_income",
)
SIGNS = ("executive", "public_payroll", "private_school", "studies_abroad", "travels_abroad")
MEMBER_ROLE = ("relation", "birth_date", "lives_together", "dependent_adult", "absence", "held")
WEALTH_TERMS = ("hukou_here", "financial_fen", "vehicles", "vehicles_exempt", "houses", "houses_exempt")
NOBODY = "没有可以计入的共同生活家庭成员,请核对成员关系和不计入情形。"
APPLICANTS = "家庭中应有且只有一名申请人,请更正成员与申请人的关系。"

_DIBAO_PARAMETERS = (
    "dibao.standard", "dibao.edge.percent", "dibao.single.any_grade", "dibao.single.mind_grade", "dibao.age.adult",
    "dibao.age.retired", "dibao.income.work_cost_percent", "dibao.income.pension_excluded",
    "dibao.asset.financial_months", "dibao.asset.vehicles_max", "dibao.asset.houses_max", "dibao.topup.elder_age",
    "dibao.topup.elder_percent", "dibao.topup.minor_percent", "dibao.topup.ill_percent",
    "dibao.topup.disabled_percent", "dibao.work.refusals", "dibao.work.cut_percent",
)
_TEKUN_PARAMETERS = (
    "dibao.standard", "dibao.income.work_cost_percent", "tekun.basic.percent", "tekun.basic.percent_min",
    "tekun.care.wage", "tekun.care.self_percent", "tekun.care.half_percent", "tekun.care.full_percent",
    "tekun.age.elder", "tekun.age.minor", "tekun.age.stay", "tekun.grade.mind", "tekun.grade.limb",
    "tekun.grade.sight", "tekun.selfcare.half_from", "tekun.selfcare.full_from", "tekun.asset.financial_months",
    "tekun.asset.vehicles_max", "tekun.asset.houses_max",
)
_RIGID_PARAMETERS = (
    *_DIBAO_PARAMETERS, "rigid.disposable", "rigid.percent", "rigid.asset.financial_months",
    "rigid.asset.vehicles_max", "rigid.asset.houses_max",
)
_TEMPORARY_PARAMETERS = (
    "dibao.standard", "dibao.age.adult", "temporary.instant.months", "temporary.emergency.months",
    "temporary.expenditure.months", "temporary.meeting.months", "temporary.year.months",
)
_PRICE_PARAMETERS = (
    "dibao.standard", "price.index.consumer", "price.index.food", "price.index.low_income", "price.trigger.consumer",
    "price.trigger.food", "price.edge_included",
)
FILES = ("dibao", "edge", "tekun", "rigid", "temporary", "price", "check")
_registered = False


def register() -> None:
    """Loads the parameters and registers the schemes; further calls do nothing."""
    global _registered
    if _registered:
        return
    for name in FILES:
        rules.load_parameters(_HERE / f"{name}.yaml")
    for scheme in _schemes():
        rules.register(scheme)
    _registered = True


def _schemes() -> list[rules.Scheme]:
    from minzheng.scenes.assistance.policy import (
        dibao,
        dibao_words,
        edge,
        edge_words,
        price,
        price_words,
        rigid,
        rigid_words,
        tekun,
        tekun_words,
        temporary,
        temporary_words,
    )

    household = {"dibao_nobody": NOBODY, "dibao_applicants": APPLICANTS}
    year = dict.fromkeys(rigid.EXPENSES, "rigid_asked") | {"income_year_fen": "rigid_open"}
    return [
        rules.Scheme(
            code="dibao", title="最低生活保障", version=dibao.VERSION, since=_day(dibao.P57),
            variables=dibao.rules.variables, parameters=_DIBAO_PARAMETERS, needs_member=(*INCOME_TERMS, *SIGNS),
            needs_household=WEALTH_TERMS, amount="dibao_amount", result="dibao_kind",
            results=("dibao_persons", "dibao_per_capita", "dibao_rich", "dibao_vehicles", "dibao_houses", "dibao_signs",
                     "dibao_unstable"),
            refusals=household, explain=dibao_words.explain, benefit_month=rules.next_month, formulas=_file(dibao), seal=_SEAL),
        rules.Scheme(
            code="edge", title="最低生活保障边缘家庭", version=edge.VERSION, since=_day(edge.P57),
            variables=(*dibao.rules.variables, *edge.rules.variables), parameters=_DIBAO_PARAMETERS,
            needs_member=(*INCOME_TERMS, *SIGNS), needs_household=WEALTH_TERMS, amount="edge_amount",
            result="edge_kind", results=("dibao_persons", "dibao_per_capita"), refusals=household,
            explain=edge_words.explain, benefit_month=rules.next_month, formulas=_file(edge), seal=_SEAL),
        rules.Scheme(
            code="tekun", title="特困人员救助供养", version=tekun.VERSION, since=_day(tekun.TK),
            variables=tekun.rules.variables, parameters=_TEKUN_PARAMETERS,
            needs_member=(
                "birth_date", "absence", "disability_kind", "disability_grade", "wage_fen", "work_cost_fen",
                "business_fen", "property_fen", "transfer_fen", "other_fen", "held", "child_benefit",
                "no_labour_other", "studying", "obligors", "obligors_able", "self_care_unmet", "care_place"),
            needs_household=WEALTH_TERMS, amount="tekun_amount", result="tekun_kind", results=("tekun_persons",),
            refusals={"tekun_obligors_wrong": "有履行能力的法定义务人多于法定义务人总数,请更正。"},
            needs_if={"studying": "tekun_grown", "obligors": "tekun_open", "obligors_able": "tekun_open",
                      "self_care_unmet": "tekun_person", "care_place": "tekun_person"},
            explain=tekun_words.explain, benefit_month=rules.next_month, formulas=_file(tekun), seal=_SEAL),
        rules.Scheme(
            code="rigid", title="刚性支出困难家庭", version=rigid.VERSION, since=_day(rigid.OLD),
            variables=(*dibao.rules.variables, *rigid.rules.variables), parameters=_RIGID_PARAMETERS,
            needs_member=(*INCOME_TERMS, *rigid.EXPENSES), needs_household=(*WEALTH_TERMS, "income_year_fen"),
            amount="rigid_amount", result="rigid_kind", results=("rigid_spent", "rigid_income", "rigid_ratio"),
            refusals=household, needs_if=year, explain=rigid_words.explain, benefit_month=rules.next_month,
            formulas=_file(rigid), seal=_SEAL),
        rules.Scheme(
            code="temporary", title="临时救助", version=temporary.VERSION, since=_day(temporary.LS18),
            variables=(*dibao.rules.variables, *temporary.rules.variables), parameters=_TEMPORARY_PARAMETERS,
            needs_member=(*MEMBER_ROLE, *rigid.EXPENSES),
            needs_household=("emergency", "asked_fen", "temporary_year_fen", "meeting_fen"),
            amount="temporary_amount", result="temporary_kind", results=("temporary_persons", "temporary_meeting"),
            refusals={
                "temporary_nobody": NOBODY,
                "temporary_unasked": "已登记急难情形,但没有登记申请的救助金额,请补录。",
            },
            needs_if=dict.fromkeys(rigid.EXPENSES, "temporary_asked"), explain=temporary_words.explain,
            formulas=_file(temporary), seal=_SEAL),
        rules.Scheme(
            code="price", title="价格临时补贴", version=price.VERSION, since=_day(price.SINCE),
            variables=price.rules.variables, parameters=_PRICE_PARAMETERS, needs_member=("held", "child_benefit"),
            needs_household=(), amount="price_amount", result="price_kind", results=("price_each", "price_persons"),
            explain=price_words.explain, formulas=_file(price), seal=_SEAL),
    ]


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def _file(module: ModuleType) -> Path:
    """Where the formulas' text is, whose digest the seal holds."""
    return _HERE / f"{module.__name__.rsplit('.', 1)[1]}.py"
