"""Forms of the import of an old 低保 database."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from minzheng.base.forms import MoneyField
from minzheng.data.ingest.models import Mapping
from minzheng.scenes.assistance.legacy.target import DIBAO

MOST_SUM = 10**12


class MappingForm(forms.Form):
    name = forms.CharField(label="对照表名称", min_length=2, max_length=60, help_text="例如:昆山旧低保系统")
    body = forms.CharField(label="对照内容", max_length=50_000, strip=False,
                           widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "class": "code"}))


class UploadForm(forms.Form):
    """Files and control totals, a pair for each table of the target."""

    source = forms.CharField(label="来源系统", min_length=2, max_length=60)
    mapping = forms.TypedChoiceField(label="对照表", coerce=int)

    def __init__(self, *args: Any, mappings: list[Mapping], **kw: Any) -> None:
        super().__init__(*args, **kw)
        mapping = self.fields["mapping"]
        assert isinstance(mapping, forms.TypedChoiceField)
        mapping.choices = [(row.pk, f"{row.name}(第 {row.version} 版)") for row in mappings]
        for table in DIBAO.tables:
            self.fields[table.code] = forms.FileField(label=f"{table.title}文件", help_text="CSV(UTF-8 或 GB18030)或 xlsx")
            self.fields[f"{table.code}_rows"] = forms.IntegerField(label=f"{table.title}行数", min_value=0, max_value=200_000)
            if table.money:
                self.fields[f"{table.code}_fen"] = MoneyField(label="月金额合计(元)", most_fen=MOST_SUM)

    def declared(self) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for table in DIBAO.tables:
            found[table.code] = {"rows": self.cleaned_data[f"{table.code}_rows"]}
            if table.money:
                found[table.code]["fen"] = self.cleaned_data[f"{table.code}_fen"]
        return found


class AcceptForm(forms.Form):
    first_month = forms.TypedChoiceField(label="本平台起发月", coerce=dt.date.fromisoformat)
    households = forms.IntegerField(widget=forms.HiddenInput)
    fen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, months: tuple[dt.date, ...], **kw: Any) -> None:
        super().__init__(*args, **kw)
        field = self.fields["first_month"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [(month.isoformat(), f"{month.year} 年 {month.month} 月") for month in months]


class ReasonForm(forms.Form):
    reason = forms.CharField(label="原因", min_length=4, max_length=200)


class ReportForm(forms.Form):
    reason = forms.CharField(label="用途", min_length=4, max_length=200, help_text="会留下记录")
