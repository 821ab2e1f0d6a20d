"""The register of recognised households (救助对象认定)."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models

from minzheng.base.scope.fields import JurisdictionField

KINDS = {"dibao": "最低生活保障对象", "single": "最低生活保障对象(单人户)", "tekun": "特困人员", "edge": "最低生活保障边缘家庭",
         "rigid": "刚性支出困难家庭"}
PAID = ("dibao", "single", "tekun")
CAUSES = {"review": "复核后不再符合", "death": "死亡", "replaced": "改为其他类别", "revoked": "决定已撤销", "moved": "迁出",
          "expired": "有效期届满", "other": "其他"}


class Recognition(models.Model):
    """One household's 认定, by its decision. In force from `valid_from` until `ended_on` (the first day without it), or
    until `valid_to`, after which it runs out by itself. One without money is reviewed by `review_due`, as a benefit would be;
    `told_on` is when its people were told that it runs out or falls due."""

    kind = models.CharField("类别", max_length=8, choices=list(KINDS.items()))
    jurisdiction = JurisdictionField()
    case_code = models.TextField("受理号")
    decision = models.TextField("文号", unique=True)
    household = models.BigIntegerField("家庭", null=True)
    head = models.BigIntegerField("户主")
    head_name = models.CharField("户主姓名", max_length=64)
    persons = models.PositiveSmallIntegerField("人数")
    valid_from = models.DateField("起")
    valid_to = models.DateField("止(含)", null=True)
    review_due = models.DateField("复核到期", null=True)
    told_on = models.DateField("到期提醒", null=True)
    ended_on = models.DateField("终止日", null=True)
    end_cause = models.CharField("终止原因", max_length=16, choices=list(CAUSES.items()), blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["case_code"], name="recognition_case"),
            models.Index(fields=["jurisdiction", "kind", "id"], name="recognition_place",
                         condition=models.Q(ended_on=None)),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["id", "jurisdiction"], name="recognition_id_jurisdiction"),
            models.CheckConstraint(name="recognition_days", condition=models.Q(valid_to=None)
                                   | models.Q(valid_to__gte=models.F("valid_from"))),
        ]

    @property
    def kind_title(self) -> str:
        return KINDS[self.kind]


class RecognitionMember(models.Model):
    """A recognised person. Nobody is two kinds at once in the whole province (P-GX art. 3; the database holds it)."""

    recognition = models.ForeignKey(Recognition, on_delete=models.PROTECT, related_name="members")
    jurisdiction = JurisdictionField(db_index=False)
    person = models.BigIntegerField()
    name = models.CharField(max_length=64)
    relation = models.CharField("与户主关系", max_length=16)
    kind = models.CharField(max_length=8)
    during = DateRangeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["recognition"], name="recognition_member_of")]
        constraints: ClassVar = [
            ExclusionConstraint(name="one_recognition_a_person", expressions=[
                ("person", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)]),
        ]
