"""The pages, as officers of each level and neighbours meet them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.test import Client

from minzheng.base.audit import trail_of
from minzheng.scenes.assistance.monitoring.models import Alert, AlertEvent, Listing, Sweep
from minzheng.scenes.assistance.monitoring.tests.conftest import NIGHT, know, tell
from minzheng.scenes.assistance.tests.conftest import Family
from minzheng.testing import Cast, acting_as, sign_in
from minzheng.testing.queries import count_queries
from minzheng.testing.unchanged import state

Run = Callable[..., Sweep]
HOME = "/desk/assistance/monitoring/"


def raised(people: Cast, family: Family, sweep: Run) -> Alert:
    know(family, wage_fen=180_000)
    tell(family.people[1].pk, "hospital", amount=5_600_000, department="医保")
    sweep()
    with acting_as(people.village):
        return Alert.objects.get()


def text(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.content.decode()[-2000:]
    return answer.content.decode()


def test_the_worker_finds_the_alert_in_the_worklist_and_sees_why(people: Cast, zhang: Family, sweep: Run,
                                                                 client: Client) -> None:
    alert = raised(people, zhang, sweep)
    sign_in(client, people.village)
    listed = text(client, "/desk/")
    assert f"{HOME}alerts/{alert.number}/" in listed and "张建国" not in listed
    page = text(client, f"{HOME}alerts/{alert.number}/")
    for words in ("医疗费用负担重", "56,000.00 元", "示例值", "可能符合低保条件但未享受", "紧急走访处置"):
        assert words in page
    assert zhang.numbers[0] not in page


def test_a_visit_leads_to_a_prefilled_application(people: Cast, zhang: Family, sweep: Run, client: Client) -> None:
    alert = raised(people, zhang, sweep)
    sign_in(client, people.village)
    path = f"{HOME}alerts/{alert.number}/"
    answer = client.post(path, {"version": alert.version, "outcome": "applied", "visited_on": NIGHT.isoformat(),
                                "text": "收入下降,医疗支出大,愿意申请低保"}, follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain[-1][0] == path + "apply" and "张建国" in page and "李秀英" in page
    with acting_as(people.village):
        assert Alert.objects.get().state == "applying"
        assert list(AlertEvent.objects.order_by("id").values_list("kind", flat=True)) == ["opened", "visit", "applying"]


def test_a_dismissal_without_reason_is_shown_on_the_form_and_changes_nothing(people: Cast, zhang: Family, sweep: Run,
                                                                             client: Client) -> None:
    alert = raised(people, zhang, sweep)
    sign_in(client, people.village)
    before = state()
    answer = client.post(f"{HOME}alerts/{alert.number}/", {"version": alert.version, "outcome": "dismissed", "text": "没事"})
    assert answer.status_code == 422 and "不少于 10 个字" in answer.content.decode() and state() == before


def test_the_portrait_shows_sources_and_leaves_a_trace_for_the_person(people: Cast, zhang: Family, sweep: Run,
                                                                      client: Client) -> None:
    raised(people, zhang, sweep)
    sign_in(client, people.village)
    page = text(client, f"{HOME}households/{zhang.household.pk}/")
    for words in ("1,800.00 元", "核对平台", "2026-10-31", "医疗费用结算", "生成预警", "人均月收入"):
        assert words in page, words
    with acting_as(people.county):
        looks = trail_of("registry.household", zhang.household.pk)
    assert {row.reason for row in looks} == {"查看家庭画像"} and len(looks) == 3


def test_the_neighbour_and_people_without_the_post_reach_nothing(people: Cast, zhang: Family, sweep: Run,
                                                                 client: Client) -> None:
    alert = raised(people, zhang, sweep)
    paths = [f"{HOME}alerts/{alert.number}/", f"{HOME}alerts/{alert.number}/apply", f"{HOME}households/{zhang.household.pk}/"]
    before = state()
    for stranger in (people.neighbour, people.neighbour_clerk):
        sign_in(client, stranger)
        assert [client.get(path).status_code for path in paths] in ([404, 404, 404], [404, 403, 404])
        assert "张建国" not in text(client, HOME) and "0" in text(client, HOME)
        assert client.get(f"{HOME}?place=320583000000").status_code == 422
    for other in (people.cashier, people.system_admin):
        sign_in(client, other)
        assert {client.get(path).status_code for path in (HOME, *paths)} == {403}
    after = state()
    assert {table for table in after if after[table] != before[table]} <= {"identity_account", "mfa_authenticator"}


def test_counts_by_place_and_grade_and_search(people: Cast, zhang: Family, sweep: Run, client: Client) -> None:
    raised(people, zhang, sweep)
    for who in (people.province, people.city, people.county, people.township, people.village):
        sign_in(client, who)
        assert "红色预警" in text(client, HOME)
        assert "张建国" in text(client, f"{HOME}alerts/")
    found = text(client, f"{HOME}?q={zhang.numbers[0]}")
    assert f"{HOME}households/{zhang.household.pk}/" in found and "不在库" in found
    assert client.get(f"{HOME}?q=张").status_code == 422
    assert "每晚扫描" in text(client, f"{HOME}nights/")


def test_a_household_is_listed_by_hand_once_and_taken_off(people: Cast, zhang: Family, client: Client,
                                                          fixed_day: Callable[[dt.date], None]) -> None:
    sign_in(client, people.village)
    path = f"{HOME}households/{zhang.household.pk}/"
    values = {"kind": "return", "reason": "因病支出大,有返贫风险,列入监测"}
    answer = client.post(path + "list", values)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    assert client.post(path + "list", values).status_code == 422
    with acting_as(people.village):
        (row,) = Listing.objects.all()
    assert "防止返贫监测对象" in text(client, path)
    fixed_day(NIGHT + dt.timedelta(days=30))
    assert client.post(f"{path}listings/{row.pk}/end", {"reason": "收入稳定半年以上,风险消除"}).status_code == 302
    with acting_as(people.village):
        assert Listing.objects.get().until == NIGHT + dt.timedelta(days=30)


def test_pages_stay_within_their_queries(people: Cast, zhang: Family, sweep: Run, client: Client) -> None:
    alert = raised(people, zhang, sweep)
    sign_in(client, people.village)
    for path in ("/desk/", HOME, f"{HOME}alerts/", f"{HOME}alerts/{alert.number}/", f"{HOME}households/{zhang.household.pk}/",
                 f"{HOME}nights/"):
        count_queries(client, path)
