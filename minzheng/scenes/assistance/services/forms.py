from __future__ import annotations

from typing import Any

from django import forms

from minzheng.base.forms import MoneyField
from minzheng.scenes.assistance.aid import ConsentForm
from minzheng.scenes.assistance.aid_pages import VersionForm
from minzheng.scenes.assistance.services.kinds import KINDS, LEVELS, UNITS
from minzheng.scenes.assistance.services.models import PlanItem
from minzheng.scenes.assistance.services.planning import Item

DATE = {"type": "date"}
ROWS = 3


class AssessForm(forms.Form):
    """One pair of questions a kind of service."""

    assessed_on = forms.DateField(label="评估日期", widget=forms.DateInput(DATE, format="%Y-%m-%d"))
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        for kind, title in KINDS.items():
            self.fields[f"level_{kind}"] = forms.TypedChoiceField(label=title, coerce=int, choices=list(LEVELS.items()), initial=0)
            self.fields[f"text_{kind}"] = forms.CharField(label=f"为什么需要{title}", required=False, max_length=300)

    @property
    def levels(self) -> dict[str, tuple[int, str]]:
        data = self.cleaned_data
        return {kind: (data[f"level_{kind}"], data[f"text_{kind}"]) for kind in KINDS}

    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"level_{kind}"], self[f"text_{kind}"]) for kind in KINDS]


class PlanForm(ConsentForm):
    """A plan with up to three services; a service without a kind is none."""

    starts_on = forms.DateField(label="从哪天起", widget=forms.DateInput(DATE, format="%Y-%m-%d"))
    ends_on = forms.DateField(label="到哪天止", widget=forms.DateInput(DATE, format="%Y-%m-%d"))
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, kinds: list[str], **kw: Any) -> None:
        super().__init__(*args, **kw)
        offered = [("", "不安排"), *[(kind, KINDS[kind]) for kind in kinds]]
        for n in range(ROWS):
            first = n == 0
            self.fields[f"kind_{n}"] = forms.ChoiceField(label="服务", choices=offered, required=first)
            self.fields[f"content_{n}"] = forms.CharField(label="服务内容", max_length=200, required=first)
            self.fields[f"provider_{n}"] = forms.CharField(label="服务单位的统一社会信用代码", max_length=18, required=first)
            self.fields[f"count_{n}"] = forms.IntegerField(label="数量", min_value=1, required=first)
            self.fields[f"unit_{n}"] = forms.ChoiceField(label="单位", choices=list(UNITS.items()), required=False)
            self.fields[f"unit_fen_{n}"] = MoneyField(label="单价(元),免费的不填", required=False, empty=0)

    def groups(self) -> list[list[forms.BoundField]]:
        return [[self[f"{name}_{n}"] for name in ("kind", "content", "provider", "count", "unit", "unit_fen")] for n in range(ROWS)]

    def common(self) -> list[forms.BoundField]:
        return [self[name] for name in ("person", "starts_on", "ends_on", "consent_person", "consent_on", "consent_way")]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for n in range(1, ROWS):
            if data.get(f"kind_{n}") and not (data.get(f"content_{n}") and data.get(f"provider_{n}") and data.get(f"count_{n}")):
                self.add_error(f"content_{n}", "请把这项服务的内容、服务单位和数量填完整。")
        return data

    @property
    def items(self) -> list[Item]:
        data = self.cleaned_data
        return [Item(data[f"kind_{n}"], data[f"content_{n}"], data[f"provider_{n}"], data[f"unit_{n}"] or "time",
                     data[f"count_{n}"], data[f"unit_fen_{n}"]) for n in range(ROWS) if data[f"kind_{n}"]]


class DeliverForm(forms.Form):
    item = forms.TypedChoiceField(label="哪一项服务", coerce=int)
    at = forms.DateTimeField(label="服务时间", widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"))
    place = forms.CharField(label="地点", max_length=200)
    worker = forms.CharField(label="服务人员", max_length=64)
    code = forms.CharField(label="服务码", required=False, max_length=6, help_text="对方手机“我的帮扶”里的六位数字;没有手机的上传签字照片",
                           widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}))
    photo = forms.FileField(label="签字照片", required=False)
    text = forms.CharField(label="服务情况", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, items: list[PlanItem], **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["item"].choices = [(item.pk, f"{item.get_kind_display()}:{item.content}") for item in items]


class EvaluateForm(forms.Form):
    score = forms.TypedChoiceField(label="满意吗", coerce=int, choices=[(5, "很满意"), (4, "满意"), (3, "一般"), (2, "不满意"),
                                                                   (1, "很不满意")], widget=forms.RadioSelect)
    text = forms.CharField(label="意见", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class EvaluateOneForm(EvaluateForm):
    """By telephone: which delivery it is about."""

    delivery = forms.TypedChoiceField(label="哪一次服务", coerce=int)

    def __init__(self, *args: Any, deliveries: list[tuple[int, str]], **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["delivery"].choices = deliveries

    field_order = ("delivery", "score", "text")


class ReviewPlanForm(VersionForm):
    outcome = forms.ChoiceField(label="复核结果", choices=[("", "请选择"), ("go_on", "继续服务"), ("stop", "停止服务")])
    text = forms.CharField(label="复核的情况", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


