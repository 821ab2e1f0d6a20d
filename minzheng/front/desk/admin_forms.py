"""Forms of the pages on people, parameters, accounts, audit and files."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from minzheng.base import clock
from minzheng.base.forms import MOST_FEN, MoneyField
from minzheng.base.identity.roles import all_roles, get_role
from minzheng.data.brain.rules.catalogue import UNITS, Definition

MONEY_UNITS = ("fen", "fen_per_person_month")
LONGEST_AUDIT_PERIOD = 92


def day_field(**kw: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kw)


def reason_field(label: str = "原因", **kw: Any) -> forms.CharField:
    return forms.CharField(label=label, min_length=4, max_length=200,
                           widget=forms.TextInput(attrs={"autocomplete": "off"}), **kw)


class ReasonForm(forms.Form):
    reason = reason_field()


class FileReasonForm(forms.Form):
    reason = reason_field("查看用途", help_text="会留下记录。涉及个人的,本人能看到谁、什么时候、为什么查看")


class SettleForm(forms.Form):
    """Deciding a kept difference. A sensitive value is typed again, since only its mask is kept."""

    verdict = forms.ChoiceField(label="核实结果", widget=forms.RadioSelect,
                                choices=[("accept", "采用这个值"), ("dismiss", "不采用,保留现用值")])
    value = forms.CharField(label="按原件重新输入", required=False, max_length=64,
                            widget=forms.TextInput(attrs={"autocomplete": "off"}))
    reason = reason_field("核实依据")

    def __init__(self, *args: Any, sensitive: bool, **kw: Any) -> None:
        super().__init__(*args, **kw)
        if not sensitive:
            del self.fields["value"]


class ParameterForm(forms.Form):
    """A proposed value. Money is typed in yuan; other units are whole numbers, flags are yes or no."""

    effective_from = day_field(label="起始日")
    effective_to = day_field(label="截止日", required=False, help_text="不填表示长期有效")
    document = forms.CharField(label="依据的文件和文号", required=False, max_length=200,
                               help_text="例如:苏民助〔2026〕12号。没有公开依据的,请勾选下面的“示例值”")
    article = forms.CharField(label="条款", required=False, max_length=100)
    sample = forms.BooleanField(label="这是示例值,没有可引用的依据", required=False)
    note = forms.CharField(label="说明", required=False, max_length=200)
    reason = forms.CharField(label="理由", required=False, max_length=200,
                             help_text="起始日早于今天、与已有取值重叠或中间有空档时必填")

    def __init__(self, *args: Any, definition: Definition, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.unit = UNITS[definition.unit]
        value: forms.Field
        if definition.unit in MONEY_UNITS:
            value = MoneyField(label="取值")
        elif definition.unit == "flag":
            value = forms.TypedChoiceField(label="取值", coerce=int, choices=[(1, "是"), (0, "否")])
        else:
            value = forms.IntegerField(label="取值", min_value=0, max_value=MOST_FEN)
        self.fields = {"value": value, **self.fields}


class OpinionForm(forms.Form):
    opinion = forms.CharField(label="复核意见", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
                              help_text="退回时必填,起草人会看到")


class PostForm(forms.Form):
    """A post to be. The office comes from the cascade of places beside this form."""

    username = forms.CharField(label="账户的用户名", max_length=64, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(label="岗位")
    scenes = forms.MultipleChoiceField(label="业务范围", required=False, widget=forms.CheckboxSelectMultiple,
                                       help_text="系统、安全、审计管理员不选")
    valid_from = day_field(label="启用日期")
    valid_to = day_field(label="停用日期", required=False, help_text="不填表示长期")
    reason = forms.CharField(label="原因", required=False, max_length=200)

    def __init__(self, *args: Any, scenes: list[tuple[str, str]], **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["role"].choices = [("", "请选择"), *((r.code, r.title) for r in all_roles())]
        self.fields["scenes"].choices = scenes
        self.fields["valid_from"].initial = clock.today()


class CoverForm(forms.Form):
    """Leave cover of a post: who stands in, and for which days."""

    username = forms.CharField(label="代岗人的用户名", max_length=64, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    valid_from = day_field(label="开始日期")
    valid_to = day_field(label="结束日期")
    reason = forms.CharField(label="原因", max_length=200, help_text="例如:休假")


class ImportForm(forms.Form):
    sheet = forms.FileField(label="账户表", help_text="CSV(UTF-8 或 GB18030)或 xlsx,第一行是列名,最多 20,000 行",
                            widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}))


class AuditForm(forms.Form):
    """The period is two days, both included; the account is a username."""

    since = day_field(label="从")
    until = day_field(label="到")
    username = forms.CharField(label="用户名", required=False, max_length=64,
                               widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and until < since:
            raise ValidationError({"until": "结束日期早于开始日期,请更正。"})
        if since and until and until - since > dt.timedelta(days=LONGEST_AUDIT_PERIOD):
            raise ValidationError({"until": f"一次最多查 {LONGEST_AUDIT_PERIOD} 天,请缩短期间。"})
        return data


def role_title_of(code: str) -> str:
    """Title of a role that a post has."""
    return get_role(code).title


class SystemForm(forms.Form):
    """An outside system that signs officers in with us."""

    name = forms.CharField(label="系统名称", min_length=2, max_length=60, help_text="会显示在工作人员的同意页上")
    redirect_uris = forms.CharField(label="回调地址", max_length=1600, widget=forms.Textarea(attrs={"rows": 3}),
                                    help_text="每行一个,写完整的 https 地址,例如 https://xt.example.cn/callback。登录后只会回到这些地址")
    purpose = forms.CharField(label="用途和依据", min_length=4, max_length=200)
