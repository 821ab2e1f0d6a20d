"""What departments' records mean, in the words of the rules: pure functions from records to findings.

Incomes are whole fen a month, averaged over the twelve months that the departments cover; assets are fen on the day of
the data. Kinds named like the shared vocabulary of `data.brain.rules` go into rules; the others inform and warn.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Record = dict[str, Any]
YEAR = 12
_YUAN = re.compile(r"(-?)(\d{1,13})\.(\d{2})")

TITLES = {
    "wage_fen": "工资性收入", "business_fen": "经营净收入", "property_fen": "财产净收入", "transfer_fen": "转移净收入",
    "basic_pension_fen": "城乡居民基础养老金", "exempt_fen": "不计入收入的款物", "financial_fen": "货币财产",
    "vehicles": "机动车", "vehicles_exempt": "残疾人机动轮椅车", "houses": "住房", "other_property": "其他不动产",
    "provident_fund_fen": "公积金余额", "contribution_fen": "社保缴费基数", "medical_self_paid_fen": "医疗自付(月均)",
    "executive": "企业股东或高级管理人员", "public_payroll": "财政供养人员", "private_school": "民办学校就读",
    "serious_illness": "重特大疾病", "disability_kind": "残疾类别",
    "disability_grade": "残疾等级", "prison": "在监狱服刑", "death": "死亡登记",
    "alive": "生存状态正常", "marital": "婚姻状况", "benefit": "已享受待遇", "employment": "就业状态",
}
INCOMES = ("wage_fen", "business_fen", "property_fen", "transfer_fen")
COUNTS = ("vehicles", "houses")


class Unreadable(ValueError):
    """A department sent a value in a form that was not agreed; it is never guessed."""


@dataclass(frozen=True)
class Finding:
    """`amount_fen` for money, `number` for counts and grades, `text` for what is neither."""

    kind: str
    department: str
    amount_fen: int | None = None
    number: int | None = None
    text: str = ""


def fen(record: Record, column: str) -> int:
    """Yuan with exactly two decimals, as text, in whole fen."""
    match = _YUAN.fullmatch(str(record.get(column, "")))
    if not match:
        raise Unreadable(f"{column} 不是金额")
    value = int(match[2]) * 100 + int(match[3])
    return -value if match[1] else value


def monthly(record: Record, column: str) -> int:
    """A twelve-month total as fen a month, cut to whole fen towards zero."""
    total = fen(record, column)
    return total // YEAR if total >= 0 else -(-total // YEAR)


def _tax(r: Record) -> Iterator[tuple[str, Any]]:
    kinds = {"工资薪金": "wage_fen", "劳务报酬": "wage_fen", "经营所得": "business_fen", "财产租赁": "property_fen",
             "利息股息红利": "property_fen"}
    if r.get("income_kind") not in kinds:
        raise Unreadable("未知的所得项目")
    yield kinds[r["income_kind"]], (monthly(r, "total"), r["income_kind"])


def _social_insurance(r: Record) -> Iterator[tuple[str, Any]]:
    if r.get("status") in ("停发", "死亡终止"):
        if r["status"] == "死亡终止":
            yield "death", "社会保险关系因死亡终止"
        return
    if r.get("role") == "领取待遇":
        basic = fen(r, "basic_pension")
        yield "transfer_fen", (fen(r, "pension") - basic, r.get("insurance", ""))
        if basic:
            yield "basic_pension_fen", (basic, r.get("insurance", ""))
        yield "alive", "正常领取待遇"
    elif r.get("role") == "参保缴费":
        yield "contribution_fen", (fen(r, "base"), r.get("insurance", ""))


def _real_estate(r: Record) -> Iterator[tuple[str, Any]]:
    if r.get("status") != "现势":
        return
    where = f"{r.get('usage', '')} {r.get('area_m2', '')}㎡ {r.get('address', '')}".strip()
    yield ("houses", (1, where)) if r.get("usage") in ("住宅", "宅基地住宅") else ("other_property", where)


def _vehicles(r: Record) -> Iterator[tuple[str, Any]]:
    if r.get("status") != "正常":
        return
    what = f"{r.get('kind', '')} {r.get('plate', '')}".strip()
    yield "vehicles", (1, what)
    if r.get("kind") == "残疾人机动轮椅车":
        yield "vehicles_exempt", (1, what)


def _police(r: Record) -> Iterator[tuple[str, Any]]:
    if r.get("status") == "死亡注销":
        yield "death", f"{r.get('cancelled_on') or ''}注销户口"
    else:
        yield "alive", "户口状态正常"
    yield "marital", r.get("marital", "")


def _marriages(r: Record) -> Iterator[tuple[str, Any]]:
    yield "marital", {"结婚": "有配偶", "离婚": "离婚"}.get(r.get("event", ""), "")


Reader = Callable[[Record], Iterator[tuple[str, Any]]]


def _one(kind: str, *columns: str, text: str = "", average: bool = False) -> Reader:
    def read(r: Record) -> Iterator[tuple[str, Any]]:
        amount = sum((monthly if average else fen)(r, column) for column in columns)
        yield kind, (amount, str(r.get(text) or ""))

    return read


def _when(kind: str, column: str, value: str, text: str) -> Reader:
    def read(r: Record) -> Iterator[tuple[str, Any]]:
        if r.get(column) == value:
            yield kind, str(r.get(text) or "")

    return read


def _benefits(r: Record) -> Iterator[tuple[str, Any]]:
    if r.get("status") == "在发":
        yield "benefit", f"{r.get('benefit', '')}({r.get('county', '')})"
        yield "exempt_fen", (fen(r, "monthly"), r.get("benefit", ""))


def _disability(r: Record) -> Iterator[tuple[str, Any]]:
    if r.get("status") == "有效":
        yield "disability_kind", (int(r["disability_class"]), r.get("class_name", ""))
        yield "disability_grade", (int(r["grade"]), f"{r['grade']}级")


def _education(r: Record) -> Iterator[tuple[str, Any]]:
    if r.get("private") and r.get("status") == "在籍":
        yield "private_school", f"{r.get('stage', '')} 学费{r.get('tuition_year', '')}元/年"


READERS: dict[str, Reader] = {
    "police": _police,
    "vehicles": _vehicles,
    "tax": _tax,
    "social_insurance": _social_insurance,
    "employment": lambda r: iter([("employment", r.get("state", ""))]),
    "real_estate": _real_estate,
    "market": _when("executive", "status", "存续", "organisation"),
    "provident_fund": _one("provident_fund_fen", "balance", text="employer"),
    "medical_insurance": _one("medical_self_paid_fen", "self_paid_12m", text="kind", average=True),
    "health": lambda r: iter([("serious_illness", r.get("illness", ""))]),
    "deaths": lambda r: iter([("death", f"{r.get('died_on') or ''}死亡医学证明")]),
    "cremations": lambda r: iter([("death", f"{r.get('cremated_on') or ''}火化登记")]),
    "disability": _disability,
    "education": _education,
    "marriages": _marriages,
    "benefits": _benefits,
    "prison": _when("prison", "status", "在押", "facility"),
    "banks": _one("financial_fen", "balance", text="bank"),
    "securities": _one("financial_fen", "market_value", "cash", text="broker"),
    "insurance": _one("financial_fen", "cash_value", text="product"),
    "payments": _one("financial_fen", "balance", "fund", text="provider"),
    "public_payroll": lambda r: iter([("public_payroll", r.get("unit", ""))]),
    "agriculture": _one("transfer_fen", "subsidy_year", average=True),
    "veterans": _one("exempt_fen", "monthly", text="category"),
}
_NUMBERS = frozenset({"vehicles", "vehicles_exempt", "houses", "disability_kind", "disability_grade"})


def findings_of(department: str, records: list[Record]) -> list[Finding]:
    """All that the records say. Unreadable when a table or a value is not as agreed."""
    found: list[Finding] = []
    for record in records:
        reader = READERS.get(str(record.get("table", "")))
        if reader is None:
            raise Unreadable(f"未约定的数据表 {record.get('table')}")
        try:
            said = list(reader(record))
        except (KeyError, TypeError) as error:
            raise Unreadable(f"数据项缺失:{error}") from error
        for kind, value in said:
            if isinstance(value, tuple):
                size, text = value
                number = size if kind in _NUMBERS else None
                found.append(Finding(kind, department, None if kind in _NUMBERS else size, number, str(text)))
            else:
                found.append(Finding(kind, department, text=str(value)))
    if department == "marriage":  # the last event decides
        return found[-1:]
    return found
