"""Forms of 低保: the application, and what officers fill in at each task. Amounts are yuan a month on screen, fen inside."""

from __future__ import annotations

from typing import Any

from django import forms

from minzheng.base.forms import IdNumberField, MoneyField, PastDateField
from minzheng.office.cases.actions import RELATIONS

# Nobody in these households earns a million yuan a month; a slip of the decimal point is refused at once.
MOST_MONTHLY = 100_000_000
MOST_WEALTH = 2_000_000_000

CAUSES = [("", "请选择"), ("illness", "因病"), ("disability", "因残"), ("no_labour", "缺少劳动力"),
          ("unemployed", "失业或收入不稳定"), ("study", "子女就学负担重"), ("disaster", "因灾"), ("other", "其他")]
CAUSE_TITLES = dict(CAUSES[1:])

INCOME_FIELDS = {
    "wage_fen": "工资性收入", "business_fen": "经营净收入", "property_fen": "财产净收入", "transfer_fen": "转移净收入",
    "other_fen": "其他收入", "basic_pension_fen": "基础养老金", "work_cost_fen": "必要就业成本", "rigid_fen": "病残刚性支出",
}


class FindForm(forms.Form):
    """Window intake begins with one ID number, typed or scanned."""

    id_number = IdNumberField(label="申请人身份证号", help_text="刷身份证或扫码自动填入,也可以手工输入")


class AddMemberForm(forms.Form):
    member_id = IdNumberField(label="添加家庭成员(身份证号)", required=False)


class ElsewhereForm(forms.Form):
    """Why a member whose register is in another county is looked up here. The member sees it."""

    elsewhere_reason = forms.CharField(
        label="按异地人员添加的事由", min_length=4, max_length=64, required=False,
        help_text="例如:与申请人共同生活,户籍未迁入。本人能看到这条记录",
        error_messages={"min_length": "请写明事由(不少于 4 个字)。"})


class MemberForm(forms.Form):
    """One row of the household. Blank amounts mean none."""

    person = forms.IntegerField(widget=forms.HiddenInput)
    relation = forms.ChoiceField(label="关系", choices=[(r, r) for r in RELATIONS])
    counted = forms.BooleanField(label="共同生活", required=False, initial=True)
    reason = forms.CharField(label="不计入或登记在另一户的原因", required=False, max_length=64)
    dependent_adult = forms.BooleanField(label="成年但不能独立生活(含在读学生)", required=False)
    serious_illness = forms.BooleanField(label="患重特大疾病", required=False)
    wage_fen = MoneyField(label="工资", required=False, empty=0, most_fen=MOST_MONTHLY)
    business_fen = MoneyField(label="经营", required=False, empty=0, signed=True, most_fen=MOST_MONTHLY)
    property_fen = MoneyField(label="财产", required=False, empty=0, most_fen=MOST_MONTHLY)
    transfer_fen = MoneyField(label="转移", required=False, empty=0, most_fen=MOST_MONTHLY)
    other_fen = MoneyField(label="其他", required=False, empty=0, most_fen=MOST_MONTHLY)
    basic_pension_fen = MoneyField(label="基础养老金", required=False, empty=0, most_fen=MOST_MONTHLY)
    work_cost_fen = MoneyField(label="就业成本", required=False, empty=0, most_fen=MOST_MONTHLY)
    rigid_fen = MoneyField(label="病残支出", required=False, empty=0, most_fen=MOST_MONTHLY)
    applies_alone = forms.BooleanField(label="成年无业重度残疾,以单人户申请", required=False)
    signed = forms.BooleanField(label="已签署核对授权书", required=False)

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        for name in ("relation", *INCOME_FIELDS):  # cells of a table have no label of their own
            self.fields[name].widget.attrs["aria-label"] = self.fields[name].label

    def amounts(self) -> list[forms.BoundField]:
        return [self[name] for name in INCOME_FIELDS]

    def flags(self) -> list[forms.BoundField]:
        return [self[name] for name in ("counted", "dependent_adult", "serious_illness", "signed")]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not data.get("counted") and not data.get("reason"):
            self.add_error("reason", "不计入共同生活成员的,请写明原因。")
        if data.get("work_cost_fen", 0) and data.get("work_cost_fen", 0) > data.get("wage_fen", 0):
            self.add_error("work_cost_fen", "就业成本不能多于工资。")
        return data


MemberFormSet = forms.formset_factory(MemberForm, extra=0, min_num=1, max_num=20, validate_max=True, absolute_max=20)


class ApplicationForm(forms.Form):
    """What the household declares together."""

    cause = forms.ChoiceField(label="主要困难原因", choices=CAUSES)
    financial_fen = MoneyField(label="存款等货币财产合计", empty=0, required=False, most_fen=MOST_WEALTH,
                               help_text="存款、理财、证券、基金、支付账户余额等,全家合计")
    vehicles = forms.IntegerField(label="机动车(辆)", min_value=0, max_value=20, initial=0)
    houses = forms.IntegerField(label="住房(套)", min_value=0, max_value=20, initial=0)
    payee = forms.ChoiceField(label="领款人", help_text="发到领款人登记的银行卡(一卡通)")
    phone = forms.RegexField(r"^1\d{10}$", label="联系电话", error_messages={"invalid": "手机号应为 11 位数字。"})
    text = forms.CharField(label="情况说明", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    kin = forms.BooleanField(label="家庭成员与经办人员或村(社区)干部是近亲属", required=False)
    kin_member = forms.CharField(label="家庭成员姓名", required=False, max_length=64)
    kin_official = forms.CharField(label="工作人员姓名", required=False, max_length=64)
    kin_duty = forms.CharField(label="工作单位和职务", required=False, max_length=128)
    kin_relation = forms.CharField(label="亲属关系", required=False, max_length=32)
    promise = forms.BooleanField(label="申请人承诺所填内容真实,同意依法核对家庭经济状况",
                                 error_messages={"required": "请申请人确认承诺后再提交。"})

    def __init__(self, *args: Any, payees: list[tuple[int, str]] | None = None, **kw: Any) -> None:
        """`payees`: who may receive the money; None where nothing is paid."""
        super().__init__(*args, **kw)
        if payees is None:
            del self.fields["payee"]
        else:
            self.fields["payee"].choices = [(str(key), title) for key, title in payees]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("kin"):
            for name in ("kin_member", "kin_official", "kin_duty", "kin_relation"):
                if not data.get(name):
                    self.add_error(name, f"有近亲属关系的,请填写{self.fields[name].label}。")
        return data


class ReviewForm(forms.Form):
    """受理审查: what is missing is told all at once."""

    missing = forms.CharField(label="缺少的材料或内容(每行一项,一次写全)", required=False, max_length=1000,
                              widget=forms.Textarea(attrs={"rows": 3}))


class VisitForm(forms.Form):
    """入户调查."""

    visited_on = PastDateField(label="调查日期")
    living = forms.CharField(label="居住和生活情况", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    vehicles_exempt = forms.IntegerField(label="属生产生活必需的机动车(辆)", min_value=0, max_value=20, initial=0,
                                         required=False, help_text="残疾人代步车、普通生产用车等,须在调查结论里写明")
    houses_exempt = forms.IntegerField(label="可以不计的住房(套)", min_value=0, max_value=20, initial=0, required=False)
    conclusion = forms.CharField(label="调查结论", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    remote = forms.BooleanField(label="因突发情况未能入户,采用视频等方式调查", required=False)
    remote_reason = forms.CharField(label="未能入户的原因", required=False, max_length=200)
    photos = forms.FileField(label="现场照片", required=False, widget=forms.ClearableFileInput())
    visitor_sign = forms.CharField(required=False, widget=forms.HiddenInput)
    visitor_sign_typed = forms.CharField(label="调查人签名", required=False, max_length=64)
    household_sign = forms.CharField(required=False, widget=forms.HiddenInput)
    household_sign_typed = forms.CharField(label="申请人签名", required=False, max_length=64)

    def __init__(self, *args: Any, members: list[tuple[int, str]] = [], **kw: Any) -> None:  # noqa: B006
        """`members` adds one field an income and person, for amounts that the visit finds to be different."""
        super().__init__(*args, **kw)
        self.people = members
        for person, _ in members:
            for name, title in INCOME_FIELDS.items():
                self.fields[f"verified_{person}_{name}"] = MoneyField(
                    label=title, required=False, most_fen=MOST_MONTHLY, signed=name == "business_fen")

    def verified(self) -> list[dict[str, Any]]:
        """The added fields by person, for the template."""
        return [{"name": name, "fields": [self[f"verified_{person}_{field}"] for field in INCOME_FIELDS]}
                for person, name in self.people]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("remote") and not data.get("remote_reason"):
            self.add_error("remote_reason", "没有入户的,请写明原因。")
        for name, whom in (("visitor_sign", "调查人"), ("household_sign", "申请人")):
            if not data.get(name) and not data.get(f"{name}_typed"):
                self.add_error(f"{name}_typed", f"请{whom}手写签名,或键入姓名代替。")
        return data


class DemocraticReviewForm(forms.Form):
    """民主评议."""

    held_on = PastDateField(label="评议日期")
    present = forms.IntegerField(label="到会人数", min_value=3, max_value=500)
    in_favour = forms.IntegerField(label="同意人数", min_value=0, max_value=500)
    against = forms.IntegerField(label="不同意人数", min_value=0, max_value=500)
    text = forms.CharField(label="评议意见", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if None not in (data.get("present"), data.get("in_favour"), data.get("against")) and (
                data["in_favour"] + data["against"] > data["present"]):
            self.add_error("present", "同意与不同意的人数之和不能超过到会人数。")
        return data


class ServeForm(forms.Form):
    """送达回证: by hand with a signature, left with witnesses, by post with its number, or electronically."""

    method = forms.ChoiceField(label="送达方式", choices=[("direct", "直接送达"), ("left", "留置送达"), ("post", "邮寄送达"),
                                                      ("electronic", "电子送达(本人同意)")])
    served_on = PastDateField(label="送达日期")
    receiver = forms.CharField(label="签收人", max_length=64)
    receiver_relation = forms.CharField(label="与申请人关系", max_length=32, initial="本人")
    signature = forms.FileField(label="签收照片或扫描件(直接送达)", required=False)
    witnesses = forms.CharField(label="见证人(留置送达)", required=False, max_length=128)
    tracking = forms.CharField(label="邮件号(邮寄送达)", required=False, max_length=64)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        needed = {"direct": "signature", "left": "witnesses", "post": "tracking"}.get(data.get("method", ""))
        if needed and not data.get(needed):
            self.add_error(needed, f"请填写或上传{self.fields[needed].label}。")
        return data


class ProposeStopForm(forms.Form):
    """终止办理: the township clerk writes down what happened."""

    cause = forms.ChoiceField(label="终止原因", widget=forms.RadioSelect,
                              choices=[("refused", "无正当理由拒不配合调查核实"), ("death", "申请人死亡")],
                              error_messages={"required": "请选择终止原因。"})
    reason = forms.CharField(label="事实经过", max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
                             help_text="何时、何地、怎样通知,申请人怎样答复;死亡的写明信息来源和日期")
    version = forms.IntegerField(widget=forms.HiddenInput)


class DecideStopForm(forms.Form):
    agree = forms.TypedChoiceField(label="决定", coerce=lambda text: text == "yes", widget=forms.RadioSelect,
                                   choices=[("yes", "同意,终止审核确认程序"), ("no", "不同意,继续办理")],
                                   error_messages={"required": "请选择决定。"})
    comment = forms.CharField(label="意见", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    version = forms.IntegerField(widget=forms.HiddenInput)


class DecideAgainForm(forms.Form):
    outcome = forms.ChoiceField(label="决定", widget=forms.RadioSelect,
                                choices=[("confirm", "予以确认,按测算金额"), ("refuse", "不予确认,告知理由与救济途径")],
                                error_messages={"required": "请选择决定。"})
    comment = forms.CharField(label="理由", min_length=5, max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))
    version = forms.IntegerField(widget=forms.HiddenInput)


class CheckObjectionForm(forms.Form):
    """异议 against what departments said about the citizen."""

    departments = forms.MultipleChoiceField(label="对哪个部门的结果有异议", widget=forms.CheckboxSelectMultiple,
                                            error_messages={"required": "请选择有异议的部门。"})
    statement = forms.CharField(label="实际情况", min_length=5, max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
                                error_messages={"min_length": "请把实际情况写清楚(至少 5 个字)。"})
    evidence = forms.FileField(label="证明材料", required=False, help_text="可以直接拍照")

    def __init__(self, *args: Any, departments: list[tuple[str, str]], **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["departments"].choices = departments
