"""The list of services. 民发〔2026〕35号 asks for a list without our having seen one: the kinds are 示例值."""

from __future__ import annotations

KINDS = {
    "care": "照料护理", "visit": "探访关爱", "mental": "心理疏导", "repair": "居家维修改造", "ability": "能力提升",
    "social": "社会融入", "errand": "代办陪同",
}
UNITS = {"time": "次", "hour": "小时"}
LEVELS = {0: "不需要", 1: "有需要", 2: "急需"}
