"""Forms of 特困供养: who applies and their obligors; the six abilities; institution or carer."""

from __future__ import annotations

from typing import Any

from django import forms

from minzheng.base.forms import PastDateField
from minzheng.scenes.assistance.tekun.models import ABILITIES, PLACES

OBLIGOR_ROWS = 6
# Why an obligor cannot support (特困人员认定办法 art. 8).
UNABLE = {
    "tekun": "是特困人员", "dibao60": "60 周岁以上的低保对象", "poor70": "70 周岁以上,收入和财产在规定内",
    "disabled": "重度残疾人,收入和财产在规定内", "unfit": "无民事行为能力、被宣告失踪或在监狱服刑",
}
ABLE = {"able": "有履行能力", **UNABLE}
RELATIONS = ("配偶", "子女", "父母", "祖父母", "孙子女", "兄弟姐妹")


class TekunForm(forms.Form):
    """Cleans to {"asks": {person: {"place", "studying"}}, "obligors": [{"of", "name", "relation", "able"}]}."""

    asks_members = True
    layout = "tekun/extra.html"

    def __init__(self, *args: Any, people: list[tuple[int, str]], **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.people = people
        for place, (person, name) in enumerate(people):
            self.fields[f"asks_{person}"] = forms.BooleanField(label=f"{name}申请特困供养", required=False, initial=place == 0)
            self.fields[f"place_{person}"] = forms.ChoiceField(
                label="希望的供养方式", required=False, choices=[("home", "在家(分散供养)"), ("institution", "进机构(集中供养)")],
                initial="home")
            self.fields[f"studying_{person}"] = forms.BooleanField(label="在读义务教育或高中(中职)", required=False)
            self.fields[f"alone_{person}"] = forms.BooleanField(label="没有配偶、子女、父母等法定义务人", required=False)
        of = [("", "请选择"), *[(str(person), name) for person, name in people]]
        for row in range(OBLIGOR_ROWS):
            self.fields[f"of{row}"] = forms.ChoiceField(label="谁的义务人", required=False, choices=of)
            self.fields[f"name{row}"] = forms.CharField(label="义务人姓名", required=False, max_length=64)
            self.fields[f"relation{row}"] = forms.ChoiceField(
                label="关系", required=False, choices=[("", "请选择"), *[(r, r) for r in RELATIONS]])
            self.fields[f"able{row}"] = forms.ChoiceField(
                label="履行能力", required=False, choices=[("", "请选择"), *ABLE.items()])

    def members(self) -> list[dict[str, Any]]:
        return [{"name": name, "fields": [self[f"{field}_{person}"] for field in ("asks", "place", "studying", "alone")]}
                for person, name in self.people]

    def obligors(self) -> list[list[forms.BoundField]]:
        return [[self[f"{field}{row}"] for field in ("of", "name", "relation", "able")] for row in range(OBLIGOR_ROWS)]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        asks = {str(person): {"place": data.get(f"place_{person}") or "home", "studying": bool(data.get(f"studying_{person}"))}
                for person, _ in self.people if data.get(f"asks_{person}")}
        if str(self.people[0][0]) not in asks:
            self.add_error(f"asks_{self.people[0][0]}", "申请人本人应是申请供养的人。替别人申请的,请从他本人开始受理。")
        obligors = [row for number in range(OBLIGOR_ROWS) if (row := self._obligor(number, data))]
        for person, name in self.people:
            if str(person) not in asks:
                continue
            has, alone = any(row["of"] == person for row in obligors), data.get(f"alone_{person}")
            if has == bool(alone):
                self.add_error(f"alone_{person}", f"{name}:请填写法定义务人;确实没有的,请勾选“没有法定义务人”。" if not has else
                               f"{name}:已填写义务人,就不要再勾选“没有法定义务人”。")
        if self.errors:
            return data
        return {"asks": asks, "obligors": obligors}

    def _obligor(self, row: int, data: dict[str, Any]) -> dict[str, Any] | None:
        fields = {name: data.get(f"{name}{row}") or "" for name in ("of", "name", "relation", "able")}
        if not any(fields.values()):
            return None
        for name, value in fields.items():
            if not value:
                self.add_error(f"{name}{row}", f"第 {row + 1} 位义务人:请填写“{self.fields[f'{name}{row}'].label}”。")
        return {**fields, "of": int(fields["of"] or 0)}


class SelfCareForm(forms.Form):
    """自理能力评估: each of the six abilities is said outright, none is assumed."""

    assessed_on = PastDateField(label="评估日期")
    note = forms.CharField(label="评估说明", min_length=5, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    assessor_sign = forms.CharField(required=False, widget=forms.HiddenInput)
    assessor_sign_typed = forms.CharField(label="评估人签名", required=False, max_length=64)

    def __init__(self, *args: Any, members: list[tuple[int, str]], **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.people = members
        for person, name in members:
            for code, title in ABILITIES.items():
                self.fields[f"{code}_{person}"] = forms.ChoiceField(
                    label=f"能独立{title}", widget=forms.RadioSelect, choices=[("can", "能"), ("cannot", "不能")],
                    error_messages={"required": f"请选择{name}能不能独立{title}。"})

    def rows(self) -> list[dict[str, Any]]:
        return [{"name": name, "fields": [self[f"{code}_{person}"] for code in ABILITIES]} for person, name in self.people]

    def unmet(self) -> dict[int, list[str]]:
        return unmet_of(self.cleaned_data, [person for person, _ in self.people])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not data.get("assessor_sign") and not data.get("assessor_sign_typed"):
            self.add_error("assessor_sign_typed", "请评估人手写签名,或键入姓名代替。")
        return data


def unmet_of(data: dict[str, Any], people: list[int]) -> dict[int, list[str]]:
    """The abilities that each person lacks."""
    return {person: [code for code in ABILITIES if data[f"{code}_{person}"] == "cannot"] for person in people}


class CareForm(forms.Form):
    """落实供养方式: the institution by its credit code, or the carer and the signed agreement."""

    since = forms.DateField(label="起始日期", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, members: list[tuple[int, str]], **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.people = members
        for person, _ in members:
            self.fields[f"place_{person}"] = forms.ChoiceField(
                label="供养方式", widget=forms.RadioSelect, choices=list(PLACES.items()),
                error_messages={"required": "请选择供养方式。"})
            self.fields[f"institution_{person}"] = forms.CharField(
                label="供养机构统一社会信用代码(集中供养)", required=False, max_length=18)
            self.fields[f"carer_{person}"] = forms.CharField(label="照料人姓名(分散供养)", required=False, max_length=64)
            self.fields[f"relation_{person}"] = forms.CharField(label="照料人与本人关系", required=False, max_length=32)
            self.fields[f"phone_{person}"] = forms.RegexField(
                r"^1\d{10}$", label="照料人手机号", required=False, error_messages={"invalid": "手机号应为 11 位数字。"})
            self.fields[f"agreement_{person}"] = forms.FileField(label="照料服务协议(照片或扫描件)", required=False)

    def rows(self) -> list[dict[str, Any]]:
        names = ("place", "institution", "carer", "relation", "phone", "agreement")
        return [{"name": name, "fields": [self[f"{field}_{person}"] for field in names]} for person, name in self.people]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for person, name in self.people:
            needed = ("institution",) if data.get(f"place_{person}") == "institution" else (
                "carer", "relation", "phone", "agreement")
            for field in needed:
                if not data.get(f"{field}_{person}") and f"{field}_{person}" not in self.errors:
                    self.add_error(f"{field}_{person}", f"{name}:请填写{self.fields[f'{field}_{person}'].label}。")
        return data
