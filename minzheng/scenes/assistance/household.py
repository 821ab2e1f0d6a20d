"""What the household matters have in common: what they ask for and how their tasks are done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minzheng.office.cases.models import Case
from minzheng.office.matters.definitions import Material, TaskForm
from minzheng.scenes.assistance import completing, panels
from minzheng.scenes.assistance.assess import answers_of
from minzheng.scenes.assistance.forms import DemocraticReviewForm, ReviewForm, ServeForm, VisitForm

IDENTITY = (
    Material("identity", "身份证、户口信息", "registry"),
    Material("marriage", "婚姻状况", "registry"),
    Material("disability", "残疾证", "registry", required=False),
    Material("authorisation", "家庭经济状况核对授权书", "sign", help="每一位成年家庭成员签署;未成年人由监护人签署"),
)
ILLNESS = Material("illness", "重特大疾病诊断证明", "upload", required=False, help="有重病成员时提供")
EXPENSES = Material("expenses", "医疗、残疾康复等支出单据", "upload", required=False, help="申报病残支出时提供")
MATERIALS = (*IDENTITY, ILLNESS, EXPENSES)

OPINION = "assistance/task_opinion.html"
PLAIN = "assistance/task_plain.html"
RETURN = {"refuse": "不同意,告知理由与救济途径", "return": "退回街道补充调查", "visit": "县级入户调查"}
EXTEND = {"extend": "延长到 45 个工作日"}


def tasks(confirm: str, *more: TaskForm, extends: bool = True) -> tuple[TaskForm, ...]:
    """The tasks of the shared way. `confirm` is what the confirming outcome is called, `more` the tasks of one kind only;
    `extends`: the law knows a longer limit for special cases."""
    visit: dict[str, Any] = {"form": VisitForm, "template": "assistance/task_visit.html", "complete": completing.complete_visit,
             "prepare": panels.prepare_visit}
    decide: dict[str, Any] = {"complete": completing.complete_county_review, "template": OPINION, "prepare": panels.prepare_opinion}
    opinion: dict[str, Any] = {"complete": completing.complete_opinion, "template": OPINION, "prepare": panels.prepare_opinion}
    return (
        TaskForm("review", {"accept": "受理", "supplement": "一次性告知补正", "reject": "不予受理"},
                 completing.complete_review, ReviewForm, PLAIN, frozenset({"reject"}), panels.prepare_review),
        TaskForm("check_inform", {"no_objection": "申请人无异议", "objection": "申请人有异议"},
                 completing.complete_without_form),
        TaskForm("check_evidence", {"recheck": "重新核对", "stand": "维持核对结果"}, completing.complete_without_form,
                 comment_required=frozenset({"recheck", "stand"})),
        TaskForm("visit", {"done": "调查完成"}, **visit),
        TaskForm("visit_again", {"done": "调查完成"}, **visit),
        *more,
        TaskForm("town_review", {"agree": "拟同意,张榜公示", "disagree": "拟不同意,报县级审批", "again": "退回补充调查"},
                 comment_required=frozenset({"disagree", "again"}), **opinion),
        TaskForm("democratic_review", {"done": "完成评议"}, completing.complete_democratic_review, DemocraticReviewForm, PLAIN),
        TaskForm("town_review_again", {"agree": "拟同意", "disagree": "拟不同意"},
                 comment_required=frozenset({"disagree"}), **opinion),
        TaskForm("county_visit", {"done": "调查完成"}, **visit),
        TaskForm("county_review", {"confirm": confirm, **RETURN, **(EXTEND if extends else {})},
                 comment_required=frozenset({"refuse", "return", "extend"}), **decide),
        TaskForm("town_decide", {"confirm": confirm, "refuse": RETURN["refuse"], "return": "退回初审"},
                 comment_required=frozenset({"refuse", "return"}), **decide),
        TaskForm("rework", {"resubmit": "补充完善,重新上报", "publish_again": "内容有变,重新公示"},
                 comment_required=frozenset({"resubmit", "publish_again"}), **opinion),
        TaskForm("serve", {"served": "已送达"}, completing.complete_serve, ServeForm, PLAIN),
    )


def review_cycle(prefix: str) -> Callable[[Case], str]:
    """复核周期: half a year where income is unstable and somebody can work, else a year (art. 31)."""
    def name(case: Case) -> str:
        rows = answers_of(case)["members"].values()
        works = any(int(row.get("wage_fen") or 0) or int(row.get("business_fen") or 0) for row in rows)
        return f"{prefix}.review.unstable_months" if works else f"{prefix}.review.stable_months"
    return name


def always(name: str) -> Callable[[Case], str]:
    """One cycle of reviews for every case of the kind."""
    return lambda case: name
