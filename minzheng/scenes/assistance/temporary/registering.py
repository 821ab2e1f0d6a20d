"""Registering a sudden hardship where it happens: anybody, with or without a register here, with or without papers."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from minzheng.base import audit, clock
from minzheng.base.crypto import blind_index
from minzheng.base.errors import NotFound, Refused
from minzheng.base.id_numbers import check_id_number
from minzheng.base.identity.officer import Officer
from minzheng.base.scope.ranges import lies_in
from minzheng.data import registry
from minzheng.office.cases import actions as case_actions
from minzheng.office.cases.models import Case
from minzheng.scenes.assistance.temporary.assess import assess
from minzheng.scenes.assistance.temporary.models import WAYS, WHAT, Emergency

OLDEST = 30  # days: an event longer ago is no sudden hardship (示例值)


@dataclass(frozen=True)
class Hardship:
    """What the window writes down. Without an ID number, name, sex and birth year are as stated."""

    place: str
    what: int
    happened_on: dt.date
    where: str
    reason: str
    way: str
    asked_fen: int
    urgent: bool
    id_number: str = ""
    name: str = ""
    sex: int = 0
    birth_year: int = 0
    phone: str = ""
    key: str = ""


def do_register(hardship: Hardship, *, by: Officer) -> Case:
    """Opens the case at the place of the event, or refuses and leaves all as it was. The same key gives the same case."""
    with transaction.atomic():
        earlier = case_actions.submitted_before(hardship.key)
        if earlier is not None:
            return earlier
        _check(hardship, by)
        person, stated, key, born = _who(hardship, by)
        row = Emergency(jurisdiction=hardship.place, person_key=key, stated=json.dumps(stated, ensure_ascii=False),
                        what=hardship.what, happened_on=hardship.happened_on, birth_date=born, place=hardship.where.strip(),
                        reason=hardship.reason.strip(), way=hardship.way, asked_fen=hardship.asked_fen, urgent=hardship.urgent)
        small = _small(row)
        if hardship.urgent and not small:
            raise Refused("金额超过小额快救的上限,不能先行救助。请减少金额,或取消“先行救助”按一般程序办理。", field="asked_fen")
        if person is not None and hardship.urgent and person.death_date is not None:
            raise Refused(f"{person.name}已登记死亡,请核对身份。", field="id_number")
        case = case_actions.do_submit(case_actions.Application(
            matter="temporary", place=hardship.place, channel="window", key=hardship.key, answers={"phone": hardship.phone},
            members=[case_actions.Member(person.pk, person.name, "本人")] if person is not None else [],
            stated="" if person is not None else f"{hardship.name.strip()}(自述)",
            flags={"urgent": hardship.urgent, "small": small}), by=by)
        row.case_id, row.jurisdiction = case.pk, case.jurisdiction
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError as error:
            raise Refused("这个人因同一件事已经申请过临时救助,不能重复申请。新的急难情况请如实填写发生日期。", field="happened_on") from error
        audit.record("temporary.registered", by=by, obj_type="case", obj_id=case.code, jurisdiction=case.jurisdiction,
                     subject_person=case.applicant, after={"what": row.what, "asked_fen": row.asked_fen, "urgent": row.urgent})
        if small:
            case_actions.do_accept(case, by=by)
    return case


def _check(hardship: Hardship, by: Officer) -> None:
    if not lies_in(hardship.place, by.jurisdiction):
        raise Refused("急难发生地不在本岗位的辖区,请由发生地的乡镇(街道)受理。", field="place")
    if hardship.what not in WHAT or hardship.way not in WAYS:
        raise Refused("请选择急难情形和救助方式。", field="what")
    days = (clock.today() - hardship.happened_on).days
    if days < 0 or days > OLDEST:
        raise Refused(f"发生日期应在最近 {OLDEST} 天以内(示例值)。时间更久的,请按其他救助事项办理。", field="happened_on")
    if len(hardship.reason.strip()) < 5 or not hardship.where.strip():
        raise Refused("请写明急难情况(至少 5 个字)和发生地点。", field="reason")
    if isinstance(hardship.asked_fen, bool) or hardship.asked_fen <= 0:
        raise Refused("请填写申请金额;实物和转介按折合金额填写。", field="asked_fen")


def _who(hardship: Hardship, by: Officer) -> tuple[Any, dict[str, Any], str, dt.date]:
    """(registry person or None, stated identity, key, birth date). An ID number unknown in the province is only stated."""
    if hardship.id_number:
        number = check_id_number(hardship.id_number)
        key = blind_index("id_number", number.number).hex()
        person = found(number.number, by)
        if person is not None:
            return person, {}, key, person.birth_date
        if not hardship.name.strip():
            raise Refused("人口库里没有这个身份证号,请填写自述姓名。", field="name")
        return None, {"name": hardship.name.strip(), "id_number": number.number, "sex": number.sex}, key, number.birth_date
    if len(hardship.name.strip()) < 2 or hardship.sex not in (1, 2) or not 1900 < hardship.birth_year <= clock.today().year:
        raise Refused("没有证件的,请填写自述姓名、性别和大约出生年份。", field="name")
    stated = {"name": hardship.name.strip(), "sex": hardship.sex, "birth_year": hardship.birth_year}
    key = blind_index("stated", "|".join(map(str, stated.values()))).hex()
    return None, stated, key, dt.date(hardship.birth_year, 1, 1)


def found(number: str, by: Officer) -> Any:
    try:
        return registry.find_person(by, number)
    except NotFound:
        if registry.find_elsewhere(by, number) is None:
            return None
        return registry.allow_elsewhere(by, number, "急难发生地受理临时救助")


def _small(row: Emergency) -> bool:
    """Whether it is 小额快救 by the rules today; Refused when nothing may be given (yearly cap, no event)."""
    found = assess(row)
    if not found.eligible:
        raise Refused(f"按规则不能给予临时救助:{found.sentence}", field="asked_fen")
    return found.result == "instant"
