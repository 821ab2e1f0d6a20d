"""What referrals, services and social forces share: the household's door, consent, numbers, limits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django import forms
from django.db import models, transaction

from minzheng.base import clock
from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.base.identity.officer import Officer
from minzheng.base.scope.fields import JurisdictionField
from minzheng.data import registry
from minzheng.data.brain import rules
from minzheng.data.registry.models import Household, Person

Row = TypeVar("Row", bound=models.Model)
SCENE = "assistance"
ADULT = 18
INTELLECT, MENTAL = 5, 6
CONSENT_WAYS = {"signed": "书面签字", "oral": "口头同意(有录音或见证)"}
DIGITS = 10


class Consented(models.Model):
    """Who of the household agreed, when and how. Nothing leaves the office without it."""

    consent_person = models.BigIntegerField("同意人")
    consent_name = models.CharField("同意人姓名", max_length=64)
    consent_on = models.DateField("同意日期")
    consent_way = models.CharField("同意方式", max_length=8, choices=list(CONSENT_WAYS.items()))

    class Meta:
        abstract = True


class Happened(models.Model):
    """What happened, in order; append-only (a trigger says so)."""

    jurisdiction = JurisdictionField(db_index=False)
    kind = models.CharField(max_length=16)
    text = models.TextField(blank=True)
    name = models.TextField()
    at = models.DateTimeField()

    class Meta:
        abstract = True


@dataclass(frozen=True)
class Consent:
    """Consent as an officer enters it: a member's number in the registry, the day, the way."""

    person: int
    on: dt.date
    way: str


def number_of(prefix: str, pk: int) -> str:
    return f"{prefix}{pk:0{DIGITS}d}"


def pk_of(prefix: str, number: str) -> int | None:
    """The row's key, or None for what is no such number."""
    digits = number.removeprefix(prefix)
    known = number.startswith(prefix) and len(digits) == DIGITS and digits.isascii() and digits.isdigit()
    return int(digits) if known else None


def check_scene(by: Officer, jurisdiction: str) -> None:
    if not by.serves(SCENE):
        raise NotAllowed("当前岗位不办理社会救助事项。请切换岗位,或联系安全管理员调整岗位范围。")
    if not by.reaches(jurisdiction):
        raise NotAllowed("这个家庭不在本岗位的管辖范围内。请转给有管辖权的单位办理。")


def row_by_number(model: type[Row], prefix: str, number: str, *, by: Officer, lock: bool, missing: str) -> Row:
    """The row of that number within scope and scene; NotFound with the sentence `missing` otherwise."""
    pk = pk_of(prefix, number)
    rows = model._default_manager.filter(pk=pk) if pk is not None else model._default_manager.none()
    found = (rows.select_for_update() if lock else rows).first()
    if found is None:
        raise NotFound(missing)
    check_scene(by, found.jurisdiction)  # type: ignore[attr-defined]
    return found


def household_for(by: Officer, household_id: int) -> Household:
    """The household within scope and scene, while it exists. A lock keeps two presses in order."""
    found = registry.get_household_for(by, household_id)
    check_scene(by, found.jurisdiction)
    if found.ended_on is not None:
        raise Refused("这一户已经销户,不能办理。")
    return found


def living_members(household: Household) -> dict[int, Person]:
    """Living members whose register the acting post can read, head first."""
    rows = registry.members_of(household)
    people = registry.people_by_id([row.person_id for row in rows], strict=False)
    today = clock.today()
    return {row.person_id: people[row.person_id] for row in rows
            if row.person_id in people and people[row.person_id].alive_on(today)}


def check_consent(consent: Consent, person: Person, members: dict[int, Person]) -> Person:
    """Who may agree for the person: an adult for himself; for a minor or a person of mental or intellectual disability
    an adult of the household."""
    giver = members.get(consent.person)
    if giver is None:
        raise Refused("同意人须是这一户在世的家庭成员,请重新选择。", field="consent_person")
    today = clock.today()
    if giver.age_on(today) < ADULT:
        raise Refused("同意人须年满 18 周岁,请选择监护人。", field="consent_person")
    own = person.age_on(today) >= ADULT and person.disability_class not in (INTELLECT, MENTAL)
    if own and giver.pk != person.pk:
        raise Refused(f"须由{person.name}本人同意。", field="consent_person")
    if consent.way not in CONSENT_WAYS:
        raise Refused("请选择同意的方式。", field="consent_way")
    if consent.on > today or consent.on < today - dt.timedelta(days=180):
        raise Refused("同意日期应在最近半年内,且不晚于今天。", field="consent_on")
    return giver


def consented(consent: Consent, giver: Person) -> dict[str, Any]:
    """The columns of Consented."""
    return {"consent_person": giver.pk, "consent_name": giver.name, "consent_on": consent.on, "consent_way": consent.way}


def need_text(text: str, least: int, what: str, field: str) -> str:
    found = text.strip()
    if len(found) < least:
        raise Refused(f"请写明{what}(不少于 {least} 个字)。", field=field)
    return found


def limit(name: str, jurisdiction: str) -> rules.Applied:
    return rules.lookup(name, rules.zone_of(jurisdiction), clock.today())


def carried_out(form: forms.Form, act: Callable[[], Any]) -> bool:
    """Runs the act; what it refuses of the input is shown on the form, and nothing is written."""
    try:
        with transaction.atomic():
            act()
    except Refused as refusal:
        if refusal.status != 422:
            raise
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
        return False
    return True


class ConsentForm(forms.Form):
    """Whom it is about and who agreed; `people` are the living members."""

    person = forms.TypedChoiceField(label="为谁办理", coerce=int)
    consent_person = forms.TypedChoiceField(label="谁同意的", coerce=int,
                                            help_text="成年人由本人同意;未成年人和智力、精神残疾人由家里的成年人同意")
    consent_on = forms.DateField(label="同意日期", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    consent_way = forms.ChoiceField(label="同意方式", choices=list(CONSENT_WAYS.items()))

    def __init__(self, *args: Any, people: list[Person], **kw: Any) -> None:
        super().__init__(*args, **kw)
        today = clock.today()
        person, consents = self.fields["person"], self.fields["consent_person"]
        assert isinstance(person, forms.ChoiceField) and isinstance(consents, forms.ChoiceField)
        person.choices = [(p.pk, f"{p.name}({p.age_on(today)} 岁)") for p in people]
        consents.choices = [(p.pk, p.name) for p in people if p.age_on(today) >= ADULT]
        self.fields["consent_on"].initial = today

    @property
    def consent(self) -> Consent:
        return Consent(self.cleaned_data["consent_person"], self.cleaned_data["consent_on"], self.cleaned_data["consent_way"])
