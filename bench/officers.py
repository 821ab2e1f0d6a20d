"""200 officers at work over a province of open cases: `python bench/officers.py [minutes] [officers] [--fill cases]`.

MZ_VAR names the installation; `--fill` sets it up first (a demonstration, its cases multiplied by bench/province.py).

Starts the services as `minzheng up` does, signs the officers in, and lets each look at the worklist, search, open cases and act
on them, with 5 s on average between two pages. Prints the times by kind, seen from outside (connection, queue, answer), the
processor time by service and the load of the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import time
from collections import defaultdict
from urllib.parse import quote

import stack
from browsers import Answer, Browser, form_of, table

THINK = 5.0
CASE = re.compile(r'href="(/desk/cases/\d+/)"')
NAME = re.compile(r'data-label="申请人">([^<*]+)')
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
GIVEN = "秀英伟芳敏静强磊军洋勇艳杰涛明超兰霞平刚"


class Officer:
    def __init__(self, number: int, browser: Browser, times: dict[str, list[float]], bad: dict[str, int], seed: int) -> None:
        self.browser, self.times, self.bad = browser, times, bad
        self.random = random.Random(seed * 1000 + number)
        self.cases: list[str] = []

    def note(self, kind: str, answer: Answer, good: tuple[int, ...] = (200, 302)) -> Answer:
        self.times[kind].append(answer.seconds)
        if answer.status not in good:
            self.bad[kind] += 1
        return answer

    async def think(self) -> None:
        await asyncio.sleep(self.random.uniform(0.4, 1.6) * THINK)

    async def work(self, until: float) -> None:
        await asyncio.sleep(self.random.uniform(0, THINK))
        while time.monotonic() < until:
            dice = self.random.random()
            if dice < 0.4 or not self.cases:
                await self.worklist()
            elif dice < 0.55:
                name = self.random.choice(SURNAMES) + self.random.choice(GIVEN)
                self.note("read: search", await self.browser.get("/desk/search/?q=" + quote(name)))
            elif dice < 0.65:
                await self.claim()
            else:
                await self.case()
            await self.think()

    async def worklist(self) -> None:
        tab = self.random.choice(("office", "office", "claimable", "mine"))
        answer = self.note("read: worklist", await self.browser.get(f"/desk/?tab={tab}"))
        found = CASE.findall(answer.text)
        self.cases = found or self.cases

    async def claim(self) -> None:
        page = self.note("read: worklist", await self.browser.get("/desk/?tab=claimable"))
        _, fields = form_of(page.text, "/desk/tasks/batch")
        picked = re.findall(r'name="task" value="(\d+)"', page.text)
        if not picked:
            return
        await self.think()
        kept = [(k, v) for k, v in fields if k != "task"]
        one = self.random.choice(picked)
        self.note("write: claim", await self.browser.post("/desk/tasks/batch", [*kept, ("verb", "claim"), ("task", one)]))

    async def case(self) -> None:
        page = self.note("read: case", await self.browser.get(self.random.choice(self.cases)))
        action, fields = form_of(page.text, r"/desk/cases/\d+/tasks/\d+/")
        outcomes = re.findall(r'name="outcome" value="(\w+)"', page.text)
        if not action or self.random.random() < 0.4:
            return
        kind, more = self.decide(outcomes)
        if not kind:
            return
        await self.think()
        kept = [(k, v) for k, v in fields if k not in ("outcome", "comment", "missing")]
        self.note(kind, await self.browser.post(action, [*kept, *more]))

    def decide(self, outcomes: list[str]) -> tuple[str, list[tuple[str, str]]]:
        if "accept" in outcomes:
            if self.random.random() < 0.7:
                return "write: accept", [("outcome", "accept"), ("comment", ""), ("missing", "")]
            return "write: supplement", [("outcome", "supplement"), ("comment", ""), ("missing", "诊断证明")]
        if "no_objection" in outcomes:
            return "write: no objection", [("outcome", "no_objection"), ("comment", "")]
        if "disagree" in outcomes:
            return "write: opinion", [("outcome", "disagree"), ("comment", "人均收入高于低保标准。")]
        if "confirm" in outcomes:
            return "write: decision", [("outcome", "return"), ("comment", "请补充调查住房情况。")]
        return "", []


async def measure(keys: list[str], minutes: float) -> tuple[dict[str, list[float]], dict[str, int]]:
    times: dict[str, list[float]] = defaultdict(list)
    bad: dict[str, int] = defaultdict(int)
    seed = int(time.time())
    warm = [Officer(n, Browser(stack.PORT, key), defaultdict(list), defaultdict(int), seed) for n, key in enumerate(keys)]
    await asyncio.gather(*(one.work(time.monotonic() + 15) for one in warm))
    for one in warm:
        one.times, one.bad = times, bad
    until = time.monotonic() + minutes * 60
    await asyncio.gather(*(one.work(until) for one in warm))
    return times, bad


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("minutes", type=float, nargs="?", default=3.0)
    parser.add_argument("officers", type=int, nargs="?", default=200)
    parser.add_argument("--fill", type=int, default=0)
    parser.add_argument("--people", type=int, default=20_000)
    args = parser.parse_args()
    minutes, officers = args.minutes, args.officers
    if args.fill:
        stack.set_up(args.people, args.fill)
    os.environ.update(DJANGO_SETTINGS_MODULE="minzheng.settings", MZ_DEMO="0", MZ_ROLE="web")
    with stack.running() as services:
        import django

        django.setup()
        keys = list(stack.sessions([f"bench-{n}" for n in range(officers)]).values())
        before, began = stack.processor(services), time.perf_counter()
        loads = [os.getloadavg()[0]]
        times, bad = asyncio.run(measure(keys, minutes))
        lasted, after = time.perf_counter() - began, stack.processor(services)
        loads.append(os.getloadavg()[0])
    print(table(times, bad))
    count = sum(map(len, times.values()))
    print(f"{len(keys)} officers, {count} pages in {minutes:g} minutes, {count / minutes / 60:.1f} a second; load {loads[0]:.1f} to"
          f" {loads[1]:.1f} on {os.cpu_count()} processors")
    used = {name: after[name] - before.get(name, 0.0) for name in after}
    print("processors in use: " + ", ".join(f"{name} {seconds / lasted:.2f}" for name, seconds in sorted(used.items())))


if __name__ == "__main__":
    main()
