"""Writing people: register, update from a source, settle a conflict, death, move. All audited, all in one
transaction."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection, transaction

from minzheng.base import audit, clock, events
from minzheng.base.divisions.names import division_at
from minzheng.base.errors import NotAllowed, NotFound, Refused, Stale
from minzheng.base.id_numbers import check_id_number
from minzheng.base.identity.officer import Officer, Service, require_role
from minzheng.base.scope.ranges import level_of, lies_in, office_of
from minzheng.data.registry import sources
from minzheng.data.registry.attributes import ATTRIBUTES
from minzheng.data.registry.models import DISABILITIES, GRADES, AttributeSource, HouseholdMember, NameGram, Person
from minzheng.data.registry.names import clean, grams, pinyin
from minzheng.data.registry.queries import find_elsewhere, get_person_for, index_of
from minzheng.data.registry.sources import Source

Writer = Officer | Service
REGISTRARS = ("town_clerk", "county_clerk", "data_officer")
_FIXED = ("jurisdiction", "death_date", "sex", "birth_date")  # by do_move, do_record_death, or never


@dataclass(frozen=True)
class NewPerson:
    """What a register entry needs. Sex and birth date come from the ID number."""

    id_number: str
    name: str
    jurisdiction: str
    ethnicity: str = "汉族"
    residence: str = ""
    address: str = ""
    phone: str = ""
    bank_name: str = ""
    bank_account: str = ""
    marital: str = ""
    disability_class: int = 0
    disability_grade: int = 0


def check_registrar(by: Writer) -> None:
    """NotAllowed unless the post may change the registry. Departments' data comes in by service posts."""
    if isinstance(by, Officer):
        require_role(by, *REGISTRARS)


def check_village(code: str) -> None:
    if len(code) != 12 or not code.isdigit() or level_of(code) != 5:
        raise Refused("户籍地要选到村(社区)。请在区划里选择。", field="jurisdiction")
    division_at(code)


def check_own_village(code: str, by: Writer) -> None:
    """A village in force within the acting post's place."""
    check_village(code)
    if not lies_in(code, by.jurisdiction):
        raise NotAllowed("户籍地不在当前岗位的辖区,不能在这里登记。请由户籍地办理,或切换岗位。")


def check_value(attribute: str, value: Any) -> Any:
    """The value in its one form, or Refused."""
    if attribute not in ATTRIBUTES or attribute in _FIXED:
        raise Refused("这个项目不能这样修改。户籍迁移、死亡登记请走专门流程;性别和出生日期随身份证号。")
    if attribute == "name":
        name = clean(str(value))
        if not 2 <= len(name) <= 30 or any(c.isdigit() for c in name):
            raise Refused("姓名应为 2 至 30 个字,不含数字。请核对证件。", field="name")
        return name
    if attribute == "phone" and value and not (str(value).isdigit() and 7 <= len(str(value)) <= 15):
        raise Refused("手机号应为数字。请核对后重新输入。", field="phone")
    if attribute == "bank_account" and value and not (str(value).isdigit() and 8 <= len(str(value)) <= 30):
        raise Refused("银行账号应为 8 至 30 位数字。请核对银行卡。", field="bank_account")
    if attribute == "disability_class" and value not in DISABILITIES:
        raise Refused("没有这种残疾类别。")
    if attribute == "disability_grade" and value not in GRADES:
        raise Refused("没有这种残疾等级。")
    return value


def do_register_person(new: NewPerson, source: Source, *, by: Writer, reason: str = "") -> Person:
    """Registers a person within the acting place. Refused when the number is already registered anywhere in
    the province, with the county that has it."""
    check_registrar(by)
    source.check()
    number = check_id_number(new.id_number)
    check_own_village(new.jurisdiction, by)
    values: dict[str, Any] = {
        "name": check_value("name", new.name),
        "ethnicity": new.ethnicity,
        "residence": new.residence or new.jurisdiction,
        "address": new.address,
        "phone": check_value("phone", new.phone),
        "bank_name": new.bank_name,
        "bank_account": check_value("bank_account", new.bank_account),
        "marital": new.marital,
        "disability_class": check_value("disability_class", new.disability_class),
        "disability_grade": check_value("disability_grade", new.disability_grade),
    }
    key = pinyin(values["name"])
    person = Person(
        jurisdiction=new.jurisdiction,
        id_number=number.number,
        id_index=index_of(number.number),
        name_pinyin=key,
        sex=number.sex,
        birth_date=number.birth_date,
        updated_at=clock.now(),
        **values,
    )
    with transaction.atomic():
        try:
            with transaction.atomic():
                person.save(force_insert=True)
        except IntegrityError as error:
            if "id_index" not in str(error):
                raise
            raise Refused(_taken(by, number.number), field="id_number") from error
        _put_grams(person)
        known = {**values, "sex": person.sex, "birth_date": person.birth_date, "jurisdiction": person.jurisdiction}
        sources.put_first(person, {k: v for k, v in known.items() if v}, source)
        audit.record(
            "registry.register",
            by=by,
            obj_type="registry.person",
            obj_id=person.pk,
            jurisdiction=person.jurisdiction,
            after={"source": source.department},
            subject_person=person.pk,
            reason=f"{source.resource}:{reason}" if reason else source.resource,
        )
        _tell("registry.person_registered", person, {})
    return person


def _taken(by: Writer, id_number: str) -> str:
    """Two places claim one person: who has the register, and what the second one may do."""
    known = find_elsewhere(by, id_number)
    if known is None or lies_in(known.county, office_of(by.jurisdiction, min(3, level_of(by.jurisdiction)))):
        return "这个身份证号在人口库里已有登记,不能重复登记。请在“查人查户”用身份证号查找。"
    return (f"这个人已登记在{known.place},不能重复登记。户籍确已迁来的,请在公安迁移数据到达后办理户籍迁移;户籍没有迁来、"
            "在本地共同生活的,受理时按异地人员添加;两地都主张户籍的,请与当地民政部门核对后报公安更正。")


def do_update_person(
    person_id: int,
    changes: dict[str, Any],
    source: Source,
    *,
    by: Writer,
    version: int | None = None,
    reason: str = "",
) -> dict[str, str]:
    """Files values from a source. Returns attribute → what became of it (see `sources.put`). A value of
    another department
    than the owner never replaces the current one: the difference is kept and shown. Stale when `version` has passed."""
    check_registrar(by)
    source.check()
    clean_values = {name: check_value(name, value) for name, value in changes.items()}
    with transaction.atomic():
        person = get_person_for(by, person_id, lock=True)
        if version is not None and person.version != version:
            raise Stale("这个人的信息刚刚被别人更新过。请刷新页面后再改。")
        before: dict[str, str] = {}
        after: dict[str, str] = {}
        outcome: dict[str, str] = {}
        for name, value in clean_values.items():
            old = getattr(person, name)
            outcome[name] = sources.put(person, name, value, source)
            if outcome[name] == "current":
                before[name], after[name] = sources.shown(name, old), sources.shown(name, value)
                setattr(person, name, value)
        if after:
            _save(person, [*after])
        action = "registry.update" if after or "conflict" not in outcome.values() else "registry.conflict"
        audit.record(
            action,
            by=by,
            obj_type="registry.person",
            obj_id=person.pk,
            jurisdiction=person.jurisdiction,
            before=before,
            after={**after, "outcome": outcome},
            subject_person=person.pk,
            reason=":".join(filter(None, (source.department, source.resource, reason))),
        )
        if after:
            _tell("registry.person_updated", person, {"attributes": sorted(after)})
        return outcome


def do_settle_conflict(source_id: int, *, accept: bool, reason: str, value: Any = None, by: Officer) -> None:
    """Decides a kept difference. Accepting makes the value current (a sensitive one is typed again as `value`,
    since provenance
    holds only its mask); dismissing keeps the current one. Both stay visible."""
    if len(reason.strip()) < 4:
        raise Refused("请写明核实的依据(不少于 4 个字)。", field="reason")
    with transaction.atomic():
        row = AttributeSource.objects.select_for_update().filter(pk=source_id).first()
        if row is None:
            raise NotFound("没有找到这条数据出入。")
        if row.state != "conflict":
            raise Stale("这条数据出入已经核实过了。请刷新页面。")
        person = get_person_for(by, row.person_id, lock=True)
        before = sources.shown(row.attribute, getattr(person, row.attribute))
        if not accept:
            AttributeSource.objects.filter(pk=row.pk).update(state="dismissed")
        else:
            fresh: Any = value if ATTRIBUTES[row.attribute].sensitive else row.value
            fresh = check_value(row.attribute, int(fresh) if row.attribute.startswith("disability") else fresh)
            if ATTRIBUTES[row.attribute].sensitive and bytes(row.digest or b"") != sources.digest_of(
                row.attribute, fresh
            ):
                raise Refused("输入的值与部门报送的不一致。请按原件重新输入。", field="value")
            AttributeSource.objects.filter(person_id=person.pk, attribute=row.attribute, state="current").update(
                state="superseded"
            )
            AttributeSource.objects.filter(pk=row.pk).update(state="current")
            setattr(person, row.attribute, fresh)
            _save(person, [row.attribute])
            _tell("registry.person_updated", person, {"attributes": [row.attribute]})
        audit.record(
            "registry.settle",
            by=by,
            obj_type="registry.person",
            obj_id=person.pk,
            subject_person=person.pk,
            jurisdiction=person.jurisdiction,
            before={row.attribute: before},
            reason=reason.strip(),
            after={row.attribute: row.value, "accepted": accept, "department": row.department},
        )


def do_record_death(person_id: int, died_on: dt.date, source: Source, *, by: Writer) -> Person:
    """Records a death once, ends the membership the day after and, when the head has died, names the next head
    (spouse, else
    the eldest). A second report with another date is kept as a conflict. Refused for a date before birth or
    after today."""
    source.check()
    with transaction.atomic():
        person = get_person_for(by, person_id, lock=True)
        if died_on > clock.today() or died_on < person.birth_date:
            raise Refused("死亡日期不能早于出生或晚于今天。请核对死亡证明。", field="died_on")
        if source.department not in ATTRIBUTES["death_date"].owners:
            raise Refused("死亡登记要有公安、卫生健康或殡葬部门的数据或证明。", field="department")
        if person.death_date is not None:
            state = "agrees" if person.death_date == died_on else "conflict"
            sources.file(person, "death_date", died_on, source, state)
            audit.record(
                "registry.conflict" if state == "conflict" else "registry.death",
                by=by,
                reason=source.resource,
                obj_type="registry.person",
                obj_id=person.pk,
                jurisdiction=person.jurisdiction,
                subject_person=person.pk,
                after={"death_date": died_on.isoformat(), "outcome": state},
            )
            return person
        sources.put(person, "death_date", died_on, source)
        person.death_date = died_on
        _save(person, ["death_date"])
        from minzheng.data.registry.families import end_by_death

        end_by_death(person, died_on)
        audit.record(
            "registry.death",
            by=by,
            obj_type="registry.person",
            obj_id=person.pk,
            jurisdiction=person.jurisdiction,
            after={"death_date": died_on.isoformat()},
            subject_person=person.pk,
            reason=f"{source.department}:{source.resource}",
        )
        _tell("registry.person_died", person, {"death_date": died_on.isoformat()})
    return person


def do_move_person(person_id: int, target: str, on: dt.date, source: Source, *, by: Writer, reason: str) -> None:
    """Moves a person's register (户籍) to another village of the province, by the guarded door. The row and
    its children leave the
    acting scope when the village is beyond it. A member of a household leaves it first (`families.do_leave`)."""
    source.check()
    check_village(target)
    if on > clock.today():
        raise Refused("迁移日期不能晚于今天。", field="on")
    if source.department != "公安":
        raise Refused("户籍迁移以公安登记为准。请先核对公安数据。", field="department")
    with transaction.atomic():
        person = get_person_for(by, person_id, lock=True)
        if person.jurisdiction == target:
            raise Refused("迁入地与现户籍地相同,不用迁移。", field="target")
        if HouseholdMember.objects.filter(person_id=person.pk, valid_to=None).exists():
            raise Refused("这个人还在本地的户内。请先办理离户,或整户迁移。")
        move_row(person, target, source, by=by, reason=reason)


def move_row(person: Person, target: str, source: Source, *, by: Writer, reason: str) -> None:
    sources.put(person, "jurisdiction", target, source)
    audit.record(
        "registry.move",
        by=by,
        obj_type="registry.person",
        obj_id=person.pk,
        jurisdiction=person.jurisdiction,
        before={"jurisdiction": person.jurisdiction},
        after={"jurisdiction": target},
        subject_person=person.pk,
        reason=reason,
    )
    _tell("registry.person_moved", person, {"from": person.jurisdiction, "to": target})
    with connection.cursor() as cursor:
        cursor.execute("SELECT registry_move(%s, %s)", [person.pk, target])


def _save(person: Person, fields: list[str]) -> None:
    person.version += 1
    person.updated_at = clock.now()
    if "name" in fields:
        person.name_pinyin = pinyin(person.name)
        fields = [*fields, "name_pinyin"]
    person.save(update_fields=[*fields, "version", "updated_at"])
    if "name" in fields:
        NameGram.objects.filter(person_id=person.pk).delete()
        _put_grams(person)


def _put_grams(person: Person) -> None:
    NameGram.objects.bulk_create(
        [
            NameGram(gram=gram, jurisdiction=person.jurisdiction, person_id=person.pk)
            for gram in sorted(grams(person.name, person.name_pinyin))
        ]
    )


def _tell(name: str, person: Person, more: dict[str, Any]) -> None:
    events.emit(
        name,
        aggregate=f"person:{person.pk}",
        jurisdiction=person.jurisdiction,
        payload={"person_id": person.pk, **more},
    )
