"""What the 特困人员 formulas found, person by person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from minzheng.data.brain.rules.explain import Condition, Explanation, Part, Reading, origins
from minzheng.data.brain.rules.facts import Absence, CarePlace, ChildBenefit, Held, MemberFacts, label
from minzheng.data.brain.rules.text import yuan
from minzheng.scenes.assistance.policy import words
from minzheng.scenes.assistance.policy.tekun import AWAY
from minzheng.scenes.assistance.policy.words import law, rule, said

METHOD = "《特困人员认定办法》"
BANDS = ("全自理", "半护理", "全护理")
_BAND_KEYS = ("self", "half", "full")


def explain(reading: Reading) -> Explanation:
    people = [m for m, yes in zip(reading.facts.members, reading.members("tekun_person"), strict=True) if yes]
    parts = _parts(reading)
    sentence = "没有成员符合特困人员条件:须同时无劳动能力、无生活来源、无法定义务人或义务人无履行能力"
    if people:
        working = " + ".join(f"{part.title} {yuan(part.each_fen)}" for part in parts)
        sentence = (f"建议将{words.names(people)}认定为特困人员,月供养金 {yuan(reading.number('tekun_amount'))}"
                    f"({working})")
    return Explanation("tekun" if people else "none", "特困供养" if people else "不符合", bool(people), sentence,
                       parts, tuple(_conditions(reading)), len(people), tuple(m.key for m in people))


def _parts(reading: Reading) -> tuple[Part, ...]:
    found = []
    basics, cares, bands = (reading.members(name) for name in ("tekun_basic", "tekun_care", "tekun_band"))
    for place, member in enumerate(reading.facts.members):
        found += [Part(f"{member.name}基本生活费", basics[place], 1)] if basics[place] else []
        found += [Part(f"{member.name}照料护理费({BANDS[bands[place]]})", cares[place], 1)] if cares[place] else []
    return tuple(found)


def _conditions(reading: Reading) -> Iterable[Condition]:
    yield words.hukou(reading)
    lacking = reading.members("tekun_no_labour")
    able = [m for m, yes in zip(reading.facts.members, lacking, strict=True) if not yes]
    if able:
        yield rule(
            reading, "able", "有劳动能力的成员不作特困认定", words.names(able), _health_origins(able),
            "ok" if any(lacking) else "no", METHOD + "第五条", _LABOUR)
    for place, member in enumerate(reading.facts.members):
        if lacking[place]:
            yield from _of_person(reading, place, member)
    if any(reading.members("tekun_person")):
        yield from words.property_conditions(
            reading, "tekun", METHOD + "第六条", len(reading.facts.members))


_LABOUR = ["tekun.age.elder", "tekun.age.minor", "tekun.grade.mind", "tekun.grade.limb", "tekun.grade.sight"]


def _health_origins(people: Iterable[MemberFacts]) -> str:
    return origins(fact for m in people for fact in (m.birth_date, m.disability_kind, m.disability_grade))


def _of_person(reading: Reading, place: int, member: MemberFacts) -> Iterable[Condition]:
    def is_so(variable: str) -> bool:
        return bool(reading.members(variable)[place])

    yield rule(reading, f"labour:{member.key}", f"{member.name}:无劳动能力", _why_no_labour(reading, place, member),
               _health_origins([member]), "ok", law(reading, "第十六条", METHOD + "第五条"), [*_LABOUR, "tekun.age.stay"])
    income = reading.members("tekun_income")[place]
    yield rule(
        reading, f"income:{member.key}",
        f"{member.name}:无生活来源,本人收入低于低保标准 {yuan(reading.parameter('dibao.standard').value)}",
        yuan(income), origins(getattr(member, name) for name in words.INCOME),
        "ok" if is_so("tekun_poor") else "no", METHOD + "第六条", ["dibao.standard", "dibao.income.work_cost_percent"],
        ["城乡居民基础养老金、基本医疗保险等社会保险、优待抚恤金、高龄津贴不计入"])
    if said(member, "child_benefit"):
        yield rule(reading, f"child:{member.key}", f"{member.name}:未由儿童保障制度保障",
                   f"已享受{label(ChildBenefit(said(member, 'child_benefit')))},不再认定为特困人员",
                   origins([member.child_benefit]), "no", METHOD + "第九条")
        return
    if said(member, "absence") in AWAY:
        yield rule(reading, f"absence:{member.key}", f"{member.name}:未在押、在戒、失踪",
                   label(Absence(said(member, "absence"))), origins([member.absence]), "no", METHOD + "第四条")
        return
    if not is_so("tekun_open"):
        return
    total, able = said(member, "obligors"), said(member, "obligors_able")
    value = f"法定义务人 {total} 人,其中有履行能力 {able} 人" if total else "没有法定义务人"
    yield rule(reading, f"obligors:{member.key}", f"{member.name}:无法定义务人或义务人无履行能力", value,
               origins([member.obligors, member.obligors_able]), "no" if able else "ok", METHOD + "第七条、第八条")
    if is_so("tekun_person"):
        yield from _care(reading, place, member)


def _why_no_labour(reading: Reading, place: int, member: MemberFacts) -> str:
    years = _age(member, reading.on)
    if years >= reading.parameter("tekun.age.elder").value:
        return f"{years} 周岁,老年人"
    if years < reading.parameter("tekun.age.minor").value:
        return f"{years} 周岁,未成年人"
    if reading.members("tekun_disabled")[place]:
        return words.health(member)
    if said(member, "no_labour_other"):
        return "省规定的其他无劳动能力情形"
    if years < reading.parameter("tekun.age.stay").value:
        return f"{years} 周岁,已享受供养的未成年人继续保障"
    return f"{years} 周岁,已享受供养且仍在接受义务教育或高中阶段教育"


def _age(member: MemberFacts, on: dt.date) -> int:
    born = member.birth_date.value if member.birth_date is not None else on
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _care(reading: Reading, place: int, member: MemberFacts) -> Iterable[Condition]:
    band = reading.members("tekun_band")[place]
    where = label(CarePlace(said(member, "care_place")))
    yield rule(reading, f"care:{member.key}", f"{member.name}:生活自理能力",
               f"六项中 {said(member, 'self_care_unmet')} 项未达到,{BANDS[band]},{where}",
               origins([member.self_care_unmet, member.care_place]), "ok", METHOD + "第二十二条",
               ["tekun.selfcare.half_from", "tekun.selfcare.full_from", f"tekun.care.{_BAND_KEYS[band]}_percent",
                "tekun.care.wage"])
    if words.held(member) in {Held.DIBAO, Held.SINGLE}:
        yield rule(reading, f"held:{member.key}", f"{member.name}:不重复享受基本生活救助",
                   f"现享受{label(words.held(member))},确认特困供养的同时须从中调出", origins([member.held]), "manual",
                   law(reading, "第十六条、第十八条", METHOD + "第四条"))
