"""Small forms of the citizen pages."""

from __future__ import annotations

from typing import Any

from django import forms

from minzheng.office.decisions.models import Decision


class SupplementForm(forms.Form):
    """What was asked for, in words and, where a material is missing, as a picture or file."""

    text = forms.CharField(label="补充说明", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    material = forms.ChoiceField(label="这是哪一份材料", required=False)
    file = forms.FileField(label="照片或文件", required=False, help_text="可以直接拍照,单个文件不超过 10 兆")
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, materials: list[tuple[str, str]], **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["material"].choices = [("", "请选择"), *materials]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("file") and not data.get("material"):
            self.add_error("material", "请选择上传的是哪一份材料。")
        if data.get("material") and not data.get("file"):
            self.add_error("file", "请选择这份材料的照片或文件。")
        return data


class MaterialForm(forms.Form):
    file = forms.FileField(label="照片或文件", help_text="可以直接拍照", error_messages={
        "required": "请选择照片或文件。", "empty": "文件是空的,请重新选择。"})


class ReceiveForm(forms.Form):
    """Taking the decision on the phone is electronic service, which needs consent."""

    consented = forms.BooleanField(label="我同意电子送达,现在签收这份决定书", error_messages={
        "required": "请先勾选“同意电子送达”。不同意的,工作人员会把决定书送到您手中。"})


class PublicObjectionForm(forms.Form):
    """异议 by anybody, with or without a name."""

    text = forms.CharField(label="不同意的地方和理由", min_length=5, max_length=2000, widget=forms.Textarea(attrs={"rows": 5}),
                           error_messages={"min_length": "请把不同意的地方写清楚(至少 5 个字)。"})
    name = forms.CharField(label="您的姓名", required=False, max_length=64, help_text="可以不留,工作人员会保密")
    phone = forms.CharField(label="联系电话", required=False, max_length=32, help_text="留下电话,方便工作人员向您核实")


class ObjectForm(forms.Form):
    """`about` is "publicity", "decision" (the newest that stands) or "decision:<number>"."""

    about = forms.ChoiceField(label="对哪一项有异议")
    text = forms.CharField(label="不同意的地方和理由", min_length=5, max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, decisions: list[Decision], shown: bool, **kw: Any) -> None:
        super().__init__(*args, **kw)
        named = [(f"decision:{row.number}", f"决定:{row.kind_title}({row.number})") for row in decisions]
        self.offered = [*([("publicity", "公示内容")] if shown else []), *named]
        self.fields["about"].choices = [*self.offered, ("decision", "决定"), ("publicity", "公示内容")]
        self.fields["about"].widget.choices = self.offered or [("publicity", "公示内容")]


class WithdrawForm(forms.Form):
    reason = forms.CharField(label="撤回的原因", min_length=2, max_length=200)
    version = forms.IntegerField(widget=forms.HiddenInput)
