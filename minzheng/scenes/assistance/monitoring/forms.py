"""Forms of the monitoring pages."""

from __future__ import annotations

from django import forms

from minzheng.scenes.assistance.monitoring.closing import REFERRALS
from minzheng.scenes.assistance.monitoring.models import LISTINGS

_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class CloseForm(forms.Form):
    """What the officer found and decided about an alert."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    outcome = forms.ChoiceField(label="处置结果", widget=forms.RadioSelect, choices=[
        ("applied", "符合条件,帮助申请救助(提交申请后办结)"), ("referred", "转介有关部门或社会力量"), ("watch", "暂不处置,持续观察"),
        ("dismissed", "核实后无需处置")])
    visited_on = forms.DateField(label="上门走访日期", widget=_DAY, required=False)
    text = forms.CharField(label="核实情况和理由", widget=forms.Textarea, max_length=1000,
                           help_text="写明看到、问到的情况。无需处置的,写明理由")
    to = forms.MultipleChoiceField(label="转介到", widget=forms.CheckboxSelectMultiple, choices=list(REFERRALS.items()),
                                   required=False, help_text="选“转介”时填写")
    until = forms.DateField(label="观察到", widget=_DAY, required=False, help_text="选“持续观察”时填写,到期后任务会回来")


class ListForm(forms.Form):
    """Entering a household in the library by hand."""

    kind = forms.ChoiceField(label="类别", choices=list(LISTINGS.items()), widget=forms.RadioSelect)
    reason = forms.CharField(label="致困原因", widget=forms.Textarea, max_length=500)


class UnlistForm(forms.Form):
    reason = forms.CharField(label="移出原因", widget=forms.Textarea, max_length=500)
