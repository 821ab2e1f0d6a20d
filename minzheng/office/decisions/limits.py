"""Time limits of decisions; scenes pass theirs. What rests on no citable source is marked 示例值 wherever shown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    """A count and the clause it rests on; the unit is said where it is used. `sample`: shown as 示例值."""

    value: int
    source: str
    sample: bool = False

    @property
    def note(self) -> str:
        return f"{self.source}(示例值)" if self.sample else self.source


# Calendar days after service within which administrative review may be asked for.
APPEAL = Limit(60, "行政复议申请期限,条款待核对正式文本", sample=True)
# Working days within which a refusal must reach the applicant.
SERVE_REFUSAL = Limit(3, "不予确认的书面通知期限,由事项规定", sample=True)
# Recorded attempts before a person counts as unreachable.
TRIES = Limit(3, "法律没有规定次数,由省级民政部门确定", sample=True)
