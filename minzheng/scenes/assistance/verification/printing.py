"""The report on paper: a signed PDF with a QR to the verification page. Made when somebody asks for it."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from minzheng.base import documents
from minzheng.base.divisions.names import name_of
from minzheng.base.documents.models import IssuedDocument
from minzheng.base.identity.officer import Officer
from minzheng.base.scope.ranges import level_of, office_of
from minzheng.scenes.assistance.verification.reports import read_report
from minzheng.scenes.assistance.verification.summary import yuan

KIND = "verification.report"


def do_print_report(number: str, *, by: Officer, reason: str) -> IssuedDocument:
    """The PDF of the report; asked for again, the first one. The reading is audited for every member either time."""
    with transaction.atomic():
        content = read_report(number, by=by, reason=reason)
        issued = IssuedDocument.objects.filter(kind=KIND, number=number).first()
        if issued is not None:
            return issued
        place = content["jurisdiction"]
        county = office_of(place, 3) if level_of(place) >= 3 else place
        return documents.issue(KIND, number, paper_of(content), by=by, jurisdiction=place, subject=content["case"],
                               issuer=f"{name_of(county)}民政局", template="report")


def paper_of(content: dict[str, Any]) -> dict[str, Any]:
    """The content as the report template wants it: plain text and tables."""
    household = content["household"]
    sections: list[dict[str, Any]] = [
        _table("一、汇总", ("项目", "核对结果"), [
            ["共同生活成员", f"{household['size']} 人"], ["月收入合计", f"{yuan(household['income_fen'])} 元"],
            ["货币财产合计", f"{yuan(household['financial_fen'])} 元"], ["机动车", f"{household['vehicles']} 辆"],
            ["住房", f"{household['houses']} 套"]]),
        _table("二、与申报不一致", ("对象", "项目", "申报", "核对"), [
            [d["who"], d["title"], _value(d["kind"], d["declared"]), _value(d["kind"], d["found"])]
            for d in content["differences"]]),
        _table("三、部门之间不一致", ("对象", "项目", "各方反馈"), [
            [c["who"], c["title"], ";".join(f"{s['source']}:{s['says']}" for s in c["sides"])]
            for c in content["contradictions"]]),
        _table("四、预警", ("对象", "类别", "说明"), [[f["who"], f["flag"], f["detail"]] for f in content["flags"]]),
    ]
    for position, member in enumerate(content["members"], start=1):
        rows = [[s["name"], s["result"], s["as_of"], ";".join(s["found"]) or s["detail"]] for s in member["sources"]]
        heading = f"成员{position}:{member['name']}({member['relation']},{member['id']})"
        sections.append(_table(heading, ("部门", "结果", "数据时间", "内容"), rows))
    notes = [content["disclaimer"], content["objection"]]
    if not content["complete"]:
        notes.insert(0, f"本报告出具时尚有部门未完整反馈。理由:{content['reason']}")
    sections.append({"heading": "说明", "paragraphs": notes})
    return {
        "title": "居民家庭经济状况核对报告",
        "fields": [["核对编号", content["request"]], ["授权书编号", content["authorisation"]],
                   ["业务编号", content["case"]], ["核对类型", content["kind"]], ["出具日期", content["issued_on"]],
                   ["有效期至", f"{content['valid_until']}({content['validity']})"]],
        "sections": sections,
    }


def _value(kind: str, value: int) -> str:
    return f"{yuan(value)} 元" if kind.endswith("_fen") else str(value)


def _table(heading: str, columns: tuple[str, ...], rows: list[list[str]]) -> dict[str, Any]:
    if not rows:
        return {"heading": heading, "paragraphs": ["无。"]}
    return {"heading": heading, "table": {"columns": [{"title": title} for title in columns], "rows": rows}}
