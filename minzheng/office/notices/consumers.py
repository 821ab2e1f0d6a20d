"""What an applicant and the officers are told about a case, whichever scene it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from minzheng.base.events import Event
from minzheng.office.cases.models import Case
from minzheng.office.decisions.models import KINDS, Decision, Service
from minzheng.office.matters.catalogue import matter_of
from minzheng.office.notices import payments  # noqa: F401 (registers what is told about money)
from minzheng.office.notices.telling import Letter, accounts_at, notify_on
from minzheng.office.notices.wording import Template, register_template

_HEAD = "{name}您好,"


def _case(event: Event) -> Case | None:
    return Case.objects.filter(code=event.payload["case"]).first()


def _data(case: Case, **more: str) -> dict[str, str]:
    return {"name": case.applicant_name, "case": case.code,
            "matter": matter_of(case.matter, case.matter_version).name} | more


def applicant(event: Event) -> Iterator[Letter]:
    """The applicant of the event's case."""
    case = _case(event)
    if case is not None and case.applicant is not None:
        yield Letter(_data(case, missing="、".join(event.payload.get("missing", []))), person=case.applicant,
                     case_code=case.code, jurisdiction=case.jurisdiction)


def _decided(event: Event) -> Iterator[Letter]:
    case = _case(event)
    decision = Decision.objects.filter(number=event.payload["decision"]).first()
    if case is not None and case.applicant is not None and decision is not None:
        service = Service.objects.filter(decision=decision).first()
        more = {"decision": decision.number, "kind": KINDS[decision.kind],
                "until": f"{service.appeal_until:%Y年%-m月%-d日}" if service else "",
                "source": service.appeal_source if service else ""}
        yield Letter(_data(case, **more), person=case.applicant, case_code=case.code, jurisdiction=case.jurisdiction)


def _objected(event: Event) -> Iterator[Letter]:
    """Clerks look at an objection to a check or a publicity; one to a decision goes to who answers it."""
    if event.payload["about"] != "decision":
        yield from staff("town_clerk", "county_clerk")(event)


def staff(*roles: str) -> Callable[[Event], Iterator[Letter]]:
    """Officers with one of the roles at the case's offices."""
    def letters(event: Event) -> Iterator[Letter]:
        case = _case(event)
        for account in accounts_at(case.jurisdiction, *roles) if case is not None else ():
            assert case is not None
            yield Letter(_data(case), account=account, case_code=case.code, jurisdiction=case.jurisdiction)
    return letters


_TO_APPLICANT = (
    ("case.submitted", False, "申请已提交",
     "您的{matter}申请已提交,受理号 {case}。工作人员审查后会告诉您结果,请留意消息。"),
    ("case.accepted", True, "申请已受理", "您的{matter}申请已受理,受理号 {case}。办理进度可在“我的办件”中查看。"),
    ("case.supplement_asked", True, "需要补充材料",
     "您的{matter}申请(受理号 {case})还需要补充:{missing}。请在“我的办件”中补交,或送到受理窗口。"
     "等待补充的时间不计入办理时限。"),
    ("case.rejected", True, "申请不予受理",
     "您的{matter}申请(受理号 {case})不予受理。原因请在“我的办件”中查看,如有疑问请到受理窗口询问。"),
    ("case.withdrawn", False, "申请已撤回", "您的{matter}申请(受理号 {case})已按您的意思撤回。需要时可以重新申请。"),
    ("case.closed", False, "办件已办结", "您的{matter}申请(受理号 {case})已办结。"),
    ("case.handed_over", False, "办件已移交",
     "您的{matter}申请(受理号 {case})已移交给另一地的民政部门继续办理,您不需要重新申请。"),
    ("publicity.published", False, "正在公示", "您的{matter}申请(受理号 {case})正在公示,只公开姓名、人数和金额。"),
)
_ABOUT_DECISIONS = (
    ("case.decided", "已作出决定",
     "您的{matter}申请(受理号 {case})已作出决定:{kind}。决定书文号 {decision},理由请在“我的办件”中查看。"),
    ("decision.served", "决定书已送达",
     "决定书 {decision} 已送达。如有不服,可在 {until} 前申请行政复议。期限依据:{source}。"),
    ("decision.objection_answered", "异议已答复",
     "您对决定书 {decision} 提出的异议已经书面答复,请在“我的办件”中查看。仍然不服的,可以依法申请行政复议。"),
    ("decision.revoked", "原决定已撤销", "决定书 {decision} 已被撤销,民政部门会重新处理,并把结果告诉您。"),
)
_TO_STAFF = (
    ("publicity.disputed", ("town_clerk", "town_reviewer"), "公示收到异议",
     "{name}的{matter}办件({case})在公示期内收到异议,请核实后答复。"),
    ("decision.objected", ("county_leader",), "当事人对决定提出异议",
     "{name}的{matter}办件({case})收到对决定的异议,请在待办事项中复核,书面答复。不能答复自己作出的决定。"),
)

for _event, _sms, _title, _body in _TO_APPLICANT:
    register_template(Template(_event, _title, _HEAD + _body, _sms))
    notify_on(_event, _event, applicant)
for _event, _title, _body in _ABOUT_DECISIONS:
    register_template(Template(_event, _title, _HEAD + _body, True))
    notify_on(_event, _event, _decided)
for _event, _roles, _title, _body in _TO_STAFF:
    register_template(Template(f"{_event}.staff", _title, _body))
    notify_on(_event, f"{_event}.staff", staff(*_roles))
register_template(Template("case.objected.staff", "申请人提出异议", _HEAD + "{name}的{matter}办件({case})收到申请人的异议,请核实处理。"))
notify_on("case.objected", "case.objected.staff", _objected)
