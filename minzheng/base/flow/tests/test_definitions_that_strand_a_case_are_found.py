from pathlib import Path

import pytest

from minzheng.base.flow import checks, registry
from minzheng.base.flow.bpmn import decisions, engine
from minzheng.base.flow.bpmn.definition import BadDefinition, parse, read
from minzheng.base.flow.bpmn.lint import Known, lint

from .conftest import FOLDER, PARAMETERS

SOURCE = (FOLDER / "seat.v1.bpmn").read_text(encoding="utf-8")
KNOWN = Known(
    roles={"town_clerk": (4,), "town_reviewer": (4,), "village_worker": (5,), "county_approver": (3,)},
    handlers=frozenset({"tea.brew", "tea.clear"}),
    messages=frozenset({"guest_back", "tea_ready", "guest_leaves"}),
    has_parameter=PARAMETERS.__contains__,
)


def findings(source: str, known: Known = KNOWN) -> str:
    return "\n".join(lint(parse("seat", 1, source.encode()), known))


def changed(old: str, new: str) -> str:
    assert old in SOURCE
    return SOURCE.replace(old, new)


def test_the_tea_house_has_no_findings():
    assert findings(SOURCE) == ""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('mz:role="county_approver"', 'mz:role="emperor"', "岗位角色“emperor”不存在"),
        ('mz:role="county_approver" mz:level="3"', 'mz:role="county_approver" mz:level="4"', "层级 4 不能设置"),
        ('mz:role="county_approver" mz:level="3"', 'mz:role="county_approver"', "未写"),
        ('mz:outcomes="open:开席 close:打烊"', "", "没有写明可选的办理结果"),
        ('mz:limit="10" mz:unit="workday"', "", "没有时限"),
        ('mz:limit="10" mz:unit="workday"', 'mz:limit="10" mz:unit="month"', "时限单位"),
        ('mz:limit="tea.limit.table"', 'mz:limit="tea.limit.lost"', "参数 tea.limit.lost 不存在"),
        ('mz:handler="tea.brew"', 'mz:handler="tea.burn"', "处理程序“tea.burn”没有登记"),
        ('name="guest_back"', 'name="guest_lost"', "消息“guest_lost”没有任何模块会发出"),
        ("taste == 'good'", "taste == 'goood'", "goood”不是品鉴的办理结果"),
        ("taste == 'good'", "taste == 'good' or taste == 'again'", "有两条去向"),
        ("taste == 'good'", "tasty == 'good'", "“tasty”没有来源"),
        ("taste == 'good'", "taste.upper() == 'GOOD'", "不能用 Call"),
        ("taste == 'good'", "__import__('os')", "不能用 Call"),
        (
            'mz:outcomes="good:好茶 again:重摆"',
            'mz:outcomes="good:好茶 again:重摆 spill:打翻"',
            "taste=spill 时没有去向",
        ),
        ('mz:not_same_as="seat_check"', 'mz:not_same_as="nobody"', "“nobody”不是人工环节"),
        ('mz:send_back="lay_again:again"', 'mz:send_back="lay_again:never"', "退回结果“never”"),
        ('mz:cosign_roles="town_clerk village_worker"', "", "没有写明会签人"),
        ('mz:pauses="total"', 'mz:pauses="hourglass"', "时钟“hourglass”从未启动"),
        ('mz:step="开席"', 'mz:step="打烊"', "步骤“打烊”不在步骤条里"),
        ('mz:sets="pot"', 'mz:sets="taste"', "与人工环节重名"),
        ('sourceRef="lay_again" targetRef="m_taste"', 'sourceRef="lay_again" targetRef="lay_again"', "走不到任何结束"),
        ('bpmnElement="brew"', 'bpmnElement="brewing"', "图上没有画出:brew"),
        ('sourceRef="lay_again" targetRef="m_taste"', 'sourceRef="lay_again" targetRef="split"', "在循环里"),
        ('sourceRef="clear" targetRef="left"', 'sourceRef="clear" targetRef="h_end"', "穿过了子流程的边界"),
    ],
)
def test_a_flaw_is_found_and_named(old, new, words):
    assert words in findings(changed(old, new))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("<bpmn:userTask", "<bpmn:scriptTask", "scriptTask 不在允许"),
        ("<bpmn:timerEventDefinition", "<bpmn:signalEventDefinition", "不在允许之列"),
        ('<bpmn:process id="seat"', '<bpmn:process id="chair"', "id 是 seat"),
        ('mz:level="3"', 'mz:level="three"', "应为整数"),
        ("good:好茶", "good", "代码:内容"),
        ("<bpmn:definitions", "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><bpmn:definitions", "DOCTYPE"),
        ("</bpmn:definitions>", "", "完好的 XML"),
    ],
)
def test_a_file_beyond_our_part_of_bpmn_is_not_read(old, new, words):
    source = changed(old, new).replace(
        "</bpmn:userTask>", "</bpmn:scriptTask>" if "script" in new else "</bpmn:userTask>"
    )
    with pytest.raises(BadDefinition, match=words):
        parse("seat", 1, source.encode())


def test_a_file_name_must_carry_code_and_version(tmp_path):
    path = tmp_path / "seat.bpmn"
    path.write_text(SOURCE, encoding="utf-8")
    with pytest.raises(BadDefinition, match="文件名"):
        read(path)


def test_the_start_up_check_reports_a_flaw_and_an_unreadable_file(monkeypatch):
    flawed = parse("seat", 9, changed('mz:handler="tea.brew"', 'mz:handler="tea.burn"').encode())
    monkeypatch.setattr(registry, "_processes", {("seat", 9): (flawed, "tea")})
    monkeypatch.setattr(registry, "_problems", {"x.bpmn": "不是完好的 XML 文件"})
    found = {e.id: e.msg for e in checks.processes_can_be_carried_out(None)}
    assert "tea.burn" in found["flow.E002"] and "x.bpmn" in found["flow.E001"]


def test_the_start_up_check_is_content_with_what_is_registered():
    assert [e for e in checks.processes_can_be_carried_out(None) if "seat" in str(e.msg)] == []


def test_the_start_up_check_finds_what_was_not_published(db, monkeypatch):
    unpublished = parse("seat", 7, SOURCE.encode())
    assert not [e for e in checks.processes_are_published(None, databases=["default"]) if "seat" in str(e.msg)]
    monkeypatch.setattr(registry, "_processes", {("seat", 7): (unpublished, "tea")})
    assert [e.id for e in checks.processes_are_published(None, databases=["default"])] == ["flow.E004"]


def test_the_engine_runs_no_python_from_a_file():
    source = changed("seat_check == 'seat'", "open('/tmp/x') == 'seat'")
    run = engine.Run.start(parse("seat", 1, source.encode()), {"guests": 1}, lambda e, v: {"pot": 1})
    with pytest.raises(Exception, match="不能用 Call"):
        run.complete(run.ready()[0].id, "seat")


DMN = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="x">
 <decision id="grade" name="茶叶分级"><decisionTable id="t" hitPolicy="UNIQUE">
  <input id="i1"><inputExpression id="e1" typeRef="number"><text>price</text></inputExpression></input>
  <input id="i2"><inputExpression id="e2" typeRef="string"><text>season</text></inputExpression></input>
  <output id="o" name="grade" typeRef="string"/>
  <rule id="r1"><inputEntry id="a"><text>&lt; 1000</text></inputEntry><inputEntry id="b"><text>-</text></inputEntry>
   <outputEntry id="c"><text>"plain"</text></outputEntry></rule>
  <rule id="r2"><inputEntry id="f"><text>[1000..5000]</text></inputEntry>
   <inputEntry id="g"><text>"spring","summer"</text></inputEntry>
   <outputEntry id="h"><text>"fine"</text></outputEntry></rule>
 </decisionTable></decision></definitions>"""


def tables(tmp_path: Path, text: str) -> list[decisions.Table]:
    path = tmp_path / "grade.dmn"
    path.write_text(text, encoding="utf-8")
    return decisions.read(path)


def test_a_decision_table_decides_by_its_one_row(tmp_path):
    from minzheng.base.errors import Refused

    (table,) = tables(tmp_path, DMN)
    assert decisions.decide(table, {"price": 999, "season": "autumn"}) == {"grade": "plain"}
    assert decisions.decide(table, {"price": 5000, "season": "summer"}) == {"grade": "fine"}
    for values, words in (
        ({"price": 5001, "season": "summer"}, "没有适用"),
        ({"price": 2000, "season": "winter"}, "没有适用"),
        ({"price": 2000}, "缺少数据:season"),
        ({"price": True, "season": "spring"}, "没有适用"),
    ):
        with pytest.raises(Refused, match=words):
            decisions.decide(table, values)


def test_a_case_that_two_rows_fit_is_refused(tmp_path):
    from minzheng.base.errors import Refused

    (table,) = tables(tmp_path, DMN.replace("[1000..5000]", "[900..5000]"))
    with pytest.raises(Refused, match="有 2 行"):
        decisions.decide(table, {"price": 950, "season": "spring"})


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("price &lt; 1000", "不要写“price”"),
        ("&lt; thousand", "不是值"),
        ("[5000..1000]", "永远不会命中"),
        ("(3..3)", "永远不会命中"),
        ("spring", "双引号"),
    ],
)
def test_a_cell_that_can_never_fit_is_found(tmp_path, cell, words):
    with pytest.raises(BadDefinition, match=words):
        tables(tmp_path, DMN.replace("&lt; 1000", cell))
