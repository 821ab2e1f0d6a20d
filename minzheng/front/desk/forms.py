"""Small forms of the staff portal."""

from __future__ import annotations

from typing import Any

from django import forms


class OpinionForm(forms.Form):
    """Outcome and opinion of a task, with the versions of what the officer has seen."""

    outcome = forms.ChoiceField(label="办理结果", widget=forms.RadioSelect, error_messages={"required": "请选择办理结果。"})
    comment = forms.CharField(label="意见", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    case_version = forms.IntegerField(widget=forms.HiddenInput)
    task_version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, outcomes: dict[str, str], **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["outcome"].choices = list(outcomes.items())


class RevealForm(forms.Form):
    reason = forms.CharField(label="查看原因", min_length=4, max_length=200,
                             help_text="会留下记录,本人能看到谁、什么时候、为什么查看")


class TransferForm(forms.Form):
    account = forms.ChoiceField(label="转给", error_messages={"invalid_choice": "请从名单里选择同事。"})
    reason = forms.CharField(label="转办原因", min_length=2, max_length=200)

    def __init__(self, *args: Any, colleagues: list[tuple[str, str]], **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["account"].choices = colleagues
