"""Where a household can be referred to, and what may be asked there. The lists of requests are 示例值."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Department:
    """`partner` is the code in data.exchange."""

    title: str
    partner: str
    asks: Mapping[str, str]


DEPARTMENTS: Mapping[str, Department] = {
    "medical": Department("医疗保障", "medical", {
        "insured": "资助参加居民医保", "aid": "医疗救助费用结算", "chronic": "门诊慢特病待遇认定"}),
    "education": Department("教育", "education", {
        "fee": "学费减免和助学金", "meals": "在校伙食补助", "place": "入学和复学安排"}),
    "housing": Department("住房城乡建设", "housing", {
        "rent": "公租房或租赁补贴", "repair": "危旧房屋改造"}),
    "employment": Department("人力资源社会保障(就业)", "social_security", {
        "work": "推荐适当工作", "training": "职业技能培训", "post": "公益性岗位安置"}),
}
# "department:ask", the choice of one list
ASKS = {f"{code}:{ask}": f"{title}" for code, d in DEPARTMENTS.items() for ask, title in d.asks.items()}
CHOICES = [(d.title, [(f"{code}:{ask}", title) for ask, title in d.asks.items()]) for code, d in DEPARTMENTS.items()]
