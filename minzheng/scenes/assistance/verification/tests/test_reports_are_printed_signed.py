from __future__ import annotations

import pytest

from minzheng.base.documents import check_pdf, verify_document
from minzheng.base.documents.models import IssuedDocument
from minzheng.base.errors import NotFound, Refused
from minzheng.scenes.assistance.verification import do_issue_report, do_print_report, read_report
from minzheng.scenes.assistance.verification.printing import paper_of
from minzheng.scenes.assistance.verification.tests.conftest import Desk
from minzheng.testing import acting_as, as_owner


def test_a_report_is_printed_once_signed_and_can_be_verified(desk: Desk) -> None:
    request, county = desk.run(desk.request()), desk.people.county
    with acting_as(county):
        number = do_issue_report(request.number, by=county).number
        issued = do_print_report(number, by=county, reason="归档")
        assert do_print_report(number, by=county, reason="再打印").pk == issued.pk
        assert check_pdf(issued.file.open())
        assert verify_document(issued.code).title == "居民家庭经济状况核对报告"
        paper = paper_of(read_report(number, by=county, reason="看"))
    headings = [section["heading"][:2] for section in paper["sections"]]
    assert headings == ["一、", "二、", "三、", "四、", "成员", "成员", "成员", "说明"]
    neighbour = desk.people.neighbour
    with acting_as(neighbour), pytest.raises((NotFound, Refused)):
        do_print_report(number, by=neighbour, reason="看")
    with as_owner():
        assert IssuedDocument.objects.count() == 1
