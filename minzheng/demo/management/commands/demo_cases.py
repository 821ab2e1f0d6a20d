"""Budget shares and a dozen applications in flight, made through the same actions as officers use (role web).

Each step may find itself done: killed on the way, the command completes what is missing when it runs again.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from minzheng.base import clock, flow
from minzheng.base.identity.models import Account
from minzheng.base.identity.officer import Officer
from minzheng.base.identity.posts import officer_of, posts_in_force
from minzheng.base.scope import acting
from minzheng.data import registry
from minzheng.demo.accounts import COUNTY, TOWNSHIP
from minzheng.demo.helping import help_each
from minzheng.demo.kinds import apply_each
from minzheng.demo.price import supplement
from minzheng.demo.urgent import help_at_once
from minzheng.office.benefits.budgets import do_set_shares
from minzheng.office.benefits.models import FundingShare
from minzheng.office.cases.acts import do_act
from minzheng.office.cases.models import Case
from minzheng.office.ledger.funding import do_appropriate
from minzheng.scenes.assistance import intake
from minzheng.scenes.assistance.apply import HouseholdApplication, MemberAnswers, do_apply

WANTED = 14
BUDGET_FEN = {"central": 300_000_000, "province": 200_000_000, "city": 100_000_000, "county": 400_000_000}


def officer(username: str) -> Officer:
    account = Account.objects.get(username=username)
    return officer_of(account, posts_in_force(account)[0])


class Command(BaseCommand):
    help = "Sample applications and the county's budget."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("样例办件只能在演示环境建立")
        clerk, finance = officer("clerk"), officer("finance")
        self._money(finance)
        made = sum(self._apply(clerk, row) for row in self._households().iter_rows(named=True))
        made += apply_each(clerk, self._between().to_dicts())
        made += help_at_once(clerk, finance, officer("cashier"))
        supplement(clerk, officer("county"), officer("approver"))
        help_each(clerk, officer("reviewer"), officer("county"))
        self._accept_some(clerk)
        self.stdout.write(f"已建立 {made} 件样例申请")

    def _money(self, by: Officer) -> None:
        for scheme, mark in (("dibao", ""), ("tekun", "特困"), ("temporary", "临时救助"), ("price", "价格临时补贴")):
            self._budget(scheme, mark, by)

    def _budget(self, scheme: str, mark: str, by: Officer) -> None:
        year = clock.today().year
        for y in (year, year + 1):
            with acting(by.scope()):
                for source, fen in BUDGET_FEN.items():
                    do_appropriate(year=y, source=source, scheme=scheme, county=COUNTY, fen=fen,
                                   document=f"演示预算{mark}〔{y}〕{source}", reason="演示预算(示例值)", by=by)
        with acting(by.scope()):
            if FundingShare.objects.filter(scheme=scheme, jurisdiction=COUNTY).exists():
                return
            do_set_shares(scheme, COUNTY, from_month=dt.date(year, 1, 1), reason="演示分担比例(示例值)", by=by,
                          shares={"central": 3000, "province": 2000, "city": 1000, "county": 4000})

    def _households(self) -> pl.DataFrame:
        """Households of the township with little income and no benefit, in the population's own order."""
        folder = Path(settings.VAR_DIR) / "population"
        found = pl.scan_parquet(folder / "households.parquet").filter(
            pl.col("hukou_village").str.starts_with(TOWNSHIP[:9]), pl.col("benefit") == "",
            pl.col("cast_key") == "", pl.col("size") <= 4, pl.col("per_capita_income_fen") < 140_000)
        return found.sort("household_no").head(WANTED * 2).collect()

    def _between(self) -> pl.DataFrame:
        """Households of the township a little above the standard, for 低保边缘."""
        folder = Path(settings.VAR_DIR) / "population"
        found = pl.scan_parquet(folder / "households.parquet").filter(
            pl.col("hukou_village").str.starts_with(TOWNSHIP[:9]), pl.col("benefit") == "", pl.col("cast_key") == "",
            pl.col("size").is_between(2, 4), pl.col("per_capita_income_fen").is_between(120_000, 160_000))
        return found.sort("household_no", descending=True).head(WANTED).collect()

    def _apply(self, by: Officer, household: dict[str, Any]) -> int:
        with acting(by.scope()):
            if Case.objects.count() >= WANTED:
                return 0
            head = registry.find_person(by, household["head_id_number"])
            rows = intake.household_rows(head)
            holder = next((p for p, _ in rows if p.bank_account), None)
            if head.death_date or holder is None or all(p.age_on(clock.today()) < 18 for p, _ in rows):
                return 0
            wage = household["monthly_income_fen"]
            members = [MemberAnswers(p.pk, relation, declared={"wage_fen": wage if p is head else 0}, signed=True)
                       for p, relation in rows]
            do_apply(HouseholdApplication(
                channel="window", members=members, payee=holder.pk, phone=head.phone or "16000000000", cause="other",
                household={"financial_fen": 300_000, "vehicles": 0, "houses": 1}, key=f"demo-{household['household_no']}"),
                by=by)
            return 1

    def _accept_some(self, by: Officer) -> None:
        """Two of three are accepted, so that their checks run as soon as the departments answer."""
        with acting(by.scope()):
            codes = list(Case.objects.order_by("id").values_list("code", "version"))
        for number, (code, version) in enumerate(codes):
            if number % 3 == 2:
                continue
            with acting(by.scope()):
                task = next((t for t in flow.open_tasks(code) if t.key == "review"), None)
                if task is None:
                    continue
                do_act(code, task.pk, by=by, outcome="accept", comment="", data={}, files={}, case_version=version,
                       task_version=task.version)
