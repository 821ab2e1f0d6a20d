"""Registers of 特困供养: self-care assessments, care arrangements, and the draw of cases for the county's visit."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from minzheng.base.crypto.fields import EncryptedTextField
from minzheng.base.scope.fields import JurisdictionField

ABILITIES = {"eat": "吃饭", "dress": "穿衣", "bed": "上下床", "toilet": "如厕", "walk": "室内行走", "bath": "洗澡"}
BANDS = {"self": "具备生活自理能力(全自理)", "half": "部分丧失生活自理能力(半护理)", "full": "完全丧失生活自理能力(全护理)"}
PLACES = {"home": "分散供养", "institution": "集中供养"}


class SelfCare(models.Model):
    """生活自理能力评估 of one person by at least two assessors who sign. `unmet` lists the abilities that are lacking; the
    newest of a person counts. `cause` change: re-assessed after a report."""

    case_id = models.BigIntegerField()
    jurisdiction = JurisdictionField(db_index=False)
    person = models.BigIntegerField()
    name = models.CharField(max_length=64)
    assessed_on = models.DateField("评估日期")
    unmet = ArrayField(models.CharField(max_length=8, choices=list(ABILITIES.items())), verbose_name="未达到的项目", default=list)
    band = models.CharField("结论", max_length=8, choices=list(BANDS.items()))
    assessors = models.JSONField("评估人")
    signature = models.JSONField("评估人签名", default=dict)
    note = EncryptedTextField("评估说明")
    cause = models.CharField(max_length=8, choices=[("first", "首次"), ("change", "复评")], default="first")
    recorded_by = models.BigIntegerField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person", "-id"], name="self_care_person"),
                             models.Index(fields=["case_id"], name="self_care_case")]

    @property
    def unmet_titles(self) -> str:
        return "、".join(ABILITIES[code] for code in self.unmet) or "无"


class Care(models.Model):
    """供养方式 of one person from the day: in an institution, or at home with a carer under an agreement. The newest of
    a person counts."""

    case_id = models.BigIntegerField()
    jurisdiction = JurisdictionField(db_index=False)
    person = models.BigIntegerField()
    name = models.CharField(max_length=64)
    place = models.CharField("供养方式", max_length=12, choices=list(PLACES.items()))
    institution = models.CharField("供养机构统一社会信用代码", max_length=18, blank=True)
    institution_name = models.CharField("供养机构", max_length=128, blank=True)
    carer = models.CharField("照料人", max_length=64, blank=True)
    carer_relation = models.CharField("与本人关系", max_length=32, blank=True)
    carer_phone = EncryptedTextField("照料人电话", null=True)
    agreement = models.BigIntegerField("照料服务协议", null=True)
    since = models.DateField("起")
    recorded_by = models.BigIntegerField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person", "-id"], name="care_person"),
                             models.Index(fields=["case_id"], name="care_case")]
        constraints: ClassVar = [models.CheckConstraint(name="care_is_whole", condition=
                                 models.Q(place="institution") & ~models.Q(institution="")
                                 | models.Q(place="home", agreement__isnull=False) & ~models.Q(carer=""))]


class SpotCheck(models.Model):
    """One case's place in its county's draw of the year. Who knows the key can draw again and must find the same."""

    case_id = models.BigIntegerField(unique=True)
    jurisdiction = JurisdictionField(db_index=False)
    case_code = models.TextField()
    county = models.TextField()
    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField("当年序号")
    percent = models.PositiveSmallIntegerField("抽查比例")
    lot = models.PositiveSmallIntegerField("签号")
    drawn = models.BooleanField("抽中")
    forced = models.BooleanField("补足比例抽中", default=False)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["county", "year", "serial"], name="spot_check_serial")]
