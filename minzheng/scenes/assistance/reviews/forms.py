"""Forms of 复核: what is reported, what was found, what the person said, from which month."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from minzheng.base import clock
from minzheng.data.brain.rules import next_month
from minzheng.office.decisions.models import HEARD, WAYS
from minzheng.scenes.assistance.reviews.opening import ABOUT
from minzheng.scenes.assistance.tekun.forms import SelfCareForm

# Why somebody no longer belongs: recognition's cause, benefit's cause, title.
CAUSES = {
    "means": ("review", "income", "收入、财产或支出不再符合规定"), "labour": ("review", "review", "恢复劳动能力"),
    "obligor": ("review", "review", "有了有履行能力的法定义务人"), "adult": ("review", "review", "年满 18 周岁且不再就学"),
    "dead": ("death", "death", "死亡"), "away": ("moved", "move", "户籍迁出本县"), "other": ("other", "other", "本人要求退出或其他"),
}


class ReportForm(forms.Form):
    about = forms.ChoiceField(label="哪方面有变化", widget=forms.RadioSelect, error_messages={"required": "请选择哪方面有变化。"})
    text = forms.CharField(label="变化的情况", min_length=5, max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
                           error_messages={"min_length": "请把变化写清楚(至少 5 个字)。"},
                           help_text="什么时候、谁、发生了什么变化")
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, kind: str, officer: bool = False, **kw: Any) -> None:
        super().__init__(*args, **kw)
        offered = ["change", *(["care"] if kind == "tekun" else []), *(["due"] if officer else [])]
        self.fields["about"].choices = [(code, ABOUT[code]) for code in offered]


class VerifyForm(forms.Form):
    """核实: `cause` is said when it no longer fits."""

    found = forms.CharField(label="核实的情况", min_length=5, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    cause = forms.ChoiceField(label="不再符合的原因", required=False,
                              choices=[("", "仍然符合的不用选"), *[(code, row[2]) for code, row in CAUSES.items()]])


class AgainForm(SelfCareForm):
    """复评: the same six abilities."""


class HearForm(forms.Form):
    """听取意见, or one attempt to reach the person."""

    way = forms.ChoiceField(label="方式", choices=list(WAYS.items()))
    result = forms.ChoiceField(label="结果", choices=[("", "只记录联系的不用选"), *HEARD.items()], required=False)
    person_name = forms.CharField(label="当事人", max_length=64)
    told = forms.CharField(label="告知的事实和理由;联系不上的写明情况", min_length=2, max_length=1000,
                           widget=forms.Textarea(attrs={"rows": 2}))
    statement = forms.CharField(label="当事人意见", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))


class DecideForm(forms.Form):
    from_month = forms.ChoiceField(label="从哪个月起执行")

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        month = next_month(clock.today())
        self.fields["from_month"].choices = [(month.isoformat(), f"{month.year}年{month.month}月(次月)")]

    def clean_from_month(self) -> dt.date:
        return dt.date.fromisoformat(self.cleaned_data["from_month"])
