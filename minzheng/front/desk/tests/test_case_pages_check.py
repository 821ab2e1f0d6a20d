"""The citizen reads what departments said, objects with evidence, and the township has it asked again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from minzheng.base.audit.models import AuditRecord
from minzheng.base.documents.models import IssuedDocument
from minzheng.base.identity.officer import Service
from minzheng.front.desk.tests.case_kit import (
    MOST_QUERIES,
    act,
    act_by_page,
    case_of,
    get,
    open_keys,
    own,
    picture,
    post,
    queries,
    submitted,
    text,
)
from minzheng.scenes.assistance.tests.conftest import Family
from minzheng.scenes.assistance.verification.models import (
    Objection,
    Report,
    RequestMember,
    SourceAnswer,
    VerificationRequest,
)
from minzheng.scenes.assistance.verification.reports import do_issue_report
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.background import deliver_events
from minzheng.testing.cast import COUNTY

pytestmark = pytest.mark.usefixtures("own_store")
WORDS = "这份工资是我弟弟的,单位报错了人。"
TAX = '[{"table": "tax", "income_kind": "工资薪金", "payer": "昆山电子", "months": "12", "total": "96000.00"}]'


def checked(people: Cast, family: Family) -> str:
    """Accepted; every department has answered, and tax knows a wage that nobody declared."""
    code = submitted(people, family)
    act(people.clerk, code, "review", "accept")
    with as_owner():
        request = VerificationRequest.objects.get()
        SourceAnswer.objects.update(status="none", as_of="2026-11-20")
        head = RequestMember.objects.get(person=family.head.pk)
        SourceAnswer.objects.filter(member=head, department="tax").update(status="found")
        row = SourceAnswer.objects.get(member=head, department="tax")
        row.records = TAX
        row.save()
        VerificationRequest.objects.update(status="complete")
    service = Service("测试核对", COUNTY)
    with acting_as(service):
        do_issue_report(request.number, by=service)
    deliver_events()
    assert open_keys(code) == {"check_inform", "visit"}
    own(people, code)
    return code


def test_the_citizen_objects_and_only_what_is_disputed_is_asked_again(people: Cast, zhang: Family) -> None:
    code = checked(people, zhang)
    citizen = replace(people.citizen, person_id=zhang.head.pk)
    there = f"/my/assistance/checks/{code}/"
    assert there in text(get(citizen, f"/my/cases/{code}/"))
    page = text(get(citizen, there))
    assert "与申报不一致" in page and "税务" in page and "李秀英" not in page
    assert queries(citizen, there) <= MOST_QUERIES
    assert post(citizen, there, statement=WORDS).status_code == 422  # which department?
    assert post(citizen, there, statement="不对", departments="tax").status_code == 422
    assert post(citizen, there, statement=WORDS, departments="bank").status_code == 422  # said nothing
    assert get(people.other_citizen, there).status_code == 404
    assert post(people.other_citizen, there, statement=WORDS, departments="tax").status_code == 404
    assert post(people.clerk, there, statement=WORDS, departments="tax").status_code == 403
    with as_owner():
        assert not Objection.objects.exists()
    assert open_keys(code) == {"check_inform", "visit"}
    done = post(citizen, there, statement=WORDS, departments="tax", evidence=picture("工资单.jpg"))
    assert done.status_code == 302
    assert open_keys(code) == {"check_evidence", "visit"}
    assert "您已经提出异议" in text(get(citizen, there))
    assert act_by_page(people.clerk, code, "check_evidence", "recheck", "证明材料可信,请税务重新核对。").status_code == 302
    with as_owner():
        objection = Objection.objects.get()
        assert objection.status == "rechecking" and objection.evidence
        again = VerificationRequest.objects.order_by("-id").first()
        assert again is not None and again.kind == "recheck"
        asked = SourceAnswer.objects.filter(request=again, carried=False)
        assert [(row.department, row.member.person) for row in asked] == [("tax", zhang.head.pk)]


def test_before_there_is_a_report_there_is_nothing_to_read(people: Cast, zhang: Family) -> None:
    code = submitted(people, zhang)
    own(people, code)
    assert get(people.citizen, f"/my/assistance/checks/{code}/").status_code == 404
    assert case_of(code).state == "submitted"


def test_the_report_is_printed_from_the_case_page_and_the_household_sees_that_it_was_read(
        people: Cast, zhang: Family) -> None:
    code = checked(people, zhang)
    page = text(get(people.clerk, f"/desk/cases/{code}/"))
    there = f"/desk/assistance/checks/{code}/print"
    assert there in page and "打印核对报告" in page
    with as_owner():
        number = Report.objects.get().number
    paper = post(people.clerk, there, number=number)
    assert paper.status_code == 200 and b"".join(paper).startswith(b"%PDF")
    assert b"".join(post(people.approver, there, number=number)).startswith(b"%PDF")
    with as_owner():
        assert IssuedDocument.objects.filter(kind="verification.report").count() == 1
        readers = set(AuditRecord.objects.filter(action="verification.read", subject_person=zhang.head.pk)
                      .values_list("account", flat=True))
    assert {people.clerk.account_id, people.approver.account_id} <= readers
    for who in (people.neighbour, people.neighbour_clerk, people.citizen):
        assert post(who, there, number=number).status_code in (403, 404)
    assert post(people.clerk, there, number="没有").status_code == 404 and get(people.clerk, there).status_code == 405
