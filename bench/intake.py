"""Intake over HTTP until the case is accepted: `python bench/intake.py [seconds] [clerks]` (MZ_VAR set up by `minzheng demo`, with
enough people: MZ_DEMO_PEOPLE).

The forms of households that have no case are written beforehand. Each clerk then submits one, and accepts the case: two posts.
Everything runs as `minzheng up` starts it: row policies, audit with its sealer, encryption; the check of the household's means
is asked for by the acceptance and carried out by the worker. The task's number and version, which the clerk reads on the case
page, are read from the database; `--pages` opens that page as well.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import stack
from browsers import Browser, form_of, table

INTAKE = "/desk/assistance/dibao/new"
RECEIPT = re.compile(r"受理号 <b>(\d{19})")
COUNTY = "320583"


@dataclass
class Household:
    town: str
    fields: list[tuple[str, str]]


def appoint(towns: list[str]) -> None:
    """As the owner: one clerk in each township."""
    import datetime as dt

    from allauth.mfa.adapter import get_adapter
    from allauth.mfa.models import Authenticator

    from minzheng.base.identity.models import Account, Post

    setup = Account.objects.get(username="setup")
    for town in towns:
        account, fresh = Account.objects.get_or_create(username=f"window-{town[:9]}", defaults={"name": f"窗口{town[6:9]}", "password": "!"})
        if fresh:
            Post.objects.create(account=account, role="town_clerk", office=town, scenes=["assistance"],
                                valid_from=dt.date(2026, 1, 1), approved_by=setup)
            Authenticator.objects.create(user=account, type=Authenticator.Type.TOTP, data={"secret": get_adapter().encrypt("B" * 32)})


def households(cursor: Any) -> list[Household]:
    """Filled forms of households without a case, as the window page prefills and the clerk completes them."""
    from minzheng.scenes.assistance.intake import relation_to

    cursor.execute("""
        SELECT h.jurisdiction, array_agg(m.person_id ORDER BY m.relation <> '户主', m.id), array_agg(m.relation ORDER BY m.relation <> '户主', m.id),
               array_agg(p.bank_account IS NOT NULL ORDER BY m.relation <> '户主', m.id)
        FROM registry_household h JOIN registry_householdmember m ON m.household_id = h.id AND m.valid_to IS NULL
        JOIN registry_person p ON p.id = m.person_id
        WHERE h.jurisdiction LIKE %s AND h.ended_on IS NULL AND NOT EXISTS (SELECT 1 FROM cases_casemember c WHERE c.person = p.id)
        GROUP BY h.id HAVING count(*) BETWEEN 1 AND 4 AND bool_and(p.death_date IS NULL) AND bool_or(p.bank_account IS NOT NULL)
          AND bool_or(p.birth_date < '2006-01-01') AND min(p.jurisdiction) = h.jurisdiction AND max(p.jurisdiction) = h.jurisdiction
          AND bool_or(m.relation = '户主') ORDER BY h.id""", [COUNTY + "%"])
    found = []
    for place, people, relations, banked in cursor.fetchall():
        fields = [("step", "submit"), ("key", secrets.token_hex(16)), ("m-TOTAL_FORMS", str(len(people))), ("m-INITIAL_FORMS", "0"),
                  ("m-MIN_NUM_FORMS", "1"), ("m-MAX_NUM_FORMS", "20"), ("cause", "other"), ("financial_fen", "3000"), ("vehicles", "0"),
                  ("houses", "1"), ("payee", str(next(p for p, b in zip(people, banked, strict=True) if b))), ("phone", "16000000001"),
                  ("text", ""), ("promise", "on")]
        for n, (person, relation) in enumerate(zip(people, relations, strict=True)):
            fields += [(f"m-{n}-person", str(person)), (f"m-{n}-relation", "本人" if n == 0 else relation_to("户主", relation)),
                       (f"m-{n}-counted", "on"), (f"m-{n}-signed", "on"), (f"m-{n}-wage_fen", "800" if n == 0 else "")]
        found.append(Household(place[:9] + "000", fields))
    return found


class Window:
    def __init__(self, browser: Browser, waiting: list[Household], aside: Any, pages: bool) -> None:
        self.browser, self.waiting, self.aside, self.pages = browser, waiting, aside, pages

    async def work(self, until: float, times: dict[str, list[float]], bad: dict[str, int]) -> int:
        done = 0
        token = self.browser.cookies.get("csrftoken") or form_of((await self.browser.get(INTAKE)).text, f"{INTAKE}|")[1]
        page = await self.browser.get(INTAKE)
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert found, (page.status, page.text[:500], token)
        csrf = ("csrfmiddlewaretoken", found.group(1))
        while self.waiting and time.monotonic() < until:
            answer = await self.browser.post(INTAKE, [*self.waiting.pop().fields, csrf])
            times["submit"].append(answer.seconds)
            number = RECEIPT.search(answer.text)
            if number is None:
                bad["submit"] += 1
                if os.environ.get("BENCH_SHOW") and bad["submit"] < 3:
                    print(answer.status, re.sub(r"<[^>]+>|\s+", " ", answer.text)[-1500:])
                continue
            code = number.group(1)
            if self.pages:
                page = await self.browser.get(f"/desk/cases/{code}/")
                times["case page"].append(page.seconds)
            (task, version), case_version = self.aside.execute(
                "SELECT (SELECT array[id, version] FROM flow_task WHERE subject = c.code AND key = 'review'), version FROM cases_case c"
                " WHERE code = %s", [code]).fetchone()
            answer = await self.browser.post(f"/desk/cases/{code}/tasks/{task}/", [
                csrf, ("case_version", str(case_version)), ("task_version", str(version)), ("outcome", "accept"), ("comment", ""), ("missing", "")])
            times["accept"].append(answer.seconds)
            if answer.status != 302:
                bad["accept"] += 1
            else:
                done += 1
        return done


async def measure(clerks: list[Window], seconds: float) -> tuple[int, float, dict[str, list[float]], dict[str, int]]:
    times: dict[str, list[float]] = defaultdict(list)
    bad: dict[str, int] = defaultdict(int)
    began = time.monotonic()
    done = await asyncio.gather(*(clerk.work(began + seconds, times, bad) for clerk in clerks))
    return sum(done), time.monotonic() - began, times, bad


def main() -> None:
    args = [a for a in sys.argv[1:] if not a.startswith("-")]
    seconds, clerks = float(args[0]) if args else 300.0, int(args[1]) if len(args) > 1 else 8
    if os.environ.get("BENCH_APPOINT"):
        os.environ.update(MZ_ROLE="owner")
        import django

        django.setup()
        appoint(os.environ["BENCH_APPOINT"].split(","))
        return
    os.environ.update(DJANGO_SETTINGS_MODULE="minzheng.settings", MZ_DEMO="1", MZ_ROLE="web")
    with stack.running("demo" if "--departments" in sys.argv else "up") as services:
        import django

        django.setup()
        from django.conf import settings

        admin = settings.TARGET.connect_admin(os.environ.get("MZ_DB", settings.TARGET.dbname))
        forms = households(admin.cursor())
        towns = sorted({h.town for h in forms})
        import subprocess

        subprocess.run([sys.executable, __file__], check=True, env={**os.environ, "BENCH_APPOINT": ",".join(towns), "MZ_ROLE": "owner"})
        keys = stack.sessions([f"window-{town[:9]}" for town in towns])
        by_town = {town: [h for h in forms if h.town == town] for town in towns}
        busiest = sorted(towns, key=lambda t: -len(by_town[t]))
        windows = [Window(Browser(stack.PORT, keys[f"window-{busiest[n % len(busiest)][:9]}"]), by_town[busiest[n % len(busiest)]], admin,
                          "--pages" in sys.argv) for n in range(clerks)]
        before, load = stack.processor(services), os.getloadavg()[0]
        done, lasted, times, bad = asyncio.run(measure(windows, seconds))
        after = stack.processor(services)
        waiting = admin.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'").fetchone()[0]
    print(table(times, bad))
    print(f"{done} cases accepted in {lasted:.0f} s by {clerks} clerks: {done / lasted:.1f} a second; {len(forms)} households were ready,"
          f" {waiting} jobs wait; load {load:.1f} to {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    used = {name: after[name] - before.get(name, 0.0) for name in after}
    print("processor time a case: " + ", ".join(f"{name} {s / max(done, 1) * 1000:.1f} ms" for name, s in sorted(used.items()))
          + f"; in all {sum(used.values()) / max(done, 1) * 1000:.1f} ms")


if __name__ == "__main__":
    main()
