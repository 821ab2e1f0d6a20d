"""People, households with dated membership, organisations, and where each value came from (一数一源)."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from minzheng.base.crypto import mask_account, mask_id, mask_phone
from minzheng.base.crypto.fields import EncryptedTextField
from minzheng.base.scope.fields import JurisdictionField

SEXES = {1: "男", 2: "女"}
DISABILITIES = {0: "", 1: "视力", 2: "听力", 3: "言语", 4: "肢体", 5: "智力", 6: "精神", 7: "多重"}
GRADES = {0: "", 1: "一级", 2: "二级", 3: "三级", 4: "四级"}


class Person(models.Model):
    """A person with the current values. `jurisdiction` is the village of the household register (户籍地).

    ID number, phone, account and illness are ciphertext; `id_index` is the blind index of the number.
    """

    jurisdiction = JurisdictionField("户籍地")
    id_number = EncryptedTextField("身份证号")
    id_index = models.BinaryField(max_length=32, unique=True)
    name = models.TextField("姓名")
    name_pinyin = models.TextField("姓名拼音")
    sex = models.SmallIntegerField("性别", choices=list(SEXES.items()))
    ethnicity = models.TextField("民族", default="汉族")
    birth_date = models.DateField("出生日期")
    death_date = models.DateField("死亡日期", null=True)
    residence = models.TextField("居住地", blank=True)
    address = models.TextField("住址", blank=True)
    phone = EncryptedTextField("手机号", null=True)
    bank_name = models.TextField("开户银行", blank=True)
    bank_account = EncryptedTextField("银行账号", null=True)
    marital = models.TextField("婚姻状况", blank=True)
    disability_class = models.SmallIntegerField("残疾类别", default=0)
    disability_grade = models.SmallIntegerField("残疾等级", default=0)
    illness = EncryptedTextField("重特大疾病", null=True)
    occupation = models.TextField("就业状况", blank=True)
    school_stage = models.TextField("就学阶段", blank=True)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField("更新时间")
    brief = False  # True on a person known by a grant only: name, sex, dates, register, disability

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["id", "jurisdiction"], name="registry_person_id_place"),
            models.CheckConstraint(condition=models.Q(sex__in=[1, 2]), name="registry_person_sex"),
            models.CheckConstraint(
                condition=models.Q(death_date=None) | models.Q(death_date__gte=models.F("birth_date")),
                name="registry_person_life",
            ),
            models.CheckConstraint(
                condition=models.Q(disability_class__range=(0, 7), disability_grade__range=(0, 4)),
                name="registry_person_disability",
            ),
        ]

    @property
    def id_masked(self) -> str:
        return mask_id(self.id_number)

    @property
    def phone_masked(self) -> str:
        return mask_phone(self.phone)

    @property
    def account_masked(self) -> str:
        return mask_account(self.bank_account)

    @property
    def sex_title(self) -> str:
        return SEXES[self.sex]

    @property
    def disability_title(self) -> str:
        if not self.disability_class:
            return ""
        return f"{DISABILITIES[self.disability_class]}{GRADES[self.disability_grade]}"

    @property
    def place(self) -> str:
        from minzheng.base.divisions.names import full_name

        return full_name(self.jurisdiction, start=3)

    def age_on(self, day: dt.date) -> int:
        """Full years; a birthday counts from the day itself."""
        return day.year - self.birth_date.year - ((day.month, day.day) < (self.birth_date.month, self.birth_date.day))

    def alive_on(self, day: dt.date) -> bool:
        return self.death_date is None or self.death_date > day


class Household(models.Model):
    """A household (户) while it existed: [founded_on, ended_on)."""

    jurisdiction = JurisdictionField("管辖地")
    number = models.TextField("户号", unique=True)
    residence = models.TextField("居住地", blank=True)
    address = models.TextField("住址", blank=True)
    registration = models.TextField("户别", choices=[("城镇", "城镇"), ("农村", "农村")])
    founded_on = models.DateField("立户日期")
    ended_on = models.DateField("销户日期", null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["id", "jurisdiction"], name="registry_household_id_place")
        ]


class HouseholdMember(models.Model):
    """One person's membership [valid_from, valid_to). The database lets nobody be in two households on one day, in the
    whole province, nor a household have two heads."""

    household_id = models.BigIntegerField("户")
    person_id = models.BigIntegerField("人")
    jurisdiction = JurisdictionField()
    relation = models.TextField("与户主关系")
    valid_from = models.DateField("起")
    valid_to = models.DateField("止", null=True)
    reason = models.TextField("变动原因", blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["household_id"], name="registry_member_household")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(valid_to=None) | models.Q(valid_to__gt=models.F("valid_from")),
                name="registry_member_dates",
            )
        ]


class Organisation(models.Model):
    """A firm, unit or school by its 统一社会信用代码."""

    jurisdiction = JurisdictionField("所在地")
    credit_code = models.TextField("统一社会信用代码", unique=True)
    name = models.TextField("名称")
    kind = models.TextField("类型")
    founded_on = models.DateField("成立日期")
    status = models.TextField("状态")
    registered_capital_fen = models.BigIntegerField("注册资本")


class AttributeSource(models.Model):
    """Which department said what of an attribute, and when. `value` is masked where the attribute is
    sensitive; `digest`
    (a blind index) tells equal sensitive values apart. Nothing is overwritten: states change, rows stay."""

    STATES: ClassVar = {
        "current": "现用",
        "superseded": "已更新",
        "conflict": "有出入",
        "agrees": "一致",
        "dismissed": "已核实不采用",
    }

    person_id = models.BigIntegerField("人")
    jurisdiction = models.TextField()  # not JurisdictionField: it would add an index nobody needs
    attribute = models.TextField("项目")
    department = models.TextField("来源部门")
    resource = models.TextField("来源目录")
    as_of = models.DateField("数据时间")
    value = models.TextField("值")
    digest = models.BinaryField(max_length=32, null=True)
    state = models.CharField("状态", max_length=12, choices=list(STATES.items()))
    recorded_at = models.DateTimeField("记录时间")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person_id", "attribute"], name="registry_source_person"),
            models.Index(
                fields=["jurisdiction", "id"], name="registry_source_open", condition=models.Q(state="conflict")
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person_id", "attribute"],
                name="registry_source_one_current",
                condition=models.Q(state="current"),
            )
        ]

    @property
    def state_title(self) -> str:
        return self.STATES[self.state]


class NameGram(models.Model):
    """Pairs of neighbouring characters of a name, the pinyin and its initials, for search below row-level security."""

    gram = models.TextField()
    jurisdiction = models.TextField()  # not JurisdictionField: it would add an index nobody needs
    person_id = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["gram", "jurisdiction", "person_id"], name="registry_gram_once")
        ]
        indexes: ClassVar = [models.Index(fields=["person_id"], name="registry_gram_person")]


class Grant(models.Model):
    """A post's place may read one person whose register is elsewhere (省内通办), until a day. Written by a
    door only, by
    whoever has the full ID number and a reason."""

    person_id = models.BigIntegerField("人")
    jurisdiction = JurisdictionField("获准单位")
    reason = models.TextField("事由")
    account = models.BigIntegerField("经办账户", null=True)
    granted_at = models.DateTimeField("时间")
    until = models.DateField("截止")
    fields: ArrayField[Any, Any] = ArrayField(models.TextField(), verbose_name="可看明文的项目", default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person_id", "jurisdiction"], name="registry_grant_once")
        ]


class Load(models.Model):
    """A bulk load that has finished for one county; the next run passes over it."""

    key = models.TextField()
    county = models.TextField()
    people = models.IntegerField()
    loaded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["key", "county"], name="registry_load_once")]
