"""Invented data of the style guide and of the sample pages. Demonstrations only; no business uses it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms

NAV = [
    {"title": "工作台", "items": [
        {"title": "待办事项", "url": "/design/list/", "icon": "list-check", "count": 27, "hot": True, "current": True},
        {"title": "已办 / 参与", "url": "#main", "icon": "history"},
        {"title": "超期与预警", "url": "#main", "icon": "alert-triangle", "count": 5},
    ]},
    {"title": "业务", "items": [
        {"title": "社会救助", "url": "#main", "icon": "heart-handshake"},
        {"title": "养老服务", "url": "#main", "icon": "old"},
        {"title": "残疾人福利", "url": "#main", "icon": "wheelchair"},
        {"title": "儿童福利", "url": "#main", "icon": "users"},
        {"title": "婚姻与殡葬", "url": "#main", "icon": "id"},
        {"title": "社会组织", "url": "#main", "icon": "building"},
        {"title": "区划地名", "url": "#main", "icon": "map-pin"},
    ]},
    {"title": "管理", "items": [
        {"title": "流程与规则", "url": "#main", "icon": "route"},
        {"title": "统计报表", "url": "#main", "icon": "chart-bar"},
        {"title": "指挥大屏", "url": "#main", "icon": "device-tv"},
        {"title": "界面组件", "url": "/design/", "icon": "adjustments"},
    ]},
]
SHELL: dict[str, Any] = {
    "nav": NAV, "me": {"name": "陈敏", "office": "昆山市民政局"}, "search_url": "/design/list/",
    "messages_url": "/design/", "unread": 12, "switch_url": "/design/", "signout_url": "/design/",
    "posts": [{"id": 1, "title": "昆山市民政局 审批岗", "current": True}, {"id": 2, "title": "昆山市民政局 核对岗"}],
}
STEPS = ["受理", "经济状况核对", "入户调查", "镇级初审", "县级审批", "公示", "发放"]
TIMELINE = [
    {"title": "县级审批", "state": "now", "who": "待办理", "at": "承诺时限 11-26 17:00,剩 2 个工作日"},
    {"title": "镇级初审 通过", "who": "李建国(玉山镇)", "text": "入户调查属实,建议纳入低保。",
     "at": "11-23 15:20"},
    {"title": "镇级初审 退回补充", "state": "bad", "who": "李建国(玉山镇)", "text": "缺入户照片。",
     "at": "11-20 16:02"},
    {"title": "入户调查 完成", "who": "王芳、周强", "text": "照片 4 张,签字 1 份", "at": "11-20 10:42"},
    {"title": "经济状况核对 完成", "who": "系统", "text": "18 类数据,1 项提示", "at": "11-18 09:03"},
    {"title": "已受理", "who": "窗口 3 号", "text": "申请人已授权核对", "at": "11-17 14:31"},
]
RULES = [
    {"title": title, "value": value, "source": source, "clause": clause, "result": result, "sample": sample}
    for title, value, source, clause, result, sample in (
        ("户籍在本县区", "昆山市玉山镇", "公安人口库", "第六条", "ok", False),
        ("共同生活家庭成员 = 3 人", "户籍 3 人;居住地核实 3 人", "入户调查", "第八条", "ok", False),
        ("人均月收入 ≤ 低保标准 1,095 元", "2,460 元 ÷ 3 = 820 元", "核对报告", "第十一条", "ok", True),
        ("人均货币财产 ≤ 24 个月标准", "31,200 元 ÷ 3 = 10,400 元", "银行查询", "第十四条", "ok", True),
        ("无非生活必需机动车", "登记三轮载货车 1 辆", "车管所", "第十五条", "manual", False),
    )
]
MATERIALS = [("申请书(电子签)", "已上传"), ("授权书", "已上传"), ("身份证明", "免提交"), ("残疾证", "免提交"),
             ("住院费用清单", "待补正"), ("入户照片 4 张", "已上传")]
TILES = [
    ("heart-handshake", "申请救助", "低保、临时救助、特困"), ("old", "高龄津贴", "80 岁以上老人"),
    ("id", "婚姻登记预约", "结婚、离婚、补领"), ("wheelchair", "残疾人补贴", "生活补贴、护理补贴"),
    ("clock", "查办理进度", "输入受理号或扫码"),
]
_WAYS = ["窗口", "手机", "主动发现", "跨省通办", "一件事"]
_MATTERS = [
    "高龄津贴申领", "最低生活保障申请", "临时救助", "残疾人两项补贴", "困境儿童基本生活保障",
    "养老机构备案", "社会组织年度检查", "地名命名核准", "最低生活保障申请", "高龄津贴申领",
]
_TOWNS = ["玉山镇", "巴城镇", "周市镇", "陆家镇", "花桥镇", "淀山湖镇", "张浦镇", "周庄镇", "千灯镇", "锦溪镇"]
_STAGES = ["智能比对", "入户调查", "镇级初审", "县级审批", "公示"]
_STATES = ["审核中", "待受理", "待审批", "待补正", "审核中", "待审批", "审核中", "已退回", "审核中", "已办结"]
_NAMES = ["张**", "吴**", "黄**", "黄**", "吴**", "马**", "李**", "吴**", "周*", "欧阳**"]


class HelpForm(forms.Form):
    """A small application with one field of each kind."""

    name = forms.CharField(label="申请人姓名", max_length=20, help_text="与身份证上一致")
    income = forms.DecimalField(label="家庭月收入", decimal_places=2, min_value=0)
    since = forms.DateField(label="从哪天开始困难", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.ChoiceField(label="主要困难", widget=forms.RadioSelect, help_text="选最主要的一项",
                               choices=[("illness", "生病或残疾"), ("disaster", "遭了灾"), ("income", "没有收入来源")])
    needs = forms.MultipleChoiceField(label="还需要什么帮助", required=False, widget=forms.CheckboxSelectMultiple,
                                      choices=[("care", "有人照料"), ("school", "孩子上学"), ("home", "修房子")])
    office = forms.ChoiceField(label="到哪里办", choices=[("", "请选择"), ("1", "玉山镇便民服务中心")])
    story = forms.CharField(label="情况说明", required=False, widget=forms.Textarea, help_text="300 字以内")
    proof = forms.FileField(label="证明材料", required=False, help_text="图片或 PDF,不超过 10 MB")
    agree = forms.BooleanField(label="我授权民政部门核对家庭经济状况",
                               error_messages={"required": "不授权就无法核对,请勾选后再提交"})


def guide(data: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return SHELL | {
        "form": HelpForm(data), "steps": STEPS, "timeline": TIMELINE, "rules": RULES, "materials": MATERIALS,
        "levels": [
            {"name": "city", "label": "市", "value": "320500000000", "options": [("320500000000", "苏州市")]},
            {"name": "county", "label": "县(市、区)", "value": "320583000000", "options": [("320583000000", "昆山市")]},
            {"name": "town", "label": "镇(街道)", "value": "", "options": [("320583100000", "玉山镇")]},
        ],
        "done": ["check", "visit"], "current": ["approve"], "kinds": ["info", "success", "warning", "error"],
        "statuses": ["审核中", "已办结", "待补正", "已退回", "未开始"], "tiles": TILES,
    }


def _list() -> dict[str, Any]:
    rows = [
        {"number": f"32058320261123{1007 + 13 * place}", "way": _WAYS[place % 5], "matter": _MATTERS[place],
         "name": _NAMES[place], "id": f"3205**********{6011 + 71 * place}", "town": f"昆山市 {_TOWNS[place]}",
         "stage": _STAGES[place % 5], "left": (place + 1) // 2 - 1, "state": _STATES[place],
         "by": "陈敏" if place % 3 else "我", "picked": place in (1, 2)}
        for place in range(10)
    ]
    tabs = [("我的待办", 27), ("本科室", 143), ("可认领", 36), ("待补正", 18), ("今日办结", 41)]
    return SHELL | {"rows": rows, "tabs": tabs}


def _case() -> dict[str, Any]:
    return SHELL | {"steps": STEPS, "timeline": TIMELINE, "rules": RULES, "materials": MATERIALS}


PAGES: dict[str, Callable[[], dict[str, Any]]] = {
    "list": _list,
    "case": _case,
    "home": lambda: {"tiles": TILES},
    "form": lambda: {"form": HelpForm({})},
    "sheet": lambda: {"materials": MATERIALS},
}
