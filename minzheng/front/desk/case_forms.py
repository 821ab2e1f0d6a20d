"""Forms of what can be done with a case beside its tasks: materials, objections, revoking, serving, handing over."""

from __future__ import annotations

from typing import Any

from django import forms

from minzheng.base.forms import PastDateField
from minzheng.office.decisions.models import ANSWERS, METHODS, Decision


def reason_field(label: str = "原因", *, least: int = 4, most: int = 500, rows: int = 2, **kw: Any) -> forms.CharField:
    return forms.CharField(label=label, min_length=least, max_length=most, widget=forms.Textarea(attrs={"rows": rows}),
                           error_messages={"min_length": f"{label}至少写 {least} 个字。"}, **kw)


class UploadForm(forms.Form):
    """A missing material comes in."""

    file = forms.FileField(label="材料文件", help_text="照片、扫描件、PDF 或 Word 文档", error_messages={
        "required": "请选择要上传的文件。", "empty": "文件是空的,请重新选择。"})


class ReplaceForm(UploadForm):
    reason = reason_field("更换原因")


class WaiveForm(forms.Form):
    reason = reason_field("免交原因", most=200)


class AnswerForm(forms.Form):
    """The answer to an objection against a publicity."""

    upheld = forms.TypedChoiceField(label="核实结果", coerce=lambda text: text == "yes", widget=forms.RadioSelect,
                                    choices=[("no", "异议不成立"), ("yes", "异议成立")],
                                    error_messages={"required": "请选择核实结果。"})
    answer = reason_field("核实情况和答复", least=5, most=1000, rows=4)


class UnpublishForm(forms.Form):
    reason = reason_field("撤下原因", help_text="公示内容有误才撤下。撤下后回到初审,改正后重新公示,天数重新计算")


class RevokeForm(forms.Form):
    reasons = reason_field("撤销理由", least=10, most=1000, rows=4, help_text="写明原决定哪里有误,会写进撤销决定书")
    legal_basis = forms.CharField(label="依据(每行一条)", max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))
    remedy = forms.CharField(label="救济途径", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    seen = forms.IntegerField(widget=forms.HiddenInput)


class AppealForm(forms.Form):
    """对决定的异议, registered for the person."""

    number = forms.ChoiceField(label="对哪一份决定")
    text = reason_field("不同意的地方和理由", least=5, most=1000, rows=4, help_text="按当事人本人的意思填写")
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, decisions: list[Decision], **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["number"].choices = [(row.number, f"{row.kind_title} {row.number}") for row in decisions]


class AppealAnswerForm(forms.Form):
    """The written answer. Basis and remedy go into the paper that revokes."""

    outcome = forms.ChoiceField(label="复核结果", widget=forms.RadioSelect, choices=list(ANSWERS.items()),
                                error_messages={"required": "请选择复核结果。"})
    answer = reason_field("复核的事实和理由", least=10, most=1000, rows=5, help_text="会写进答复书;撤销的,也写进撤销决定书")
    legal_basis = forms.CharField(label="依据(每行一条)", max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))
    remedy = forms.CharField(label="救济途径", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, revoked: bool, **kw: Any) -> None:
        super().__init__(*args, **kw)
        if revoked:
            self.fields["outcome"].choices = [("revoke", "原决定已经撤销,告知当事人")]


class ServeForm(forms.Form):
    """送达回证 of a decision that no task of the process serves (减少、终止、撤销)."""

    method = forms.ChoiceField(label="送达方式", choices=[k for k in METHODS.items() if k[0] != "electronic"],
                               help_text="本人也可以在手机上签收,不用登记")
    served_on = PastDateField(label="送达日期")
    receiver = forms.CharField(label="签收人", max_length=64)
    relation = forms.CharField(label="与申请人关系", max_length=32, initial="本人")
    signature = forms.FileField(label="签收照片或扫描件(直接送达)", required=False)
    witnesses = forms.CharField(label="见证人(留置送达,两名,用顿号隔开)", required=False, max_length=128)
    tracking = forms.CharField(label="邮件号(邮寄送达)", required=False, max_length=64)


class VersionForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)


class SupplementForm(VersionForm):
    text = reason_field("补正说明", least=2)


class WithdrawForm(VersionForm):
    reason = reason_field("撤回原因", help_text="按申请人本人的意思填写。撤回后这件申请就结束了")


class HandOverForm(VersionForm):
    reason = reason_field("移交原因", most=200)


class DelegateForm(forms.Form):
    """委托乡镇(街道)审核确认."""

    matter = forms.ChoiceField(label="事项")
    township = forms.ChoiceField(label="乡镇(街道)")
    since = forms.DateField(label="从哪天起", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    document = forms.CharField(label="委托文件名称或文号", min_length=4, max_length=200)

    def __init__(self, *args: Any, matters: list[tuple[str, str]], townships: list[tuple[str, str]], **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["matter"].choices = matters
        self.fields["township"].choices = [("", "请选择"), *townships]


class EndDelegationForm(forms.Form):
    reason = reason_field("收回原因", most=200)


class PurposeForm(forms.Form):
    reason = reason_field("用途", most=200, help_text="会留下记录")
