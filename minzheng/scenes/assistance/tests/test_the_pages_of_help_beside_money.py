"""Referrals, offers of work, services and social forces through their pages, as officers, citizens and neighbours meet them."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client

from minzheng.base import clock
from minzheng.base.identity.models import Account
from minzheng.data.registry.models import Organisation
from minzheng.scenes.assistance.referrals.models import JobOffer, Referral
from minzheng.scenes.assistance.services.models import Delivery, ServicePlan, Voucher
from minzheng.scenes.assistance.socialforces.models import Claim, Gift, Need
from minzheng.scenes.assistance.tests.carrying import applied, own
from minzheng.scenes.assistance.tests.conftest import Family, make_family
from minzheng.testing import Cast, as_owner, sign_in
from minzheng.testing.background import deliver_events
from minzheng.testing.cast import VILLAGE
from minzheng.testing.queries import queries
from minzheng.testing.unchanged import state

pytestmark = pytest.mark.django_db(databases=["default", "aside"])
DESK, MY = "/desk/assistance/", "/my/assistance/"
CHARITY, TODAY = "53320583MJ0000001A", clock.today().isoformat()


@pytest.fixture(autouse=True)
def charity(db: None) -> None:
    with as_owner():
        Organisation.objects.create(jurisdiction=VILLAGE, credit_code=CHARITY, name="昆山阳光慈善基金会", kind="基金会",
                                    founded_on=dt.date(2018, 1, 1), status="存续", registered_capital_fen=1)


def shown(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.content.decode()[-1500:]
    return answer.content.decode()


def version_of(page: str, verb: str) -> str:
    found = re.search(rf'name="{verb}-version" value="(\d+)"', page)
    assert found, page[-3000:]
    return found[1]


def press(client: Client, path: str, verb: str, **data: object) -> str:
    """One verb of a page, with the version that the page shows."""
    page = shown(client, path)
    fields = {f"{verb}-{name}": value for name, value in data.items()}
    if f'name="{verb}-version"' in page:
        fields[f"{verb}-version"] = version_of(page, verb)
    if (key := re.search(rf'name="{verb}-key" value="([^"]+)"', page)) is not None:
        fields[f"{verb}-key"] = key[1]
    answer = client.post(path, {"verb": verb, **fields}, follow=True)
    assert answer.status_code == 200, re.sub(r"<[^>]+>", " ", answer.content.decode())[-1500:]
    return answer.content.decode()


def consent(person: int) -> dict[str, object]:
    return {"consent_person": person, "consent_on": TODAY, "consent_way": "signed"}


def test_a_referral_is_made_from_the_case_and_read_by_the_citizen(people: Cast, zhang: Family, client: Client) -> None:
    code = applied(people, zhang, "dibao")
    sign_in(client, people.clerk)
    assert f"{DESK}aid/{zhang.household.pk}/?case={code}" in shown(client, f"/desk/cases/{code}/")
    path = f"{DESK}aid/{zhang.household.pk}/refer/?case={code}"
    assert f'value="{TODAY}"' in shown(client, path)  # a browser shows ISO days only
    head = zhang.head.pk
    data = {"person": head, "what": "medical:insured", "basis": "other", "reason": "无力缴纳居民医保的个人部分", "key": "k1",
            **consent(head)}
    before = state()
    answer = client.post(path, {**data, "reason": "短"})
    assert answer.status_code == 422 and "不少于 10 个字" in answer.content.decode() and state() == before
    for _ in range(2):
        answer = client.post(path, data, follow=True)
        assert "资助参加居民医保" in answer.content.decode()
    with as_owner():
        row = Referral.objects.get()
    assert row.case_code == code and "转介到医疗保障" in shown(client, f"/desk/cases/{code}/")
    assert row.number in shown(client, f"{DESK}referrals/") and row.number in shown(client, "/desk/")
    press(client, f"{DESK}referrals/{row.number}/", "remind")
    assert "已撤回" in press(client, f"{DESK}referrals/{row.number}/", "withdraw", reason="本人不再同意")
    sign_in(client, own(people, zhang))
    assert "资助参加居民医保" in shown(client, f"{MY}aid/")


def test_work_is_offered_refused_and_judged_by_another(people: Cast, zhang: Family, client: Client) -> None:
    sign_in(client, people.clerk)
    path = f"{DESK}aid/{zhang.household.pk}/work/"
    shown(client, path)
    client.post(path, {"person": zhang.people[1].pk, "employer": "玉山食堂", "position": "洗菜工", "monthly_fen": "2600", "key": "w",
                       "suitable": "离家近,劳动强度小,与健康相适应", "offered_on": TODAY})
    with as_owner():
        row = JobOffer.objects.get()
    page = press(client, f"{DESK}work/{row.pk}/", "answer", answer="refused", text="路太远,不想去", answered_on=TODAY)
    assert "待听取意见" in page
    before = state()
    assert client.post(f"{DESK}work/{row.pk}/", {"verb": "judge"}).status_code == 422 and state() == before
    sign_in(client, people.reviewer)
    page = press(client, f"{DESK}work/{row.pk}/", "judge", heard="电话听取,本人说路太远不方便", judged="none", text="有班车,不构成正当理由")
    assert "连续无正当理由拒绝 1 次" in page


def test_a_service_is_assessed_planned_given_and_judged(people: Cast, zhang: Family, client: Client) -> None:
    sign_in(client, people.clerk)
    path = f"{DESK}aid/{zhang.household.pk}/assess/"
    shown(client, path)
    levels = {f"level_{kind}": 0 for kind in ("care", "mental", "repair", "ability", "social", "errand")}
    answer = client.post(path, {"assessed_on": TODAY, "key": "a", **levels, "level_visit": 2, "text_visit": "独居,子女在外"})
    assert answer.status_code == 302
    plan_path = answer["Location"]
    head = zhang.head.pk
    data = {"person": head, "starts_on": TODAY, "ends_on": TODAY, "key": "p", "kind_0": "visit", "content_0": "每周上门探访",
            "provider_0": CHARITY, "count_0": 2, "unit_0": "time", "unit_fen_0": "", **consent(head)}
    assert "每周上门探访" in client.post(plan_path, data, follow=True).content.decode()
    with as_owner():
        plan = ServicePlan.objects.get()
    path = f"{DESK}services/{plan.number}/"
    assert "审核" in shown(client, path)
    sign_in(client, people.reviewer)
    press(client, path, "start")
    assert plan.number in shown(client, f"{DESK}services/")
    citizen = own(people, zhang)
    sign_in(client, citizen)
    with as_owner():
        code = Voucher.objects.order_by("serial").first().code
        item = plan.items.get()
    assert code in shown(client, f"{MY}aid/")
    sign_in(client, people.village)
    at = clock.now().astimezone(clock.SHANGHAI).strftime("%Y-%m-%dT%H:%M")
    page = press(client, path, "deliver", item=item.pk, at=at, place="家里", worker="王护理", code=code, text="")
    assert "服务码" in page and "1 / 2" in page
    sign_in(client, citizen)
    with as_owner():
        made = Delivery.objects.get()
    assert client.post(f"{MY}aid/deliveries/{made.pk}/", {"score": "1", "text": ""}).status_code == 422
    assert "谢谢" in client.post(f"{MY}aid/deliveries/{made.pk}/", {"score": "5", "text": ""}, follow=True).content.decode()
    sign_in(client, people.other_citizen)
    shown(client, f"{MY}aid/deliveries/{made.pk}/", 404)


def test_a_need_is_published_claimed_on_the_phone_matched_and_thanked(people: Cast, zhang: Family, client: Client) -> None:
    helper = make_family(("孙晓梅", "19850312", 2, "户主"), number="rep")
    with as_owner():
        Account.objects.filter(pk=people.other_citizen.account_id).update(person_id=helper.head.pk)
    sign_in(client, people.county)
    assert "孙晓梅" in press(client, f"{DESK}needs/representatives/", "enter", charity=CHARITY, id_number=helper.numbers[0],
                          document="2026年授权委托书", valid_to=(clock.today() + dt.timedelta(days=99)).isoformat())
    sign_in(client, people.clerk)
    path = f"{DESK}aid/{zhang.household.pk}/need/"
    shown(client, path)
    head = zhang.head.pk
    data = {"person": head, "kind": "goods", "topic": "study", "title": "孩子需要学习用品", "source": "alert", "key": "n",
            "description": "父母务工,孩子六年级,缺书包和文具", **consent(head)}
    before = state()
    assert "姓名" in client.post(path, {**data, "description": "张建国家的孩子缺书包和文具"}).content.decode() and state() == before
    assert "慈善组织看到的" in client.post(path, data, follow=True).content.decode()
    with as_owner():
        need = Need.objects.get()
    sign_in(client, people.reviewer)
    press(client, f"{DESK}needs/{need.number}/", "publish")
    assert need.number in shown(client, f"{DESK}needs/")
    sign_in(client, people.other_citizen)
    page = shown(client, f"{MY}charity/")
    assert "孩子需要学习用品" in page and "张建国" not in page
    press(client, f"{MY}charity/needs/{need.number}/", "claim", how="送一个书包和一套文具")
    deliver_events()
    with as_owner():
        claim = Claim.objects.get()
    mine = f"{MY}charity/claims/{claim.number}/"
    assert "张建国" not in shown(client, mine)
    sign_in(client, people.reviewer)
    assert claim.number in shown(client, "/desk/")
    press(client, f"{DESK}claims/{claim.number}/", "match", consent_on=TODAY, consent_way="signed")
    sign_in(client, people.other_citizen)
    assert "张建国" in shown(client, mine)
    press(client, mine, "give", kind="goods", what="书包一个,文具一套", value_fen="120", hours="", given_on=TODAY)
    with as_owner():
        gift = Gift.objects.get()
    sign_in(client, own(people, zhang))
    assert "书包一个" in shown(client, f"{MY}aid/")
    client.post(f"{MY}aid/gifts/{gift.pk}/", {"score": "5", "text": "", "thanks": "谢谢叔叔阿姨"})
    sign_in(client, people.other_citizen)
    page = shown(client, mine)
    assert "谢谢叔叔阿姨" in page and "张建国" not in page


def test_the_pages_take_a_bounded_number_of_statements(people: Cast, zhang: Family) -> None:
    assert queries(people.clerk, f"{DESK}aid/{zhang.household.pk}/") <= 22
    for path in ("referrals/", "services/", "needs/"):
        assert queries(people.clerk, DESK + path) <= 15


def test_the_neighbour_finds_no_page_of_ours(people: Cast, zhang: Family, client: Client) -> None:
    sign_in(client, people.neighbour_clerk)
    for path in ("", "refer/", "work/", "assess/", "need/"):
        shown(client, f"{DESK}aid/{zhang.household.pk}/{path}", 404)
