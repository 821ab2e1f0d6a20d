"""Forms of the money pages: months, amounts, reasons. What was refused goes to its field."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction

from minzheng.base.errors import Refused
from minzheng.base.forms import IdNumberField, MoneyField
from minzheng.office.benefits.models import CAUSES, SOURCES
from minzheng.office.benefits.months import add_months
from minzheng.office.benefits.schemes import all_schemes

_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


def month_from(text: str, default: dt.date) -> dt.date:
    """A month in an address, 2026-11; Refused when it is none."""
    if not text:
        return default
    found = _MONTH.fullmatch(text)
    if found is None:
        raise Refused("月份写成“2026-11”的样子,请重新选择。", field="month")
    return dt.date(int(found[1]), int(found[2]), 1)


def number_from(text: str) -> int:
    """A place in a list in an address; 0 from the start. Refused when it is none."""
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Refused("翻页位置无效,请从第一页重新查看。")
    return int(text)


class MonthField(forms.CharField):
    """A month as its first day."""

    widget = forms.TextInput(attrs={"type": "month"})

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return month_from(text, dt.date.min)
        except Refused as refusal:
            raise ValidationError(refusal.reason) from None

    def prepare_value(self, value: Any) -> Any:
        return value.strftime("%Y-%m") if isinstance(value, dt.date) else value


def attempt(form: forms.Form, act: Callable[[], object]) -> bool:
    """Runs the act. What it refuses of the input is shown at its field, and nothing is written; the rest passes on."""
    try:
        with transaction.atomic():
            act()
    except Refused as refusal:
        if refusal.status != 422:
            raise
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
        return False
    return True


def _reason(label: str = "原因", **kw: Any) -> forms.CharField:
    return forms.CharField(label=label, min_length=4, max_length=200, widget=forms.Textarea(attrs={"rows": 2}),
                           error_messages={"min_length": f"{label}至少写四个字。"}, **kw)


class ReasonForm(forms.Form):
    """Why, and the state that the page showed."""

    reason = _reason()
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)


class ExportForm(forms.Form):
    reason = _reason("用途", help_text="会留下记录,并写在导出文件的第一行")


class BankFileForm(forms.Form):
    reason = _reason("下载原因", help_text="文件含完整账号和证件号,会留下记录")


class StatusReportForm(forms.Form):
    report = forms.FileField(label="付款状态报告", help_text="银行给的 pain.002 文件(XML)。同一份只收一次")


class BuildForm(forms.Form):
    month = MonthField(label="发放月份")
    scheme = forms.ChoiceField(label="项目")
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["scheme"].choices = [(s.code, s.title) for s in all_schemes()]


class ResolveForm(forms.Form):
    resolution = forms.CharField(label="与银行核对的结果", min_length=4, max_length=200)


class VersionForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)


class SuspendForm(VersionForm):
    cause = forms.ChoiceField(label="原因类别", choices=[("", "请选择"), *CAUSES])
    reason = _reason("具体原因")


class ResumeForm(VersionForm):
    arrears = forms.TypedChoiceField(label="暂停的月份", coerce=lambda text: text == "yes", widget=forms.RadioSelect,
                                     choices=[("yes", "补发"), ("no", "不补发")])
    reason = _reason("恢复理由")


class RaiseForm(VersionForm):
    """A higher amount; a cut has its own page, since the person is heard first."""

    from_month = MonthField(label="从哪个月起")
    monthly_fen = MoneyField(label="新的月标准")
    decision = forms.CharField(label="决定书文号", max_length=64)
    reason = _reason("调整理由")


class DeathForm(VersionForm):
    """The end on a death needs no hearing."""

    last_month = MonthField(label="末发月", help_text="去世当月仍发放,从下月起停发")
    reason = _reason("死亡信息来源")


class CloseReviewForm(VersionForm):
    key = forms.CharField(widget=forms.HiddenInput, max_length=200)
    outcome = _reason("复核结论")


class PayeeForm(VersionForm):
    payee_name = forms.CharField(label="户名", max_length=60)
    payee_account = forms.CharField(label="账号", max_length=32, widget=forms.TextInput(
        attrs={"inputmode": "numeric", "autocomplete": "off"}))
    payee_id_number = IdNumberField(label="开户人身份证号")
    reason = _reason("更正原因")


class TryForm(forms.Form):
    """One attempt to reach the person."""

    way = forms.ChoiceField(label="联系方式")
    text = forms.CharField(label="联系情况", max_length=200)


class HearingForm(forms.Form):
    about = forms.ChoiceField(label="拟作决定", choices=[("cut", "减发"), ("end", "终止")], widget=forms.RadioSelect)
    outcome = forms.ChoiceField(label="听取结果", widget=forms.RadioSelect)
    person_name = forms.CharField(label="当事人", max_length=64)
    told = forms.CharField(label="已告知的事实和理由", max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))
    statement = forms.CharField(label="当事人意见", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class CutForm(VersionForm):
    """减发或终止的决定, made on the hearing that lies there."""

    about = forms.CharField(widget=forms.HiddenInput, max_length=8)
    from_month = MonthField(label="从哪个月起执行", help_text="减发从这个月起;终止从这个月起不再发放")
    monthly_fen = MoneyField(label="减发后的月标准", required=False)
    grace = forms.BooleanField(label="渐退:在上面的月份以前照发,最多 6 个月", required=False,
                               help_text="只用于就业或收入增加后不再符合条件的家庭(民发〔2022〕83号),原因类别选“收入变化”")
    cause = forms.ChoiceField(label="原因类别", choices=[("", "请选择"), *CAUSES])
    reasons = forms.CharField(label="决定理由", min_length=10, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
                              error_messages={"min_length": "请写明事实和规定,至少 10 个字。"})
    legal_basis = forms.CharField(label="依据条款", max_length=300)
    remedy = forms.CharField(label="救济途径", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class UploadReturnForm(forms.Form):
    """回盘文件 by hand, with the sums that stand on the bank's slip."""

    file = forms.FileField(label="回盘文件", error_messages={"required": "请选择银行给的回盘文件。", "empty": "文件是空的,请重新选择。"})
    count = forms.IntegerField(label="回单上的总行数", min_value=1)
    paid_count = forms.IntegerField(label="回单上的到账笔数", min_value=0)
    paid_fen = MoneyField(label="回单上的到账金额")
    reason = _reason("为什么手工上传")


class MoveForm(VersionForm):
    """迁移 within the county, or within the township for a township's post."""

    to = forms.ChoiceField(label="迁到哪里")
    reason = _reason("迁移原因")

    def __init__(self, *args: Any, places: list[tuple[str, str]] = (), **kw: Any) -> None:  # type: ignore[assignment]
        super().__init__(*args, **kw)
        self.fields["to"].choices = [("", "请选择"), *places]


class BandsForm(forms.Form):
    """签批权限 as one sum: up to it finance signs alone, above it the leader too. 0: both sign every envelope."""

    alone_fen = MoneyField(label="资金岗单独签批的上限", most_fen=10**12, help_text="超过的由负责人加签;写 0 表示每一批都由两人签")
    from_date = forms.DateField(label="从哪天起", widget=forms.DateInput(attrs={"type": "date"}), help_text="最早明天;已封包的批次按封包时的权限")
    source = forms.CharField(label="依据文件", min_length=4, max_length=200, help_text="文件名称和文号",
                             error_messages={"min_length": "请写明文件名称和文号。"})

    def bands(self) -> list[dict[str, Any]]:
        most = self.cleaned_data["alone_fen"]
        both: dict[str, Any] = {"up_to_fen": None, "roles": ["county_finance", "county_leader"]}
        return [{"up_to_fen": most, "roles": ["county_finance"]}, both] if most else [both]


class BandsAnswerForm(forms.Form):
    outcome = forms.ChoiceField(choices=[("in_force", ""), ("refused", ""), ("withdrawn", "")])
    reason = forms.CharField(label="意见", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class RecoveryForm(forms.Form):
    fen = MoneyField(label="追回金额")
    decision = forms.CharField(label="决定书文号", max_length=64)
    reason = _reason("追回理由")
    first_on = forms.DateField(label="首期日期", widget=forms.DateInput(attrs={"type": "date"}))
    parts = forms.IntegerField(label="分几期", min_value=1, max_value=36, initial=1, help_text="每月一期,尾差在最后一期")

    def instalments(self) -> list[tuple[dt.date, int]]:
        """Equal parts a month apart; the last bears what is left over."""
        data = self.cleaned_data
        count, day = data["parts"], data["first_on"]
        each = data["fen"] // count
        months = [add_months(day.replace(day=1), n) for n in range(count)]
        days = [min(day.day, (add_months(month, 1) - dt.timedelta(days=1)).day) for month in months]
        return [(month.replace(day=on), each if n < count - 1 else data["fen"] - each * (count - 1))
                for n, (month, on) in enumerate(zip(months, days, strict=True))]


class RepaymentForm(forms.Form):
    fen = MoneyField(label="缴回金额")
    slip = forms.CharField(label="缴款凭证号", max_length=64)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=20)


class AppropriateForm(forms.Form):
    source = forms.ChoiceField(label="资金来源", choices=[("", "请选择"), *((code, f"{name}级") for code, name in SOURCES)])
    fen = MoneyField(label="下达金额", signed=True, most_fen=10**11, help_text="调减写负数")
    document = forms.CharField(label="下达文件文号", max_length=64)
    reason = _reason("用途或调整原因")


class SharesForm(forms.Form):
    """Percentages with at most two decimals; they are kept as basis points."""

    from_month = MonthField(label="从哪个月起")
    central = MoneyField(label="中央")
    province = MoneyField(label="省级")
    city = MoneyField(label="市级")
    county = MoneyField(label="县级")
    reason = _reason("依据")

    def shares(self) -> dict[str, int]:
        return {source: self.cleaned_data[source] for source, _ in SOURCES}
