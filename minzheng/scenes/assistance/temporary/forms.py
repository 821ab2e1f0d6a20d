"""Forms of 临时救助. Amounts are yuan on screen, fen inside."""

from __future__ import annotations

from typing import Any

from django import forms

from minzheng.base.forms import IdNumberField, MoneyField, PastDateField
from minzheng.office.ledger.models import ImprestMove
from minzheng.scenes.assistance.temporary.models import WAYS, WHAT

_words = forms.Textarea(attrs={"rows": 3})


class HardshipForm(forms.Form):
    """登记急难情况: one short page, also on a phone in the field."""

    id_number = IdNumberField(label="身份证号", required=False, help_text="没带证件或没有户籍信息的可以不填,先救助,证件以后补")
    name = forms.CharField(label="自述姓名", required=False, max_length=30, help_text="有身份证号且人口库有登记的不用填")
    sex = forms.TypedChoiceField(label="性别", choices=[("", "请选择"), (1, "男"), (2, "女")], coerce=int, empty_value=0, required=False)
    birth_year = forms.IntegerField(label="大约出生年份", required=False, min_value=1901, max_value=2100)
    phone = forms.RegexField(r"^1\d{10}$", label="联系电话", required=False, error_messages={"invalid": "手机号应为 11 位数字。"})
    place = forms.ChoiceField(label="急难发生地")
    where = forms.CharField(label="具体地点", max_length=100)
    what = forms.TypedChoiceField(label="急难情形", choices=[("", "请选择"), *WHAT.items()], coerce=int)
    happened_on = PastDateField(label="发生日期")
    reason = forms.CharField(label="急难情况", max_length=500, widget=_words)
    way = forms.ChoiceField(label="救助方式", choices=list(WAYS.items()))
    asked_fen = MoneyField(label="申请金额", help_text="实物、转介按折合金额填写")
    urgent = forms.BooleanField(label="情况紧急,先行救助(发放后补手续)", required=False)

    def __init__(self, *args: Any, places: list[tuple[str, str]] = [], **kw: Any) -> None:  # noqa: B006
        super().__init__(*args, **kw)
        self.fields["place"].choices = places if len(places) == 1 else [("", "请选择"), *places]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        data["birth_year"] = data.get("birth_year") or 0
        data["sex"] = data.get("sex") or 0
        return data


class GiveForm(forms.Form):
    given_fen = MoneyField(label="救助金额")
    method = forms.ChoiceField(label="支付方式", choices=ImprestMove.METHODS[:2])
    receiver = forms.CharField(label="签收人", max_length=64)
    signed = forms.CharField(label="签收人签名(手写另附照片)", max_length=64, required=False)
    receipt = forms.FileField(label="签收照片", required=False)


class ExplainForm(forms.Form):
    explanation = forms.CharField(label="先行救助的情况说明", min_length=10, max_length=1000, widget=_words)


class MeetingForm(forms.Form):
    held_on = PastDateField(label="会议日期")
    members = forms.CharField(label="参会人员", max_length=300, help_text="用顿号隔开,至少 3 人(示例值)")
    minutes = forms.CharField(label="会议记录", min_length=10, max_length=4000, widget=forms.Textarea(attrs={"rows": 5}))
    fixed_fen = MoneyField(label="议定金额")
