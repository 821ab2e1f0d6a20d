from __future__ import annotations

from django.test import Client

from minzheng.base.scope import Scope, acting
from minzheng.office.cases.models import Case
from minzheng.scenes.assistance.apply import do_apply
from minzheng.scenes.assistance.tests.conftest import application_for, make_family
from minzheng.scenes.assistance.tests.test_a_household_passes_from_the_window_to_its_decision import reviewed
from minzheng.testing import Cast, acting_as, sign_in
from minzheng.testing.queries import count_queries


def test_worklist_case_list_and_search_do_not_grow_with_their_rows(people: Cast, client: Client) -> None:
    sign_in(client, people.clerk)
    counts = []
    for number in range(2):
        for n in range(3):
            family = make_family(("张建国", f"19700{n + 1}12", 1, "户主"), number=f"{number}{n}")
            with acting_as(people.clerk):
                do_apply(application_for(family, key=f"k{number}{n}"), by=people.clerk)
        counts.append([count_queries(client, path) for path in ("/desk/", "/desk/cases/", "/desk/search/?q=张建国")])
    assert all(later <= first for first, later in zip(*counts, strict=True))  # names are cached after the first


def test_a_case_in_the_middle_of_its_process(people: Cast, client: Client) -> None:
    family = make_family(("张建国", "19700312", 1, "户主"), ("李秀英", "19720825", 2, "妻"), ("张悦", "20120516", 2, "女"))
    code = reviewed(people, family)
    for who in (people.clerk, people.approver):
        count_queries(sign_in(client, who), f"/desk/cases/{code}/")


def test_the_citizens_own_case(people: Cast, client: Client) -> None:
    family = make_family(("张建国", "19700312", 1, "户主"))
    with acting_as(people.clerk):
        code = do_apply(application_for(family), by=people.clerk).code
    with acting(Scope("batch", "320000000000", "330000000000")):
        Case.objects.filter(code=code).update(applicant=people.citizen.person_id)
    for path in (f"/my/cases/{code}/", "/my/", "/my/access/"):
        count_queries(sign_in(client, people.citizen), path)
