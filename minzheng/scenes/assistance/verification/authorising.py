"""授权书: nobody is checked without a written authorisation by every adult, or the guardian (社会救助法 art. 41).

A form covers the people who signed it. A new member needs a new form (practice of the 授权书, policy facts §12).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import IntegrityError, transaction

from minzheng.base import audit, clock, events
from minzheng.base.errors import NotAllowed, Refused, Stale
from minzheng.base.identity.officer import Citizen, Officer, require_role
from minzheng.scenes.assistance.verification.doors import check_reach, get_authorisation
from minzheng.scenes.assistance.verification.models import Authorisation, AuthorisedPerson
from minzheng.scenes.assistance.verification.people import Person, Signature

CLERKS = ("town_clerk", "village_worker", "county_clerk")


def check_authorise(
    *, by: Officer | Citizen, jurisdiction: str, people: Sequence[Person], signatures: Sequence[Signature],
    valid_from: dt.date, ends: dt.date | None = None,
) -> None:
    """Refused unless each person has signed, or the guardian has for whoever cannot."""
    if isinstance(by, Officer):
        require_role(by, *CLERKS)
        check_reach(by, jurisdiction)
    elif not people or people[0].person != by.person_id:
        raise NotAllowed("只能为自己申请的家庭登记授权书。")
    today = clock.today()
    if ends is not None and ends < valid_from:
        raise Refused("授权书的终止日期早于生效日期,请更正。", field="ends")
    signed = {signature.person: signature for signature in signatures}
    if not people or len(signed) != len(signatures) or len({p.person for p in people}) != len(people):
        raise Refused("授权书上没有人员,或同一个人登记了两次,请更正。", field="signatures")
    if strangers := signed.keys() - {p.person for p in people}:
        raise Refused(f"有{len(strangers)}个签名不属于这个家庭的成员,请更正。", field="signatures")
    for person in people:
        found = signed.get(person.person)
        if found is None:
            raise Refused(f"{person.name}还没有签署核对授权书。成年成员都要签,未成年人由监护人签。", field="signatures")
        guardian = person.needs_guardian(today)
        if guardian and (found.capacity != "guardian" or found.signed_by == person.name):
            raise Refused(f"{person.name}须由监护人签署核对授权书。", field="signatures")
        if not guardian and (found.capacity != "self" or found.signed_by != person.name):
            raise Refused(f"{person.name}是成年人,核对授权书须由本人签署。", field="signatures")
        if found.method not in AuthorisedPerson.Method.values:
            raise Refused("签名方式只能是手写签名、电子签名或指印。", field="signatures")
        if found.signed_on > today:
            raise Refused(f"{person.name}的签名日期在将来,请更正。", field="signatures")


def do_authorise(
    *, by: Officer | Citizen, case_code: str, jurisdiction: str, people: Sequence[Person],
    signatures: Sequence[Signature], programme: str = "最低生活保障", valid_from: dt.date | None = None,
    ends: dt.date | None = None, file: str = "",
) -> Authorisation:
    """Registers the form and its signatures. `file` and each signature's `file` are numbers of stored files."""
    start = valid_from or clock.today()
    check_authorise(by=by, jurisdiction=jurisdiction, people=people, signatures=signatures, valid_from=start, ends=ends)
    if not case_code.strip():
        raise Refused("授权书要写明业务编号。")
    count = Authorisation.objects.filter(case_code=case_code).count()
    try:
        with transaction.atomic():
            form = Authorisation.objects.create(
                number=f"{case_code}-SQ{count + 1}", case_code=case_code, jurisdiction=jurisdiction,
                applicant=people[0].person, programme=programme, valid_from=start, ends=ends, file=file,
                entered_by=by.name, entered_at=clock.now())
            names = {person.person: person.name for person in people}
            AuthorisedPerson.objects.bulk_create(
                AuthorisedPerson(authorisation=form, jurisdiction=jurisdiction, person=s.person, name=names[s.person],
                                 signed_by=s.signed_by, capacity=s.capacity, method=s.method, file=s.file,
                                 signed_on=s.signed_on) for s in signatures)
            audit.record_many("verification.authorised", by=by, obj_type="verification.authorisation", lines=[
                audit.Line(form.number, jurisdiction, subject_person=person.person) for person in people])
            events.emit("verification.authorised", aggregate=f"case:{case_code}", jurisdiction=jurisdiction,
                        payload={"authorisation": form.number})
    except IntegrityError as error:
        raise Stale("这个办件的授权书刚刚有人登记过。请刷新后再看。") from error
    return form


def do_withdraw(number: str, *, by: Officer | Citizen, reason: str) -> Authorisation:
    """Ends the authorisation at once; open requests send nothing more."""
    if not reason.strip():
        raise Refused("请写明撤回授权的原因。", field="reason")
    if isinstance(by, Officer):
        require_role(by, *CLERKS)
    with transaction.atomic():
        form = get_authorisation(by, number)
        if form.withdrawn_at is not None:
            raise Refused("这份授权书已经撤回。")
        form.withdrawn_at = clock.now()
        form.save(update_fields=["withdrawn_at"])
        audit.record("verification.withdrawn", by=by, obj_type="verification.authorisation", obj_id=number,
                     jurisdiction=form.jurisdiction, reason=reason, subject_person=form.applicant)
        events.emit("verification.withdrawn", aggregate=f"case:{form.case_code}", jurisdiction=form.jurisdiction,
                    payload={"authorisation": number})
    return form


def in_force(form: Authorisation) -> bool:
    today = clock.today()
    return form.withdrawn_at is None and form.valid_from <= today and (form.ends is None or today <= form.ends)


def authorisation_in_force(case_code: str) -> Authorisation | None:
    """The newest authorisation of the case that is in force, within the acting scope."""
    rows = Authorisation.objects.filter(case_code=case_code).order_by("-id")
    return next((form for form in rows if in_force(form)), None)


def check_covers(form: Authorisation, case_code: str, people: Sequence[Person]) -> None:
    """Refused unless the form is of this case, in force, and signed for everybody."""
    if form.case_code != case_code:
        raise Refused("授权书不是这个办件的。请登记本办件的授权书。")
    if not in_force(form):
        raise Refused("核对授权书不在有效期内或已撤回。请重新签署授权书后再核对。")
    covered = set(form.people.values_list("person", flat=True))
    for person in people:
        if person.person not in covered:
            raise Refused(f"{person.name}没有签署核对授权书,不能核对。家庭成员有变化的,请重新签署。")
