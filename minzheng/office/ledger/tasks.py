"""Jobs: holder check, sending, fetching returns, the day's proof. HTTP never runs inside a transaction; each step is
conditional on the state, so a job that was killed anywhere may run again."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from minzheng.base import clock
from minzheng.base.errors import Refused
from minzheng.base.jobs import defer, defer_each, job
from minzheng.base.jobs.running import Running
from minzheng.data.exchange.client import NotAnswered, Question, Result, ask, ask_many
from minzheng.office.benefits.models import ENDED, Entitlement
from minzheng.office.ledger.bankfile import yuan
from minzheng.office.ledger.doors import envelope_for
from minzheng.office.ledger.models import PaymentRun
from minzheng.office.ledger.proof import do_keep_proof
from minzheng.office.ledger.releasing import do_mark_sent, do_note_trouble, file_of
from minzheng.office.ledger.returns import Declared, do_take_return

BANK = "bank"
PURPOSE = "社会救助资金社会化发放"
TIMEOUT = 120.0
BATCH = 200
WAITS = (5, 15, 60, 300, 900, 1800, *[3600] * 48)  # seconds before each look for the return file


@job("ledger.check_accounts", queue="bank", title="核验收款账户")
def check_accounts(run: Running) -> None:
    """Asks the bank about every account of the county that has not been asked about; unanswered ones stay open."""
    after = int(run.checkpoint or 0)
    while True:
        with run.transaction():
            rows = list(Entitlement.objects.filter(payee_check="", id__gt=after).exclude(status=ENDED)
                        .order_by("id")[:BATCH])
        if not rows:
            return
        versions = {row.pk: row.payee_version for row in rows}
        questions = [Question(BANK, "account_check", PURPOSE, row.case_code, row.decision, row.jurisdiction, key=row.pk,
                              query={"account": row.payee_account, "name": row.payee_name,
                                     "id_number": row.payee_id_number}) for row in rows]
        results = ask_many(questions, by=run.by, parallel=16)
        after = rows[-1].pk
        with run.transaction():
            for result in results:
                code = code_of(result)
                if code:
                    Entitlement.objects.filter(pk=result.question.key, payee_version=versions[result.question.key]).update(
                        payee_check=code, payee_checked_at=clock.now())
                run.row(result.question.key, bool(code), code or result.detail)
            run.checkpoint = after


def code_of(result: Result) -> str:
    code = result.answer.content.get("code") if result.answer else ""
    return code if isinstance(code, str) and code.isalnum() and len(code) <= 12 else ""


@job("ledger.send", queue="bank", retries=6, title="向银行发送发放文件")
def send(run: Running, envelope: str) -> None:
    """Sends a released envelope. The bank takes an envelope number once, so sending again after a kill is harmless."""
    with run.transaction():
        found = envelope_for(envelope)
        if found.state != "released":
            return
        content = file_of(envelope, by=run.by).decode()
        query = {"envelope": envelope, "count": found.net_count, "total": yuan(found.net_fen), "content": content}
    try:
        answer = ask(BANK, "payments", query, by=run.by, jurisdiction=run.jurisdiction, purpose=PURPOSE, case=envelope,
                     authorisation=envelope, timeout=TIMEOUT)
    except NotAnswered as error:
        with run.transaction():
            do_note_trouble(envelope, trouble=error.reason, by=run.by)
        if error.result.status == "refused":
            return
        raise
    receipt = answer.content
    if receipt.get("envelope") != envelope or receipt.get("file_digest") != found.file_digest:
        with run.transaction():
            do_note_trouble(envelope, trouble="银行回执与所送文件不符,请与银行核对", by=run.by)
        return
    with run.transaction():
        do_mark_sent(envelope, receipt=str(receipt.get("receipt", "")), by=run.by)
        _look_again(run, envelope, 0)


@job("ledger.fetch_return", queue="bank", retries=6, title="取回银行回盘")
def fetch_return(run: Running, envelope: str, tries: int = 0) -> None:
    """Looks for the return file; while the bank is at work, or rows are missing, looks again later."""
    with run.transaction():
        if envelope_for(envelope).state != "sent":
            return
    answer = ask(BANK, "returns", {"envelope": envelope}, by=run.by, jurisdiction=run.jurisdiction, purpose=PURPOSE,
                 case=envelope, authorisation=envelope, timeout=TIMEOUT)
    with run.transaction():
        if answer.content.get("state") == "ready":
            take(envelope, answer.content, run)
        if envelope_for(envelope).state == "sent":
            _look_again(run, envelope, tries + 1)


def take(envelope: str, answer: dict[str, object], run: Running) -> None:
    content, total = answer.get("content"), str(answer.get("paid_total", ""))
    counts = [answer.get("count"), answer.get("paid_count")]
    digits = total.replace(".", "", 1)
    if not (isinstance(content, str) and all(isinstance(n, int) for n in counts) and digits.isdigit() and total[-3:-2] == "."):
        do_note_trouble(envelope, trouble="银行回盘报文缺少声明的笔数或金额", by=run.by)
        return
    declared = Declared(int(str(counts[0])), int(str(counts[1])), int(digits))
    do_take_return(envelope, content=content.encode(), declared=declared, by=run.by)


def _look_again(run: Running, envelope: str, tries: int) -> None:
    if tries >= len(WAITS):
        do_note_trouble(envelope, trouble="银行迟迟没有完整回盘,请人工联系银行", by=run.by)
        return
    at = clock.now() - clock.shift() + dt.timedelta(seconds=WAITS[tries])
    defer("ledger.fetch_return", jurisdiction=run.jurisdiction, at=at, envelope=envelope, tries=tries)


@job("ledger.daily", queue="bank", every="50 23 * * *", title="发起每日对账")
def daily(run: Running) -> None:
    """At the end of the day: a proof and an account check for every county that pays."""
    with run.transaction():
        counties = list(PaymentRun.objects.order_by("jurisdiction").values_list("jurisdiction", flat=True).distinct())
        defer_each("ledger.prove", counties)
        for county in counties:
            queue_check(county)


@job("ledger.prove", queue="bank", one_transaction=True, title="每日对账")
def prove(run: Running) -> None:
    do_keep_proof(run.jurisdiction, by=run.by)


def queue_check(county: str) -> None:
    """Queues the holder check of a county, unless one waits already."""
    try:
        with transaction.atomic():
            defer("ledger.check_accounts", jurisdiction=county, key=f"ledger.check_accounts:{county}")
    except Refused:
        return
