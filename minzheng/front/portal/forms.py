"""Small forms of the citizen pages."""

from __future__ import annotations

from django import forms


class SupplementForm(forms.Form):
    text = forms.CharField(label="补充说明", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    material = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)
    file = forms.FileField(label="照片或文件", required=False, help_text="可以直接拍照,单个文件不超过 10 兆")
    version = forms.IntegerField(widget=forms.HiddenInput)


class ObjectForm(forms.Form):
    about = forms.ChoiceField(label="对哪一项有异议", choices=[("check", "核对结果"), ("publicity", "公示内容"), ("decision", "决定")])
    text = forms.CharField(label="不同意的地方和理由", min_length=5, max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))
    version = forms.IntegerField(widget=forms.HiddenInput)


class WithdrawForm(forms.Form):
    reason = forms.CharField(label="撤回的原因", min_length=2, max_length=200)
    version = forms.IntegerField(widget=forms.HiddenInput)
