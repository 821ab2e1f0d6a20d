"""Assessments of need, service plans with their items and vouchers, deliveries and what the household says of them."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from minzheng.base.crypto.fields import EncryptedTextField
from minzheng.base.scope.fields import JurisdictionField
from minzheng.scenes.assistance.aid import Consented, number_of
from minzheng.scenes.assistance.services.kinds import KINDS, LEVELS, UNITS

PREFIX = "FW"
STATES = {"draft": "待审核", "running": "服务中", "ended": "已结束", "refused": "未通过"}
NEXT = {"draft": ("running", "refused"), "running": ("ended",), "ended": (), "refused": ()}
PROOFS = {"code": "服务码", "signature": "签字照片"}


class NeedsAssessment(models.Model):
    """需求评估 of one household: by kind how much it is needed and why (JSON, encrypted: it tells of health)."""

    household_id = models.BigIntegerField("户")
    jurisdiction = JurisdictionField()
    case_code = models.TextField("受理号", blank=True)
    assessed_on = models.DateField("评估日期")
    found = EncryptedTextField("评估结果")
    key = models.CharField(max_length=64, unique=True)
    recorded_by = models.BigIntegerField()
    recorded_name = models.TextField("评估人")
    recorded_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["household_id", "-id"], name="needs_household")]
        constraints: ClassVar = [models.UniqueConstraint(fields=["id", "jurisdiction"], name="needs_id_jurisdiction")]

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        """Kind, level and words of what is needed."""
        found: dict[str, Any] = json.loads(self.found)
        return [(KINDS[kind], LEVELS[row["level"]], row["text"]) for kind, row in found.items() if row["level"]]


class ServicePlan(Consented):
    """服务计划 for one member. Paid items hold their money on the county's budget line from the start to the end; the
    county (`held_at`) and the price of a unit by funding source (`parts`, by item) stay as they were at the start."""

    household_id = models.BigIntegerField("户")
    jurisdiction = JurisdictionField()
    person = models.BigIntegerField("服务对象")
    person_name = models.CharField("姓名", max_length=64)
    assessment = models.ForeignKey(NeedsAssessment, on_delete=models.PROTECT, related_name="plans")
    state = models.CharField(max_length=8, choices=list(STATES.items()), default="draft")
    starts_on = models.DateField("起")
    ends_on = models.DateField("止")
    held_fen = models.BigIntegerField("占用预算", default=0)
    held_at = models.TextField("占用预算的县", blank=True)
    parts = models.JSONField("单价按资金来源", default=dict)
    drafted_by = models.BigIntegerField()
    drafted_name = models.TextField("制定人")
    decided_name = models.TextField("审核人", blank=True)
    decided_at = models.DateTimeField(null=True)
    reviewed_on = models.DateField("最近复核", null=True)
    end_reason = models.TextField("结束原因", blank=True)
    ended_on = models.DateField(null=True)
    key = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["household_id", "-id"], name="plan_household"),
                             models.Index(fields=["jurisdiction", "-id"], name="plan_place")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["id", "jurisdiction"], name="plan_id_jurisdiction"),
            models.CheckConstraint(name="plan_days", condition=Q(ends_on__gte=F("starts_on"))),
        ]

    @property
    def number(self) -> str:
        return number_of(PREFIX, self.pk)

    @property
    def state_title(self) -> str:
        return STATES[self.state]


class PlanItem(models.Model):
    """One service of a plan: at most `count` units from one provider; `unit_fen` 0 is free."""

    plan = models.ForeignKey(ServicePlan, on_delete=models.PROTECT, related_name="items")
    jurisdiction = JurisdictionField(db_index=False)
    kind = models.CharField("服务", max_length=8, choices=list(KINDS.items()))
    content = models.CharField("内容", max_length=200)
    provider = models.BigIntegerField("服务单位")
    provider_name = models.TextField("服务单位名称")
    unit = models.CharField(max_length=4, choices=list(UNITS.items()))
    count = models.PositiveSmallIntegerField("数量")
    unit_fen = models.BigIntegerField("单价")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["id", "jurisdiction"], name="plan_item_id_jurisdiction"),
            models.CheckConstraint(name="plan_item_amounts", condition=Q(count__gt=0, unit_fen__gte=0)),
        ]


class Voucher(models.Model):
    """One unit of an item with the code by which the household confirms it. Used once (a unique delivery)."""

    item = models.ForeignKey(PlanItem, on_delete=models.PROTECT, related_name="vouchers")
    jurisdiction = JurisdictionField(db_index=False)
    serial = models.PositiveSmallIntegerField()
    code = EncryptedTextField("服务码")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["item", "serial"], name="voucher_once"),
            models.UniqueConstraint(fields=["id", "jurisdiction"], name="voucher_id_jurisdiction"),
        ]


class Delivery(models.Model):
    """A service that was given: who, when, where, and by what it is proven; append-only but for `settled_at`."""

    voucher = models.OneToOneField(Voucher, on_delete=models.PROTECT, related_name="delivery")
    item = models.ForeignKey(PlanItem, on_delete=models.PROTECT, related_name="deliveries")
    jurisdiction = JurisdictionField(db_index=False)
    at = models.DateTimeField("服务时间")
    place = models.CharField("地点", max_length=200)
    worker = models.CharField("服务人员", max_length=64)
    proof = models.CharField("确认方式", max_length=10, choices=list(PROOFS.items()))
    files: ArrayField[Any, Any] = ArrayField(models.BigIntegerField(), default=list)
    note = models.TextField("服务情况", blank=True)
    recorded_by = models.BigIntegerField()
    recorded_name = models.TextField("登记人")
    recorded_at = models.DateTimeField()
    settled_at = models.DateTimeField("结算时间", null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["jurisdiction", "id"], name="delivery_unsettled",
                                          condition=Q(settled_at=None))]
        constraints: ClassVar = [models.UniqueConstraint(fields=["id", "jurisdiction"], name="delivery_id_jurisdiction")]


class Evaluation(models.Model):
    """What the household says of one delivery, once."""

    delivery = models.OneToOneField(Delivery, on_delete=models.PROTECT, related_name="evaluation")
    jurisdiction = JurisdictionField(db_index=False)
    score = models.PositiveSmallIntegerField("评分", choices=[(n, f"{n} 分") for n in range(5, 0, -1)])
    text = models.TextField("意见", blank=True)
    by_person = models.BigIntegerField(null=True)
    by_name = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(name="evaluation_score", condition=Q(score__range=(1, 5)))]
