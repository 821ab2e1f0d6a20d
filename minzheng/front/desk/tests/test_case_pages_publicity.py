from __future__ import annotations

import re

import pytest
from django.test import Client

from minzheng.base import clock
from minzheng.front.desk.tests.case_kit import (
    MOST_QUERIES,
    act,
    act_by_page,
    case_of,
    get,
    neighbours_refused,
    officer,
    open_keys,
    own,
    post,
    published_out,
    queries,
    reviewed,
    text,
)
from minzheng.office.publicity.models import Objection, Publicity
from minzheng.scenes.assistance.tests.conftest import Family
from minzheng.testing import Cast, as_owner
from minzheng.testing.background import deliver_events
from minzheng.testing.cast import TOWNSHIP

pytestmark = pytest.mark.usefixtures("own_store")
WORDS = "他家在城里还有一套房出租,没有申报。"


def ticket_page(client: Client) -> str:
    """From the public list to the form, as a visitor finds it."""
    page = text(client.get("/publicity/", {"division": TOWNSHIP}))  # type: ignore[arg-type]
    found = re.search(r'href="(/publicity/[0-9a-f-]{36}/object/)"', page)
    assert found, page
    return found[1]


def objections() -> list[Objection]:
    with as_owner():
        return list(Objection.objects.order_by("id"))


def test_a_visitor_objects_and_the_dispute_goes_to_the_democratic_review_and_a_new_opinion(
        people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    code = reviewed(people, zhang)
    visitor = Client()
    there = ticket_page(visitor)
    form = visitor.get(there)
    assert form.status_code == 200 and "张建国" not in form.content.decode()
    assert visitor.post(there, {"text": "不对"}).status_code == 422
    assert objections() == []
    assert "异议已收到" in visitor.post(there, {"text": WORDS, "phone": "16000000009"}).content.decode()
    deliver_events()
    row = objections()[0]
    page = get(people.clerk, f"/desk/cases/{code}/")
    assert f"/desk/cases/{code}/objections/{row.pk}/" in text(page) and "待核实" in text(page)
    answer = f"/desk/cases/{code}/objections/{row.pk}/"
    assert WORDS in text(get(people.clerk, answer))
    assert post(people.clerk, answer, upheld="no", answer="短").status_code == 422
    assert post(people.clerk, answer, upheld="no", answer="经实地核实,该房屋为租住,异议不成立。").status_code == 302
    assert post(people.clerk, answer, upheld="yes", answer="经实地核实,异议成立。").status_code == 422  # answered once
    assert objections()[0].upheld is False
    assert open_keys(code) == set()  # the notice stands for all its days
    published_out(code, monkeypatch)
    assert open_keys(code) == {"democratic_review"}
    done = act_by_page(people.clerk, code, "democratic_review", "done", held_on=clock.today().isoformat(), present=12,
                       in_favour=10, against=1, text="到会代表认为情况属实。")
    assert done.status_code == 302
    assert open_keys(code) == {"town_review_again"}
    assert act_by_page(people.reviewer, code, "town_review_again", "agree").status_code == 302
    assert open_keys(code) == {"county_review"}


def test_the_public_form_is_limited_by_address_and_says_so(people: Cast, zhang: Family) -> None:
    reviewed(people, zhang)
    visitor = Client()
    there = ticket_page(visitor)
    for n in range(5):
        assert visitor.post(there, {"text": f"{WORDS}第 {n} 次"}).status_code == 200
    often = visitor.post(there, {"text": WORDS})
    assert often.status_code == 422 and "今天提交的异议太多了" in often.content.decode()
    assert len(objections()) == 5
    assert Client(REMOTE_ADDR="10.2.3.4").post(there, {"text": WORDS}).status_code == 200


def test_an_unknown_or_ended_notice_takes_no_objection(
        people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    code = reviewed(people, zhang)
    visitor = Client()
    there = ticket_page(visitor)
    assert visitor.post("/publicity/00000000-0000-0000-0000-000000000000/object/", {"text": WORDS}).status_code == 404
    published_out(code, monkeypatch)
    assert visitor.post(there, {"text": WORDS}).status_code == 404
    assert objections() == []


def test_only_the_posts_that_published_answer_and_the_neighbour_sees_nothing(people: Cast, zhang: Family) -> None:
    code = reviewed(people, zhang)
    visitor = Client()
    visitor.post(ticket_page(visitor), {"text": WORDS})
    there = f"/desk/cases/{code}/objections/{objections()[0].pk}/"
    for who in (people.village, people.finance, people.city):
        assert "当前岗位可以查看" in text(get(who, there))
        assert post(who, there, upheld="no", answer="经实地核实,异议不成立。").status_code == 403
    neighbours_refused(people, there, upheld="no", answer="经实地核实,异议不成立。")
    assert get(people.clerk, f"/desk/cases/{code}/objections/999999/").status_code == 404
    assert objections()[0].answered_at is None


def test_a_wrong_notice_is_taken_down_and_published_afresh_for_all_its_days(
        people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    code = reviewed(people, zhang)
    there = f"/desk/cases/{code}/publicity/withdraw/"
    assert there in text(get(people.clerk, f"/desk/cases/{code}/"))
    assert post(people.clerk, there, reason="").status_code == 422
    for who in (people.village, people.finance):
        assert post(who, there, reason="金额写错了").status_code == 403
    neighbours_refused(people, there, reason="金额写错了")
    with as_owner():
        assert Publicity.objects.get().state == "open"
    assert post(people.clerk, there, reason="金额写错了").status_code == 302
    deliver_events()
    assert open_keys(code) == {"town_review"}
    assert act_by_page(people.reviewer, code, "town_review", "agree").status_code == 302
    with as_owner():
        assert sorted(Publicity.objects.values_list("state", flat=True)) == ["open", "withdrawn"]
    published_out(code, monkeypatch)
    assert open_keys(code) == {"county_review"}
    assert post(people.clerk, there, reason="又写错了吗").status_code == 404


def test_the_applicant_disputes_the_publicity_on_the_phone(
        people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    code = reviewed(people, zhang)
    own(people, code)
    mine = f"/my/cases/{code}/"
    assert "我有异议" in text(get(people.citizen, mine))
    version = case_of(code).version
    done = post(people.citizen, f"{mine}object", about="publicity", text="公示的人数少写了一个人。", version=version)
    assert done.status_code == 302
    deliver_events()
    published_out(code, monkeypatch)
    assert open_keys(code) == {"democratic_review"}


def test_a_second_reviewer_is_needed_where_the_first_held_the_democratic_review(
        people: Cast, zhang: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    code = reviewed(people, zhang)
    visitor = Client()
    visitor.post(ticket_page(visitor), {"text": WORDS})
    deliver_events()
    published_out(code, monkeypatch)
    act(people.clerk, code, "democratic_review", "done", data={
        "held_on": clock.today(), "present": 9, "in_favour": 9, "against": 0, "text": "一致同意。"})
    second = officer("town_reviewer", TOWNSHIP, "玉山钱明")
    assert act_by_page(second, code, "town_review_again", "disagree", "评议后仍认为收入不实").status_code == 302
    assert open_keys(code) == {"county_review"}


def test_the_pages_stay_cheap(people: Cast, zhang: Family) -> None:
    code = reviewed(people, zhang)
    own(people, code)
    visitor = Client()
    visitor.post(ticket_page(visitor), {"text": WORDS})
    for who, there in ((people.clerk, f"/desk/cases/{code}/objections/{objections()[0].pk}/"),
                       (people.clerk, f"/desk/cases/{code}/publicity/withdraw/"), (people.citizen, f"/my/cases/{code}/")):
        assert queries(who, there) <= MOST_QUERIES, there
