from __future__ import annotations

from typing import Any

from django import forms

from minzheng.base.forms import MoneyField
from minzheng.scenes.assistance.aid import ConsentForm
from minzheng.scenes.assistance.aid_pages import VersionForm
from minzheng.scenes.assistance.referrals.departments import CHOICES
from minzheng.scenes.assistance.referrals.models import ANSWERS, BASES, JUDGED

DATE = {"type": "date"}


class ReferForm(ConsentForm):
    what = forms.ChoiceField(label="转介到哪里、请对方办理什么", choices=[("", "请选择"), *CHOICES])
    basis = forms.ChoiceField(label="依据", choices=[("", "请选择"), *BASES.items()],
                              help_text="已认定的,对方据此办理,不用再核对(社会救助法第四十二条)")
    reason = forms.CharField(label="转介原因", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
                             help_text="只留在本单位,不送给对方")
    phone = forms.BooleanField(label="本人愿意让对方打电话联系,送出手机号", required=False)
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    field_order = ("person", "what", "basis", "reason", "consent_person", "consent_on", "consent_way", "phone")


class AnswerForm(VersionForm):
    outcome = forms.ChoiceField(label="对方的答复", choices=[("", "请选择"), ("done", "已办结"), ("declined", "不予办理")])
    text = forms.CharField(label="给了什么,或不予办理的原因", max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))
    given_on = forms.DateField(label="办结日期", required=False, widget=forms.DateInput(DATE, format="%Y-%m-%d"))


class TellForm(forms.Form):
    text = forms.CharField(label="怎样告知的,另外怎样帮助", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class OfferForm(forms.Form):
    person = forms.TypedChoiceField(label="为谁推荐", coerce=int)
    employer = forms.CharField(label="用人单位", max_length=100)
    position = forms.CharField(label="岗位", max_length=100)
    monthly_fen = MoneyField(label="月工资(元)")
    suitable = forms.CharField(label="为什么适当", max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
                               help_text="与本人的健康、劳动能力、照料家人的需要相适应的情况")
    offered_on = forms.DateField(label="推荐日期", widget=forms.DateInput(DATE, format="%Y-%m-%d"))
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, people: list[tuple[int, str]], **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["person"].choices = people


class WorkAnswerForm(forms.Form):
    answer = forms.ChoiceField(label="本人的答复", choices=[("", "请选择"), *ANSWERS.items()])
    text = forms.CharField(label="本人说明的理由(拒绝的必填)", required=False, max_length=1000,
                           widget=forms.Textarea(attrs={"rows": 2}))
    answered_on = forms.DateField(label="答复日期", widget=forms.DateInput(DATE, format="%Y-%m-%d"))


class JudgeForm(forms.Form):
    heard = forms.CharField(label="听取本人意见的情况", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
                            help_text="什么时候、怎样听取的,本人怎么说")
    judged = forms.ChoiceField(label="拒绝的理由", choices=[("", "请选择"), *JUDGED.items()])
    text = forms.CharField(label="认定的理由", max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))
