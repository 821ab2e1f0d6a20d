"""The service matters (事项) of the scene."""

from __future__ import annotations

from collections.abc import Callable

from minzheng.office.cases.models import Case
from minzheng.office.matters.definitions import Material, Matter, TaskForm
from minzheng.scenes.assistance import completing, panels
from minzheng.scenes.assistance.assess import answers_of
from minzheng.scenes.assistance.forms import DemocraticReviewForm, ReviewForm, ServeForm, VisitForm
from minzheng.scenes.assistance.kinds import Kind

MATERIALS = (
    Material("identity", "身份证、户口信息", "registry"),
    Material("marriage", "婚姻状况", "registry"),
    Material("disability", "残疾证", "registry", required=False),
    Material("authorisation", "家庭经济状况核对授权书", "sign", help="每一位成年家庭成员签署;未成年人由监护人签署"),
    Material("illness", "重特大疾病诊断证明", "upload", required=False, help="有重病成员时提供"),
    Material("expenses", "医疗、残疾康复等支出单据", "upload", required=False, help="申报病残支出时提供"),
)

OPINION = "assistance/task_opinion.html"
_visit = {"form": VisitForm, "template": "assistance/task_visit.html", "complete": completing.complete_visit,
          "prepare": panels.prepare_visit}
_decide = {"complete": completing.complete_county_review, "template": OPINION, "prepare": panels.prepare_opinion}

TASKS = (
    TaskForm("review", {"accept": "受理", "supplement": "一次性告知补正", "reject": "不予受理"},
             completing.complete_review, ReviewForm, "assistance/task_plain.html", frozenset({"reject"}),
             panels.prepare_review),
    TaskForm("check_inform", {"no_objection": "申请人无异议", "objection": "申请人有异议"},
             completing.complete_without_form),
    TaskForm("check_evidence", {"recheck": "重新核对", "stand": "维持核对结果"}, completing.complete_without_form,
             comment_required=frozenset({"recheck", "stand"})),
    TaskForm("visit", {"done": "调查完成"}, **_visit),
    TaskForm("visit_again", {"done": "调查完成"}, **_visit),
    TaskForm("town_review", {"agree": "拟同意,张榜公示", "disagree": "拟不同意,报县级审批", "again": "退回补充调查"},
             completing.complete_opinion, template=OPINION, comment_required=frozenset({"disagree", "again"}),
             prepare=panels.prepare_opinion),
    TaskForm("democratic_review", {"done": "完成评议"}, completing.complete_democratic_review, DemocraticReviewForm,
             "assistance/task_plain.html"),
    TaskForm("town_review_again", {"agree": "拟同意", "disagree": "拟不同意"}, completing.complete_opinion,
             template=OPINION, comment_required=frozenset({"disagree"}), prepare=panels.prepare_opinion),
    TaskForm("county_visit", {"done": "调查完成"}, **_visit),
    TaskForm("county_review", {"confirm": "同意,按测算金额确认", "refuse": "不同意,告知理由与救济途径",
                               "return": "退回街道补充调查", "visit": "县级入户调查", "extend": "延长到 45 个工作日"},
             comment_required=frozenset({"refuse", "return", "extend"}), **_decide),
    TaskForm("town_decide", {"confirm": "同意,按测算金额确认", "refuse": "不同意,告知理由与救济途径", "return": "退回初审"},
             comment_required=frozenset({"refuse", "return"}), **_decide),
    TaskForm("rework", {"resubmit": "补充完善,重新上报", "publish_again": "内容有变,重新公示"},
             completing.complete_opinion, template=OPINION, comment_required=frozenset({"resubmit", "publish_again"}),
             prepare=panels.prepare_opinion),
    TaskForm("serve", {"served": "已送达"}, completing.complete_serve, ServeForm, "assistance/task_plain.html"),
)

def review_cycle(prefix: str) -> Callable[[Case], str]:
    """复核周期: half a year where income is unstable and somebody can work, else a year (art. 31)."""
    def name(case: Case) -> str:
        rows = answers_of(case)["members"].values()
        works = any(int(row.get("wage_fen") or 0) or int(row.get("business_fen") or 0) for row in rows)
        return f"{prefix}.review.unstable_months" if works else f"{prefix}.review.stable_months"
    return name


DIBAO_KIND = Kind(
    matter="dibao", title="低保", scheme="dibao", prefix="dibao", benefit="dibao",
    confirm_basis=("《中华人民共和国社会救助法》第十八条", "《最低生活保障审核确认办法》(民发〔2021〕57号)第二十条、第二十三条"),
    refuse_basis=("《中华人民共和国社会救助法》第十八条", "《最低生活保障审核确认办法》(民发〔2021〕57号)第二十一条"),
    refuse_clause="民发〔2021〕57号第二十一条", recognises={"dibao": "dibao", "single": "single"},
    review_parameter=review_cycle("dibao"))

DIBAO = Matter(
    code="dibao", version=1, name="最低生活保障申请", short_name="低保", scene="assistance", icon="heart-handshake",
    summary="家庭人均收入低于当地低保标准的,按月补足差额",
    legal_basis=("《中华人民共和国社会救助法》第十八条", "《最低生活保障审核确认办法》(民发〔2021〕57号)"),
    levels=(3, 4, 5), channels=("window", "phone", "web", "discovery"), form_version=1,
    process="dibao", process_version=1, scheme="dibao",
    promise="自受理之日起 30 个工作日内办结;情况特殊的可延长到 45 个工作日。",
    materials=MATERIALS, tasks=TASKS,
    outcome="符合条件的,从确认的次月起按月发到一卡通;不符合的,书面告知理由。",
    who=("共同生活的家庭成员人均收入低于当地低保标准", "家庭财产符合规定",
         "以家庭为单位,由一名成员向户籍所在地乡镇(街道)申请", "家里有重度残疾人或重病患者的,可以按单人户申请"),
    questions=(
        ("哪些人算共同生活的家庭成员?", "配偶,未成年子女,不能独立生活的成年子女(包括在读本科及以下学生),以及有赡养、扶养、抚养关系并长期一起居住的人。",
         "民发〔2021〕57号第七条"),
        ("哪些收入不算?", "优待抚恤金、计划生育奖励扶助金、奖学金、见义勇为奖励和政府给的救助款物不算。", "民发〔2021〕57号第十三条"),
        ("为什么要签授权书?", "签了授权书,民政部门才能依法向银行、车管、不动产等单位核对,您就不用自己跑去开证明。", "《社会救助法》第四十至四十三条"),
        ("会公示我的什么信息?", "只公示申请人姓名、保障人数和金额,公示 7 天。", "民发〔2021〕57号第十九条、第二十四条"),
    ),
    keywords=("低保", "救助", "困难", "补助", "最低生活保障"),
    intake_url="assistance:intake", intake_roles=("town_clerk", "village_worker", "county_clerk"),
    apply_url="assistance_my:apply", panels=panels.for_officer, citizen_panels=panels.for_citizen, acts=panels.acts,
)
