"""What the 临时救助 formulas found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from minzheng.data.brain.rules.explain import Condition, Explanation, Part, Reading, origins
from minzheng.data.brain.rules.facts import MEMBER_TERMS, Emergency, MemberFacts, label
from minzheng.data.brain.rules.text import yuan
from minzheng.scenes.assistance.policy import words
from minzheng.scenes.assistance.policy.rigid import EXPENSES
from minzheng.scenes.assistance.policy.temporary import EMERGENCY, EXPENDITURE, INSTANT, LS26, NONE, RECOGNISED
from minzheng.scenes.assistance.policy.words import law, rule, said

CODES = {NONE: "none", INSTANT: "instant", EMERGENCY: "emergency", EXPENDITURE: "expenditure"}
TITLES = {NONE: "不符合", INSTANT: "小额快救", EMERGENCY: "急难型临时救助", EXPENDITURE: "支出型临时救助"}
OLD = "《关于进一步加强和改进临时救助工作的意见》"
NEW = "《关于进一步健全完善临时救助制度的意见》"
_CAPS = {INSTANT: "instant", EMERGENCY: "emergency", EXPENDITURE: "expenditure"}


def explain(reading: Reading) -> Explanation:
    kind, amount = reading.number("temporary_kind"), reading.number("temporary_amount")
    members = [m for m, yes in zip(reading.facts.members, reading.members("household_member"), strict=True) if yes]
    conditions = tuple(_conditions(reading, members))
    failed = [c for c in conditions if c.outcome == "no"]
    sentence = (f"建议给予{TITLES[kind]},一次性发放 {yuan(amount)}" if kind
                else "不给予临时救助:" + ";".join(f"{c.title}({c.value})" for c in failed))
    parts = (Part(TITLES[kind], amount, 1),) if amount else ()
    return Explanation(CODES[kind], TITLES[kind], kind != NONE, sentence, parts, conditions, len(members),
                       tuple(m.key for m in members) if kind else ())


def _document(reading: Reading) -> str:
    return NEW if reading.on >= dt.date.fromisoformat(LS26) else OLD


def _conditions(reading: Reading, members: list[MemberFacts]) -> Iterable[Condition]:
    facts, document = reading.facts, _document(reading)
    kind = reading.number("temporary_type")
    what = Emergency(facts.emergency.value) if facts.emergency is not None else Emergency.NONE
    asked = facts.asked_fen.value if facts.asked_fen is not None else 0
    if what is not Emergency.NONE:
        yield rule(reading, "emergency", "遭遇突发急难", label(what), origins([facts.emergency]), "ok", document)
    else:
        holding = words.holders(members, RECOGNISED)
        yield rule(reading, "recognised", "遭遇突发急难,或已认定为刚性支出困难家庭、低保边缘家庭", holding or "没有急难情形,也没有认定记录",
                   origins(m.held for m in members), "ok" if holding else "no", document)
    yield rule(reading, "asked", "提出申请的救助金额", yuan(asked) if asked else "没有提出申请", origins([facts.asked_fen]),
               "ok" if asked else "no", document)
    if kind != NONE:
        yield from _amounts(reading, kind, members, document)


def _amounts(reading: Reading, kind: int, members: list[MemberFacts], document: str) -> Iterable[Condition]:
    standard, months = reading.parameter("dibao.standard"), reading.parameter(f"temporary.{_CAPS[kind]}.months")
    persons, cap = reading.number("temporary_persons"), reading.number("temporary_cap")
    if kind == EXPENDITURE:
        spent = reading.number("temporary_spent")
        lines = [f"{m.name}:" + ",".join(f"{MEMBER_TERMS[name].title.removeprefix('前十二个月')} {yuan(said(m, name))}"
                                         for name in EXPENSES if said(m, name))
                 for m in members if any(said(m, name) for name in EXPENSES)]
        yield rule(reading, "spent", "前十二个月有刚性支出", yuan(spent),
                   origins(getattr(m, name) for m in members for name in EXPENSES), "ok" if spent else "no", document,
                   (), lines)
    per = "" if kind == INSTANT else f" × {persons} 人"
    yield rule(reading, "cap", f"{TITLES[kind]}最高 {months.text}{per}", yuan(cap), "系统计算", "ok", document,
               [months.id, standard.id])
    if kind == INSTANT:
        yield rule(reading, "fast", "小额快救不做经济状况核对和公示,留存记录", "按规定时限办结", "系统登记", "ok",
                   law(reading, "第五十条", document))
    year, left = reading.parameter("temporary.year.months"), reading.number("temporary_left")
    paid = reading.facts.temporary_year_fen
    yield rule(reading, "year", f"本年度累计不超过 {year.text} × {persons} 人",
               f"已发 {yuan(paid.value if paid is not None else 0)},还可发 {yuan(left)}", origins([paid]),
               "ok" if left else "no", document, [year.id, standard.id])
    if reading.number("temporary_meeting"):
        fixed, most = reading.facts.meeting_fen, reading.parameter("temporary.meeting.months")
        done = fixed is not None and fixed.value > 0
        yield rule(reading, "meeting", "超过一般最高额的,由县级“一事一议”议定",
                   f"议定 {yuan(fixed.value)}" if done and fixed is not None else "尚未议定,先按一般最高额建议",
                   origins([fixed]), "ok" if done else "manual", OLD, [most.id, standard.id])
