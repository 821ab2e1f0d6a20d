"""One household for each kind of help from application to its end, and one draft of the policy desk that becomes law on
the way: what is decided after its first day is decided by the new value. The tests build on one another, in order."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import os
import re
import secrets
from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from playwright.sync_api import expect

from minzheng.data.population.cast import person
from tests.e2e.conftest import Desk, Stack
from tests.e2e.steps import (
    PICTURE,
    accept,
    agree,
    case_path,
    code_on,
    confirm,
    fill,
    find_applicant,
    finish,
    inform_if_asked,
    invite,
    put,
    serve,
    task_form,
    visit,
    wait_for_departments,
)

# `make test-kinds`: a system of its own, since the walk of the first household leaves the clock in the next year.
pytestmark = [pytest.mark.e2e, pytest.mark.kinds]
OpenDesk = Callable[..., Desk]
HEADS = {"tekun": "许桂珍", "edge": "孙国平", "rigid": "阿依古丽·买买提"}


@pytest.fixture(scope="module")
def codes() -> dict[str, str]:
    """Case numbers by kind, as the tests find them; see the other module for MZ_E2E_CODES."""
    return dict(pair.split("=") for pair in os.environ.get("MZ_E2E_CODES", "").split())


def next_month(stack: Stack) -> str:
    day = dt.date.fromisoformat(stack.today()).replace(day=1) + dt.timedelta(days=32)
    return day.replace(day=1).isoformat()


def draft_standard(officer: Desk, title: str, yuan: str, since: str) -> str:
    """Writes a draft of the standard and gives its address."""
    officer.go("/desk/policy/new/")
    page = officer.page
    put(page.locator("form[method=post]"), title=title, effective_from=since, sample=True)
    page.get_by_label("低保标准", exact=True).fill(yuan)
    page.get_by_role("button", name="保存方案").click()
    expect(page.get_by_text("方案已保存,可以测算了。")).to_be_visible()
    return page.url.removeprefix(officer.url)


def test_a_draft_of_a_new_standard_is_computed_compared_and_approved_by_another_officer(
        desk: OpenDesk, stack: Stack) -> None:
    city, other = desk("city"), desk("city2")
    since = next_month(stack)
    path = draft_standard(city, "低保标准调到1150元", "1150", since)
    draft_standard(city, "低保标准调到1300元", "1300", since)
    city.go("/desk/policy/")
    for title in ("低保标准调到1150元", "低保标准调到1300元"):
        city.page.get_by_role("checkbox", name=re.compile(title)).check()
    city.page.get_by_label("测算项目").select_option(label="最低生活保障")
    city.page.get_by_role("button", name=re.compile("测算")).click()
    run = city.page.url.removeprefix(city.url)
    city.until("方案比较", path=run, seconds=120)
    shown = city.page.locator("main").inner_text()
    for words in ("新增", "退出", "每月资金变化", "资金来源", "昆山市", "悬崖"):
        assert words in shown
    city.go(path)
    city.page.get_by_role("button", name="送审").click()
    expect(city.page.get_by_text("已送审,等待本单位其他审批人员复核。")).to_be_visible()
    other.go(path)
    other.page.locator("[name=opinion]").fill("测算清楚,同意。")
    other.page.get_by_role("button", name="批准").click()
    expect(other.page.get_by_text("已批准,方案里的参数一起生效。")).to_be_visible()


def test_a_widow_without_family_applies_for_tekun_on_her_phone(desk: OpenDesk, codes: dict[str, str]) -> None:
    widow = desk("xu", phone=True)
    widow.go("/my/assistance/tekun/")
    form = widow.page.locator("form[method=post]")
    number = form.locator("[name=m-0-person]").input_value()
    form.locator("summary", has_text="还有别的收入或支出").click()
    put(form, **{"m-0-transfer_fen": "40", "m-0-basic_pension_fen": "220", "m-0-signed": True, f"x-alone_{number}": True,
                 "cause": "no_labour", "financial_fen": "500", "houses": "1", "promise": True})
    form.get_by_role("button", name="提交申请").click()
    expect(widow.page.get_by_text("受理号")).to_be_visible()
    codes["tekun"] = code_on(widow)


def test_a_household_applies_for_dibao_at_the_window(desk: OpenDesk, codes: dict[str, str]) -> None:
    clerk = desk("clerk")
    find_applicant(clerk, "dibao", person("sun_guoping").id_number)
    form = clerk.page.locator("main form.form")
    put(form, **{"m-0-transfer_fen": "2900", "m-1-transfer_fen": "1100", "cause": "disability", "financial_fen": "26000",
                 "houses": "1", "promise": True})
    for row in range(3):
        form.locator(f"[name=m-{row}-signed]").check()
    form.get_by_role("button", name=re.compile("提交申请")).click()
    expect(clerk.page.get_by_role("heading", name="申请已提交")).to_be_visible()
    codes["edge"] = code_on(clerk, ".confirm")


def test_a_patient_with_high_bills_applies_for_rigid_on_her_phone(desk: OpenDesk, codes: dict[str, str]) -> None:
    patient = desk("ayi", phone=True)
    patient.go("/my/assistance/rigid/")
    form = patient.page.locator("form[method=post]")
    number = form.locator("[name=m-0-person]").input_value()
    put(form, **{"m-0-wage_fen": "3200", "m-0-signed": True, "x-income_year_fen": "38400", "x-living_year_fen": "9600",
                 f"x-medical_year_fen_{number}": "26000", "cause": "illness", "financial_fen": "15000", "promise": True})
    form.get_by_role("button", name="提交申请").click()
    expect(patient.page.get_by_text("受理号")).to_be_visible()
    codes["rigid"] = code_on(patient)


def test_departments_answer_and_homes_are_visited_by_two(desk: OpenDesk, stack: Stack, codes: dict[str, str]) -> None:
    clerk, colleague, today = desk("clerk"), desk("clerk2"), stack.today()
    for kind in HEADS:
        accept(clerk, codes[kind])
    for kind, head in HEADS.items():
        wait_for_departments(clerk, codes[kind])
        visit(clerk, colleague, "周敏", codes[kind], head, on=today)


def test_two_assessors_find_what_she_cannot_do_and_her_care_is_arranged(
        desk: OpenDesk, stack: Stack, codes: dict[str, str]) -> None:
    clerk, village, path, today = desk("clerk"), desk("village"), case_path(codes["tekun"]), stack.today()
    clerk.until("评估完成", path=path)
    invite(clerk, village, "王芳", path)
    form = task_form(clerk)
    for ability in form.get_by_role("group").filter(has_text="能独立").all():
        cannot = "洗澡" in ability.inner_text() or "行走" in ability.inner_text()
        ability.get_by_label("不能" if cannot else "能", exact=True).check()
    put(form, assessed_on=today, note="能自己吃饭穿衣,行走和洗澡要人帮。", assessor_sign_typed="李建国")
    finish(clerk, "评估完成")
    clerk.until("供养方式", path=path)
    form = task_form(clerk)
    form.get_by_role("radio", name="分散供养").check()
    put(form, since=today)
    for label, value in (("照料人姓名", "朱阿兰"), ("照料人与本人关系", "邻居"), ("照料人手机号", "13800000000")):
        form.get_by_label(label).fill(value)
    form.get_by_label(re.compile("照料服务协议")).set_input_files(PICTURE)
    finish(clerk, "已落实")


def test_bills_are_verified_against_what_was_declared(desk: OpenDesk, stack: Stack, codes: dict[str, str]) -> None:
    clerk, path = desk("clerk"), case_path(codes["rigid"])
    clerk.until("核实完成", path=path)
    fill(clerk, until=stack.today(), bills="14", note="医保结算单 14 张,金额与医保结算一致。")
    finish(clerk, "核实完成")


def test_the_township_turns_the_dibao_case_into_a_borderline_one(desk: OpenDesk, codes: dict[str, str]) -> None:
    reviewer, path = desk("reviewer"), case_path(codes["edge"])
    inform_if_asked(desk("clerk"), codes["edge"])
    reviewer.until("拟同意,张榜公示", path=path)
    reviewer.page.get_by_role("link", name="各项救助比对").first.click()
    expect(reviewer.page.get_by_role("region", name="各项救助比对")).to_contain_text("低保边缘")
    reviewer.page.get_by_role("link", name=re.compile("低保边缘|最低生活保障边缘")).click()
    reviewer.page.get_by_label("理由").fill("人均收入高于低保标准、低于 1.5 倍,应按低保边缘认定。")
    reviewer.page.get_by_role("button", name="改按低保边缘办理").click()
    expect(reviewer.page.get_by_text("已改按低保边缘办理,请继续初审。")).to_be_visible()


def test_the_village_reads_the_lists_of_all_three(desk: OpenDesk, codes: dict[str, str]) -> None:
    reviewer, clerk = desk("reviewer"), desk("clerk")
    for code in codes.values():
        agree(reviewer, clerk, code)
    visitor = desk("", phone=True)
    visitor.go("/publicity/?division=320583100000")
    shown = visitor.page.locator("main").inner_text()
    assert all(head in shown for head in HEADS.values())


def test_the_county_draws_the_widow_for_a_visit_and_decides_all_by_the_new_standard(
        desk: OpenDesk, stack: Stack, codes: dict[str, str]) -> None:
    """The publicity is over; help begins next month: 特困 is 140 % of the new standard and the care of who needs half."""
    stack.move_clock("+8d")
    county, colleague, approver, clerk = desk("county"), desk("clerk2"), desk("approver"), desk("clerk")
    path = case_path(codes["tekun"])
    county.until("随机抽查:抽中", path=path, seconds=120)
    invite(county, colleague, "周敏", path)
    fill(county, visited_on=stack.today(), living="独居,行动不便,邻居照料。", conclusion="与乡镇调查一致。", photos=PICTURE,
         visitor_sign_typed="陈敏", household_sign_typed="许桂珍")
    finish(county, "调查完成")
    outcomes = {"tekun": "同意,按测算金额确认", "edge": "同意,予以认定", "rigid": "同意,予以认定"}
    for kind, outcome in outcomes.items():
        confirm(approver, codes[kind], outcome)
        serve(clerk, codes[kind], HEADS[kind], stack)


def test_the_widow_reads_both_parts_of_her_amount_by_the_new_standard(desk: OpenDesk, codes: dict[str, str]) -> None:
    widow = desk("xu", phone=True)
    widow.go(f"/my/cases/{codes['tekun']}/")
    expect(widow.page.get_by_role("heading", name="决定:予以确认")).to_be_visible()
    shown = widow.page.locator("main").inner_text()
    assert "每月 2,232.50" in shown and "基本生活费1,610.00元" in shown and "照料护理费(半护理)622.50元" in shown
    widow.page.get_by_text("看每一条规则是怎么算的").click()
    assert "1,150 元" in widow.page.locator("main").inner_text()


def test_her_entitlement_stands_in_the_book(desk: OpenDesk, stack: Stack) -> None:
    cashier = desk("cashier")
    cashier.go(f"/desk/book/?month={next_month(stack)[:7]}")
    expect(cashier.page.get_by_role("row").filter(has_text="2,232.50")).to_contain_text("许**")


def test_the_family_and_the_patient_are_recognised_without_money(desk: OpenDesk, stack: Stack, codes: dict[str, str]) -> None:
    for account, kind, words in (("sun", "edge", "最低生活保障边缘家庭"), ("ayi", "rigid", "刚性支出困难")):
        citizen = desk(account, phone=True)
        citizen.go(f"/my/cases/{codes[kind]}/")
        expect(citizen.page.get_by_role("heading", name="决定:予以确认")).to_be_visible()
        expect(citizen.page.get_by_text("本认定不发放救助金")).to_be_visible()
        citizen.go("/my/assistance/recognitions/")
        expect(citizen.page.get_by_text(words).first).to_be_visible()
    shown = citizen.page.locator("main").inner_text()
    year = dt.date.fromisoformat(stack.today()).year
    assert str(year + 1) in shown, "valid for twelve months"


def register_hardship(clerk: Desk, **values: str | bool) -> str:
    """登记急难情况 in the first village of the township; gives the case number."""
    clerk.go("/desk/assistance/temporary/new")
    values["place"] = str(clerk.page.locator("[name=place] option").nth(1).get_attribute("value"))
    put(clerk.page.locator("main form.form"), **values)
    clerk.page.get_by_role("button", name=re.compile("^登记")).click()
    expect(clerk.page.get_by_role("heading", name="急难情况已登记")).to_be_visible()
    return code_on(clerk, ".confirm")


def test_a_burnt_out_stranger_is_helped_in_one_sitting_and_papers_follow(desk: OpenDesk, stack: Stack) -> None:
    clerk, reviewer = desk("clerk"), desk("reviewer")
    code = register_hardship(clerk, name="小陈", sex="1", birth_year="1985", where="人民路出租屋", what="1",
                             happened_on=stack.today(), reason="出租屋起火,衣物和证件烧毁,当晚没有住处。", way="money",
                             asked_fen="500", urgent=True)
    clerk.page.get_by_role("link", name="打开办件").click()
    fill(clerk, given_fen="500", method="cash", receiver="小陈", signed="小陈")
    finish(clerk, "已发放,随后补手续")
    clerk.go(case_path(code))
    fill(clerk, explanation="现场核实:出租屋起火属实,社区和消防出具证明,先行发放五百元。")
    finish(clerk, "手续已补齐")
    reviewer.go(case_path(code))
    finish(reviewer, "情况属实,事后确认")
    clerk.go("/desk/assistance/temporary/funds")
    row = clerk.page.get_by_role("row").filter(has_text=code)
    expect(row).to_contain_text("500.00")
    expect(row).to_contain_text("手续齐全")


def test_an_accident_above_the_small_sum_is_decided_by_the_county_and_paid_by_an_urgent_run(
        desk: OpenDesk, stack: Stack) -> None:
    clerk, county, approver = desk("clerk"), desk("county"), desk("approver")
    code = register_hardship(clerk, id_number=person("wang_haitao").id_number, where="昆山市第一人民医院", what="1",
                             happened_on=stack.today(), reason="交通事故住院,押金交不上,一家没有别的收入。", way="money",
                             asked_fen="2600")
    clerk.go(case_path(code))
    finish(clerk, "情况属实,受理上报", comment="到医院看过,情况属实。")
    county.go(case_path(code))
    fill(county, held_on=stack.today(), members="陈敏、何平、徐正", minutes="听取乡镇汇报,同意给予临时救助二千六百元。", fixed_fen="2600")
    finish(county, "会议已议定")
    approver.go(case_path(code))
    finish(approver, "同意,按测算金额发放", comment="同意。")
    cashier = desk("cashier")
    cashier.go("/desk/payments/")
    cashier.page.get_by_role("link", name="编制补发或急发").click()
    cashier.page.locator("#s-scheme").select_option("temporary")
    cashier.page.locator("#supplement").get_by_role("button", name="编制").click()
    expect(cashier.page.locator("main")).to_contain_text("2,600.00")


def test_an_index_registered_by_two_people_supplements_everybody_who_holds_a_benefit(
        desk: OpenDesk, stack: Stack) -> None:
    city, other, county, approver = desk("city"), desk("city2"), desk("county"), desk("approver")
    first = dt.date.fromisoformat(stack.today()).replace(day=1)
    last = (first + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)
    city.go("/desk/parameters/price.index.consumer/")
    put(city.page.locator("aside form.form"), value="40", effective_from=first.isoformat(), effective_to=last.isoformat(), sample=True,
        reason="统计部门公布当月指数,只登记这个月。")
    city.page.get_by_role("button", name="保存草稿").click()
    city.page.get_by_role("button", name="提交复核").click()
    path = city.page.url.removeprefix(city.url)
    other.go(path)
    other.page.get_by_role("button", name="批准", exact=True).click()
    expect(other.page.get_by_text("已经批准")).to_be_visible()
    county.go("/desk/assistance/price/")
    county.page.get_by_label("补贴月份").select_option(first.isoformat())
    county.page.get_by_role("button", name="测算名单").click()
    expect(county.page.get_by_role("region", name="逐户结果")).to_contain_text("特困")
    county.page.get_by_role("button", name="报审").click()
    expect(county.page.get_by_text("已报审")).to_be_visible()
    path = county.page.url.removeprefix(county.url)
    approver.go(path)
    approver.page.get_by_role("button", name="批准", exact=True).click()
    approver.until("名单已生成", path=path, seconds=120)


def test_an_alert_is_dismissed_with_a_reason_and_the_next_night_does_not_repeat_it(desk: OpenDesk, stack: Stack) -> None:
    village = desk("village")
    village.until("YJ", path="/desk/assistance/monitoring/alerts/", seconds=120)
    link = village.page.locator("a[href*='/alerts/YJ']").first
    number, path = link.inner_text(), str(link.get_attribute("href"))
    village.go(path)
    put(village.page.locator("form.act"), outcome="dismissed", visited_on=stack.today(), text="上门看过,生活没有受影响,家人有稳定收入。")
    village.page.get_by_role("button", name=re.compile("^提交")).click()
    expect(village.page.get_by_text("已处置。")).to_be_visible()
    stack.move_clock("+1d")
    stack.manage("worker", "load_monitoring")
    village.until(f"{stack.today()}</td><td data-label=\"状态\"><span class=\"tag green\">已完成",
                  path="/desk/assistance/monitoring/nights/", seconds=180)
    village.go("/desk/assistance/monitoring/alerts/")
    assert number not in village.page.locator("main").inner_text()
    village.go(path)
    expect(village.page.get_by_text("核实无需处置").first).to_be_visible()


def test_an_outside_system_signs_the_clerk_in_with_a_code_and_a_proof(desk: OpenDesk, stack: Stack) -> None:
    system, security, clerk = desk("sysadmin"), desk("secadmin"), desk("clerk")
    system.go("/desk/accounts/systems/new/")
    back = "http://127.0.0.1:9/callback"
    put(system.page.locator("main form.form"), name="县级旧档案系统", redirect_uris=back, purpose="过渡期统一登录,依据示例文件")
    system.page.get_by_role("button", name="登记").click()
    client_id, secret = system.page.locator("main code").all_inner_texts()
    security.go("/desk/accounts/systems/")
    security.page.get_by_role("link", name="县级旧档案系统").first.click()
    security.page.get_by_role("button", name="批准").click()
    expect(security.page.get_by_text("已批准")).to_be_visible()
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    clerk.page.route(f"{back}**", lambda route: route.fulfill(body="好"))
    clerk.go("/oidc/authorize?" + urlencode({
        "response_type": "code", "client_id": client_id, "redirect_uri": back, "scope": "openid profile", "state": "s1",
        "nonce": "n1", "code_challenge": challenge, "code_challenge_method": "S256"}))
    clerk.page.get_by_role("button", name="同意并登录").click()
    clerk.page.wait_for_url(f"{back}**")
    answer = parse_qs(urlsplit(clerk.page.url).query)
    assert answer["state"] == ["s1"]
    redeemed = httpx.post(f"{stack.url}/oidc/token", auth=(client_id, secret), data={
        "grant_type": "authorization_code", "code": answer["code"][0], "redirect_uri": back, "code_verifier": verifier})
    assert redeemed.status_code == 200, redeemed.text
    told = httpx.get(f"{stack.url}/oidc/userinfo", headers={"Authorization": f"Bearer {redeemed.json()['access_token']}"}).json()
    assert told["preferred_username"] == "clerk" and told["name"] == "李建国"
    assert not re.search(r"3299\d{14}", str(told))
