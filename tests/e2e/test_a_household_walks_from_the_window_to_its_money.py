"""The first household: window, departments, visit, publicity, decision, payment, bank return, a death, the archive."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from minzheng.data.population.cast import person
from tests.e2e.conftest import Desk, Stack

pytestmark = pytest.mark.e2e
OpenDesk = Callable[..., Desk]
PICTURE = Path(__file__).parent / "home.jpg"


@pytest.fixture(scope="module")
def known() -> dict[str, str]:
    """What one step leaves for the next: the case number. A developer may go on with a case of before."""
    return {"code": os.environ.get("MZ_E2E_CODE", "")}


def test_the_clerk_takes_the_household_in_at_the_window(desk: OpenDesk, known: dict[str, str]) -> None:
    clerk = desk("clerk")
    clerk.go("/desk/")
    clerk.page.get_by_role("link", name="低保受理").first.click()
    clerk.page.get_by_label("申请人身份证号").fill(person("zhang_jianguo").id_number)
    clerk.page.get_by_role("button", name="查找并填表").click()
    for name in ("张建国", "李秀英", "张悦"):
        expect(clerk.page.get_by_role("rowheader", name=re.compile(name))).to_be_visible()
    clerk.page.locator("[name=m-0-wage_fen]").fill("1800")
    for row in range(3):
        clerk.page.locator(f"[name=m-{row}-signed]").check()
    clerk.page.locator("[name=cause]").select_option("illness")
    clerk.page.locator("[name=financial_fen]").fill("11213")
    clerk.page.locator("[name=houses]").fill("1")
    clerk.page.locator("[name=promise]").check()
    clerk.page.get_by_role("button", name=re.compile("提交申请")).click()
    expect(clerk.page.get_by_role("heading", name="申请已提交")).to_be_visible()
    found = re.search(r"\d{19}", clerk.page.locator(".confirm").inner_text())
    assert found
    known["code"] = found.group()


def test_the_clerk_accepts_and_all_departments_answer(desk: OpenDesk, known: dict[str, str]) -> None:
    clerk = desk("clerk")
    path = f"/desk/cases/{known['code']}/"
    clerk.go(path)
    clerk.page.get_by_label("受理", exact=True).check()
    clerk.page.get_by_role("button", name=re.compile("提交")).last.click()
    clerk.until("经济状况核对完成", path=path)


def test_two_persons_visit_and_both_sides_sign(desk: OpenDesk, known: dict[str, str]) -> None:
    clerk, village = desk("clerk"), desk("village")
    path = f"/desk/cases/{known['code']}/"
    clerk.go(path)
    colleague = clerk.page.locator("#cosign-account option", has_text="王芳").get_attribute("value")
    clerk.page.get_by_label("邀请会签").select_option(colleague)
    clerk.page.get_by_role("button", name="邀请").click()
    village.go(path)
    village.page.get_by_role("button", name="签字").click()
    clerk.go(path)
    form = clerk.page.locator("form.act", has=clerk.page.locator("[name=visited_on]"))
    form.locator("[name=visited_on]").fill("2026-11-20")
    form.locator("[name=living]").fill("自住房一套,家具简单,无贵重物品。")
    form.locator("[name=conclusion]").fill("申报情况属实。")
    form.locator("[name=photos]").set_input_files(str(PICTURE))
    form.locator("[name=visitor_sign_typed]").fill("李建国")
    form.locator("[name=household_sign_typed]").fill("张建国")
    form.get_by_label("调查完成").check()
    form.get_by_role("button", name=re.compile("提交")).click()
    expect(clerk.page.get_by_text("“入户调查”已办完")).to_be_visible()


def test_the_township_agrees_and_the_village_sees_name_number_and_amount_only(
        desk: OpenDesk, known: dict[str, str]) -> None:
    reviewer = desk("reviewer")
    reviewer.go(f"/desk/cases/{known['code']}/")
    reviewer.page.get_by_label("拟同意,张榜公示").check()
    reviewer.page.get_by_role("button", name=re.compile("提交")).last.click()
    expect(reviewer.page.get_by_text("已办完")).to_be_visible()
    visitor = desk("", phone=True)
    visitor.go("/publicity/?division=320583100000")
    text = visitor.page.locator("main").inner_text()
    assert "张建国" in text and "李秀英" not in text and "3299" not in text


def test_after_seven_days_the_county_confirms_and_the_decision_is_served(
        desk: OpenDesk, stack: Stack, known: dict[str, str]) -> None:
    stack.move_clock("+8d")
    approver = desk("approver")
    path = f"/desk/cases/{known['code']}/"
    approver.until("同意,按测算金额确认", path=path)
    approver.page.get_by_label("同意,按测算金额确认").check()
    approver.page.locator("[name=comment]").fill("经核对和入户调查,情况属实,同意确认。")
    approver.page.get_by_role("button", name=re.compile("提交")).last.click()
    expect(approver.page.get_by_text("“审核确认”已办完")).to_be_visible()
    clerk = desk("clerk")
    clerk.go(path)
    form = clerk.page.locator("form.act", has=clerk.page.locator("[name=receiver]"))
    form.locator("[name=method]").select_option("direct")
    form.locator("[name=served_on]").fill(form.locator("[name=served_on]").get_attribute("max") or stack.run("clock")[:10])
    form.locator("[name=receiver]").fill("张建国")
    form.locator("[name=signature]").set_input_files(str(PICTURE))
    form.get_by_label("已送达").check()
    form.get_by_role("button", name=re.compile("提交")).click()
    expect(clerk.page.get_by_text("“送达决定”已办完")).to_be_visible()


def test_the_citizen_reads_the_decision_and_who_looked(desk: OpenDesk, known: dict[str, str]) -> None:
    zhang = desk("zhang", phone=True)
    zhang.go("/my/")
    zhang.page.get_by_role("link", name=re.compile(known["code"])).click()
    expect(zhang.page.get_by_role("heading", name=re.compile("决定"))).to_be_visible()
    zhang.page.get_by_text("看每一条规则是怎么算的").click()
    expect(zhang.page.get_by_text("人均").first).to_be_visible()
    zhang.go("/my/access/")
    assert "昆山市" in zhang.page.locator("main").inner_text()
