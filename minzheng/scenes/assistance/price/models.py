"""A county's list of one month (批次) and its lines, one for each benefit in force. Money is whole fen."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from minzheng.base.scope.fields import JurisdictionField

DRAFT, SUBMITTED, APPROVED, DONE, RETURNED, VOID = "draft", "submitted", "approved", "done", "returned", "void"
STATES = ((DRAFT, "待报审"), (SUBMITTED, "待审批"), (APPROVED, "正在生成"), (DONE, "已生成"), (RETURNED, "已退回"), (VOID, "已作废"))
OPEN = (DRAFT, SUBMITTED, APPROVED)
PLANNED, ADDED, REFUSED, LEFT_OUT = "planned", "added", "refused", "left_out"
OUTCOMES = ((PLANNED, "待生成"), (ADDED, "已生成"), (REFUSED, "未生成"), (LEFT_OUT, "未列入"))


class Batch(models.Model):
    """What the rules said of the month, who is on the list, and who prepared and approved it.

    `each` is fen a person by benefit scheme; `had` counts people passed over since they have the month's supplement.
    """

    month = models.DateField("补贴月份")
    jurisdiction = JurisdictionField(db_index=False)
    state = models.CharField("状态", max_length=10, choices=STATES, default=DRAFT)
    each = models.JSONField("每人补贴")
    assessment = models.JSONField("规则结论")
    count = models.IntegerField("户数", default=0)
    persons = models.IntegerField("人数", default=0)
    fen = models.BigIntegerField("金额", default=0)
    left_out = models.IntegerField("未列入", default=0)
    had = models.IntegerField("已有本月补贴的人", default=0)
    run = models.BigIntegerField(null=True)
    made_by = models.BigIntegerField()
    made_name = models.TextField()
    made_at = models.DateTimeField()
    answered_by = models.BigIntegerField(null=True)
    answered_name = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["jurisdiction", "month"], condition=Q(state__in=OPEN), name="price_one_open"),
            models.CheckConstraint(condition=Q(answered_by=None) | ~Q(answered_by=models.F("made_by")), name="price_four_eyes"),
        ]

    @property
    def number(self) -> str:
        """批次号, what pages and addresses use; the decision number of what it adds begins so."""
        return f"JB{self.pk:08d}"


class Line(models.Model):
    """The people of one benefit and what they get together, or why they are not on the list."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="lines")
    jurisdiction = JurisdictionField(db_index=False)
    entitlement = models.BigIntegerField(null=True)
    scheme = models.TextField()
    head_name = models.TextField("户主")
    people = ArrayField(models.BigIntegerField())
    persons = models.PositiveSmallIntegerField("人数")
    fen = models.BigIntegerField("金额")
    state = models.CharField("结果", max_length=8, choices=OUTCOMES, default=PLANNED)
    note = models.TextField("原因", blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["batch", "state", "id"], name="price_line_state")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["batch", "entitlement"], condition=~Q(state=LEFT_OUT), name="price_line_once"),
            models.CheckConstraint(condition=Q(fen__gt=0) | Q(state=LEFT_OUT, fen=0), name="price_line_money"),
        ]
