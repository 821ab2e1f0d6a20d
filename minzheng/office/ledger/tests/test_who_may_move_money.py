from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from minzheng.base.errors import NotAllowed, NotFound, Refused, Stale
from minzheng.office.benefits.tests.kit import COUNTY, NOV, TEAPOT, TODAY, counts, grant
from minzheng.office.ledger.books import post
from minzheng.office.ledger.doors import envelope_for
from minzheng.office.ledger.envelopes import do_seal, do_sign, do_void
from minzheng.office.ledger.funding import do_appropriate
from minzheng.office.ledger.models import Entry, EnvelopeSignature, PaymentLine, Posting
from minzheng.office.ledger.reissue import do_reissue
from minzheng.office.ledger.releasing import do_release, file_of
from minzheng.office.ledger.runs import do_build_run, do_build_supplement
from minzheng.office.ledger.settling import do_cancel_line, do_refresh
from minzheng.office.ledger.tests.kit import (
    MONEY_TABLES,
    assert_proved,
    build,
    fund,
    post_of,
    release,
    seal,
    sent,
    sign_all,
)
from minzheng.testing import Cast, acting_as, as_owner

pytestmark = pytest.mark.usefixtures("november")


def test_every_verb_is_refused_to_every_post_that_does_not_have_it(people: Cast) -> None:
    fund(people)
    grant(people)
    run = build(people)
    envelope = seal(people, run)
    with acting_as(people.county):
        code = PaymentLine.objects.get().code
    verbs = {
        "build": (lambda by: do_build_run(NOV, TEAPOT, COUNTY, by=by), {"county_cashier"}),
        "supplement": (lambda by: do_build_supplement(TEAPOT, COUNTY, by=by), {"county_cashier"}),
        "refresh": (lambda by: do_refresh(run.number, by=by), {"county_cashier"}),
        "seal": (lambda by: do_seal(run.number, by=by), {"county_cashier"}),
        "cancel": (lambda by: do_cancel_line(code, reason="x", by=by), {"county_cashier"}),
        "reissue": (lambda by: do_reissue(code, by=by), {"county_cashier"}),
        "file": (lambda by: file_of(envelope.number, by=by), {"county_cashier"}),
        "sign": (lambda by: do_sign(envelope.number, digest=envelope.digest, by=by), {"county_finance"}),
        "void": (lambda by: do_void(envelope.number, reason="x", by=by),
                 {"county_cashier", "county_finance", "county_leader"}),
        "release": (lambda by: do_release(envelope.number, by=by),
                    {"county_cashier", "county_finance", "county_leader"}),
        "appropriate": (lambda by: do_appropriate(year=2026, source="city", scheme=TEAPOT, county=COUNTY, fen=1,
                                                  document="x", reason="x", by=by), {"county_finance", "county_leader"}),
    }  # fmt: skip
    before = counts(*MONEY_TABLES)
    for name, (verb, roles) in verbs.items():
        for officer in people.officers():
            if officer.role in roles:
                continue
            with acting_as(officer), pytest.raises((NotAllowed, NotFound)):
                verb(officer)
            assert counts(*MONEY_TABLES) == before, (name, officer.role)
        with acting_as(people.citizen), pytest.raises((NotAllowed, NotFound, DatabaseError)):
            with transaction.atomic():
                verb(people.citizen)
    assert counts(*MONEY_TABLES) == before


def test_the_neighbours_money_posts_do_not_reach_our_envelope(people: Cast) -> None:
    fund(people)
    grant(people)
    envelope = seal(people, build(people))
    before = counts(*MONEY_TABLES)
    for role in ("county_cashier", "county_finance", "county_leader"):
        stranger = post_of(role, "常熟同行", office="320581000000")
        with acting_as(stranger):
            for verb in (lambda by: do_sign(envelope.number, digest=envelope.digest, by=by),
                         lambda by: do_void(envelope.number, reason="x", by=by),
                         lambda by: do_release(envelope.number, by=by)):
                with pytest.raises(NotFound):
                    verb(stranger)
            with pytest.raises(NotAllowed):
                do_build_run(NOV, TEAPOT, COUNTY, by=stranger)
            assert not PaymentLine.objects.exists() and not Entry.objects.exists()
    assert counts(*MONEY_TABLES) == before


def test_the_same_account_in_two_posts_takes_one_step_only(people: Cast) -> None:
    fund(people)
    grant(people)
    envelope = seal(people, build(people))
    cashier_as_finance = post_of("county_finance", "", account=people.cashier.account_id)
    with acting_as(cashier_as_finance), pytest.raises(NotAllowed, match="不同的人"):
        do_sign(envelope.number, digest=envelope.digest, by=cashier_as_finance)
    envelope = sign_all(people, envelope)
    finance_as_cashier = post_of("county_cashier", "", account=people.finance.account_id)
    for officer in (people.cashier, people.finance, finance_as_cashier):
        with acting_as(officer), pytest.raises(NotAllowed, match="不同的人"):
            do_release(envelope.number, by=officer)
    assert release(people, envelope, by=people.leader).state == "released"


def test_the_database_itself_refuses_a_second_step_of_one_account(people: Cast) -> None:
    fund(people)
    grant(people)
    envelope = seal(people, build(people))
    with as_owner(), pytest.raises(IntegrityError, match="signature_four_eyes"), transaction.atomic():
        row = EnvelopeSignature.objects.get(envelope=envelope)
        row.pk, row.step = None, "release"
        row.save(force_insert=True)


def test_above_the_band_the_leader_signs_too(people: Cast) -> None:
    fund(people, fen=100_000_000)
    for _ in range(11):
        grant(people, monthly_fen=5_000_000)
    envelope = seal(people, build(people))
    assert envelope.required == ["county_finance", "county_leader"]
    with acting_as(people.finance):
        assert do_sign(envelope.number, digest=envelope.digest, by=people.finance).state == "sealed"
        with pytest.raises((Stale, NotAllowed)):
            do_sign(envelope.number, digest=envelope.digest, by=people.finance)
    with acting_as(people.cashier), pytest.raises(Refused, match="签批齐全"):
        do_release(envelope.number, by=people.cashier)
    with acting_as(people.leader):
        assert do_sign(envelope.number, digest=envelope.digest, by=people.leader).state == "approved"


def test_a_page_that_shows_another_digest_cannot_sign(people: Cast) -> None:
    fund(people)
    grant(people)
    envelope = seal(people, build(people))
    with acting_as(people.finance), pytest.raises(Stale, match="刷新页面"):
        do_sign(envelope.number, digest="0" * 64, by=people.finance)
    with acting_as(people.finance):
        assert envelope_for(envelope.number).state == "sealed"


def test_a_payee_swapped_in_the_table_after_sealing_is_found_by_the_digest(people: Cast) -> None:
    fund(people)
    grant(people)
    envelope = seal(people, build(people))
    with as_owner():
        PaymentLine.objects.update(payee_name="茶别人")
    with acting_as(people.finance), pytest.raises(Refused, match="摘要不符"):
        do_sign(envelope.number, digest=envelope.digest, by=people.finance)


def test_entries_are_kept_and_balance_even_for_the_owner(people: Cast) -> None:
    fund(people)
    grant(people)
    sent(people)
    assert_proved(people)
    for change in (lambda: Entry.objects.update(memo="x"), lambda: Posting.objects.update(fen=1),
                   lambda: Posting.objects.all()._raw_delete("default"), lambda: PaymentLine.objects.update(fen=1),
                   lambda: PaymentLine.objects.all()._raw_delete("default")):
        with as_owner(), pytest.raises(DatabaseError, match=r"append-only|never"), transaction.atomic():
            change()
    with as_owner(), pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE ledger_posting")
    with as_owner(), pytest.raises(IntegrityError, match="own transaction"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO ledger_posting (entry_id, account_id, jurisdiction, scheme, fen)"
                           " SELECT 0, '5001', jurisdiction, '', 5 FROM ledger_entry LIMIT 1")
    assert_proved(people)


def test_an_entry_that_does_not_balance_is_refused_at_commit(people: Cast) -> None:
    with acting_as(people.finance):
        with pytest.raises(RuntimeError, match="does not balance"):
            post("x", kind="x", county=COUNTY, scheme="", memo="x", amounts={"5001": 5}, by=people.finance)
        with pytest.raises(IntegrityError, match="does not balance"), transaction.atomic():
            entry = Entry.objects.create(key="x", day=TODAY, jurisdiction=COUNTY, kind="x", memo="x", by_account=1,
                                         by_name="x", at="2026-11-24T00:00Z")
            Posting.objects.create(entry=entry, account_id="5001", jurisdiction=COUNTY, fen=5)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        assert not Entry.objects.exists()


def test_an_entry_key_is_recorded_once(people: Cast) -> None:
    with acting_as(people.finance):
        args = {"kind": "x", "county": COUNTY, "scheme": "", "memo": "x", "by": people.finance}
        assert post("k", amounts={"5001": 5, "2001": -5}, **args)
        assert not post("k", amounts={"5001": 5, "2001": -5}, **args)
        assert Posting.objects.count() == 2


def test_a_paid_line_never_becomes_anything_else(people: Cast) -> None:
    from minzheng.office.ledger.tests.kit import answer, take

    fund(people)
    grant(people)
    envelope, content = sent(people)
    take(envelope, answer(content))
    with as_owner(), pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        PaymentLine.objects.update(state="rejected")
    with acting_as(people.cashier), pytest.raises(Refused, match="不能取消"):
        do_cancel_line(PaymentLine.objects.get().code, reason="x", by=people.cashier)


def test_a_citizen_sees_the_own_lines_and_no_books(people: Cast) -> None:
    from minzheng.office.benefits.granting import Covered

    fund(people)
    grant(people, head_person=1, members=[Covered(1, "张建国", "户主")])
    grant(people)
    build(people)
    with acting_as(people.citizen):
        assert PaymentLine.objects.count() == 1
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            Entry.objects.count()
    with acting_as(people.other_citizen):
        assert not PaymentLine.objects.exists()
