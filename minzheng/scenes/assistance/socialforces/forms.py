from __future__ import annotations

from django import forms

from minzheng.base.forms import IdNumberField, MoneyField
from minzheng.scenes.assistance.aid import CONSENT_WAYS, ConsentForm
from minzheng.scenes.assistance.aid_pages import VersionForm
from minzheng.scenes.assistance.socialforces.models import KINDS, SOURCES, TOPICS

DATE = {"type": "date"}


class NeedForm(ConsentForm):
    kind = forms.ChoiceField(label="需要什么", choices=list(KINDS.items()))
    topic = forms.ChoiceField(label="类别", choices=[("", "请选择"), *TOPICS.items()])
    title = forms.CharField(label="标题", max_length=40, help_text="例如:小学生需要课业辅导")
    description = forms.CharField(label="说明", max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
                                  help_text="慈善组织会看到标题和说明。不写姓名、电话、证件号、门牌,也不写钱款")
    source = forms.ChoiceField(label="来源", choices=[("", "请选择"), *SOURCES.items()])
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    field_order = ("person", "kind", "topic", "title", "description", "source", "consent_person", "consent_on", "consent_way")


class ClaimForForm(VersionForm):
    charity = forms.CharField(label="社会组织的统一社会信用代码", max_length=18)
    document = forms.CharField(label="认领的依据", max_length=100, help_text="例如:认领函的日期和文号")
    how = forms.CharField(label="打算怎样帮", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)


class ClaimForm(forms.Form):
    how = forms.CharField(label="打算怎样帮", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)


class MatchForm(VersionForm):
    consent_on = forms.DateField(label="家庭同意告诉这个组织的日期", widget=forms.DateInput(DATE, format="%Y-%m-%d"))
    consent_way = forms.ChoiceField(label="怎样同意的", choices=[("", "请选择"), *CONSENT_WAYS.items()])


class GiveForm(forms.Form):
    kind = forms.ChoiceField(label="给的是", choices=list(KINDS.items()))
    what = forms.CharField(label="给了什么", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    value_fen = MoneyField(label="折合价值(元)", most_fen=100_000_000)
    hours = forms.DecimalField(label="服务小时(服务的必填)", required=False, min_value=0, max_digits=6, decimal_places=1)
    given_on = forms.DateField(label="日期", widget=forms.DateInput(DATE, format="%Y-%m-%d"))


class SayForm(forms.Form):
    score = forms.TypedChoiceField(label="满意吗", coerce=int, choices=[(5, "很满意"), (4, "满意"), (3, "一般"), (2, "不满意"),
                                                                   (1, "很不满意")], widget=forms.RadioSelect)
    text = forms.CharField(label="意见", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    thanks = forms.CharField(label="想对他们说的话", required=False, max_length=300, help_text="会转给这个组织,不带姓名")


class RepresentForm(forms.Form):
    charity = forms.CharField(label="社会组织的统一社会信用代码", max_length=18)
    id_number = IdNumberField(label="代表人身份证号")
    document = forms.CharField(label="授权文件", max_length=100, help_text="例如:授权委托书的日期和文号")
    valid_to = forms.DateField(label="授权到哪天", widget=forms.DateInput(DATE, format="%Y-%m-%d"))
