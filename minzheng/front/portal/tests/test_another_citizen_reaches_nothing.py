"""Every address under /my/ is opened and posted to by another citizen and by officers, with the numbers of the first one's
case, decision, files and papers. A new address that this test cannot fill fails it."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client
from django.urls import get_resolver

from minzheng.base import files
from minzheng.front.desk.tests.case_kit import closed, own, picture
from minzheng.front.desk.tests.test_the_neighbour_reaches_nothing import FORM, Ours, addresses, helped, read
from minzheng.office.cases.models import Case
from minzheng.office.decisions.models import Decision
from minzheng.scenes.assistance.recognitions.models import Recognition
from minzheng.scenes.assistance.tests.conftest import Family, zhang  # noqa: F401
from minzheng.testing import Cast, acting_as, as_owner, sign_in
from minzheng.testing.cast import VILLAGE
from minzheng.testing.unchanged import state

pytestmark = pytest.mark.django_db(databases=["default", "aside"])
MY = [(route, part) for route, part in addresses(get_resolver()) if route.startswith("my/")]


@pytest.fixture
def theirs(people: Cast, zhang: Family, tmp_path: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Ours:  # noqa: F811
    settings.VAR_DIR = tmp_path
    code = closed(people, zhang, monkeypatch)
    own(people, code)
    with acting_as(people.clerk):
        photo = files.store(picture().read(), name="家.jpg", by=people.clerk, jurisdiction=VILLAGE, kind="material",
                            case_id=Case.objects.get(code=code).pk, person_id=zhang.head.pk)
    with as_owner():
        decision, recognised = Decision.objects.get(), Recognition.objects.get()
    return Ours({"code": code, "material": "identity", "receive.number": decision.number, "own_file.number": photo.pk,
                 "document.number": decision.number, "answer.number": 1,
                 "report.number": recognised.pk, "delivery": 1, "gift": 1, **helped(people, zhang.household)},
                [code, *zhang.numbers, "李秀英", "张悦", decision.number])


@pytest.mark.parametrize("who", ["other_citizen", "clerk", "approver", "neighbour", "province"])
def test_no_address_gives_or_takes_anything(people: Cast, theirs: Ours, who: str) -> None:
    page = sign_in(Client(), getattr(people, who))
    before = state()
    for route, part in MY:
        address = theirs.fill(route, part)
        for verb, form in (("get", {}), ("post", FORM)):
            answered = getattr(page, verb)(address, form)
            seen = read(answered)
            assert not [word for word in theirs.words if word in seen], (verb, address)
            if part.pattern.converters:
                assert answered.status_code in (403, 404, 405), (verb, address, answered.status_code)
    assert state() == before


def test_a_visitor_is_asked_to_sign_in_everywhere(theirs: Ours, client: Client) -> None:
    before = state()
    for route, part in MY:
        for verb in ("get", "post"):
            answered = getattr(client, verb)(theirs.fill(route, part), {})
            assert answered.status_code in (302, 405), (verb, route, answered.status_code)
            assert answered.status_code == 405 or answered["Location"].startswith("/accounts/login/")
    assert state() == before


def test_the_owner_reads_the_own_case(people: Cast, theirs: Ours) -> None:
    """The numbers above are right: with them the citizen finds the own pages."""
    page = sign_in(Client(), people.citizen)
    for name in ("case", "own_file", "document"):
        route, part = next((route, part) for route, part in MY if part.name == name)
        assert page.get(theirs.fill(route, part)).status_code == 200, route
    paper = next(theirs.fill(route, part) for route, part in MY if part.name == "document")
    case = next(theirs.fill(route, part) for route, part in MY if part.name == "case")
    assert unquote(paper) in unquote(read(page.get(case))), "the case page leads to the paper"
    assert read_bytes(page.get(paper)).startswith(b"%PDF-")


def read_bytes(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content
