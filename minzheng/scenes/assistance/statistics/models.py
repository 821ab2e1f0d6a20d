"""Closed months of counties, and the rows that every number is the sum of."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from minzheng.base.scope.fields import JurisdictionField, validate_code
from minzheng.scenes.assistance.recognitions.models import KINDS


class Closing(models.Model):
    """定稿: one month of one county. A later version supersedes the earlier one, which stays as it was."""

    county = models.TextField("县(市、区)", validators=[validate_code])
    month = models.DateField("月份")
    version = models.PositiveSmallIntegerField("版本")
    reason = models.CharField("更正原因", max_length=200, blank=True)
    rows = models.PositiveIntegerField("行数")
    digest = models.TextField("摘要")
    by_account = models.BigIntegerField()
    by_name = models.TextField("定稿人")
    at = models.DateTimeField("定稿时间")
    superseded_at = models.DateTimeField("被更正时间", null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["county", "month", "version"], name="statistics_version"),
            models.UniqueConstraint(fields=["county", "month"], condition=models.Q(superseded_at=None), name="statistics_one_standing"),
            models.CheckConstraint(condition=models.Q(version=1) | ~models.Q(reason=""), name="statistics_reason"),
        ]


class Line(models.Model):
    """One recognised household in a month: standing at its end or ended in it. Append-only."""

    closing = models.ForeignKey(Closing, on_delete=models.PROTECT, related_name="lines", db_index=False)
    jurisdiction = JurisdictionField("管辖", db_index=False)
    month = models.DateField("月份")
    kind = models.CharField("类别", max_length=8, choices=list(KINDS.items()))
    recognition = models.BigIntegerField()
    case_code = models.TextField("受理号")
    head = models.BigIntegerField("户主")
    standing = models.BooleanField("期末在册")
    began = models.BooleanField("本月新增")
    ended = models.BooleanField("本月退出")
    persons = models.PositiveSmallIntegerField("人数")
    elderly = models.PositiveSmallIntegerField("老年人")
    minors = models.PositiveSmallIntegerField("未成年人")
    disabled = models.PositiveSmallIntegerField("残疾人")
    ill = models.PositiveSmallIntegerField("重病患者")
    fen = models.BigIntegerField("金额(分)")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["month", "jurisdiction", "kind", "id"], name="statistics_line_place")]
        constraints: ClassVar = [models.UniqueConstraint(fields=["closing", "recognition"], name="statistics_line_once")]
