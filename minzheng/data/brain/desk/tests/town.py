"""A silly scheme's people for the desk's tests: the tennis club of all counties, without any scene."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from minzheng.data.brain.desk import ports
from minzheng.data.brain.tests import club

COUNTIES = ("320581000000", "320583000000")  # 常熟 and 昆山, both of 苏州
PRICE, LINE, FEE = "club.ball_price", "club.poor_line", "club.fee"


def plug_in() -> None:
    club.register()
    ports.register_simulated(ports.Simulated(
        scheme="club", income="wage_fen", statuses={0: "不发", 1: "发球"}, measure="club_money", line=LINE))
    ports.register_facts(read)
    ports.register_funding(lambda scheme, county, month: [("会长", 3_000), ("会员", 7_000)] if county == COUNTIES[1] else [])


def frames(wages: list[list[int]], zone: str, *, first: int = 1) -> ports.Frames:
    """Households of the given wages, a list of members each."""
    ids = [first + place for place, members in enumerate(wages) for _ in members]
    heads = [number == 0 for members in wages for number in range(len(members))]
    persons = pl.DataFrame({
        "household_id": ids, "wage_fen": [wage for members in wages for wage in members],
        "relation": [1 if head else 3 for head in heads],
        "birth_date": [dt.date(1980, 1, 1) if head else dt.date(2018, 1, 1) for head in heads]},
        schema_overrides={"household_id": pl.Int64, "wage_fen": pl.Int64})
    households = pl.DataFrame({"household_id": [first + place for place in range(len(wages))],
                               "zone": [zone] * len(wages)}, schema_overrides={"household_id": pl.Int64})
    return households, persons


def read(low: str, high: str, on: dt.date) -> ports.Frames:
    """Forty households in 昆山, three in 常熟; wages from 0 to 19,500 fen, the line is 10,000."""
    if low == COUNTIES[1]:
        dice = np.random.default_rng(3)
        return frames([[int(w)] * (1 + int(w) % 3) for w in dice.integers(0, 8_000, 40)], "z320583", first=1_000)
    if low == COUNTIES[0]:
        return frames([[9_000], [11_000], [15_000, 0]], "z320581", first=2_000)
    return frames([], "z320500")
