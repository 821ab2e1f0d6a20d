"""批量复核: the system checks, the officer confirms only what it found unchanged, the rest becomes work; no row stops another."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from minzheng.base import clock, events
from minzheng.base.identity.models import Post
from minzheng.base.identity.officer import Officer, Service
from minzheng.base.jobs.models import JobRun
from minzheng.base.jobs.running import execute
from minzheng.office.benefits.models import Entitlement, EntitlementAmount, EntitlementChange, Review
from minzheng.office.benefits.months import add_months
from minzheng.office.benefits.records import amount_in_force
from minzheng.office.cases.models import Case
from minzheng.office.decisions.models import Decision
from minzheng.scenes.assistance.campaigns import confirming
from minzheng.scenes.assistance.campaigns.models import Campaign, Row
from minzheng.scenes.assistance.tests import carrying
from minzheng.scenes.assistance.tests.conftest import Family
from minzheng.scenes.assistance.verification.models import VerificationRequest
from minzheng.testing import Cast, acting_as, as_owner, sign_in
from minzheng.testing.background import as_worker, deliver_events
from minzheng.testing.cast import COUNTY, VILLAGE
from minzheng.testing.queries import queries
from minzheng.testing.unchanged import state

pytestmark = pytest.mark.django_db(databases=["default", "aside"])
URL = "/desk/assistance/campaigns/"


def on_dibao(people: Cast, family: Family, monkeypatch: pytest.MonkeyPatch) -> Entitlement:
    """Applied, confirmed, served; the yearly review falls due."""
    code = carrying.applied(people, family, "dibao")
    carrying.surveyed(people, code)
    carrying.published(people, code, monkeypatch)
    carrying.confirmed(people, code)
    carrying.served(people, code)
    with as_owner():
        Entitlement.objects.update(review_due=clock.today())
        return Entitlement.objects.get()


def opened(people: Cast, by: Officer | None = None, kinds: tuple[str, ...] = ("dibao", "single")) -> str:
    answer = sign_in(Client(), by or people.county).post(URL, {
        "kinds": kinds, "cycle": 0, "until": clock.today() + dt.timedelta(days=10)})
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    with as_owner():
        return Campaign.objects.latest("id").number


def post(who: Officer, number: str, verb: str, **data: Any) -> int:
    return sign_in(Client(), who).post(f"{URL}{number}/{verb}", data).status_code


def run_last(name: str) -> JobRun:
    with as_owner():
        run = JobRun.objects.filter(name=name).latest("id")
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE task_name = %s AND status = 'todo'", [name])
    with as_worker():
        execute(name, run.pk, run.jurisdiction, run.args)
    with as_owner():
        run.refresh_from_db()
    return run


def checked(people: Cast, number: str) -> None:
    assert post(people.county, number, "check") == 302
    run_last("campaigns.check")


def answered(*, wage: str = "", silent: str = "") -> None:
    """All departments answer the newest check: nothing found, or the head's wages by the year in yuan, or one is silent."""
    with as_owner():
        request = VerificationRequest.objects.latest("id")
        request.answers.update(status="none", as_of="2026-11-20")
        if wage:
            head = request.answers.filter(department="tax").order_by("member").first()
            assert head is not None
            head.status, head.records = "found", json.dumps([{"table": "tax", "income_kind": "工资薪金", "payer": "昆山电子", "months": 12, "total": wage}])
            head.save()
        if silent:
            request.answers.filter(department=silent).update(status="not_answered")
        request.status = "partial" if silent else "complete"
        request.save()
    service = Service("核对", COUNTY)
    with acting_as(service):
        events.emit("verification.partial" if silent else "verification.completed", aggregate=f"case:{request.case_code}",
                    jurisdiction=request.jurisdiction, payload={"request": request.number, "open": 1 if silent else 0})
    deliver_events()


def the_row() -> Row:
    with as_owner():
        return Row.objects.get()


def test_an_unchanged_household_is_confirmed_in_bulk_for_a_cycle(people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    benefit = on_dibao(people, zhang, monkeypatch)
    number = opened(people)
    checked(people, number)
    assert the_row().state == "checking"
    answered()
    row = the_row()
    assert (row.state, row.outcome, row.before_fen) == ("checked", "same", row.after_fen), row.reason
    assert post(people.approver, number, "confirm") == 302
    run = run_last("campaigns.confirm")
    assert (run.status, run.done, run.failed) == ("done", 1, 0)
    row = the_row()
    assert (row.state, row.settled_by, row.next_due) == ("done", people.approver.name, add_months(clock.today().replace(day=1), row.months))
    with as_owner():
        fresh = Entitlement.objects.get()
        assert fresh.review_due == row.next_due and fresh.version > benefit.version
        review = Review.objects.get(key=f"campaign:{row.campaign_id}:{row.pk}")
        assert review.closed_by == people.approver.name
        assert EntitlementChange.objects.filter(kind="review_closed", by_name=people.approver.name).count() == 1
    before = state()
    run_last("campaigns.confirm")
    assert state() == before
    assert post(people.approver, number, "close") == 302


def test_who_opened_the_list_does_not_confirm_it(people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    on_dibao(people, zhang, monkeypatch)
    number = opened(people, people.approver)
    assert post(people.approver, number, "check") == 302
    run_last("campaigns.check")
    answered()
    client = sign_in(Client(), people.approver)
    before = state()
    assert client.post(f"{URL}{number}/confirm").status_code == 403
    assert state() == before
    assert post(people.leader, number, "confirm") == 302


@pytest.mark.parametrize(("found", "outcome"), [
    ({"wage": "28800.00"}, "amount"), ({"wage": "360000.00"}, "unfit"), ({"silent": "bank"}, "lacking")])
def test_what_changed_is_never_confirmed_in_bulk(people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch,
                                                 found: dict[str, str], outcome: str) -> None:
    on_dibao(people, zhang, monkeypatch)
    number = opened(people)
    checked(people, number)
    answered(**found)
    assert the_row().outcome == outcome, the_row().reason
    client = sign_in(Client(), people.approver)
    before = state()
    assert client.post(f"{URL}{number}/confirm").status_code == 422
    assert state() == before
    assert post(people.county, number, "task", outcome=outcome) == 302
    row = the_row()
    assert row.state == "tasked" and row.task_case
    with as_owner():
        assert Case.objects.get(code=row.task_case).matter_version == 2
    assert carrying.open_keys(people, row.task_case) == {"verify"}
    before = state()
    assert sign_in(Client(), people.county).post(f"{URL}{number}/task", {"outcome": outcome}).status_code == 422
    assert the_row().task_case == row.task_case


def test_a_smaller_amount_is_heard_and_decided_before_it_is_paid(people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    benefit = on_dibao(people, zhang, monkeypatch)
    number = opened(people)
    checked(people, number)
    answered(wage="28800.00")
    assert post(people.county, number, "task", outcome="amount") == 302
    row = the_row()
    assert row.before_fen is not None and row.after_fen is not None and row.after_fen < row.before_fen
    carrying.act(people.clerk, row.task_case, "verify", "amount", data={"found": "入户核实,户主已就业", "cause": ""})
    assert carrying.open_keys(people, row.task_case) == {"hear"}
    carrying.act(people.clerk, row.task_case, "hear", "heard", data={
        "way": "visit", "result": "heard", "person_name": "张建国", "told": "收入增加,拟减发", "statement": "同意"})
    with acting_as(people.approver):
        month = add_months(clock.today().replace(day=1), 1)
    carrying.act(people.approver, row.task_case, "decide", "approve", "情况属实,同意调整。", data={"from_month": month})
    with acting_as(people.approver):
        assert amount_in_force(benefit.pk, month) == row.after_fen
        decision = Decision.objects.get(kind="cut")
        assert decision.amount_fen == row.after_fen and decision.hearing is not None


def test_without_a_form_in_force_nobody_is_asked(people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    from minzheng.scenes.assistance.verification.models import Authorisation

    on_dibao(people, zhang, monkeypatch)
    with as_owner():
        Authorisation.objects.update(withdrawn_at=clock.now())
        asked = VerificationRequest.objects.count()
        VerificationRequest.objects.filter(status="queued").update(status="complete", requested_at=clock.now() - dt.timedelta(days=200))
    number = opened(people)
    checked(people, number)
    row = the_row()
    with as_owner():
        assert VerificationRequest.objects.count() == asked
    assert row.outcome == "lacking" and "授权书" in row.reason


def many(people: Cast, benefit: Entitlement, count: int) -> Campaign:
    """A list of so many benefits that the system found unchanged; one of them has been changed since."""
    with as_owner():
        made = Campaign.objects.create(number="FHTEST", jurisdiction=COUNTY, kinds=["dibao"], until=clock.today(), rows_count=count,
                                       opened_by=people.county.account_id, opened_by_name="x", opened_at=clock.now())
        rows = Entitlement.objects.bulk_create([Entitlement(
            scheme="dibao", case_code=f"M{n:06d}", decision=f"测{n}号", jurisdiction=VILLAGE, household_id=None, head_id=900000 + n,
            head_name="测试", members=[], persons=1, payee_name="测试", payee_account="99000000", payee_id_number="x", payee_id_index=b"x",
            start_month=dt.date(2026, 1, 1), review_months=12, review_due=clock.today(), created_at=clock.now()) for n in range(count)])
        EntitlementAmount.objects.bulk_create([EntitlementAmount(
            entitlement=row, jurisdiction=VILLAGE, from_month=row.start_month, fen=50_000, decision=row.decision, by_account=1, by_name="x",
            at=clock.now()) for row in rows])
        Row.objects.bulk_create([Row(
            campaign=made, jurisdiction=VILLAGE, kind="dibao", case_code=row.case_code, entitlement=row.number, head=row.head_id, head_name="测试",
            persons=1, due_on=clock.today(), months=12, state="checked", outcome="same", before_fen=50_000, after_fen=50_000, version=row.version,
            checked_at=clock.now()) for row in rows])
        Entitlement.objects.filter(pk=rows[min(3, count - 1)].pk).update(version=7)
    return made


def test_one_row_more_than_a_batch_stays_and_a_row_that_fails_stops_no_other(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confirming, "BATCH", 40)
    made = many(people, Entitlement(), 41)
    assert post(people.approver, made.number, "confirm") == 302
    run = run_last("campaigns.confirm")
    assert (run.done, run.failed, run.total) == (39, 1, 40)
    with as_owner():
        left = list(Row.objects.filter(state="checked").order_by("id"))
    assert len(left) == 2 and "刷新" in left[0].note and left[1].note == ""
    assert post(people.approver, made.number, "confirm") == 302
    run = run_last("campaigns.confirm")
    assert (run.done, run.failed) == (1, 1)
    with as_owner():
        assert Row.objects.filter(state="done").count() == 40 and Review.objects.count() == 40


def test_a_stopped_confirmation_goes_on_without_doubles(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    made = many(people, Entitlement(), 45)
    assert post(people.approver, made.number, "confirm") == 302
    with as_owner():
        run = JobRun.objects.filter(name="campaigns.confirm").latest("id")
    done = confirming.do_confirm
    calls = [0]

    def slowly(row: Row, *, by: Officer) -> None:
        calls[0] += 1
        if calls[0] == 10:
            with as_owner():
                JobRun.objects.filter(pk=run.pk).update(stop_requested=True)
        done(row, by=by)

    monkeypatch.setattr(confirming, "do_confirm", slowly)
    assert run_last("campaigns.confirm").status == "stopped"
    with as_owner():
        assert Row.objects.filter(state="done").count() == 19
    assert post(people.approver, made.number, "resume", run=run.pk) == 302
    finished = run_last("campaigns.confirm")
    assert (finished.status, finished.done, finished.failed) == ("done", 44, 1)
    with as_owner():
        assert Review.objects.count() == 44


def test_an_officer_whose_post_has_ended_confirms_nothing(people: Cast) -> None:
    made = many(people, Entitlement(), 5)
    assert post(people.approver, made.number, "confirm") == 302
    with as_owner():
        Post.objects.filter(pk=people.approver.post_id).update(ended_at=clock.now())
    with pytest.raises(Exception, match="岗位已经结束"):
        run_last("campaigns.confirm")
    with as_owner():
        assert not Review.objects.exists() and Row.objects.filter(state="checked").count() == 5


@pytest.mark.parametrize("who", ["neighbour", "village", "finance", "system_admin", "city"])
@pytest.mark.parametrize("verb", ["check", "confirm", "task", "close", "again"])
def test_nobody_else_works_on_the_list(people: Cast, who: str, verb: str) -> None:
    made = many(people, Entitlement(), 3)
    client = sign_in(Client(), getattr(people, who))
    before = state()
    assert client.post(f"{URL}{made.number}/{verb}", {"outcome": "amount"}).status_code in (403, 404)
    assert client.get(f"{URL}{made.number}/").status_code in (403, 404)
    assert client.post(f"{URL}{made.number}/export", {"kind": "csv", "reason": "例行检查"}).status_code in (403, 404)
    assert state() == before


def test_the_results_are_taken_along_with_a_watermark_and_a_reason(people: Cast) -> None:
    made = many(people, Entitlement(), 3)
    with as_owner():
        Row.objects.filter(campaign=made).update(head_name="=HYPERLINK(1)")
    client = sign_in(Client(), people.county)
    answer = client.post(f"{URL}{made.number}/export", {"kind": "xlsx", "reason": "复核归档"})
    sheet = zipfile.ZipFile(io.BytesIO(answer.content)).read("xl/worksheets/sheet1.xml").decode()
    assert "共 3 行,用途:复核归档" in sheet and people.county.name in sheet and "'=HYPERLINK" in sheet
    before = state()
    assert client.post(f"{URL}{made.number}/export", {"kind": "xlsx", "reason": ""}).status_code == 422
    assert client.post(f"{URL}{made.number}/export", {"kind": "xlsx", "reason": "复核归档", "outcome": "all"}).status_code == 422
    assert state() == before


def test_a_household_is_in_one_open_list_at_a_time(people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    on_dibao(people, zhang, monkeypatch)
    opened(people)
    client = sign_in(Client(), people.clerk)
    before = state()
    page = client.post(URL, {"kinds": ["dibao"], "cycle": 0, "until": clock.today()})
    assert page.status_code == 422 and "其他批次" in page.content.decode()
    assert state() == before


def test_pages_keep_to_the_ceiling(people: Cast) -> None:
    made = many(people, Entitlement(), 60)
    assert queries(people.county, URL) <= 10
    assert queries(people.county, f"{URL}{made.number}/") <= 16


