from __future__ import annotations

import pytest

from minzheng.base.identity.officer import Officer
from minzheng.front.desk.tests.admin_kit import MOST_QUERIES, page, post, queries, text
from minzheng.office.notices.actions import do_notify
from minzheng.office.notices.models import Notice
from minzheng.office.notices.wording import Template, register_template
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.cast import VILLAGE

register_template(Template("tea.poured", "茶好了", "第 {cup} 杯茶已经沏好。"))


def tell(people: Cast, who: Officer, cups: int = 1, case_code: str = "") -> list[Notice]:
    with acting_as(people.service):
        for cup in range(cups):
            do_notify("tea.poured", {"cup": str(cup)}, key=f"tea:{who.account_id}:{cup}", jurisdiction=VILLAGE,
                      account=who.account_id, case_code=case_code)
    with as_owner():
        return list(Notice.objects.filter(account=who.account_id).order_by("id"))


def unread() -> int:
    with as_owner():
        return Notice.objects.filter(read_at=None).count()


def test_every_post_has_an_inbox_and_a_citizen_does_not(people: Cast) -> None:
    for who in people.officers():
        assert page(who, "/desk/messages/").status_code == 200
    assert page(people.citizen, "/desk/messages/").status_code == 403


def test_messages_are_shown_to_their_officer_only(people: Cast) -> None:
    tell(people, people.township)
    assert "第 0 杯茶已经沏好" in text(page(people.township, "/desk/messages/"))
    for who in (people.reviewer, people.county, people.neighbour):
        assert "杯茶" not in text(page(who, "/desk/messages/"))


def test_the_number_of_unread_messages_is_in_the_shell_of_every_page(people: Cast) -> None:
    tell(people, people.township, 3)
    assert "消息 3" in text(page(people.township, "/desk/people/"))
    assert "消息 3" not in text(page(people.reviewer, "/desk/people/"))


def test_opening_a_message_marks_it_read_and_leads_to_its_case(people: Cast) -> None:
    (first,) = tell(people, people.township, case_code="320583202611020001")
    done = post(people.township, f"/desk/messages/{first.pk}/read")
    assert done.headers["Location"] == "/desk/cases/320583202611020001/"
    assert unread() == 0


@pytest.mark.parametrize("other", ["reviewer", "county", "neighbour"])
def test_nobody_elses_message_can_be_marked_read(people: Cast, other: str) -> None:
    (first,) = tell(people, people.township)
    assert post(getattr(people, other), f"/desk/messages/{first.pk}/read").status_code == 404
    post(getattr(people, other), "/desk/messages/read")
    assert unread() == 1


def test_all_are_marked_read_at_once(people: Cast) -> None:
    tell(people, people.township, 5)
    assert post(people.township, "/desk/messages/read").status_code == 302
    assert unread() == 0


def test_older_messages_are_on_the_next_page(people: Cast) -> None:
    rows = tell(people, people.township, 25)
    first = page(people.township, "/desk/messages/")
    assert "第 24 杯" in text(first)
    assert "第 4 杯" not in text(first)
    assert "第 4 杯" in text(page(people.township, f"/desk/messages/?before={rows[5].pk}"))
    assert page(people.township, "/desk/messages/?before=x").status_code == 422


def test_the_inbox_takes_few_queries(people: Cast) -> None:
    tell(people, people.township, 25)
    assert queries(people.township, "/desk/messages/") <= MOST_QUERIES
