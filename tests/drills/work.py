"""What officers do during the drills, through their pages: taking households in, and paying a month."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx
import polars as pl

from tests.drills.house import COUNTY, VAR, Browser, House, action_of, form_of, until

INTAKE = "/desk/assistance/dibao/new"
SETS = {"payments": 25}


# -- intakes -------------------------------------------------------------------------------------
@dataclass
class Intake:
    """One household's filled form and the case numbers that submitting it has brought."""

    fields: dict[str, str]
    codes: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        return self.fields["key"]

    def submit(self, clerk: Browser) -> bool:
        """One click on the button; False when the answer is not the receipt."""
        answer = clerk.send(INTAKE, self.fields)
        found = re.search(r"受理号 <b>(\d{19})", answer.text) if answer is not None and answer.status_code == 200 else None
        if found:
            self.codes.append(found.group(1))
        assert answer is None or answer.status_code in (200, 500, 502, 503), (answer.status_code, answer.text[-3000:])
        return bool(found)


def intakes(house: House, clerk: Browser, count: int) -> list[Intake]:
    """Filled forms of households that have no case yet, as the window page prefills them."""
    known = {row[0] for row in house.rows("SELECT household FROM cases_case")}
    ids = {number: key for key, number in house.rows("SELECT id, number FROM registry_household")}
    rows = pl.scan_parquet(VAR / "population" / "households.parquet").filter(
        pl.col("hukou_village").str.starts_with(COUNTY[:6]), pl.col("cast_key") == "", pl.col("benefit") == "",
        pl.col("size") <= 4).sort("household_no").select("household_no", "head_id_number").collect().rows()
    made: list[Intake] = []
    for number, head in rows:
        if len(made) == count:
            break
        if ids.get(f"{number:09d}") in known:
            continue
        page = clerk.client.post(INTAKE, data={**form_of(clerk.page(INTAKE), INTAKE), "step": "find", "id_number": head})
        if page.status_code != 200:
            continue  # the head has died
        fields = {**form_of(page.text, INTAKE), "step": "submit", "cause": "other", "promise": "on", "phone": "16000000001"}
        fields.pop("member_id", None)
        if not fields.get("payee") or fields["key"] in {m.key for m in made}:
            continue
        total = int(fields["m-TOTAL_FORMS"])
        made.append(Intake({**fields, **{f"m-{n}-signed": "on" for n in range(total)}}))
    assert len(made) == count, f"only {len(made)} households left"
    return made


def submit_all(waiting: Sequence[Intake], clerk: Browser, *, seconds: float = 90) -> None:
    """Clicks again until each form has its receipt."""
    def one(intake: Intake) -> None:
        until(lambda: intake.submit(clerk), "the intake is received", seconds)

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(one, intake) for intake in waiting]:
            done.result()


def disturb(house: House, clerk: Browser, waiting: Sequence[Intake], fault: Callable[[], Any]) -> None:
    """Submits all the forms at once, and lets the fault happen twice: while several submissions are halfway, having
    written case, members and process but no authorisation; and again in the full stream of them."""
    with ThreadPoolExecutor(6) as pool:
        with house.held("verification_authorisation", 4) as halfway:
            first = [pool.submit(intake.submit, clerk) for intake in waiting[:6]]
            halfway()
            fault()
        assert not any(done.result() for done in first)
        house.start()
        until(lambda: not house.rows("SELECT 1 FROM pg_stat_activity WHERE usename = 'mz_web' AND state = 'active'"
                                     " AND query LIKE '%%verification_authorisation%%'"), "the cut transactions are over")
        keys = [intake.key for intake in waiting[:6]]
        assert house.one("SELECT count(*) FROM cases_case WHERE submission_key = ANY(%s)", keys) == 0
        assert house.halves() == []
        before = house.one("SELECT count(*) FROM cases_case")
        stream = [pool.submit(intake.submit, clerk) for intake in waiting]
        until(lambda: house.one("SELECT count(*) FROM cases_case") >= before + 4, "four more cases", 90)
        fault()
        for done in stream:
            done.result()


def check_intakes(house: House, clerk: Browser, waiting: Sequence[Intake]) -> None:
    """After the restart: none or one case for each form and never a half; clicking again gives the one."""
    house.start()
    keys = [intake.key for intake in waiting]
    assert house.halves() == []
    found = dict(house.rows("SELECT submission_key, count(*) FROM cases_case WHERE submission_key = ANY(%s) GROUP BY 1", keys))
    assert set(found.values()) <= {1}
    submit_all(waiting, clerk)
    submit_all(waiting[:5], clerk)
    cases = dict(house.rows("SELECT submission_key, code FROM cases_case WHERE submission_key = ANY(%s)", keys))
    assert len(cases) == len(waiting)
    assert all(set(intake.codes) == {cases[intake.key]} for intake in waiting)


# -- payments ------------------------------------------------------------------------------------
ENTITLEMENTS = """
import json, datetime as dt
from minzheng.base import clock
from minzheng.base.identity.models import Account
from minzheng.base.identity.posts import officer_of, posts_in_force
from minzheng.base.scope import acting
from minzheng.data.registry.models import HouseholdMember, Person
from minzheng.office.benefits.granting import Covered, Payee, do_grant
account = Account.objects.get(username="approver")
by = officer_of(account, posts_in_force(account)[0])
made, seen = 0, set()
with acting(by.scope()):
    members = dict(HouseholdMember.objects.filter(valid_to=None).values_list("person_id", "household_id"))
    for person in Person.objects.filter(death_date=None).exclude(bank_name="").order_by("-id"):
        household = members.get(person.pk)
        if made == COUNT or household in seen or household is None or not person.bank_account:
            continue
        seen.add(household)
        made += 1
        do_grant(scheme="dibao", case_code=f"DRILL{made:04d}", decision=f"演练决字{made}号", household_id=household,
                 decided_on=clock.today() - dt.timedelta(days=330), jurisdiction=person.jurisdiction,
                 head_person=person.pk, members=[Covered(person.pk, person.name, "本人")], monthly_fen=60_000 + made * 100,
                 payee=Payee(person.name, person.bank_account, person.id_number), by=by)
print(json.dumps(made))
"""


def make_entitlements(house: House) -> None:
    """Benefits granted long enough ago for a year of months, their accounts asked about at the bank."""
    assert house.script(ENTITLEMENTS.replace("COUNT", str(SETS["payments"])), "web") == SETS["payments"]
    cashier = house.browser("cashier")
    cashier.do("/desk/payments/accounts/", "/payments/accounts/check")
    until(lambda: house.one("SELECT count(*) FROM benefits_entitlement WHERE payee_check = ''") == 0,
          "the bank has answered about all accounts")


@dataclass
class Month:
    """The payment of the oldest month without a run, step by step."""

    house: House
    month: str = ""
    run: str = ""
    envelope: str = ""

    def __post_init__(self) -> None:
        (self.month,) = self.house.rows(
            "SELECT to_char(m, 'YYYY-MM') FROM generate_series(date_trunc('month', now()) - interval '6 months',"
            " date_trunc('month', now()), interval '1 month') m WHERE NOT EXISTS (SELECT 1 FROM ledger_paymentrun r"
            " WHERE r.month = m::date AND r.kind = 'regular') ORDER BY m LIMIT 1")[0]

    @property
    def day(self) -> str:
        return f"{self.month}-01"

    def form(self) -> tuple[str, dict[str, str]]:
        """The page that asks to build the month's list."""
        text = self.house.browser("cashier").page(f"/desk/payments/new/?month={self.month}&scheme=dibao")
        return action_of(text, "/payments/new/"), form_of(text, "/payments/new/")

    def build(self) -> None:
        action, fields = self.form()
        answer = self.house.browser("cashier").send(action, fields)
        assert answer is not None and answer.status_code == 200, answer and answer.text[-2000:]
        self.run = answer.url.path.rstrip("/").rpartition("/")[2]

    def release(self) -> None:
        """Seal, sign by whoever must, release by another cashier: the file goes to the bank."""
        page = self.house.browser("cashier").do(f"/desk/payments/runs/{self.run}/", "/seal")
        self.envelope = page.url.path.rstrip("/").rpartition("/")[2]
        path = f"/desk/payments/envelopes/{self.envelope}/"
        for who in ("finance", "leader"):
            if self.state() == "sealed":
                self.house.browser(who).do(path, "/sign")
        self.house.browser("cashier2").do(path, "/release")

    def state(self) -> str:
        return str(self.house.one("SELECT state FROM ledger_envelope WHERE number = %s", self.envelope))

    def until_state(self, state: str, seconds: float = 120) -> None:
        until(lambda: self.state() == state, f"the envelope is {state}", seconds)

    def until_running(self, job: str) -> None:
        """The job is asking the bank: its question is on record as sent, without an end."""
        until(lambda: self.house.rows(
            "SELECT 1 FROM exchange_exchangerecord s WHERE s.case_code = %s AND s.phase = 'sent' AND s.resource = %s"
            " AND NOT EXISTS (SELECT 1 FROM exchange_exchangerecord e WHERE e.call = s.call AND e.phase = 'ended')",
            self.envelope, job), f"{job} is under way")

    def nothing(self) -> bool:
        """Nothing of the month is there: no run, no line, no entry, no reservation by it."""
        return not self.house.rows("SELECT 1 FROM ledger_paymentrun WHERE month = %s UNION ALL SELECT 1 FROM"
                                   " ledger_paymentline WHERE month = %s", self.day, self.day)

    def check_paid(self) -> None:
        """Everybody's month is paid once, by our lines and by the bank's own books, and by the same amount."""
        house = self.house
        lines = house.rows(
            "SELECT e.id, count(l.id), sum(l.fen), min(l.state), min(a.fen) FROM benefits_entitlement e"
            " JOIN benefits_entitlementamount a ON a.entitlement_id = e.id"
            " LEFT JOIN ledger_paymentline l ON l.entitlement_id = e.id AND l.month = %s WHERE e.scheme = 'dibao' GROUP BY e.id",
            self.day)
        good = {row[0] for row in house.rows("SELECT id FROM benefits_entitlement WHERE scheme = 'dibao' AND payee_check = '0000'")}
        assert len(lines) == SETS["payments"] and len(good) >= SETS["payments"] - 3
        for entitlement, count, fen, state, due in lines:
            if entitlement in good:
                assert (count, fen, state) == (1, due, "paid"), (entitlement, count, fen, state, due)
        made = [row for row in house.bank() if row[0] == self.envelope]
        assert len({account for _, account, _ in made}) == len(made) == len(good)
        paid = house.one("SELECT sum(fen) FROM ledger_paymentline WHERE month = %s AND state = 'paid'", self.day)
        assert sum(fen for _, _, fen in made) == paid
        month_of = dict(house.rows("SELECT v.number, r.month::text FROM ledger_envelope v JOIN ledger_paymentrun r ON r.id = v.run_id"))
        assert [row[0] for row in house.bank() if month_of[row[0]] == self.day] == [self.envelope] * len(made)


def try_to_build(month: Month) -> Callable[[], httpx.Response | None]:
    """The cashier's click on “编制”, to be made in a thread."""
    action, fields = month.form()
    return lambda: month.house.browser("cashier").send(action, fields)
