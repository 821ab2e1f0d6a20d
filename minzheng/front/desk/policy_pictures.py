"""Pictures of the policy desk, drawn by ourselves: a tile map of counties in city blocks, curves, bars. No map data."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from minzheng.base.divisions.names import name_of
from minzheng.data.brain.desk.computing import BANDS
from minzheng.data.brain.desk.viewing import County

# Where a city's block stands on the sheet (column, row), roughly as on a map; cities without a place follow below.
PLACES = {"3203": (0, 0), "3207": (1, 0), "3213": (0, 1), "3208": (1, 1), "3209": (2, 1), "3210": (1, 2), "3212": (2, 2),
          "3206": (3, 2), "3201": (0, 3), "3211": (1, 3), "3204": (2, 3), "3202": (3, 3), "3205": (4, 3)}
TILE_W, TILE_H, ACROSS, HEAD, GAP = 62, 34, 3, 18, 14
CURVE_W, CURVE_H, LEFT, BOTTOM = 320, 150, 52, 18


@dataclass(frozen=True)
class Tile:
    x: int
    y: int
    name: str
    figure: str
    shade: str
    said: str

    @property
    def text_x(self) -> int:
        return self.x + TILE_W // 2

    @property
    def name_y(self) -> int:
        return self.y + 14

    @property
    def figure_y(self) -> int:
        return self.y + 28


@dataclass(frozen=True)
class Block:
    x: int
    y: int
    name: str
    tiles: tuple[Tile, ...]


@dataclass(frozen=True)
class Map:
    width: int
    height: int
    blocks: tuple[Block, ...]
    tile_width: int = TILE_W - 2
    tile_height: int = TILE_H - 2


def tile_map(counties: list[County]) -> Map | None:
    """Each county a tile in its city's block, shaded by the change of money a month. None for a single county."""
    if len(counties) < 2:
        return None
    most = max((abs(county.delta_fen or 0) for county in counties), default=0)
    cities: dict[str, list[County]] = {}
    for county in counties:
        cities.setdefault(county.code[:4], []).append(county)
    known = {city: PLACES[city] for city in cities if city in PLACES} if len(cities) > 1 else {}
    last = max((row for _, row in known.values()), default=-1)
    for number, city in enumerate(sorted(set(cities) - set(known))):
        known[city] = (number % 4, last + 1 + number // 4)
    columns, rows = sorted({x for x, _ in known.values()}), sorted({y for _, y in known.values()})
    across = ACROSS if len(cities) > 1 else 5
    heights = {row: HEAD + TILE_H * max(-(-len(cities[city]) // across) for city, place in known.items() if place[1] == row)
               for row in rows}
    tops, top = {}, 0
    for row in rows:
        tops[row], top = top, top + heights[row] + GAP
    wide = across * TILE_W + GAP
    blocks = tuple(_block(city, cities[city], columns.index(x) * wide, tops[y], across, most)
                   for city, (x, y) in sorted(known.items()))
    return Map(len(columns) * wide - GAP, top - GAP, blocks)


def _block(city: str, counties: list[County], x: int, y: int, across: int, most: int) -> Block:
    tiles = tuple(_tile(county, x + number % across * TILE_W, y + HEAD + number // across * TILE_H, most)
                  for number, county in enumerate(counties))
    return Block(x, y + 12, name_of(city + "00000000"), tiles)


def _tile(county: County, x: int, y: int, most: int) -> Tile:
    delta = county.delta_fen
    short = county.name if len(county.name) <= 4 else county.name[:4]
    if delta is None:
        return Tile(x, y, short, "不显示", "unknown", f"{county.name}:户数过少,不显示")
    return Tile(x, y, short, wan(delta), shade(delta, most), f"{county.name}:每月{wan(delta)}元")


def wan(fen: int) -> str:
    """Change of money, short: +1.2万, -350, 0."""
    sign = "+" if fen > 0 else "-" if fen < 0 else ""
    yuan = abs(fen) // 100
    if yuan < 10_000:
        return f"{sign}{yuan}"
    tenth = yuan // 1_000
    return f"{sign}{tenth // 10}.{tenth % 10}万" if tenth < 1_000 else f"{sign}{tenth // 10:,}万"


def shade(delta: int, most: int) -> str:
    """One of three shades to either side; nothing for no change."""
    if not delta or not most:
        return ""
    depth = 1 + min(abs(delta) * 3 // (most + 1), 2)
    return f"{'up' if delta > 0 else 'down'}{depth}"


def curves(ladders: list[dict[str, Any]], titles: list[str]) -> list[dict[str, Any]]:
    """Amount by household income for typical households; the first law is the one in force."""
    found = []
    for one in ladders:
        top = max(one["top"], 1)
        highest = max((fen for law in one["laws"] for _, fen in law["points"]), default=0) or 1
        lines = [" ".join(f"{LEFT + at * (CURVE_W - LEFT - 8) // top},{8 + (CURVE_H - BOTTOM - 8) * (highest - fen) // highest}"
                          for at, fen in law["points"]) for law in one["laws"]]
        cliffs = [(titles[number], _shown(law["cliffs"])) for number, law in enumerate(one["laws"]) if law["cliffs"]]
        found.append({"title": one["title"], "zone": one["zone"], "lines": list(enumerate(lines)), "top": f"{top:,}",
                      "highest": f"{highest // 100:,}", "cliffs": cliffs})
    return found


def _shown(cliffs: list[list[int]]) -> list[tuple[str, int]]:
    """The steepest three, in order of income."""
    return [(f"{at:,}", fen) for at, fen in sorted(sorted(cliffs, key=lambda pair: -pair[1])[:3])]


def bars(distance: list[int | None]) -> list[dict[str, Any]]:
    """Households by how far their income is from the line."""
    edges = [edge // 100 for edge in BANDS]
    titles = [f"低 {-edges[0]} 元以上", *[_band(low, high) for low, high in pairwise(edges)],
              f"高 {edges[-1]} 元以上"]
    most = max((count or 0 for count in distance), default=0) or 1
    below = sum(1 for edge in edges if edge <= 0)
    return [{"title": title, "count": count, "width": 100 * (count or 0) // most, "below": number < below}
            for number, (title, count) in enumerate(zip(titles, distance, strict=True))]


def _band(low: int, high: int) -> str:
    return f"低 {-high}—{-low} 元" if high <= 0 else f"高 {low}—{high} 元"
