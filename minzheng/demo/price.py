"""A triggered month: two people in 特困供养 since before it, and the county's list of the month waiting for its approval."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
from django.conf import settings

from minzheng.base.identity.officer import Officer
from minzheng.base.scope import acting
from minzheng.data import registry
from minzheng.demo.accounts import TOWNSHIP
from minzheng.office.benefits.granting import Covered, Payee, do_grant
from minzheng.scenes.assistance.price import actions
from minzheng.scenes.assistance.price.models import Batch

MONTH, WANTED = dt.date(2026, 9, 1), 2  # the shipped index reaches the trigger in this month (示例值)


def supplement(clerk: Officer, county: Officer, approver: Officer) -> int:
    """The next step is `county_approver` answering. Done once."""
    with acting(county.scope()):
        if Batch.objects.exists():
            return 0
    made = 0
    for row in _alone().iter_rows(named=True):
        made += made < WANTED and _supported(row["head_id_number"], clerk, approver, made)
    if not made:
        return 0
    with acting(county.scope()):
        actions.do_submit(actions.do_prepare(MONTH, by=county).number, by=county)
    return 1


def _alone() -> pl.DataFrame:
    """Single people of the township without a benefit, the poorest first."""
    return pl.scan_parquet(Path(settings.VAR_DIR) / "population" / "households.parquet").filter(
        pl.col("hukou_village").str.starts_with(TOWNSHIP[:9]), pl.col("benefit") == "", pl.col("cast_key") == "",
        pl.col("size") == 1).sort("per_capita_income_fen", "household_no").head(40).collect()


def _supported(number: str, clerk: Officer, approver: Officer, place: int) -> bool:
    with acting(clerk.scope()):
        person = registry.find_person(clerk, number)
        home = registry.household_of(person.pk)
        if person.death_date or not person.bank_account or person.age_on(MONTH) < 60:
            return False
    with acting(approver.scope()):
        do_grant(scheme="tekun", case_code=f"演示{place + 1}", decision=f"演示特困〔2026〕{place + 1}号", decided_on=dt.date(2026, 8, 20),
                 jurisdiction=person.jurisdiction, household_id=home.pk if home else None, head_person=person.pk,
                 members=[Covered(person.pk, person.name, "本人")], payee=Payee(person.name, person.bank_account, number),
                 monthly_fen=128_000, by=approver)
    return True
