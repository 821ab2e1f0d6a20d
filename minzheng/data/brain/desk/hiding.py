"""Small cells: a count of 1 to 4 households is not shown to whoever stands outside the county.

A hidden count could be found again by subtracting what is shown from the total. So at least three rows of a table that
has a total are hidden, or the total is hidden too.
"""

from __future__ import annotations

from typing import Any

from minzheng.data.brain.desk.computing import CHANGES, COUNTS

LEAST, TOGETHER = 5, 3
HIDDEN = "hidden"
_AFTERWARDS = (*CHANGES, "same", "after", "persons_after", "persons_gained", "persons_lost", "fen_after")
_BEFORE = ("before", "persons_before", "fen_before")


def small(count: int) -> bool:
    return 0 < count < LEAST


def hide_row(row: dict[str, Any], *, anyway: bool = False) -> dict[str, Any]:
    """The row without what would tell of few households; `hidden` says so. Columns that follow from one another go
    together, and a row whose number before is small goes whole."""
    changes = anyway or any(small(row[name]) for name in (*CHANGES, "same", "after"))
    whole = anyway or small(row["before"]) or small(row["households"])
    if not (changes or whole):
        return {**row, HIDDEN: False}
    gone = {*_AFTERWARDS, *(_BEFORE if whole else ()), *(("households",) if small(row["households"]) else ())}
    return {name: None if name in gone else value for name, value in row.items()} | {HIDDEN: True}


def hide_table(rows: dict[str, dict[str, Any]], *, parts: bool) -> tuple[dict[str, dict[str, Any]], bool]:
    """The rows by key with small cells hidden, and whether the total must be hidden too.

    `parts`: the rows add up to the total, so neighbours are hidden with a small one.
    """
    found = {key: hide_row(row) for key, row in rows.items()}
    hidden = [key for key, row in found.items() if row[HIDDEN]]
    if not parts or not hidden:
        return found, False
    rest = sorted((key for key in rows if key not in hidden and _says_something(rows[key])),
                  key=lambda key: (_changed(rows[key]), rows[key]["before"], key))
    for key in rest[: max(TOGETHER - len(hidden), 0)]:
        hidden.append(key)
    # what is hidden in one is hidden in all, else the column of the others would tell
    whole = any(found[key].get("before", 0) is None for key in hidden)
    for key in hidden:
        found[key] = hide_row(rows[key], anyway=True) if whole else {
            name: None if name in _AFTERWARDS else value for name, value in rows[key].items()} | {HIDDEN: True}
    return found, len(hidden) < min(TOGETHER, len(rows)) and len(rows) > 1


def _changed(row: dict[str, Any]) -> int:
    return sum(int(row[name]) for name in CHANGES)


def _says_something(row: dict[str, Any]) -> bool:
    return any(row[name] for name in COUNTS[1:])


def hide_numbers(cells: dict[str, int]) -> dict[str, int | None]:
    """Single numbers of one table; when exactly one is hidden, the next smallest goes with it."""
    gone = [key for key, count in cells.items() if small(count)]
    if len(gone) == 1:
        rest = sorted((count, key) for key, count in cells.items() if key not in gone and count)
        gone += [rest[0][1]] if rest else []
    return {key: None if key in gone else count for key, count in cells.items()}


def hide_sums(found: dict[str, Any]) -> dict[str, Any]:
    """A place's sums for somebody outside the county."""
    total = hide_row({key: found[key] for key in found if not isinstance(found[key], dict | list) and key != "problem"})
    groups, _ = hide_table(found["groups"], parts=False)
    sizes, all_gone = hide_table(found["sizes"], parts=True)
    if all_gone:
        sizes = {key: hide_row(row, anyway=True) for key, row in found["sizes"].items()}
    distance = list(hide_numbers({str(at): n for at, n in enumerate(found["distance"])}).values())
    bands = ("to_100", "to_500", "above")
    shown = hide_numbers({name: found["cliffs"][name] for name in bands})
    few = small(found["cliffs"]["households"])
    cliffs = {"households": None if few else found["cliffs"]["households"], **(dict.fromkeys(bands) if few else shown),
              "fen": None if few or None in shown.values() else found["cliffs"]["fen"],
              "most": None if few or None in shown.values() else found["cliffs"]["most"]}
    return {**total, "problem": found["problem"], "groups": groups, "sizes": sizes,
            "matrix": hide_numbers(found["matrix"]), "doubts": hide_numbers(found["doubts"]),
            "distance": distance, "cliffs": cliffs}
