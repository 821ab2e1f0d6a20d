"""One application, all schemes considered: what the household may get, the best lawful way first, the rest with reasons.

`consider` is pure: facts in, proposals out. A way is one scheme or several that stand together, such as one member in
特困供养 and the others in 低保. A scheme that lacks a fact is listed with the fact that lacks; none falls away silently.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from minzheng.data.brain import rules
from minzheng.data.brain.rules import Assessment, Fact, Held, HouseholdFacts, RuleCannotEvaluate
from minzheng.data.brain.rules.scheme import scheme
from minzheng.data.brain.rules.text import yuan
from minzheng.scenes.assistance.policy import NOBODY

SOURCE = "本次方案测算"
_HOLDS = {"tekun": Held.TEKUN, "dibao": Held.DIBAO, "single": Held.SINGLE, "edge": Held.EDGE, "rigid": Held.RIGID}
# 社会救助法 lists them in this order; the layers are 基本生活救助, 低保边缘, 刚性支出困难.
_ORDER = ("tekun", "dibao", "edge", "rigid", "temporary", "price")
_LAYER = {"tekun": 0, "dibao": 0, "single": 0, "edge": 1, "rigid": 2}


class Standing(StrEnum):
    """How a proposal stands to the household."""

    BEST = "建议"
    OTHER = "可选"
    BESIDE = "可同时享受"
    EXCLUDED = "因互斥不再适用"
    UNFIT = "不符合"
    MISSING = "缺少事实"


@dataclass(frozen=True)
class Proposal:
    """A way to help. `parts` are the assessments that it is made of: empty when a scheme could not be evaluated.
    `monthly_fen` is paid each month, `once_fen` once or for one month only."""

    standing: Standing
    schemes: tuple[str, ...]
    title: str
    reason: str
    parts: tuple[Assessment, ...] = ()
    monthly_fen: int = 0
    once_fen: int = 0

    @property
    def covered(self) -> tuple[str, ...]:
        return tuple(key for part in self.parts for key in part.covered)

    @property
    def results(self) -> tuple[str, ...]:
        return tuple(part.result for part in self.parts)

    @property
    def sample(self) -> bool:
        return any(part.sample for part in self.parts)

    @property
    def needs_manual(self) -> bool:
        return any(part.needs_manual for part in self.parts)


Way = tuple[Assessment, ...]


class _Considering:
    """One household on one day; each scheme is evaluated once for the same facts."""

    def __init__(self, facts: HouseholdFacts, on: dt.date, zone: str) -> None:
        self.facts, self.on, self.zone = facts, on, zone
        self.names = {member.key: member.name for member in facts.members}
        self.lacking: dict[str, str] = {}
        self._known: dict[tuple[str, int], tuple[HouseholdFacts, Assessment | None]] = {}

    def evaluate(self, code: str, facts: HouseholdFacts) -> Assessment | None:
        """None when there is no result; the reason is then in `lacking`, unless nobody is left to be counted."""
        key = (code, id(facts))
        if key not in self._known:
            try:
                self._known[key] = facts, rules.evaluate(code, facts, self.on, self.zone)
            except RuleCannotEvaluate as refusal:
                self._known[key] = facts, None
                if refusal.reason != NOBODY or facts is self.facts:
                    self.lacking[code] = refusal.reason
        return self._known[key][1]

    def household(self, facts: HouseholdFacts) -> Way:
        """What the household as a whole gets, by the first of 低保, 低保边缘 and 刚性支出 that fits."""
        dibao = self.evaluate("dibao", facts)
        if dibao is None:
            return ()
        if dibao.result == "dibao":
            return (dibao,)
        edge = self.evaluate("edge", facts)
        way = tuple(part for part in (dibao, edge) if part is not None and part.eligible)
        if way:
            return way
        rigid = self.evaluate("rigid", facts)
        return (rigid,) if rigid is not None and rigid.eligible else ()

    def named(self, way: Way) -> str:
        return "与".join(f"{part.result_title}({'、'.join(self.names[key] for key in part.covered)})" for part in way)


def consider(facts: HouseholdFacts, on: dt.date, zone: str) -> tuple[Proposal, ...]:
    """All schemes for one household on a day: the best way first, then what else is lawful, what may stand beside it,
    what it excludes, what does not fit and what lacks a fact. The first is `BEST` exactly when there is a way."""
    work = _Considering(facts, on, zone)
    ways = _ways(work)
    found: list[Proposal] = []
    best: Way = ways[0][0] if ways else ()
    base = ways[0][1] if ways else facts
    if best:
        found.append(_proposal(work, Standing.BEST, best, _why_best(work, [way for way, _ in ways])))
        found += [_proposal(work, Standing.OTHER, way, _why_other(best, way)) for way, _ in ways[1:]]
    proposed = {part.scheme for way, _ in ways for part in way}
    found += _others(work, best, base, proposed)
    found += _beside(work, holding(facts, best, on))
    rank = list(Standing)
    return tuple(sorted(found, key=lambda proposal: rank.index(proposal.standing)))


def holding(facts: HouseholdFacts, way: Iterable[Assessment], on: dt.date) -> HouseholdFacts:
    """The facts as they would be once the assessments are confirmed: who then holds what."""
    held: Mapping[str, Held] = {key: _HOLDS[part.result] for part in way for key in part.covered}
    return replace(facts, members=tuple(
        replace(member, held=Fact(int(held[member.key]), SOURCE, on)) if member.key in held else member
        for member in facts.members))


def _ways(work: _Considering) -> list[tuple[Way, HouseholdFacts]]:
    """The lawful ways, best first, each with the facts that its household part was evaluated on."""
    found: list[tuple[Way, HouseholdFacts]] = []
    tekun = work.evaluate("tekun", work.facts)
    continuing: set[str] = set()
    if tekun is not None and tekun.eligible:
        rest = holding(work.facts, (tekun,), work.on)
        household = work.household(rest)
        # A day whose law does not keep them apart: the support of the persons alone, rather than two for one person.
        found.append(((tekun, *household) if _apart((tekun, *household)) else (tekun,), rest))
        continuing = {m.key for m in work.facts.members if m.held is not None and m.held.value == Held.TEKUN}
    if not (tekun is not None and tekun.eligible and set(tekun.covered) <= continuing):
        alone = work.household(work.facts)
        if alone and not any(way == alone for way, _ in found):
            found.append((alone, work.facts))
    return sorted(found, key=lambda pair: (min(_LAYER[part.result] for part in pair[0]), -_monthly(pair[0]),
                                           min(_ORDER.index(part.scheme) for part in pair[0])))


def _apart(way: Way) -> bool:
    keys = [key for part in way for key in part.covered]
    return len(keys) == len(set(keys))


def _monthly(way: Way) -> int:
    return sum(part.amount_fen for part in way)


def _proposal(work: _Considering, standing: Standing, way: Way, reason: str) -> Proposal:
    return Proposal(standing, tuple(part.scheme for part in way), work.named(way), reason, way, _monthly(way))


def _why_best(work: _Considering, ways: list[Way]) -> str:
    best, *others = ways
    said = [part.sentence for part in best]
    for other in others:
        more = _monthly(best) - _monthly(other)
        said.append(f"比“{work.named(other)}”每月多 {yuan(more)}" if more > 0 else f"按法定次序先于“{work.named(other)}”")
    unknown = [scheme(code).title for code in ("tekun", "dibao") if code in work.lacking]
    said += [f"{'、'.join(unknown)}还缺少事实,补齐后请重新测算"] if unknown else []
    return ";".join(said)


def _why_other(best: Way, way: Way) -> str:
    less = _monthly(best) - _monthly(way)
    said = f"也符合条件,每月少 {yuan(less)}" if less > 0 else "也符合条件,法定次序在后"
    return f"{said};与建议方案只能选一项"


def _others(work: _Considering, best: Way, base: HouseholdFacts, proposed: set[str]) -> Iterable[Proposal]:
    """Each of the household's schemes that is not part of any way."""
    for code in ("tekun", "dibao", "edge", "rigid"):
        title = scheme(code).title
        if code in proposed:
            continue
        excluded = _why_excluded(work, code, best)
        if excluded:
            yield Proposal(Standing.EXCLUDED, (code,), title, excluded)
            continue
        found = work.evaluate(code, base)
        if found is not None and not found.eligible:
            yield Proposal(Standing.UNFIT, (code,), title, found.sentence, (found,))
        elif code in work.lacking:
            yield Proposal(Standing.MISSING, (code,), title, work.lacking[code])
        elif found is None:
            yield Proposal(Standing.EXCLUDED, (code,), title, "家庭成员已全部按特困供养考虑")
        else:
            yield Proposal(Standing.EXCLUDED, (code,), title, f"与建议方案“{work.named(best)}”只能选一项", (found,))


def _why_excluded(work: _Considering, code: str, best: Way) -> str:
    """Why a recognition cannot stand beside the best way; empty when it has to be evaluated to know."""
    basic = [part for part in best if part.result in {"dibao", "single"}]
    edge = [part for part in best if part.result == "edge"]
    if code == "edge" and basic:
        return f"已建议{work.named(tuple(basic))},不再认定低保边缘"
    if code == "rigid" and (basic or edge):
        return f"已建议{work.named(tuple(basic + edge))};刚性支出困难家庭只认定未纳入低保、特困和低保边缘的家庭"
    return ""


def _beside(work: _Considering, held: HouseholdFacts) -> Iterable[Proposal]:
    """急难救助 and the price supplement exclude nothing; they are looked at as if the best way were confirmed."""
    for code in ("temporary", "price"):
        found = work.evaluate(code, held)
        title = scheme(code).title
        if found is None:
            yield Proposal(Standing.MISSING, (code,), title, work.lacking.get(code, NOBODY))
        elif found.eligible:
            yield Proposal(Standing.BESIDE, (code,), found.result_title, found.sentence, (found,),
                           once_fen=found.amount_fen)
        else:
            yield Proposal(Standing.UNFIT, (code,), title, found.sentence, (found,))
