"""Talking with the departments. Every message names the referral; the department takes each number once, so whatever is
said again after a failure, a killed process or a lost answer changes nothing there. No answer, no loss: the row stays due.
"""

from __future__ import annotations

import datetime as dt
import hmac
import json
from functools import partial
from typing import Any

from minzheng.base import clock, flow
from minzheng.base.crypto import blind_index
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Service
from minzheng.base.scope import acting
from minzheng.data.exchange import client
from minzheng.scenes.assistance.referrals.actions import MAC, check_day, inform, move_to, settle, tell
from minzheng.scenes.assistance.referrals.departments import DEPARTMENTS
from minzheng.scenes.assistance.referrals.models import STEPS, Referral

RESOURCES = {"send": "referrals", "ask": "referral_state", "withdraw": "referral_withdrawals"}
PURPOSE = "社会救助转介"
TIMEOUT = 15.0
BATCH = 50
LEASE = dt.timedelta(minutes=5)  # how long a round has a row for itself
# 示例值: pauses after the first, second … failure; the last goes on for ever. And how often progress is asked for.
PAUSES = (dt.timedelta(minutes=1), dt.timedelta(minutes=10), dt.timedelta(hours=1), dt.timedelta(hours=6))
WITHDRAWALS = 4  # refused that often, there is nothing there to withdraw
ASK_EVERY = dt.timedelta(hours=1)


def exchange_due(*, by: Service) -> int:
    """One batch of what is due within the service's place; returns how many were talked about. Run until 0."""
    with acting(by.scope()):
        rows = list(Referral.objects.select_for_update(skip_locked=True).filter(next_at__lte=clock.now()).exclude(step="")
                    .order_by("next_at", "id")[:BATCH])
        questions = [_question(row) for row in rows]
        Referral.objects.filter(pk__in=[row.pk for row in rows]).update(next_at=clock.now() + LEASE)
    if questions:
        client.ask_many(questions, by=by, timeout=TIMEOUT, on_results=partial(_keep, by=by))
    return len(questions)


def _question(row: Referral) -> client.Question:
    query: dict[str, Any] = {"referral": row.number}
    subject = None
    if row.step == "send":
        if not hmac.compare_digest(bytes(row.message_mac), blind_index(MAC, row.message)):
            raise RuntimeError("what a referral says was changed")
        message = json.loads(row.message)
        query |= message["query"]
        subject = client.Subject(message["subject"]["id_number"], message["subject"]["name"], row.person)
    elif row.step == "ask":
        query["reminders"] = row.reminders
    return client.Question(
        partner=DEPARTMENTS[row.department].partner, resource=RESOURCES[row.step], purpose=PURPOSE, case=row.number,
        authorisation=f"{row.number}-{row.consent_on:%Y%m%d}", jurisdiction=row.jurisdiction, subject=subject, query=query,
        key=(row.pk, row.step))


def _keep(results: list[client.Result], *, by: Service) -> None:
    """In the transaction of the exchange records: what is recorded as answered is also kept."""
    for result in results:
        pk, step = result.question.key
        row = Referral.objects.select_for_update().get(pk=pk)
        if row.step != step:  # withdrawn or answered by letter meanwhile
            continue
        problem = result.detail or client.STATUS_NAMES[result.status]
        if result.answer is not None and result.status == "found":
            try:
                _believe(row, step, result.answer.content, by)
                continue
            except (Refused, KeyError, TypeError, ValueError):
                problem = "对方的答复不完整或前后矛盾,没有采信"
        elif result.status == "refused" and step == "ask":  # it may have lost the number: say it again
            row.step = "send"
        elif result.status == "refused" and step == "withdraw" and row.attempts >= WITHDRAWALS:
            row.step = ""  # it never had it
        _later(row, problem, by)


def _later(row: Referral, problem: str, by: Service) -> None:
    if row.attempts == 0:
        tell(row, "unreached", f"{STEPS[row.step]}:{problem}", by)
    row.problem, row.next_at = problem, clock.now() + PAUSES[min(row.attempts, len(PAUSES) - 1)]
    row.attempts += 1
    row.save(update_fields=["problem", "next_at", "attempts", "step"])


def _believe(row: Referral, step: str, content: dict[str, Any], by: Service) -> None:
    """Checks the whole answer before anything is written; ValueError, KeyError or Refused for what cannot be so."""
    if content["referral"] != row.number:
        raise ValueError("about another referral")
    state, now = str(content["state"]), clock.now()
    if step == "withdraw":
        row.step, row.next_at, row.problem, row.attempts = "", None, "", 0
        row.save(update_fields=["step", "next_at", "problem", "attempts"])
        return
    again = {"step": "ask", "next_at": now + ASK_EVERY, "attempts": 0, "problem": ""}
    if step == "send":
        receipt = str(content["receipt"]).strip()
        if not receipt:
            raise ValueError("no receipt")
        if row.state == "queued":
            move_to(row, "sent", receipt=receipt, sent_at=now, **again)
            tell(row, "sent", f"回执 {receipt}", by)
            return
        state = "received"
    if state == "received" or state == row.state:
        for name, value in again.items():
            setattr(row, name, value)
        row.save(update_fields=list(again))
    elif state == "accepted":
        move_to(row, "accepted", **again)
        tell(row, "accepted", "", by)
        inform(row, "已受理", "对方正在办理。")
    elif state in ("done", "declined"):
        text = str(content["given" if state == "done" else "reason"]).strip()
        day = dt.date.fromisoformat(content["given_on"]) if state == "done" else None
        if not text:
            raise ValueError("no words")
        if state == "done":
            check_day(row, day)
        settle(row, state, text[:1000], day, by=by)
        tell(row, state, text[:1000], by)
        flow.signal(row.number, f"referral_{state}", {}, by=by, missing_ok=True)
    else:
        raise ValueError("an unknown state")
