"""Properties of the figures: nobody twice, sums of tables are the totals, gained less lost is the difference."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minzheng.data.brain.desk import computing, funding, hiding, ladder
from minzheng.data.brain.desk.ports import simulated
from minzheng.data.brain.desk.tests import town
from minzheng.data.brain.rules import catalogue, parameters
from minzheng.data.brain.rules.catalogue import Dated

town.plug_in()
DAY = dt.date(2027, 3, 1)
WAGES = st.lists(st.lists(st.integers(0, 15_000), min_size=1, max_size=6), min_size=1, max_size=40)


@pytest.fixture(autouse=True, scope="module")
def shipped_only() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parameters.Overlay, "stamp", staticmethod(lambda: 0))
        patch.setattr(parameters.Overlay, "read", staticmethod(dict))
        yield


def law(**values: int) -> parameters.Book:
    names = {"price": town.PRICE, "line": town.LINE}
    return parameters.Book(catalogue.shipped(), {}, (0, 0)).over(
        Dated(names[name], "z320583", value, dt.date(2027, 1, 1), None, "方案", "", False, True, "方案")
        for name, value in values.items())


def figures(wages: list[list[int]], **values: int) -> dict:
    what = simulated("club")
    rows = computing.compare(what, town.frames(wages, "z320583"), DAY, DAY, law(), [law(**values)])[0]
    assert rows["household_id"].is_unique().all()
    return computing.sums(what, rows)


@given(WAGES, st.integers(0, 2_000), st.integers(1, 15_000))
@settings(max_examples=60, deadline=None)
def test_the_figures_agree_with_one_another(wages: list[list[int]], price: int, line: int) -> None:
    found = figures(wages, price=price, line=line)
    assert found["households"] + found["problem"] == len(wages)
    assert found["gained"] - found["lost"] == found["after"] - found["before"]
    assert found["persons_gained"] - found["persons_lost"] == found["persons_after"] - found["persons_before"]
    assert found["before"] == found["lost"] + found["more"] + found["less"] + found["same"]
    for name in (*computing.COUNTS, *computing.SUMS):
        assert sum(row[name] for row in found["sizes"].values()) == found[name]
    assert sum(found["matrix"].values()) == found["households"]
    assert sum(found["distance"]) == found["households"]
    for group in found["groups"].values():
        assert group["households"] <= found["households"]
        assert group["gained"] - group["lost"] == group["after"] - group["before"]
    assert found["cliffs"]["households"] == sum(found["cliffs"][b] for b in ("to_100", "to_500", "above"))


@given(WAGES, WAGES)
@settings(max_examples=20, deadline=None)
def test_places_added_up_are_the_whole(one: list[list[int]], other: list[list[int]]) -> None:
    assert computing.merged([figures(one, line=8_000), figures(other, line=8_000)]) == figures(
        [*one, *other], line=8_000)


def test_the_law_against_itself_changes_nothing() -> None:
    found = figures([[0], [9_999], [10_000], [50_000]])
    assert [found[name] for name in computing.CHANGES] == [0, 0, 0, 0]
    assert found["fen_before"] == found["fen_after"]


def test_one_more_yuan_that_costs_the_balls_is_a_cliff() -> None:
    found = figures([[0], [9_950], [9_999], [10_001]])
    assert (found["cliffs"]["households"], found["cliffs"]["most"]) == (2, 1_600)


def test_a_ladder_names_the_yuan_at_which_the_cliff_is() -> None:
    steps = ladder.ladders(simulated("club"), "320583000000", DAY, DAY, [law(), law(line=8_000)])
    single = steps[0]
    assert [one["cliffs"] for one in single["laws"]] == [[[99, 1_600]], [[79, 1_600]]]


ROWS = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=2), st.tuples(*[st.integers(0, 30)] * 5),
                       min_size=1, max_size=9)


def row_of(gained: int, lost: int, more: int, less: int, same: int) -> dict[str, int]:
    before, after = lost + more + less + same, gained + more + less + same
    return {"households": before + gained + 50, "before": before, "after": after, "gained": gained, "lost": lost,
            "more": more, "less": less, "same": same, "persons_before": 2 * before, "persons_after": 2 * after,
            "persons_gained": 2 * gained, "persons_lost": 2 * lost, "fen_before": before * 100, "fen_after": after * 100}


def worked_out(tables: list[dict], total: dict) -> None:
    """Fills every hidden number that follows from the shown ones by a sum in a row or a column, again and again."""
    sums = [("before", "lost", "more", "less", "same"), ("after", "gained", "more", "less", "same")]
    found = True
    while found:
        found = False
        for row in [total, *(row for table in tables for row in table.values())]:
            for whole, *terms in sums:
                unknown = [name for name in (whole, *terms) if row[name] is None]
                if len(unknown) == 1:
                    rest = sum(row[name] for name in terms if name != unknown[0])
                    row[unknown[0]] = rest if unknown[0] == whole else row[whole] - rest
                    found = True
        for table in tables:
            for name in computing.COUNTS:
                cells = [total, *table.values()]
                unknown = [row for row in cells if row[name] is None]
                if len(unknown) == 1:
                    rest = sum(row[name] for row in table.values() if row is not unknown[0])
                    unknown[0][name] = rest if unknown[0] is total else total[name] - rest
                    found = True


@given(ROWS)
@settings(max_examples=200, deadline=None)
def test_no_small_cell_is_shown_nor_found_by_adding_and_subtracting(raw: dict[str, tuple[int, ...]]) -> None:
    rows = {key: row_of(*numbers) for key, numbers in raw.items()}
    total = {name: sum(row[name] for row in rows.values()) for name in hiding.CELLS}
    other = {"1": row_of(*next(iter(raw.values()))), "2": {}}
    other["2"] = {name: total[name] - other["1"][name] for name in hiding.CELLS}
    shown, whole = hiding.hide_tables([rows, other], total)
    worked_out(shown, whole)
    for row in [whole, *(row for table in shown for row in table.values())]:
        assert not any(row[name] is not None and hiding.small(row[name]) for name in computing.COUNTS)


def test_large_numbers_stay() -> None:
    rows = {key: row_of(20, 10, 30, 10, 40) for key in "abcd"}
    total = {name: sum(row[name] for row in rows.values()) for name in hiding.CELLS}
    shown, whole = hiding.hide_tables([rows], total)
    assert not whole[hiding.HIDDEN] and not any(row[hiding.HIDDEN] for row in shown[0].values())


@given(st.dictionaries(st.text("abc", min_size=1, max_size=2), st.integers(0, 20), max_size=6))
def test_a_single_hidden_number_takes_another_with_it(cells: dict[str, int]) -> None:
    shown = hiding.hide_numbers(cells)
    assert not any(count is not None and hiding.small(count) for count in shown.values())
    hidden = [key for key, count in shown.items() if count is None]
    assert len(hidden) != 1 or sum(1 for count in cells.values() if count) == 1


@given(st.integers(0, 10**12), st.integers(0, 10_000), st.integers(0, 10_000))
def test_sources_add_up_to_the_whole(fen: int, one: int, other: int) -> None:
    first, second = sorted((one, other))
    shares = [("中央", first), ("省", second - first), ("县", 10_000 - second)]
    assert sum(funding.split(fen, shares).values()) == fen
