"""Draft against the law in force over a million households: differences, tables, cliffs and nearest households by county.

Usage: python bench/policy_desk.py [households]

Runs what the desk's job runs, county by county (frames from bench/rules_population.py, not the registry; reading them
out of the registry is measured by bench/sweep.py), and prints rows, seconds and peak memory. Target: 45 s, 3,072 MB.
"""

from __future__ import annotations

import datetime as dt
import resource
import sys
import time
from pathlib import Path

import polars as pl

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.rules_population import frames
from minzheng.data.brain.desk import computing, funding, hiding, ladder
from minzheng.data.brain.desk.ports import Simulated
from minzheng.data.brain.rules import catalogue
from minzheng.data.brain.rules.catalogue import Dated
from minzheng.data.brain.rules.parameters import Book
from minzheng.scenes.assistance import policy

DAY = dt.date(2027, 1, 1)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    policy.register()
    what = Simulated("dibao", "other_fen", {0: "不符合", 1: "低保边缘", 2: "单人保", 3: "低保"}, measure="dibao_per_capita",
                     line="dibao.standard", doubts={"dibao_rich": "财产", "dibao_signs": "辅助指标"})
    law = Book(catalogue.shipped(), {}, (0, 0))
    cities = sorted({zone for zone in law.zones_of("dibao.standard") if zone.endswith("00")})
    draft = law.over([
        *(Dated("dibao.standard", zone, law.lookup("dibao.standard", zone, DAY).value + 5_000, DAY, None, "方案", "",
                False, True, "方案") for zone in cities),
        Dated("dibao.topup.elder_percent", "z320000", 25, DAY, None, "方案", "", False, True, "方案")])
    households, persons = frames(count)
    people = persons.height
    input_mb = peak_mb()
    start = time.perf_counter()
    counties = {}
    near = 0
    for key, part in households.partition_by("zone", as_dict=True).items():
        rows = computing.compare(what, (part, persons.join(part.select("household_id"), on="household_id", how="semi")),
                                 DAY, DAY, law, [draft])[0]
        found = computing.sums(what, rows)
        counties[str(key[0])] = {**found, "sources": funding.by_source("dibao", str(key[0]), DAY, found["fen_before"],
                                                                       found["fen_after"])}
        near += computing.nearest(rows).height
    total = computing.merged(list(counties.values()))
    hiding.hide_sums(total, {key: {name: row[name] for name in (*computing.COUNTS, *computing.SUMS)}
                             for key, row in counties.items()})
    ladders = ladder.ladders(what, "320500000000", DAY, DAY, [law, draft])
    seconds = time.perf_counter() - start
    print(f"{count:,} households, {people:,} persons, {len(counties)} counties: draft against law in {seconds:.1f} s, "
          f"peak {peak_mb()} MB ({input_mb} MB of it before)")
    kept = {name: total[name] for name in (*computing.COUNTS, *computing.SUMS, "problem")}
    print(kept, "cliffs:", total["cliffs"], "near:", near, "ladders:", len(ladders))
    start = time.perf_counter()
    whole = computing.compare(what, (households, persons), DAY, DAY, law, [draft])[0]
    again = computing.sums(what, whole)
    print(f"the same in one piece: {time.perf_counter() - start:.1f} s, peak {peak_mb()} MB, "
          f"{'identical' if {name: again[name] for name in kept} == kept else 'DIFFERENT'}")
    print(pl.Series([row["fen_after"] - row["fen_before"] for row in counties.values()]).describe())


def peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
