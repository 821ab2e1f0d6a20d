"""Every address under /desk/ is opened and posted to by the neighbouring county's officers, with the numbers of 昆山's case,
people, benefits, envelopes, files, posts and runs: what has a number of ours is not there, what is a list holds nothing of
ours, and no row of ours has changed. A new address that this test cannot fill fails it."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from minzheng.base import clock, files, flow, jobs
from minzheng.base.identity.models import Leave
from minzheng.base.identity.officer import Officer
from minzheng.base.oidc.applications import do_propose
from minzheng.data.brain.desk import drafting, running
from minzheng.data.brain.desk.models import Run as PolicyRun
from minzheng.data.brain.models import ParameterVersion
from minzheng.front.desk.tests.case_kit import closed, officer, picture
from minzheng.office.archive.models import ArchivePackage
from minzheng.office.benefits.tests.kit import TEAPOT, TODAY, grant, set_day
from minzheng.office.cases.models import Case
from minzheng.office.ledger import bands
from minzheng.office.ledger.models import PaymentLine, Receivable, ReturnOddity
from minzheng.office.ledger.tests.kit import answer, declared, fund, sent, take
from minzheng.office.notices.models import Notice
from minzheng.scenes.assistance.apply import do_apply
from minzheng.scenes.assistance.campaigns.models import Campaign
from minzheng.scenes.assistance.campaigns.models import Row as BulkRow
from minzheng.scenes.assistance.legacy.tests import kit as legacy
from minzheng.scenes.assistance.monitoring.models import Alert, Listing
from minzheng.scenes.assistance.recognitions.models import Recognition
from minzheng.scenes.assistance.tests.conftest import Family, application_for, make_family
from minzheng.testing import Cast, acting_as, as_owner, sign_in
from minzheng.testing.cast import COUNTY, NEIGHBOUR_COUNTY, NEIGHBOUR_TOWNSHIP, VILLAGE
from minzheng.testing.unchanged import state

pytestmark = pytest.mark.django_db(databases=["default", "aside"])
FIRST = ("county_approver", "county_cashier", "data_officer", "security_admin")
OTHERS = ("county_clerk", "county_finance", "county_leader", "system_admin", "audit_admin", "town_clerk", "town_reviewer")
FORM = {
    "reason": "试一试看能不能办", "text": "试一试看能不能办", "comment": "试一试", "outcome": "accept", "case_version": "1",
    "task_version": "1", "version": "1", "seen": "sent", "digest": "x", "resolution": "试一试看能不能办", "cause": "income",
    "month": "2026-11", "scheme": TEAPOT, "kind": "csv", "about": "cut", "way": "phone", "fen": "1", "slip": "JK1",
    "decision": "决1", "first_on": "2026-12-01", "parts": "1", "method": "left", "receiver": "某人", "witnesses": "甲、乙",
    "payee_name": "茶小壶", "payee_account": "6217001210012345678", "payee_id_number": "32990019900101001X",
    "target": NEIGHBOUR_TOWNSHIP, "field": "id_number", "purpose": "看看", "waive": "1", "q": "张建国",
}


def addresses(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for part in resolver.url_patterns:
        if isinstance(part, URLResolver):
            yield from addresses(part, before + str(part.pattern))
        elif isinstance(part, URLPattern):
            yield before + str(part.pattern), part


DESK = [(route, part) for route, part in addresses(get_resolver()) if route.startswith("desk/")]


@dataclass
class Ours:
    """The numbers of everything in 昆山 that an address can name, and the words that must not be read anywhere."""

    values: dict[str, Any]
    words: list[str]

    def fill(self, route: str, part: URLPattern) -> str:
        """The address with our numbers: by `name.argument` first, then by the argument alone."""
        for argument in part.pattern.converters:
            kinds = [f"{part.name}.{argument}", argument]
            found = next((self.values[kind] for kind in kinds if kind in self.values), None)
            assert found is not None, f"a new address {route}: say here what its {argument} is"
            start, end = next((f"<{kind}:{argument}>", f"<{argument}>") for kind in ("str", "int", "slug", "uuid")
                              if f"<{kind}:{argument}>" in route)
            route = route.replace(start, str(found)).replace(end, str(found))
        return "/" + route


def now_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(4), dt.UTC)


def old_database() -> legacy.Old:
    found = legacy.Old()
    found.household("KS01", ("赵旧户", legacy.person("赵旧户"), "01"))
    return found


@pytest.fixture
def ours(people: Cast, zhang: Family, own_store: None, monkeypatch: pytest.MonkeyPatch) -> Ours:
    set_day(monkeypatch, TODAY)
    batch = legacy.load(people, legacy.check(people, old_database()))  # first, while no other job waits
    fund(people)
    row = grant(people, n=1)
    grant(people, n=2)
    envelope, content = sent(people)
    rows = answer(content, {2: "1002"})
    odd = [*rows[0][:4], "1.00", "0000", "成功", "X"]
    take(envelope, [*rows, odd], declared([*rows, odd]))
    code = closed(people, zhang, monkeypatch)
    shen = make_family(("沈萍", "19860219", 2, "户主"), number="2")
    with acting_as(people.clerk):
        waiting = do_apply(application_for(shen, key="k2"), by=people.clerk).code
        task = flow.open_tasks(waiting)[0]
        photo = files.store(picture().read(), name="家.jpg", by=people.clerk, jurisdiction=VILLAGE, kind="material",
                            case_id=Case.objects.get(code=waiting).pk, person_id=zhang.head.pk)
    with acting_as(people.system_admin):
        system, _ = do_propose(name="昆山养老旧系统", office=COUNTY, redirect_uris=["https://yl.example.cn/cb"], purpose="并行期共用登录",
                               by=people.system_admin)
    with acting_as(people.approver):
        plan = drafting.do_create(drafting.Content("昆山提标方案", "z320583", TODAY, values={"dibao.standard": 120_000}, sample=True,
                                                   reason="试算"), by=people.approver)
        figures = running.do_start([plan.code], "dibao", by=people.approver)
    with as_owner():
        PolicyRun.objects.update(share_code="昆山链接", shared_until=dt.date(2126, 1, 1), finished_at=now_of(TODAY), result=[None])
        plan.__class__.objects.update(status="sent")
    with acting_as(people.finance):
        signers = bands.do_draft(COUNTY, from_date=dt.date(2027, 12, 1), source="昆民发签批文件", by=people.finance,
                                 bands=[{"up_to_fen": None, "roles": ["county_finance", "county_leader"]}])
    with acting_as(people.county):
        run = jobs.defer("ledger.prove", jurisdiction=COUNTY, by=people.county)
    with as_owner():
        from minzheng.office.decisions.models import Decision

        decision, recognised = Decision.objects.get(), Recognition.objects.get()
        line = PaymentLine.objects.get(state="rejected")
        oddity = ReturnOddity.objects.get()
        owed = Receivable.objects.create(entitlement=row, jurisdiction=COUNTY, key="k", fen=100, reason="x", decision="x",
                                         by_account=1, by_name="x", opened_on=TODAY)
        message = Notice.objects.filter(account=people.clerk.account_id).order_by("id").last()
        archive = ArchivePackage.objects.order_by("id").first()
        draft = ParameterVersion.objects.order_by("id").first()
        home, now = zhang.household, dt.datetime(2026, 11, 20, 2, tzinfo=dt.UTC)
        alert = Alert.objects.create(household_id=home.pk, jurisdiction=home.jurisdiction, head_name="张建国", grade=1,
                                     by_worker=True, night=TODAY, opened_at=now)
        listing = Listing.objects.create(household_id=home.pk, jurisdiction=home.jurisdiction, kind="other", reason="因病支出大",
                                         since=TODAY, entered_by=1, entered_name="x", entered_at=now)
        bulk = Campaign.objects.create(number="FH3205830000002026001", jurisdiction=COUNTY, kinds=["dibao"], until=TODAY, rows_count=1,
                                       opened_by=1, opened_by_name="x", opened_at=now)
        BulkRow.objects.create(campaign=bulk, jurisdiction=VILLAGE, kind="dibao", case_code=code, head=zhang.head.pk, head_name="张建国",
                               persons=3, due_on=TODAY, months=12, state="checked", outcome="unfit", checked_at=now)
        leave = Leave.objects.create(jurisdiction=COUNTY, post_id=people.county.post_id, account_id=people.county.account_id,
                                     stand_in_id=people.approver.account_id, heads=["county_leader"], valid_from=TODAY, valid_to=TODAY,
                                     reason="昆山的年休假", tasks="pass", asked_at=now)
    values = {
        "leave_act.number": leave.pk, "leave_act.verb": "approve", "campaign_act.verb": "confirm",
        **{f"{p.name}.number": bulk.number for _, p in DESK if str(p.name).startswith("campaign")},
        "code": waiting, "task_id": task.pk, "person": zhang.head.pk, "sheet": "receipt", "material": "identity",
        "objection.number": 1, "revoke.number": decision.number, "serve.number": decision.number, "revoke.code": code,
        "appeal.number": 1, "appeal_reminded.number": 1, "appeal.code": code, "appeal_new.code": code,
        "appeal_reminded.code": code, "serve.code": code, "archive.code": code, "archive_zip.code": code, "archive_verify.code": code,
        "decide_again.code": code,
        "register_no": archive.register_no if archive else "DA1", "matter": "dibao", "township": "320583100000",
        "person_reveal.field": "id_number", "source": 1, "parameter_change.version": draft.pk if draft else 1,
        "parameter_decide.version": draft.pk if draft else 1, "parameter_decide.verb": "approve", "parameter": "dibao.standard",
        "post": people.clerk.post_id, "account": people.clerk.account_id, "account_care.verb": "disable", "run": run,
        "message_read.number": message.pk if message else 1, "file.code": photo.pk, "document.number": decision.number,
        "pay_line.code": line.code, "pay_cancel.code": line.code, "pay_reissue.code": line.code, "oddity": oddity.pk, "event": 1,
        "pay_bands_answer.number": signers.number, "pay_recovery.number": owed.number, "pay_recovery_new.number": row.number, "book_act.step": "suspend",
        **{f"{p.name}.number": envelope.number for _, p in DESK if str(p.name).startswith("pay_") and "envelopes" in str(p.pattern)},
        **{f"{p.name}.number": envelope.run.number for _, p in DESK if "payments/runs" in str(p.pattern)},
        **{f"{p.name}.number": row.number for _, p in DESK if str(p.name).startswith("book_")},
        **{f"{p.name}.number": system.pk for _, p in DESK if str(p.name).startswith("system")},
        **{f"{p.name}.number": batch.number for _, p in DESK if str(p.name).startswith("legacy_")}, "legacy_confirm.row": 1,
        **{f"{p.name}.code": plan.code if "drafts" in str(p.pattern) else figures.code
           for _, p in DESK if str(p.name).startswith("policy_")},
        "policy_act.verb": "approve", "policy_share.verb": "start", "share_code": "昆山链接",
        "review.number": recognised.pk, "expenditure_new.number": recognised.pk,
        "alert.number": alert.number, "alert_apply.number": alert.number, "household": home.pk, "listing": listing.pk,
        **helped(people, home), **called(home),
    }
    words = [code, waiting, *zhang.numbers, "张建国", "李秀英", "沈萍", "茶小壶", row.number, envelope.number, envelope.run.number,
             line.code, decision.number, "965.00", "昆山养老旧系统", "昆山的年休假", bulk.number, batch.number, "赵旧户", "昆山提标方案",
             figures.code, "昆民发签批文件"]
    return Ours(values, words)


def called(home: Any) -> dict[str, Any]:
    """A call for help from a phone, and a list of the price supplement."""
    from minzheng.scenes.assistance.price.models import Batch
    from minzheng.scenes.assistance.temporary.models import HelpRequest

    with as_owner():
        asked = HelpRequest.objects.create(person=1, name="张建国", jurisdiction=home.jurisdiction, phone="16000000001", what=1,
                                           happened_on=TODAY, place="里厍村", reason="x", key="q", asked_at=now_of(TODAY))
        listed = Batch.objects.create(jurisdiction=COUNTY, month=TODAY.replace(day=1), each={}, assessment={}, made_by=1, made_name="昆山制表",
                                      made_at=now_of(TODAY))
    return {"help_request.number": asked.number,
            **{f"{p.name}.number": listed.number for _, p in DESK if str(p.name).startswith("price_")}}


def helped(people: Cast, home: Any) -> dict[str, Any]:
    """A referral, an offer of work, a plan on an assessment and a claimed need of the household, written as the owner."""
    from minzheng.scenes.assistance.referrals.models import JobOffer, Referral
    from minzheng.scenes.assistance.services.models import NeedsAssessment, ServicePlan
    from minzheng.scenes.assistance.socialforces.models import Claim, Need

    now, day = clock.now(), clock.today()
    of = {"household_id": home.pk, "jurisdiction": home.jurisdiction, "person": 1, "person_name": "张建国"}
    agreed = {"consent_person": 1, "consent_name": "张建国", "consent_on": day, "consent_way": "signed"}
    with as_owner():
        referral = Referral.objects.create(**of, **agreed, department="housing", ask="rent", basis="other", reason="x", message="{}",
                                           message_mac=b"x", key="r", created_by=1, created_name="x", created_at=now)
        offer = JobOffer.objects.create(**of, employer="昆山食堂", position="洗菜工", monthly_fen=1, suitable="x", offered_on=day,
                                        recorded_by=1, recorded_name="x", key="o")
        needs = NeedsAssessment.objects.create(household_id=home.pk, jurisdiction=home.jurisdiction, assessed_on=day, found="{}",
                                               key="a", recorded_by=1, recorded_name="x", recorded_at=now)
        plan = ServicePlan.objects.create(**of, **agreed, assessment=needs, starts_on=day, ends_on=day, drafted_by=1,
                                          drafted_name="x", key="p", created_at=now)
        need = Need.objects.create(**of, **agreed, kind="goods", topic="study", title="需要书包", description="x", source="other",
                                   state="claimed", until=day, written_by=1, written_name="x", key="n", created_at=now)
        claim = Claim.objects.create(need=need, jurisdiction=home.jurisdiction, organisation=1, organisation_name="昆山慈善会",
                                     title="需要书包", description="x", how="x", claimed_at=now, key="c")
    return {"referral": referral.number, "offer": offer.pk, "assessment": needs.pk, "plan.plan": plan.number,
            "need": need.number, "claim": claim.number}


def read(response: Any) -> str:
    if response.streaming:
        return b"".join(response.streaming_content).decode(errors="replace")
    return html.unescape(response.content.decode(errors="replace"))


def neighbour_of(role: str) -> Officer:
    return officer(role, NEIGHBOUR_TOWNSHIP if role.startswith("town") else NEIGHBOUR_COUNTY, f"常熟{role}")


# Of all the province: parameters are everybody's to read, and one's own messages and places are no county's.
EVERYBODYS = {"parameter", "parameter_change", "message_read", "account_places", "hand_over_places"}


def attempts(part: URLPattern) -> list[tuple[str, dict[str, str]]]:
    """A list is also asked for our places and names."""
    found = [("get", {}), ("post", FORM)]
    if not part.pattern.converters:
        found.append(("get", {"q": "张建国", "place": VILLAGE, "division": VILLAGE, "parent": "320583100000"}))
    return found


@pytest.mark.parametrize("roles", [FIRST, pytest.param(OTHERS, marks=pytest.mark.full)], ids=["first", "others"])
def test_no_address_gives_or_takes_anything(people: Cast, ours: Ours, roles: tuple[str, ...]) -> None:
    neighbours = [(who, sign_in(Client(), who)) for who in map(neighbour_of, roles)]
    before = state(but_of=NEIGHBOUR_COUNTY[:6])
    for who, desk in neighbours:
        for route, part in DESK:
            address = ours.fill(route, part)
            for verb, form in attempts(part):
                answered = getattr(desk, verb)(address, form)
                seen = read(answered)
                told = [word for word in ours.words if word in seen and word not in form.values()]
                assert not told, (who.role, verb, address, told)
                if part.pattern.converters and part.name not in EVERYBODYS:
                    assert answered.status_code in (403, 404, 405), (who.role, verb, address, answered.status_code)
        after = state(but_of=NEIGHBOUR_COUNTY[:6])
        assert {table: who.role for table, digest in before.items() if after[table] != digest} == {}


@pytest.mark.parametrize("words", ["张建国", "zhangjianguo", "number", "code"])
def test_searching_finds_nobody_and_no_case(people: Cast, ours: Ours, zhang: Family, words: str) -> None:
    asked = {"number": zhang.numbers[0], "code": str(ours.values["code"])}.get(words, words)
    for who in (people.neighbour, people.neighbour_clerk):
        desk = sign_in(Client(), who)
        for address in ("/desk/search/", "/desk/people/", "/desk/cases/", "/desk/"):
            seen = read(desk.get(address, {"q": asked}))
            assert not [word for word in ours.words if word in seen and word != asked], (address, asked)
            assert f"/desk/people/{zhang.head.pk}/" not in seen
