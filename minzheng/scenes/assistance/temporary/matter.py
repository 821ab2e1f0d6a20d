"""The matter 临时救助, and what its case page shows."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from django.urls import reverse

from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Officer
from minzheng.office.cases.models import Case
from minzheng.office.ledger import imprest
from minzheng.office.matters.definitions import Act, Matter, Panel, TaskForm
from minzheng.scenes.assistance.forms import ServeForm
from minzheng.scenes.assistance.temporary import completing
from minzheng.scenes.assistance.temporary.assess import assess, emergency_of
from minzheng.scenes.assistance.temporary.forms import ExplainForm, GiveForm, MeetingForm
from minzheng.scenes.assistance.temporary.models import Meeting

PLAIN = "assistance/task_plain.html"


def panels(*, case: Case, by: Officer) -> list[Panel]:
    row = emergency_of(case)
    shown: dict[str, Any] = {"row": row, "stated": json.loads(row.stated), "meeting": Meeting.objects.filter(case_id=case.pk).first()}
    found = [Panel("急难情况", "temporary/panel.html", shown)]
    if row.state == "open":
        try:
            measured: dict[str, Any] = {"assessment": assess(row)}
        except Refused as refusal:
            measured = {"refusal": refusal.reason}
        found.append(Panel("规则核对与测算", "assistance/panel_rules.html", measured))
    if fund := imprest.fund_of(by.jurisdiction, completing.SCHEME):
        found.append(Panel("本乡镇备用金", "temporary/panel_fund.html", {"fund": fund}))
    return found


def acts(*, case: Case, by: Officer) -> list[Act]:
    """Who was helped without papers is named when the papers are there."""
    if case.applicant is not None or by.role not in ("town_clerk", "village_worker"):
        return []
    return [Act("核实身份", reverse("assistance:identify", args=[case.code]))]


def prepare_give(*, case: Case, by: Officer) -> dict[str, Any]:
    return {"initial": {"given_fen": assess(emergency_of(case)).amount_fen, "receiver": case.applicant_name.removesuffix("(自述)")}}


_give: dict[str, Any] = {"complete": completing.complete_give, "form": GiveForm, "template": PLAIN, "prepare": prepare_give}
TASKS = (
    TaskForm("pay_first", {"paid": "已发放,随后补手续"}, **_give),
    TaskForm("explain", {"done": "手续已补齐"}, completing.complete_explain, ExplainForm, PLAIN),
    TaskForm("confirm_after", {"confirm": "情况属实,事后确认", "wrong": "先行救助不当,追回"}, completing.complete_confirm,
             comment_required=frozenset({"wrong"})),
    TaskForm("town_decide", {"grant": "同意,按测算金额救助", "refuse": "不同意,告知理由与救济途径"}, completing.complete_town_decide,
             comment_required=frozenset({"refuse"})),
    TaskForm("give", {"given": "已发放并签收"}, **_give),
    TaskForm("review", {"accept": "情况属实,受理上报", "reject": "不予受理"}, completing.complete_review,
             comment_required=frozenset({"accept", "reject"})),
    TaskForm("meeting", {"done": "会议已议定"}, completing.complete_meeting, MeetingForm, PLAIN),
    TaskForm("county_decide", {"confirm": "同意,按测算金额发放", "refuse": "不同意,告知理由与救济途径"}, completing.complete_county_decide,
             comment_required=frozenset({"refuse"})),
    TaskForm("serve", {"served": "已送达"}, completing.complete_serve, ServeForm, PLAIN),
)

MATTER = Matter(
    code="temporary", version=2, name="临时救助", short_name="临时救助", scene="assistance", icon="alert-triangle",
    summary="突遇急难、基本生活暂时困难的,在急难发生地申请,小额的三天内办结",
    legal_basis=completing.BASIS, levels=(3, 4), channels=("window", "phone", "discovery"), form_version=1, process="temporary",
    process_version=2, scheme="temporary", once=True, stated=True, deciders=completing.deciders,
    promise="小额快救 3 天内办结;情况紧急的先行救助,再补手续。", materials=(), tasks=TASKS,
    outcome="一次性发放救助金、实物或转介服务。",
    who=("突发意外、重大疾病等造成基本生活暂时困难", "不限户籍,在急难发生地的乡镇(街道)申请"),
    questions=(("外地户籍可以申请吗?", "可以。临时救助在急难发生地申请,不限户籍;没带证件的先救助,以后补。", "《社会救助法》第三十七条"),),
    keywords=("临时救助", "急难", "小额快救"), intake_url="assistance:intake_temporary", apply_url="assistance_my:ask_urgent",
    intake_roles=("town_clerk", "village_worker"), panels=panels, acts=acts,
)

# Cases that were opened under the first version end under it: a confirmed larger sum was not served.
MATTER_V1 = replace(MATTER, version=1, process_version=1)
