"""Forms of the registry's changes: registering, correcting, joining, splitting a household, changing its head."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from minzheng.base import clock
from minzheng.base.forms import IdNumberField, PastDateField
from minzheng.base.id_numbers import check_id_number
from minzheng.data.registry.attributes import ATTRIBUTES
from minzheng.data.registry.families import RELATIONS
from minzheng.data.registry.models import DISABILITIES, GRADES
from minzheng.front.desk.case_forms import reason_field

# Why somebody is not in the registry yet, and the paper that is seen for it.
OCCASIONS = {"newborn": "新生儿入户", "moved_in": "从省外迁入", "missed": "补登(人口库漏登)"}
PAPERS = {"newborn": "户口簿(新生儿入户)", "moved_in": "户口簿(迁入)", "missed": "户口簿(补登)"}
NEWBORN_DAYS = 366
CORRECTABLE = ("name", "ethnicity", "marital", "address", "phone", "bank_name", "bank_account", "disability_class",
               "disability_grade")
MARITAL = ("未婚", "有配偶", "离婚", "丧偶")
OTHERS = [(r, r) for r in RELATIONS if r != "户主"]
CHOOSE = ("", "请选择")


class RegisterForm(forms.Form):
    """A person who is nowhere in the registry of the province. The village comes from the cascade beside the form."""

    id_number = IdNumberField(label="身份证号", help_text="性别和出生日期由号码得出")
    name = forms.CharField(label="姓名", max_length=30)
    occasion = forms.ChoiceField(label="登记原因", choices=list(OCCASIONS.items()), widget=forms.RadioSelect)
    ethnicity = forms.CharField(label="民族", max_length=20, initial="汉族")
    address = forms.CharField(label="住址", required=False, max_length=200)
    phone = forms.CharField(label="手机号", required=False, max_length=15)
    as_of = PastDateField(label="户口簿登记日期")
    reason = reason_field("情况说明", help_text="例如:已查验户口簿和出生医学证明原件")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("occasion") == "newborn" and data.get("id_number"):
            born = check_id_number(data["id_number"]).birth_date
            if (clock.today() - born).days > NEWBORN_DAYS:
                self.add_error("occasion", "这个人出生已超过一年,不是新生儿。请选择其他登记原因。")
        return data


class CorrectForm(forms.Form):
    """One item of a person. A department that does not answer for the item only has its difference kept."""

    value = forms.CharField(label="更正为", max_length=200)
    department = forms.ChoiceField(label="依据来自")
    resource = forms.CharField(label="依据的证件或数据", max_length=100, help_text="例如:户口簿第 3 页、残疾人证、本人签字的申请表")
    as_of = PastDateField(label="依据的日期")
    reason = reason_field("更正原因")
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, item: str, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.item = item
        choices: dict[str, list[tuple[Any, str]]] = {
            "marital": [(m, m) for m in MARITAL],
            "disability_class": [(n, title or "无") for n, title in DISABILITIES.items()],
            "disability_grade": [(n, title or "无") for n, title in GRADES.items()]}
        if item in choices:
            self.fields["value"] = forms.ChoiceField(label="更正为", choices=[CHOOSE, *choices[item]])
        owners = ATTRIBUTES[item].owners
        self.fields["department"].choices = [(d, f"{d}(这一项的主管来源)") for d in owners] + [
            ("民政", "民政(现场核实,记为数据出入,待核实后采用)")]

    def clean_value(self) -> Any:
        value = self.cleaned_data["value"]
        return int(value) if self.item.startswith("disability") else value


class FindHouseholdForm(forms.Form):
    member = IdNumberField(label="并入哪一户:这一户任一成员的身份证号")


class JoinForm(forms.Form):
    relation = forms.ChoiceField(label="与户主关系", choices=[CHOOSE, *OTHERS])
    on = PastDateField(label="入户日期")
    reason = reason_field("并入原因", help_text="例如:结婚、收养、投靠子女")
    household = forms.IntegerField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput)


class OpenForm(forms.Form):
    on = PastDateField(label="立户日期")
    reason = reason_field("立户原因")


class HeadForm(forms.Form):
    """变更户主: who follows, and what the old head is to the new one."""

    head = forms.TypedChoiceField(label="新户主", coerce=int)
    old_relation = forms.ChoiceField(label="原户主与新户主的关系", choices=[CHOOSE, *OTHERS])
    on = PastDateField(label="变更日期")
    reason = reason_field("变更原因")
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, members: Sequence[tuple[int | str, str]], **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["head"].choices = [CHOOSE, *members]


class SplitForm(forms.Form):
    """分户: a row a member that may leave, with the relation to the new head."""

    on = PastDateField(label="分户日期")
    address = forms.CharField(label="新户住址", required=False, max_length=200, help_text="不填与原户相同")
    reason = reason_field("分户原因", help_text="例如:离婚、子女成家另居")
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, members: list[tuple[int, str]], **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.members = members
        for number, name in members:
            self.fields[f"relation_{number}"] = forms.ChoiceField(
                label=f"{name}在新户", required=False, choices=[("", "留在原户"), ("户主", "户主"), *OTHERS])

    def rows(self) -> list[forms.BoundField]:
        return [self[f"relation_{number}"] for number, _ in self.members]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        leaving = self.leaving()
        if not leaving:
            raise ValidationError("请选择分出去的成员,并指定一人为新户户主。")
        if [relation for _, relation in leaving].count("户主") != 1:
            raise ValidationError("新户要有且只有一个户主。请重新选择。")
        return data

    def leaving(self) -> list[tuple[int, str]]:
        """The new head first."""
        found = [(n, self.cleaned_data.get(f"relation_{n}", "")) for n, _ in self.members]
        return sorted(((n, r) for n, r in found if r), key=lambda row: row[1] != "户主")
