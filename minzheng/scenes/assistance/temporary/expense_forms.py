"""Forms of 支出型临时救助: what recognised families spent in twelve months. No income and no property is asked."""

from __future__ import annotations

from typing import Any

from django import forms

from minzheng.base.forms import IdNumberField, MoneyField
from minzheng.scenes.assistance.forms import MOST_WEALTH
from minzheng.scenes.assistance.rigid.forms import TOGETHER, BillsForm, YearForm


class FindForm(forms.Form):
    id_number = IdNumberField(label="家庭任一成员的身份证号", help_text="家庭应已认定为刚性支出困难家庭或低保边缘家庭")


class SpentForm(YearForm):
    """The application: expenses of each member and of the household, and the sum asked for."""

    income_year_fen = None  # type: ignore[assignment]
    asked_fen = MoneyField(label="申请金额", most_fen=MOST_WEALTH, help_text="不超过自己负担的支出")
    reason = forms.CharField(label="支出情况", min_length=5, max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    phone = forms.RegexField(r"^1\d{10}$", label="联系电话", error_messages={"invalid": "手机号应为 11 位数字。"})

    def together(self) -> list[forms.BoundField]:
        return [self[name] for name in TOGETHER]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = forms.Form.clean(self) or self.cleaned_data
        if not self.errors and not any(self.year().values()):
            raise forms.ValidationError("请填写前 12 个月的支出,至少一项。")
        if data.get("asked_fen") == 0:
            self.add_error("asked_fen", "申请金额应大于 0。")
        return data

    def year(self) -> dict[str, int]:
        return {name: int(fen or 0) for name, fen in self.cleaned_data.items() if "_year_fen" in name}


class SpentBillsForm(BillsForm):
    """核实: the declared amounts stand ready and are changed to what the bills prove."""

    income_year_fen = None  # type: ignore[assignment]

    def together(self) -> list[forms.BoundField]:
        return [self[name] for name in TOGETHER]
