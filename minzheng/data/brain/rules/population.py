"""Populations in and out: from typed facts of one household, or from two polars frames in chunks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from minzheng.data.brain.rules import engine, parameters, zones
from minzheng.data.brain.rules.engine import Column, Columns, Mask
from minzheng.data.brain.rules.facts import HOUSEHOLD_TERMS, MEMBER_TERMS, HouseholdFacts, Kind, Term
from minzheng.data.brain.rules.refusal import RuleCannotEvaluate
from minzheng.data.brain.rules.scheme import Scheme, scheme

CHUNK = 200_000
NAMED = 8  # missing values named one by one before they are only counted


def day_number(date: dt.date) -> int:
    return date.year * 10_000 + date.month * 100 + date.day


def from_facts(scheme_: Scheme, facts: HouseholdFacts, zone: str) -> Columns:
    """One household as columns. Refuses with the list of what is unknown, by person."""
    if not facts.members:
        raise RuleCannotEvaluate("家庭没有成员,请先登记家庭成员。")
    lacking = [HOUSEHOLD_TERMS[name].title for name in scheme_.needs_household
               if getattr(facts, name) is None and not scheme_.may_lack(name, HOUSEHOLD_TERMS[name])]
    for member in facts.members:
        lacking += [f"{member.name}的{MEMBER_TERMS[name].title}" for name in scheme_.needs_member
                    if getattr(member, name) is None and not scheme_.may_lack(name, MEMBER_TERMS[name])]
    if lacking:
        raise RuleCannotEvaluate(_lack(lacking))
    unknown_household: dict[str, Mask] = {}
    unknown_member: dict[str, Mask] = {}
    household = {name: _facts([facts], name, HOUSEHOLD_TERMS[name], unknown_household)
                 for name in scheme_.needs_household}
    persons = {name: _facts(facts.members, name, MEMBER_TERMS[name], unknown_member)
               for name in scheme_.needs_member}
    together = np.zeros(len(facts.members), dtype=np.int64)
    return Columns(np.array([zones.zone(zone).number]), household, together, persons, unknown_household, unknown_member)


def _lack(titles: list[str]) -> str:
    more = f"等 {len(titles)} 项" if len(titles) > NAMED else ""
    return f"还不能测算,缺少:{'、'.join(titles[:NAMED])}{more}。请先核对、入户调查或补报。"


def _facts(holders: Sequence[object], name: str, term: Term, unknown: dict[str, Mask]) -> Column:
    """The values of a fact; the blank one where it is unknown and may be."""
    facts = [getattr(holder, name) for holder in holders]
    missing = [fact is None for fact in facts]
    if any(missing) and not term.claim:
        unknown[name] = np.array(missing)
    return _values([_blank(term) if fact is None else fact.value for fact in facts], term)


def _blank(term: Term) -> object:
    if term.kind is Kind.DATE:
        return dt.date(1900, 1, 1)
    if term.kind is Kind.FLAG:
        return False
    return min(int(code) for code in term.codes) if term.codes else 0


def _values(raw: list[object], term: Term) -> Column:
    if term.kind is Kind.DATE:
        return np.array([day_number(v) for v in raw if isinstance(v, dt.date)], dtype=np.int64)
    wanted = bool if term.kind is Kind.FLAG else int
    for value in raw:
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            raise RuleCannotEvaluate(f"“{term.title}”的取值“{value}”类型不对:金额须为整数分,请更正。")
        if isinstance(value, int) and abs(value) > 2**62:
            raise RuleCannotEvaluate(f"“{term.title}”超出可以受理的范围,请核对金额和单位。")
    return np.array(raw, dtype=np.bool_ if wanted is bool else np.int64)


def evaluate_population(
    code: str, households: pl.DataFrame, persons: pl.DataFrame, on: dt.date, *,
    month: dt.date | None = None, chunk: int = CHUNK, progress: Callable[[int], None] | None = None,
) -> pl.DataFrame:
    """The scheme's results by household, in the order of `households`.

    `households` needs `household_id` (unique), `zone` (keys such as z320583) and the scheme's household facts;
    `persons` needs `household_id` and the member facts; a column of claims, or of facts that are needed of some only, may
    be absent. Money columns are integers in fen; floats are refused.
    A household that cannot be evaluated has nulls and the reason in `problem`. `progress` hears how many are done.
    """
    scheme_ = scheme(code)
    benefit_month = month or scheme_.benefit_month(on)
    book = parameters.current()
    persons, place = _placed(households, persons)
    done = []
    for start in range(0, households.height, chunk):
        part = households.slice(start, chunk)
        first, last = np.searchsorted(place, [start, start + part.height])
        columns = _columns(scheme_, part, persons.slice(int(first), int(last - first)), place[first:last] - start)
        done.append(_evaluate(scheme_, part["household_id"], columns, on, benefit_month, book))
        if progress is not None:
            progress(start + part.height)
    if not done:
        raise RuleCannotEvaluate("没有可以测算的家庭,请核对所选范围。")
    return pl.concat(done)


def _placed(households: pl.DataFrame, persons: pl.DataFrame) -> tuple[pl.DataFrame, NDArray[np.int64]]:
    """Persons in the order of their households, and the position of each person's household."""
    if households["household_id"].is_duplicated().any():
        raise RuleCannotEvaluate("家庭编号有重复,请先去重再测算。")
    index = households.select("household_id").with_row_index("_place")
    place = persons.select("household_id").join(index, on="household_id", how="left", maintain_order="left")["_place"]
    if place.null_count():
        raise RuleCannotEvaluate(f"有 {place.null_count()} 人不属于任何所给家庭,请核对成员和家庭编号。")
    if not place.is_sorted():
        order = place.arg_sort()
        persons, place = persons[order], place.gather(order)
    return persons, place.cast(pl.Int64).to_numpy()


def _columns(scheme_: Scheme, households: pl.DataFrame, persons: pl.DataFrame, place: NDArray[np.int64]) -> Columns:
    unknown_household: dict[str, Mask] = {}
    unknown_member: dict[str, Mask] = {}
    keys = households["zone"].unique().to_list()
    numbers = households["zone"].replace_strict(keys, zones.numbers(keys), return_dtype=pl.Int64)
    return Columns(
        numbers.to_numpy().copy(),
        {n: _array(scheme_, households, n, HOUSEHOLD_TERMS[n], unknown_household) for n in scheme_.needs_household},
        place,
        {n: _array(scheme_, persons, n, MEMBER_TERMS[n], unknown_member) for n in scheme_.needs_member},
        unknown_household, unknown_member,
    )


def _array(scheme_: Scheme, frame: pl.DataFrame, name: str, term: Term, unknown: dict[str, Mask]) -> Column:
    if name not in frame.columns:
        if not scheme_.may_lack(name, term):
            raise RuleCannotEvaluate(f"数据中没有“{term.title}”一列({name}),无法测算。")
        if not term.claim:
            unknown[name] = np.ones(frame.height, dtype=np.bool_)
        return np.zeros(frame.height, dtype=np.bool_ if term.kind is Kind.FLAG else np.int64)
    column = frame[name]
    if column.dtype == pl.Null:  # nobody's value is known
        column = column.cast(pl.Boolean if term.kind is Kind.FLAG else pl.Int64)
    if column.null_count():
        unknown[name] = column.is_null().to_numpy()
    if term.kind is Kind.DATE and column.dtype == pl.Date:
        column = column.dt.year().cast(pl.Int64) * 10_000 + column.dt.month().cast(pl.Int64) * 100 + column.dt.day()
    if term.kind is Kind.FLAG:
        if column.dtype != pl.Boolean:
            raise RuleCannotEvaluate(f"“{term.title}”一列应为是或否,请更正数据。")
        return column.fill_null(False).to_numpy().copy()
    if not column.dtype.is_integer():
        raise RuleCannotEvaluate(f"“{term.title}”一列不是整数,金额须以整数分表示,请更正数据。")
    return column.cast(pl.Int64).fill_null(0).to_numpy().copy()


def _evaluate(scheme_: Scheme, ids: pl.Series, columns: Columns, on: dt.date, month: dt.date,
              book: parameters.Book) -> pl.DataFrame:
    said = _Reasons(len(columns.zone))
    for mask, reason in engine.problems(scheme_, columns, on, month, book):
        said.note(mask, reason)
    fine = said.fine()
    names = (scheme_.amount, scheme_.result, *scheme_.results)
    blank = pl.Series([None] * len(ids), dtype=pl.Int64)
    if not fine.any():
        return pl.DataFrame({"household_id": ids, **dict.fromkeys(names, blank), "problem": said.texts()})
    kept = columns.only(fine)
    finished = engine.run(scheme_, kept, on, month, book)
    for name, reason in scheme_.refusals.items():
        said.note(_spread(finished.column(name), fine), reason)
    for name, _, households in engine.lacking(scheme_, kept, finished):
        said.note(_spread(households, fine), engine.lack((MEMBER_TERMS | HOUSEHOLD_TERMS)[name].title))
    right = pl.Series(said.fine())
    results = {}
    for name in names:
        values = pl.Series(_spread(finished.column(name).astype(np.int64), fine))
        results[name] = values.zip_with(right, blank)
    return pl.DataFrame({"household_id": ids, **results, "problem": said.texts()})


class _Reasons:
    """The first problem of each household, or none."""

    def __init__(self, count: int) -> None:
        self._number: NDArray[np.int64] = np.zeros(count, dtype=np.int64)
        self._texts: list[str | None] = [None]

    def note(self, mask: Mask, reason: str) -> None:
        if mask.any():
            self._number[mask & self.fine()] = len(self._texts)
            self._texts.append(reason)

    def fine(self) -> Mask:
        return np.equal(self._number, 0)

    def texts(self) -> pl.Series:
        return pl.Series(self._texts, dtype=pl.String).gather(self._number)


def _spread(values: Column, fine: Mask) -> Column:
    """Values of the households marked fine, laid out over all; zero elsewhere."""
    full = np.zeros(len(fine), dtype=values.dtype)
    full[fine] = values
    return full


def checked_run(scheme_: Scheme, facts: HouseholdFacts, zone: str, on: dt.date, month: dt.date,
                book: parameters.Book) -> engine.Run:
    """The run for one household; its first problem is refused."""
    columns = from_facts(scheme_, facts, zone)
    for mask, reason in engine.problems(scheme_, columns, on, month, book):
        if mask.any():
            raise RuleCannotEvaluate(reason)
    finished = engine.run(scheme_, columns, on, month, book)
    for name, reason in scheme_.refusals.items():
        if finished.column(name).any():
            raise RuleCannotEvaluate(reason)
    missing = []
    for name, whom, _ in engine.lacking(scheme_, columns, finished):
        if name in scheme_.needs_household:
            missing.append(HOUSEHOLD_TERMS[name].title)
        else:
            missing += [f"{facts.members[place].name}的{MEMBER_TERMS[name].title}" for place in np.flatnonzero(whom)]
    if missing:
        raise RuleCannotEvaluate(_lack(missing))
    return finished

