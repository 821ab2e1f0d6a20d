"""Small cells: a count of 1 to 4 households is not shown to whoever stands outside the county.

A hidden number could be found again from what is shown: by the sums inside a row (before = lost + more + less + same), or
by subtracting rows from their total. So more is hidden until neither is possible: every sum inside a row has two hidden
terms or none, and every column three hidden rows or a hidden total. Three, since an office knows its own row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from minzheng.data.brain.desk.computing import CHANGES, COUNTS, SUMS

LEAST, TOGETHER = 5, 3
HIDDEN = "hidden"
CELLS = (*COUNTS, *SUMS)
_ADD_UP = (("before", "lost", "more", "less", "same"), ("after", "gained", "more", "less", "same"),
           ("persons_before", "persons_after", "persons_gained", "persons_lost"))
_FOLLOW = {"gained": ("persons_gained",), "lost": ("persons_lost",), "before": ("persons_before",), "after": ("persons_after",)}
Rows = dict[str, dict[str, Any]]
Gone = set[tuple[str, str]]
TOTAL = ""


def small(count: int) -> bool:
    return 0 < count < LEAST


def hide_row(row: dict[str, Any]) -> dict[str, Any]:
    """One row by itself."""
    return _without(row, _closed({TOTAL: row}, _first(TOTAL, row), ()), TOTAL)


def hide_tables(tables: list[Rows], total: dict[str, Any]) -> tuple[list[Rows], dict[str, Any]]:
    """Several tables whose rows add up to the same total, and the total, without small cells."""
    table = {TOTAL: total, **{f"{at}:{key}": row for at, rows in enumerate(tables) for key, row in rows.items()}}
    parts = [[f"{at}:{key}" for key in rows] for at, rows in enumerate(tables)]
    gone: Gone = set().union(*(_first(key, row) for key, row in table.items()))
    gone = _closed(table, gone, parts)
    shown = [{key: _without(row, gone, f"{at}:{key}") for key, row in rows.items()} for at, rows in enumerate(tables)]
    return shown, _without(total, gone, TOTAL)


def _first(key: str, row: dict[str, Any]) -> Gone:
    """What is small by itself, and the money and persons of few."""
    gone = {(key, name) for name in COUNTS if small(row[name])}
    gone |= {(key, name) for count, names in _FOLLOW.items() if small(row[count]) for name in names}
    if small(row["before"]):
        gone.add((key, "fen_before"))
    if small(row["after"]) or small(sum(row[name] for name in CHANGES)):
        gone.add((key, "fen_after"))
    return gone


def _closed(table: Rows, gone: Gone, tables: Sequence[list[str]]) -> Gone:
    """With what must go as well, until nothing can be worked out."""
    while True:
        more = {one for key, row in table.items() for one in _second_terms(key, row, gone)}
        more |= {one for keys in tables for name in CELLS for one in _companions(table, keys, name, gone)}
        if more <= gone:
            return gone
        gone = gone | more


def _second_terms(key: str, row: dict[str, Any], gone: Gone) -> Iterable[tuple[str, str]]:
    """A sum of which one term is hidden: the largest other goes too."""
    for terms in _ADD_UP:
        shown = [name for name in terms if (key, name) not in gone]
        if len(shown) == len(terms) - 1:
            yield key, max(shown, key=lambda name: (row[name], name))


def _companions(table: Rows, keys: list[str], name: str, gone: Gone) -> Iterable[tuple[str, str]]:
    """A column whose total is shown: at least three of its rows are hidden, or the total goes. A column whose total is
    hidden: not all of its rows are shown."""
    hidden = [key for key in keys if (key, name) in gone]
    if (TOTAL, name) in gone:
        if not hidden and keys:
            yield max(keys, key=lambda key: (table[key][name], key)), name
    elif hidden and len(hidden) < TOGETHER:
        rest = sorted((table[key][name], key) for key in keys if key not in hidden and table[key][name])
        if len(rest) + len(hidden) < TOGETHER:
            yield TOTAL, name
        else:
            yield from ((key, name) for _, key in rest[: TOGETHER - len(hidden)])


def _without(row: dict[str, Any], gone: Gone, key: str) -> dict[str, Any]:
    found = {name: None if (key, name) in gone else value for name, value in row.items()}
    return {**found, HIDDEN: any((key, name) in gone for name in CELLS)}


def hide_numbers(cells: dict[str, int]) -> dict[str, int | None]:
    """Single numbers of one table; when exactly one is hidden, the next smallest goes with it."""
    gone = [key for key, count in cells.items() if small(count)]
    if len(gone) == 1:
        rest = sorted((count, key) for key, count in cells.items() if key not in gone and count)
        gone += [rest[0][1]] if rest else []
    return {key: None if key in gone else count for key, count in cells.items()}


def hide_sums(found: dict[str, Any], counties: Rows) -> dict[str, Any]:
    """A place's sums with its counties for somebody outside the county."""
    (shown, sizes), total = hide_tables([counties, found["sizes"]], {name: found[name] for name in CELLS})
    bands = {name: found["cliffs"][name] for name in ("to_100", "to_500", "above")}
    few = small(found["cliffs"]["households"])
    cut: dict[str, int | None] = dict.fromkeys(bands) if few else hide_numbers(bands)
    told = not few and None not in cut.values()
    cliffs = {**cut, "households": None if few else found["cliffs"]["households"],
              **{name: found["cliffs"][name] if told else None for name in ("fen", "most")}}
    distance = hide_numbers({str(at): count for at, count in enumerate(found["distance"])})
    groups = {key: hide_row(row) for key, row in found["groups"].items()}
    return {**total, "problem": found["problem"], "groups": groups, "sizes": sizes, "counties": shown,
            "matrix": hide_numbers(found["matrix"]), "doubts": hide_numbers(found["doubts"]),
            "distance": list(distance.values()), "cliffs": cliffs,
            "sources": {} if total["fen_before"] is None or total["fen_after"] is None else found["sources"]}

