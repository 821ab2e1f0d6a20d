"""A real kill -9 of the process that runs the check, over real commits; afterwards another process finishes it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction

from minzheng.base.crypto import public_key
from minzheng.data.exchange import client
from minzheng.data.exchange.models import ExchangeRecord
from minzheng.data.exchange.partners import sync
from minzheng.data.exchange.wire import CALLER, KEY
from minzheng.scenes.assistance.verification import Signature, do_authorise, do_request_check, run_check
from minzheng.scenes.assistance.verification import running as running_module
from minzheng.scenes.assistance.verification.models import SourceAnswer, VerificationRequest
from minzheng.scenes.assistance.verification.sources import SOURCES
from minzheng.scenes.assistance.verification.tests.conftest import FATHER, SIGNED
from minzheng.testing import Cast, acting_as, as_owner, make_cast
from minzheng.testing.cast import TOWNSHIP
from simulators.server import Simulators

PERSON = replace(FATHER, person=990_001)
SWEEP = """
ALTER TABLE audit_record DISABLE TRIGGER audit_record_keep;
DELETE FROM audit_record WHERE subject_person = 990001;
ALTER TABLE audit_record ENABLE ALWAYS TRIGGER audit_record_keep;
TRUNCATE verification_objection, verification_report, verification_sourceanswer, verification_requestmember,
  verification_verificationrequest, verification_authorisedperson, verification_authorisation, exchange_exchangerecord,
  exchange_partner, jobs_run, procrastinate_jobs, events_outbox, events_consumed, identity_post, identity_account
  CASCADE
"""


@pytest.fixture
def committed(
    django_db_setup: None, django_db_blocker: Any, running_departments: Simulators
) -> Iterator[tuple[Cast, VerificationRequest]]:
    """The cast and a request, really committed; swept away by an administrator."""
    running_departments.admit(CALLER, public_key(KEY))
    with django_db_blocker.unblock():
        name = connection.settings_dict["NAME"]
        try:
            with transaction.atomic():
                people = make_cast()
                with as_owner():
                    sync(running_departments.registry())
            with acting_as(people.clerk):
                form = do_authorise(by=people.clerk, case_code="DRILL", jurisdiction=TOWNSHIP, people=[PERSON],
                                    signatures=[Signature(PERSON.person, PERSON.name, SIGNED)])
            with acting_as(people.county):
                request = do_request_check(by=people.county, case_code="DRILL", jurisdiction=TOWNSHIP, people=[PERSON],
                                           authorisation=form.number)
            yield people, request
        finally:
            connection.close()
            with settings.TARGET.connect_admin(name) as admin:
                admin.execute(SWEEP)


def run_and_die(request: VerificationRequest, people: Cast, after: int) -> None:
    """In a child process: run the check, and be killed when `after` answers are committed."""
    keep, kept = running_module._keep, [0]

    def keep_or_die(results: list[client.Result]) -> None:
        if kept[0] >= after:
            os.kill(os.getpid(), signal.SIGKILL)
        keep(results)
        kept[0] += len(results)

    running_module._keep = keep_or_die
    client.ask_many = partial(client.ask_many, parallel=2)  # type: ignore[assignment]
    run_check(request.pk, by=people.service)


def statuses() -> dict[str, tuple[str, Any]]:
    with as_owner():
        return {a.department: (a.status, a.call) for a in SourceAnswer.objects.all()}


def test_after_kill_minus_nine_only_the_unanswered_are_asked(
    committed: tuple[Cast, VerificationRequest], running_departments: Simulators
) -> None:
    people, request = committed
    connection.close()
    if (child := os.fork()) == 0:
        try:
            run_and_die(request, people, after=8)
        finally:
            os._exit(3)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    before = statuses()
    answered = {department for department, (status, _) in before.items() if status != "pending"}
    assert 8 <= len(answered) < len(SOURCES)
    asked = {code: desk.asked for code, desk in running_departments.desks.items()}
    run_check(request.pk, by=people.service)
    again = {code for code, desk in running_departments.desks.items() if desk.asked != asked[code]}
    assert again == SOURCES.keys() - answered
    after = statuses()
    assert {department: after[department] for department in answered} == {d: before[d] for d in answered}
    with as_owner():
        assert VerificationRequest.objects.get().status == "complete"
        sent, ended = (ExchangeRecord.objects.filter(phase=phase).count() for phase in ("sent", "ended"))
    assert ended == len(SOURCES) and sent > ended  # what was under way when it died is on record as sent
