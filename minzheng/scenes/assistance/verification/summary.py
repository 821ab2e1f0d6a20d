"""What a report says, computed from members and answers: pure functions.

Sums, differences from the declaration, contradictions between departments, and flags (预警). A department that has not
answered is named as such and never counted as nothing found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from minzheng.data.exchange.client import STATUS_NAMES
from minzheng.scenes.assistance.verification.findings import COUNTS, INCOMES, TITLES, Finding
from minzheng.scenes.assistance.verification.sources import SOURCES

# 示例值: a wage and a contribution base that differ by more than a third are shown as a contradiction.
WAGE_RATIO = 3
NAMES = {**STATUS_NAMES, "pending": "未查询"}
FLAGS = {
    "vehicles": "车辆", "houses": "房产", "other_property": "房产", "financial_fen": "金融资产",
    "provident_fund_fen": "公积金", "wage_fen": "税务", "business_fen": "税务", "property_fen": "税务",
    "executive": "企业高管", "public_payroll": "财政供养人员", "prison": "服刑人员", "death": "死亡",
    "benefit": "重复享受",
}


@dataclass(frozen=True)
class Source:
    """One department's word about one member. `status` as in the exchange, `as_of` the time of its data."""

    department: str
    status: str
    detail: str = ""
    as_of: str = ""
    findings: tuple[Finding, ...] = ()
    carried: bool = False

    @property
    def settled(self) -> bool:
        return self.status in ("found", "none", "mismatch")


@dataclass(frozen=True)
class Member:
    person: int
    name: str
    id_masked: str
    relation: str
    inside: bool
    declared: dict[str, int]
    sources: tuple[Source, ...] = field(default=())

    @property
    def findings(self) -> list[Finding]:
        return [finding for source in self.sources for finding in source.findings]


def size(finding: Finding) -> int:
    return (finding.amount_fen if finding.amount_fen is not None else finding.number) or 0


def totals(findings: Iterable[Finding]) -> dict[str, int]:
    """Sums of money and counts by kind; flags and words are left out. Grades are not sums."""
    sums: dict[str, int] = {}
    for finding in findings:
        if finding.kind not in ("disability_kind", "disability_grade") and (
                finding.amount_fen is not None or finding.number is not None):
            sums[finding.kind] = sums.get(finding.kind, 0) + size(finding)
    return sums


def difference(kind: str, declared: int, found: int, who: str) -> dict[str, Any] | None:
    """Only more than was declared is a difference to explain; less may be what a department does not see."""
    if found <= declared:
        return None
    return {"who": who, "kind": kind, "title": TITLES[kind], "declared": declared, "found": found}


def differences(members: Sequence[Member], declared: dict[str, int]) -> list[dict[str, Any]]:
    """By member for incomes; for what is owned, by the household where it declared that together, else by member."""
    found: list[dict[str, Any] | None] = []
    inside = [member for member in members if member.inside]
    for member in inside:
        sums = totals(member.findings)
        kinds = [kind for kind in (*INCOMES, "financial_fen", *COUNTS) if kind not in declared]
        found += [difference(k, member.declared.get(k, 0), sums.get(k, 0), member.name) for k in kinds]
    sums = totals(finding for member in inside for finding in member.findings)
    found += [difference(kind, declared[kind], sums.get(kind, 0), "全家") for kind in declared if kind in TITLES]
    return [item for item in found if item]


def contradictions(member: Member) -> list[dict[str, Any]]:
    """Where departments contradict one another about one person; both sides are named, neither is dropped."""
    said: dict[str, list[tuple[str, Finding]]] = {}
    for source in member.sources:
        for finding in source.findings:
            said.setdefault(finding.kind, []).append((SOURCES[source.department], finding))
    out: list[dict[str, Any]] = []

    def note(title: str, sides: list[tuple[str, str]]) -> None:
        out.append({"who": member.name, "title": title, "sides": [{"source": s, "says": text} for s, text in sides]})

    dead, alive = said.get("death", []), said.get("alive", [])
    if dead and alive:
        note("生存状态", [(s, f"死亡:{f.text}") for s, f in dead] + [(s, f.text) for s, f in alive])
    marital = [(source, finding.text) for source, finding in said.get("marital", []) if finding.text]
    if len({_married(text) for _, text in marital}) > 1:
        note("婚姻状况", marital)
    wages = sum(f.amount_fen or 0 for _, f in said.get("wage_fen", []))
    bases = [f.amount_fen or 0 for _, f in said.get("contribution_fen", [])]
    if wages and bases and abs(wages - max(bases)) * WAGE_RATIO > max(wages, *bases):
        note("工资", [("税务", f"月均 {yuan(wages)} 元"), ("人力资源社会保障", f"缴费基数 {yuan(max(bases))} 元")])
    return out


def _married(text: str) -> str:
    """A widowed person's last registration is the marriage, so that is no contradiction."""
    return "有过婚姻登记" if text in ("有配偶", "丧偶") else text


def yuan(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def flags(member: Member) -> list[dict[str, str]]:
    out: dict[str, list[str]] = {}
    for source in member.sources:
        for finding in source.findings:
            if (name := FLAGS.get(finding.kind)) and (size(finding) or finding.text):
                out.setdefault(name, []).append(_words(finding))
        if source.status == "mismatch":
            out.setdefault("姓名不符", []).append(SOURCES[source.department])
    silent = [SOURCES[s.department] for s in member.sources if not s.settled]
    if silent:
        out["完整性"] = [f"{'、'.join(silent)}没有完整反馈"]
    return [{"who": member.name, "flag": name, "detail": ";".join(texts)} for name, texts in out.items()]


def _words(finding: Finding) -> str:
    amount = f"{yuan(finding.amount_fen)} 元" if finding.amount_fen is not None else ""
    return " ".join(part for part in (TITLES[finding.kind], amount, finding.text) if part)


def content_of(members: Sequence[Member], declared: dict[str, int]) -> dict[str, Any]:
    """The body of a report. `complete` is False while any department has not said all about anybody."""
    inside = [member for member in members if member.inside]
    sums = totals(finding for member in inside for finding in member.findings)
    return {
        "complete": all(source.settled for member in members for source in member.sources),
        "household": {"size": len(inside), "income_fen": sum(sums.get(kind, 0) for kind in INCOMES),
                      "financial_fen": sums.get("financial_fen", 0), **{kind: sums.get(kind, 0) for kind in COUNTS}},
        "members": [_member(member) for member in members],
        "differences": differences(members, declared),
        "contradictions": [item for member in members for item in contradictions(member)],
        "flags": [item for member in members for item in flags(member)],
    }


def _member(member: Member) -> dict[str, Any]:
    sums = totals(member.findings)
    return {
        "person": member.person, "name": member.name, "id": member.id_masked, "relation": member.relation,
        "inside": member.inside, "declared": member.declared,
        "sums": [{"kind": kind, "title": TITLES[kind], "value": value, "money": kind.endswith("_fen")}
                 for kind, value in sums.items()],
        "sources": [
            {"department": s.department, "name": SOURCES[s.department], "status": s.status, "result": NAMES[s.status],
             "detail": s.detail, "as_of": s.as_of, "carried": s.carried, "found": [_words(f) for f in s.findings]}
            for s in member.sources],
    }
