"""Chart of accounts (会计科目) and the shipped signature bands."""

from __future__ import annotations

import datetime as dt
from typing import Any

from minzheng.office.benefits.models import SOURCES

EXPENSE, RECOVERED = "5001", "5002"
PAYABLE, IN_TRANSIT, RETURNED = "2001", "2002", "2003"
RECEIVABLE, RECOVERY_CASH, IMPREST = "1201", "1002", "1003"


def treasury(source: str) -> str:
    """财政专户 of one funding source."""
    return f"1001-{source}"


def appropriated(source: str) -> str:
    """财政拨入 of one funding source."""
    return f"3001-{source}"


# (code, title, normal side: 1 debit, -1 credit)
CHART: list[tuple[str, str, int]] = [
    *((treasury(code), f"财政专户存款·{name}", 1) for code, name in SOURCES),
    (RECOVERY_CASH, "追回款专户", 1),
    (IMPREST, "乡镇备用金", 1),
    (RECEIVABLE, "应收追回款", 1),
    (PAYABLE, "应付救助金", -1),
    (IN_TRANSIT, "在途资金(已送银行)", -1),
    (RETURNED, "银行退回待发", -1),
    *((appropriated(code), f"财政拨入·{name}", -1) for code, name in SOURCES),
    (EXPENSE, "救助支出", 1),
    (RECOVERED, "追回冲减支出", -1),
]
TITLES = {code: title for code, title, _ in CHART}

SAMPLE_BANDS: list[dict[str, Any]] = [
    {"from_date": dt.date(2020, 1, 1), "up_to_fen": 50_000_000, "roles": ["county_finance"],
     "source": "示例值:未见公开规定,由县级民政、财政部门确定", "sample": True},
    {"from_date": dt.date(2020, 1, 1), "up_to_fen": None, "roles": ["county_finance", "county_leader"],
     "source": "示例值:未见公开规定,由县级民政、财政部门确定", "sample": True},
]
