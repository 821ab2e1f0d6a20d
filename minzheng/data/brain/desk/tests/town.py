"""A silly scheme's people for the desk's tests: families of the tennis club, without any scene."""

from __future__ import annotations

import datetime as dt

import polars as pl

from minzheng.data.brain.desk import ports
from minzheng.data.brain.tests import club

PRICE, LINE, FEE = "club.ball_price", "club.poor_line", "club.fee"


def plug_in() -> None:
    club.register()
    ports.register_simulated(ports.Simulated(
        scheme="club", income="wage_fen", statuses={0: "不发", 1: "发球"}, measure="club_money", line=LINE))


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
