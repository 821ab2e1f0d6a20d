"""Forms of 刚性支出困难家庭: twelve months of expenses as declared, and as the bills prove. Yuan on screen, fen inside."""

from __future__ import annotations

from typing import Any

from django import forms

from minzheng.base.forms import MoneyField, PastDateField
from minzheng.scenes.assistance.forms import MOST_WEALTH

# Who has which expense is asked of each member; living and other expenses are the household's.
PERSONAL = {"medical_year_fen": "自负医疗费", "education_year_fen": "教育费", "rehab_year_fen": "残疾康复费"}
TOGETHER = {"living_year_fen": "必需生活支出", "other_rigid_year_fen": "其他刚性支出"}
TITLES = {**TOGETHER, **PERSONAL}
HINTS = {"living_year_fen": "全家吃、穿、住、水电等必需开支", "other_rigid_year_fen": "突发灾害等造成的必需支出",
         "medical_year_fen": "医保和商业保险报销后自己付的,凭票据", "education_year_fen": "按当地公办学校标准",
         "rehab_year_fen": "残疾康复、辅具"}


class YearForm(forms.Form):
    """What the household earned and had to spend in twelve months. Cleans to one amount a category and person."""

    asks_members = True
    layout = "rigid/year.html"

    income_year_fen = MoneyField(label="前 12 个月家庭总收入", most_fen=MOST_WEALTH,
                                 help_text="全家合计;没有收入填 0", error_messages={"required": "请填写总收入,没有收入填 0。"})
    living_year_fen = MoneyField(label=TOGETHER["living_year_fen"], required=False, empty=0, most_fen=MOST_WEALTH,
                                 help_text=HINTS["living_year_fen"])
    other_rigid_year_fen = MoneyField(label=TOGETHER["other_rigid_year_fen"], required=False, empty=0, most_fen=MOST_WEALTH,
                                      help_text=HINTS["other_rigid_year_fen"])

    def __init__(self, *args: Any, people: list[tuple[int, str]], **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.people = people
        for person, name in people:
            for field, title in PERSONAL.items():
                self.fields[f"{field}_{person}"] = MoneyField(label=f"{name}的{title}", required=False, empty=0,
                                                              most_fen=MOST_WEALTH, help_text=HINTS[field])

    def together(self) -> list[forms.BoundField]:
        return [self[name] for name in ("income_year_fen", *TOGETHER)]

    def personal(self) -> list[dict[str, Any]]:
        return [{"name": name, "fields": [self[f"{field}_{person}"] for field in PERSONAL]} for person, name in self.people]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not any(data[name] for name in data if name != "income_year_fen"):
            raise forms.ValidationError("请填写前 12 个月的支出,至少一项。")
        return data


class BillsForm(YearForm):
    """核实: the declared amounts stand ready and are changed to what the bills prove."""

    until = PastDateField(label="12 个月截至")
    bills = forms.IntegerField(label="有效票据(张)", min_value=0, max_value=9999)
    note = forms.CharField(label="核实说明", min_length=5, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
                           help_text="哪些认可、哪些不认可,为什么")
