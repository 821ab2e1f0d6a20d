"""低保 as data and formulas. `register()` is called once by the scene's AppConfig.ready()."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from minzheng.data.brain import rules

_HERE = Path(__file__).parent
_FORMULA_PARAMETERS = (
    "dibao.standard", "dibao.edge.percent", "dibao.single.any_grade", "dibao.single.mind_grade", "dibao.age.adult",
    "dibao.income.work_cost_percent", "dibao.income.pension_excluded", "dibao.asset.financial_months",
    "dibao.asset.vehicles_max", "dibao.asset.houses_max", "dibao.topup.elder_age", "dibao.topup.elder_percent",
    "dibao.topup.minor_percent", "dibao.topup.ill_percent", "dibao.topup.disabled_percent",
)
# What the 低保 formulas read; the other schemes that build on them need the same.
INCOME_TERMS = (
    "relation", "birth_date", "lives_together", "dependent_adult", "absence", "disability_kind", "disability_grade",
    "serious_illness", "wage_fen", "work_cost_fen", "business_fen", "property_fen", "transfer_fen", "other_fen",
    "basic_pension_fen", "exempt_fen", "rigid_fen",
)
SIGNS = ("executive", "public_payroll", "private_school", "studies_abroad", "travels_abroad")
WEALTH_TERMS = ("hukou_here", "financial_fen", "vehicles", "vehicles_exempt", "houses", "houses_exempt")
_registered = False


def register() -> None:
    """Loads the parameters and registers the scheme; further calls do nothing."""
    global _registered
    if _registered:
        return
    from minzheng.scenes.assistance.policy import dibao, dibao_words

    rules.load_parameters(_HERE / "dibao.yaml")
    rules.load_parameters(_HERE / "check.yaml")
    rules.register(rules.Scheme(
        code="dibao",
        title="最低生活保障",
        version=dibao.VERSION,
        since=dt.date.fromisoformat(dibao.P57),
        variables=dibao.rules.variables,
        parameters=_FORMULA_PARAMETERS,
        needs_member=(*INCOME_TERMS, *SIGNS),
        needs_household=WEALTH_TERMS,
        amount="dibao_amount",
        result="dibao_kind",
        results=("dibao_persons", "dibao_per_capita", "dibao_rich", "dibao_vehicles", "dibao_houses", "dibao_signs"),
        refusals={
            "dibao_nobody": "没有可以计入的共同生活家庭成员,请核对成员关系和不计入情形。",
            "dibao_applicants": "家庭中应有且只有一名申请人,请更正成员与申请人的关系。",
        },
        explain=dibao_words.explain,
        formulas=_HERE / "dibao.py",
        seal=_HERE / "seal.yaml",
        benefit_month=rules.next_month,
    ))
    _registered = True
