"""Writing a need, publishing it by another post, ending it. What charities read is checked for names, numbers, addresses
and money before anybody else may see it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any

from minzheng.base import audit, clock
from minzheng.base.errors import Refused, Stale
from minzheng.base.identity.officer import Actor, Officer, require_role
from minzheng.data.registry.models import Household, Organisation
from minzheng.scenes.assistance.aid import (
    ADULT,
    Consent,
    check_consent,
    check_scene,
    consented,
    household_for,
    limit,
    living_members,
    need_text,
    row_by_number,
)
from minzheng.scenes.assistance.socialforces.models import (
    KINDS,
    NEED,
    NEED_NEXT,
    NEED_STATES,
    SOURCES,
    TOPICS,
    Need,
    Representative,
)

WRITERS = ("village_worker", "town_clerk", "county_clerk")
REVIEWERS = ("town_reviewer", "county_approver", "county_leader")
READERS = (*WRITERS, *REVIEWERS, "city_officer", "province_officer")
MONEY = ("现金", "捐款", "善款", "转账", "汇款", "打款", "红包", "收款码", "银行卡", "支付宝", "微信支付", "筹款", "募捐")
_DIGITS = re.compile(r"[0-90-9一二三四五六七八九〇零]{5,}")
_ADDRESS = re.compile(r"[0-90-9一二三四五六七八九十百]+\s*(?:号|幢|栋|室|单元|组)")
SOCIAL = "5"  # 统一社会信用代码 of whoever is registered by 民政 begins so
STANDING = "存续"


def why_not_anonymous(text: str, names: Iterable[str], address: str) -> str:
    """What in the text could tell who the household is, as a sentence; empty when nothing was found. A person reads it
    all the same before it is published."""
    plain = text.replace(" ", "")
    for name in names:
        if name and name in plain:
            return "说明里有家庭成员的姓名,请去掉。"
    if address and len(address) >= 4 and address.replace(" ", "") in plain:
        return "说明里有家庭住址,请去掉。"
    if _DIGITS.search(plain):
        return "说明里有号码(证件号、电话等),请去掉。"
    if _ADDRESS.search(plain):
        return "说明里有门牌或组号,请去掉。地点由系统写到乡镇(街道)。"
    return ""


def check_no_money(text: str, field: str) -> None:
    for word in MONEY:
        if word in text:
            raise Refused(f"这里只对接物资和服务,不经手钱款,请去掉“{word}”。要捐钱的,请直接联系慈善组织。", field=field)


def get_need_for(by: Officer, number: str, *, lock: bool = False) -> Need:
    found = row_by_number(Need, NEED, number, by=by, lock=lock, missing="没有找到这个需求,或它不在您的辖区。")
    if not lock:
        audit.record("social.read", by=by, obj_type="need", obj_id=found.number, jurisdiction=found.jurisdiction,
                     subject_person=found.person, reason="查看社会帮扶需求")
    return found


def check_write(household: Household, title: str, description: str, kind: str, topic: str, source: str) -> None:
    if kind not in KINDS or topic not in TOPICS or source not in SOURCES:
        raise Refused("请从列表选择需要什么、类别和来源。", field="kind")
    need_text(title, 4, "标题", "title")
    need_text(description, 10, "需要什么、为什么", "description")
    names = [person.name for person in living_members(household).values()]
    for field, text in (("title", title), ("description", description)):
        check_no_money(text, field)
        if problem := why_not_anonymous(text, names, household.address):
            raise Refused(problem, field=field)


def do_write(household_id: int, *, person: int, kind: str, topic: str, title: str, description: str, source: str,
             consent: Consent, key: str, by: Officer) -> Need:
    """Writes a need; nobody outside sees it yet. The same key again gives the first."""
    require_role(by, *WRITERS)
    household = household_for(by, household_id)
    known = Need.objects.filter(key=key, written_by=by.account_id).first()
    if known is not None:
        return known
    members = living_members(household)
    whom = members.get(person)
    if whom is None:
        raise Refused("对象须是这一户在世的家庭成员。", field="person")
    giver = check_consent(consent, whom, members)
    check_write(household, title, description, kind, topic, source)
    row = Need.objects.create(
        household_id=household.pk, jurisdiction=household.jurisdiction, person=whom.pk, person_name=whom.name, kind=kind,
        topic=topic, title=title.strip(), description=description.strip(), source=source, written_by=by.account_id,
        written_name=by.name, key=key, created_at=clock.now(), **consented(consent, giver))
    record("social.written", row, by, {"kind": kind, "topic": topic})
    return row


def move_need(row: Need, state: str, **changes: Any) -> None:
    """The only way in which an officer or job changes the state."""
    if state not in NEED_NEXT[row.state]:
        raise Refused(f"需求{NEED_STATES[row.state]},不能改为{NEED_STATES[state]}。")
    row.state, row.version = state, row.version + 1
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=["state", "version", *changes])


def check_version(row: Any, version: int) -> None:
    if row.version != version:
        raise Stale("这里刚刚有变化,请刷新页面后再办理。")


def do_publish(number: str, *, version: int, by: Officer) -> Need:
    """Another than the writer has read it and shows it to charities."""
    require_role(by, *REVIEWERS)
    row = get_need_for(by, number, lock=True)
    check_version(row, version)
    if row.written_by == by.account_id:
        raise Refused("登记需求的人不能审核发布,请由另一位工作人员办理。")
    days = limit("social.offer.days", row.jurisdiction).value
    move_need(row, "open", until=clock.today() + dt.timedelta(days=days), published_name=by.name)
    record("social.published", row, by, {"until": row.until})
    return row


def do_close(number: str, *, reason: str, version: int, by: Officer) -> Need:
    """The need is gone, or the household takes its consent back; not while a charity is on its way."""
    require_role(by, *WRITERS, *REVIEWERS)
    row = get_need_for(by, number, lock=True)
    check_version(row, version)
    if row.state in ("claimed", "matched"):
        raise Refused("有慈善组织已经认领,请先收回认领,再结束需求。")
    why = need_text(reason, 4, "结束的原因", "reason")
    move_need(row, "closed", end_reason=why)
    record("social.closed", row, by, {}, why)
    return row


def charity_of(code: str) -> Organisation:
    """A standing social organisation (社会组织) of the registry, within the acting scope."""
    found = Organisation.objects.filter(credit_code=code.strip().upper(), status=STANDING).first()
    if found is None or not found.credit_code.startswith(SOCIAL):
        raise Refused("法人库里没有这个存续的社会组织。请核对统一社会信用代码(民政登记的以 5 开头)。", field="charity")
    return found


def do_represent(*, charity: str, id_number: str, document: str, valid_to: dt.date, by: Officer) -> Representative:
    """代表人登记 by the charity's letter; the person signs in with the own citizen's account. A new letter replaces."""
    from minzheng.data import registry

    require_role(by, "county_clerk", "county_approver")
    organisation = charity_of(charity)
    check_scene(by, organisation.jurisdiction)
    person = registry.find_person(by, id_number)
    if not person.alive_on(clock.today()) or person.age_on(clock.today()) < ADULT:
        raise Refused("代表人须是在世的成年人。", field="id_number")
    if not clock.today() < valid_to <= clock.today() + dt.timedelta(days=731):
        raise Refused("授权期限应在今天以后,最长两年。", field="valid_to")
    row, _ = Representative.objects.update_or_create(person=person.pk, defaults={
        "organisation": organisation.pk, "organisation_name": organisation.name, "jurisdiction": organisation.jurisdiction,
        "person_name": person.name, "document": need_text(document, 4, "授权文件", "document"), "valid_from": clock.today(),
        "valid_to": valid_to, "entered_by": by.account_id, "entered_at": clock.now()})
    audit.record("social.represented", by=by, obj_type="organisation", obj_id=organisation.credit_code,
                 jurisdiction=organisation.jurisdiction, subject_person=person.pk, after={"valid_to": valid_to})
    return row


def record(action: str, row: Need, by: Actor, after: dict[str, Any], reason: str = "") -> None:
    audit.record(action, by=by, obj_type="need", obj_id=row.number, jurisdiction=row.jurisdiction,
                 subject_person=row.person, after=after, reason=reason)
