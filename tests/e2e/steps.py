"""What officers do at every household, whatever the kind of help."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Desk, Stack

PICTURE = str(Path(__file__).parent / "home.jpg")
CODE = re.compile(r"\d{19}")


def case_path(code: str) -> str:
    return f"/desk/cases/{code}/"


def task_form(desk: Desk) -> Locator:
    return desk.page.locator("form.act[data-submit-key]")


def finish(desk: Desk, outcome: str, *, comment: str = "") -> None:
    """Chooses the outcome of the open task, writes an opinion and submits."""
    form = task_form(desk)
    form.get_by_label(outcome, exact=True).check()
    if comment:
        form.locator("[name=comment]").fill(comment)
    form.get_by_role("button", name=re.compile("^提交")).click()
    expect(desk.page.get_by_text("已办完")).to_be_visible()


def fill(desk: Desk, **values: str | bool) -> None:
    """Fields of the open task by name: a text, a tick, or one of a choice."""
    put(task_form(desk), **values)


def put(form: Locator, **values: str | bool) -> None:
    for name, value in values.items():
        field = form.locator(f"[name={name}]")
        kind = field.first.evaluate("e => e.type || ''")
        if kind == "radio":
            form.locator(f"[name={name}][value='{value}']").check()
        elif isinstance(value, bool):
            field.set_checked(value)
        elif kind.startswith("select"):
            field.select_option(value)
        elif kind == "file":
            field.set_input_files(str(value))
        else:
            field.fill(str(value))


def code_on(desk: Desk, within: str = "main") -> str:
    found = CODE.search(desk.page.locator(within).first.inner_text())
    assert found, desk.page.url
    return found.group()


def find_applicant(clerk: Desk, matter: str, id_number: str) -> None:
    clerk.go(f"/desk/assistance/{matter}/new")
    clerk.page.get_by_label("申请人身份证号").fill(id_number)
    clerk.page.get_by_role("button", name="查找并填表").click()


def accept(clerk: Desk, code: str) -> None:
    clerk.go(case_path(code))
    finish(clerk, "受理")


def wait_for_departments(clerk: Desk, code: str) -> None:
    clerk.until("经济状况核对完成", path=case_path(code), seconds=120)
    inform_if_asked(clerk, code)


def inform_if_asked(clerk: Desk, code: str) -> None:
    """What departments found is told to the applicant, who does not object. The task may stand behind another one."""
    clerk.go(case_path(code))
    if clerk.page.get_by_label("申请人无异议", exact=True).count():
        finish(clerk, "申请人无异议")


def invite(clerk: Desk, colleague: Desk, name: str, path: str) -> None:
    """会签: the clerk asks a colleague, who signs; then the clerk's page is open again."""
    clerk.go(path)
    account = clerk.page.locator("#cosign-account option", has_text=name).get_attribute("value")
    clerk.page.get_by_label("邀请会签").select_option(account)
    clerk.page.get_by_role("button", name="邀请").click()
    colleague.go(path)
    colleague.page.get_by_role("button", name="签字").click()
    clerk.go(path)


def visit(clerk: Desk, colleague: Desk, name: str, code: str, household: str, *, on: str) -> None:
    """入户调查 by two persons, signed by both sides."""
    invite(clerk, colleague, name, case_path(code))
    fill(clerk, visited_on=on, living="自住房一套,家具简单,无贵重物品。", conclusion="申报情况属实。", photos=PICTURE,
         visitor_sign_typed="李建国", household_sign_typed=household)
    finish(clerk, "调查完成")


def agree(reviewer: Desk, clerk: Desk, code: str) -> None:
    inform_if_asked(clerk, code)
    reviewer.until("拟同意,张榜公示", path=case_path(code))
    finish(reviewer, "拟同意,张榜公示")


def confirm(approver: Desk, code: str, outcome: str) -> None:
    approver.until(outcome, path=case_path(code))
    finish(approver, outcome, comment="经核对和入户调查,情况属实,同意确认。")


def serve(clerk: Desk, code: str, household: str, stack: Stack) -> None:
    clerk.go(case_path(code))
    fill(clerk, method="direct", served_on=stack.today(), receiver=household, signature=PICTURE)
    finish(clerk, "已送达")
