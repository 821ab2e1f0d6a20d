"""The matter 支出型临时救助, and what its case page shows."""

from __future__ import annotations

from typing import Any

from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Citizen, Officer
from minzheng.office.cases.models import Case
from minzheng.office.decisions.queries import decisions_of
from minzheng.office.matters.definitions import Material, Matter, Panel, TaskForm
from minzheng.office.publicity.actions import PUBLISHERS
from minzheng.office.publicity.queries import objections_of, publicity_of
from minzheng.scenes.assistance.assess import answers_of
from minzheng.scenes.assistance.forms import ServeForm
from minzheng.scenes.assistance.panels import decided
from minzheng.scenes.assistance.rigid import actions as rigid
from minzheng.scenes.assistance.rigid.forms import PERSONAL, TITLES
from minzheng.scenes.assistance.temporary import completing as urgent
from minzheng.scenes.assistance.temporary import expense_completing as completing
from minzheng.scenes.assistance.temporary.expense_forms import SpentBillsForm
from minzheng.scenes.assistance.temporary.expenses import MATTER as CODE
from minzheng.scenes.assistance.temporary.expenses import assess
from minzheng.scenes.assistance.temporary.models import Expense

PLAIN = "assistance/task_plain.html"


def spent(case: Case) -> dict[str, Any]:
    """Declared and proven expenses, row by row."""
    answers, check = answers_of(case), rigid.check_of(case)
    names = {str(m.person): m.name for m in case.members}
    found, rows = check.amounts if check else {}, []
    for name, fen in answers["extra"].items():
        field, _, person = name.partition("_fen_")
        key = f"{field}_fen" if person else name
        if key in TITLES and (fen or found.get(name)):
            rows.append((f"{names.get(person, '') if key in PERSONAL else ''} {TITLES[key]}".strip(), int(fen), found.get(name)))
    return {"rows": rows, "check": check, "asked_fen": int(answers["asked_fen"]), "text": answers["text"]}


def panels(*, case: Case, by: Officer) -> list[Panel]:
    shown = [Panel("前 12 个月刚性支出", "temporary/panel_spent.html", spent(case))]
    given = Expense.objects.filter(case_id=case.pk).first()
    if given is None:
        try:
            measured: dict[str, Any] = {"assessment": assess(case)}
        except Refused as refusal:
            measured = {"refusal": refusal.reason}
        shown.append(Panel("规则核对与测算", "assistance/panel_rules.html", measured))
    if notices := publicity_of(case):
        shown.append(Panel("公示", "assistance/panel_publicity.html", {
            "case": case, "once": True, "notices": notices, "objections": objections_of(case),
            "withdraws": by.role in PUBLISHERS and by.reaches(case.jurisdiction)}))
    if found := decisions_of(case):
        shown.append(Panel("决定与送达", "assistance/panel_decisions.html", {
            "case": case, **decided(case, found, by), "again": False, "once": True}))
    return shown


def citizen_panels(*, case: Case, by: Citizen) -> list[Panel]:
    return [Panel("我填报的支出", "temporary/panel_spent.html", spent(case))]


_decide: dict[str, Any] = {"complete": completing.complete_decide, "comment_required": frozenset({"refuse"})}
_outcomes = {"confirm": "同意,按测算金额发放", "refuse": "不同意,告知理由与救济途径"}
MATTER = Matter(
    code=CODE, version=1, name="支出型临时救助申请", short_name="支出型临时救助", scene="assistance", icon="receipt",
    summary="已认定的刚性支出困难、低保边缘家庭,医疗、教育等支出太大的,一次性救助",
    legal_basis=urgent.BASIS, levels=(3, 4, 5), channels=("window", "phone", "web", "discovery"), form_version=1,
    process="expenditure", process_version=1, scheme="temporary", once=True,
    promise="自申请之日起 20 个工作日内办结(示例值)。",
    materials=(Material("bills", "前 12 个月医疗、教育、康复等支出票据", "upload", required=False,
                        help="医疗费交医保结算单;票据也可以带到窗口"),),
    tasks=(
        TaskForm("review", {"accept": "受理", "reject": "不予受理"}, completing.complete_review,
                 comment_required=frozenset({"reject"})),
        TaskForm("bills", {"done": "核实完成"}, rigid.complete_bills, SpentBillsForm, "rigid/task_bills.html",
                 prepare=rigid.prepare_bills),
        TaskForm("town_review", {"agree": "拟同意,张榜公示", "disagree": "拟不同意,报县级审批"}, completing.complete_town_review,
                 comment_required=frozenset({"disagree"})),
        TaskForm("look_again", {"done": "复查完成"}, completing.complete_town_review, comment_required=frozenset({"done"})),
        TaskForm("town_decide", _outcomes, **_decide),
        TaskForm("county_decide", _outcomes, **_decide),
        TaskForm("serve", {"served": "已送达"}, urgent.complete_serve, ServeForm, PLAIN),
    ),
    outcome="符合条件的,一次性发到一卡通;不符合的,书面告知理由。",
    who=("已认定为刚性支出困难家庭或低保边缘家庭", "前 12 个月有医疗、教育、残疾康复等必需支出",
         "还没有认定的,先申请刚性支出困难家庭认定"),
    questions=(("还要再核对收入和财产吗?", "认定有效期内只核实支出票据,不再核对收入和财产。",
                "《关于进一步健全完善临时救助制度的意见》"),),
    keywords=("临时救助", "支出型", "看病", "上学", "救助"), intake_url="assistance:intake_expenditure",
    intake_roles=("town_clerk", "village_worker"), apply_url="assistance_my:apply_expenditure",
    panels=panels, citizen_panels=citizen_panels,
)
