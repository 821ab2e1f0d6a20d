"""Forms of the policy desk: a draft with its new values, a share, a past month."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from minzheng.base import clock
from minzheng.base.forms import MOST_FEN, MoneyField
from minzheng.data.brain.desk.drafting import Content
from minzheng.data.brain.desk.models import Draft
from minzheng.data.brain.desk.ports import all_simulated
from minzheng.data.brain.rules.catalogue import Definition
from minzheng.front.desk.admin_forms import MONEY_UNITS, day_field, reason_field


class DraftForm(forms.Form):
    """A draft in one zone. New values are fields named like their parameters; an empty one leaves the law as it is."""

    title = forms.CharField(label="方案名称", max_length=100)
    effective_from = day_field(label="起始日")
    effective_to = day_field(label="截止日", required=False, help_text="不填表示长期有效")
    document = forms.CharField(label="依据的文件和文号", required=False, max_length=200,
                               help_text="测算时可以不填;送审前必填,或勾选示例值")
    article = forms.CharField(label="条款", required=False, max_length=100)
    sample = forms.BooleanField(label="这是示例值,没有可引用的依据", required=False)
    reason = forms.CharField(label="理由", required=False, max_length=200,
                             help_text="起始日早于今天、与已有取值重叠或中间有空档时,送审前必填")

    def __init__(self, *args: Any, zone: str, definitions: list[Definition], **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.zone, self.names = zone, [definition.id for definition in definitions]
        for definition in definitions:
            self.fields[definition.id] = _value_field(definition)

    def content(self) -> Content:
        data = dict(self.cleaned_data)
        values = {name: data.pop(name) for name in self.names}
        return Content(zone=self.zone, values={name: value for name, value in values.items() if value not in (None, "")},
                       **data)


def _value_field(definition: Definition) -> forms.Field:
    label = f"{definition.name}的新取值"
    if definition.unit in MONEY_UNITS:
        return MoneyField(label=label, required=False)
    if definition.unit == "flag":
        return forms.TypedChoiceField(label=label, required=False, coerce=int, empty_value=None,
                                      choices=[("", "不变"), (1, "是"), (0, "否")])
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=MOST_FEN)


def initial_of(row: Draft) -> dict[str, Any]:
    names = ("title", "effective_from", "effective_to", "document", "article", "sample", "reason")
    return {**{name: getattr(row, name) for name in names}, **row.values}


class ShareForm(forms.Form):
    days = forms.IntegerField(label="有效天数", min_value=1, max_value=90, initial=14)


class PolicyExportForm(forms.Form):
    reason = reason_field("导出用途")
    kind = forms.ChoiceField(label="格式", choices=[("xlsx", "Excel"), ("csv", "CSV")], initial="xlsx",
                             widget=forms.RadioSelect)


class MonthField(forms.CharField):
    def __init__(self, **kw: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"type": "month"}), **kw)

    def clean(self, value: Any) -> dt.date:
        text = super().clean(value)
        try:
            return dt.datetime.strptime(text, "%Y-%m").replace(tzinfo=clock.SHANGHAI).date()
        except ValueError:
            raise ValidationError("请从日历中选择月份。") from None


class MonthForm(forms.Form):
    """A past month of a whole place."""

    scheme = forms.ChoiceField(label="项目")
    month = MonthField(label="月份")
    known_on = day_field(label="当时所知截止", help_text="按这一天结束时已经批准的规定重算,再与现在所知的规定比较")

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["scheme"].choices = [(one.scheme, one.title) for one in all_simulated()]  # type: ignore[attr-defined]


class CaseMonthForm(forms.Form):
    """A past month of one decided case."""

    code = forms.CharField(label="受理号", max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    month = MonthField(label="月份")
    known_on = day_field(label="当时所知截止", required=False, help_text="不填为作出决定的那一天")


class UprateForm(forms.Form):
    """The county's order that benefits in payment follow the law of the day."""

    scheme = forms.ChoiceField(label="项目")
    month = MonthField(label="从哪个月起")
    document = forms.CharField(label="依据的文件和文号", min_length=4, max_length=100)

    def __init__(self, *args: Any, schemes: list[tuple[str, str]], **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["scheme"].choices = schemes  # type: ignore[attr-defined]
