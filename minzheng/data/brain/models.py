"""Versions of parameters that were entered on screen, and the number by which every process sees a change."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value


class DateRange(Func):
    """daterange(from, to, '[]'): both days included, null is open-ended."""

    function = "DATERANGE"


class ParameterVersion(models.Model):
    """A value of one parameter in one zone from a day to a day. The in-force ones lie over the shipped YAML.

    The value is in the unit of the definition: fen, percent, working days. Law data, no personal data: everybody reads.
    `approved_to` keeps the end as approved when a later version cuts `effective_to` short, so that the law can be read
    as it was known on a past day. Versions of one `bundle` (a policy draft) are decided together.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        SUBMITTED = "submitted", "待复核"
        IN_FORCE = "in_force", "生效"
        SUPERSEDED = "superseded", "已被替代"
        WITHDRAWN = "withdrawn", "已撤回"

    parameter = models.TextField("参数")
    zone = models.TextField("地区")
    value = models.BigIntegerField("取值")
    effective_from = models.DateField("起始日")
    effective_to = models.DateField("截止日", null=True, blank=True)
    approved_to = models.DateField("批准时的截止日", null=True, blank=True)
    document = models.TextField("文件", blank=True)
    article = models.TextField("条款", blank=True)
    sample = models.BooleanField("示例值")
    note = models.TextField("说明", blank=True)
    reason = models.TextField("理由", blank=True)
    status = models.TextField(choices=Status.choices, default=Status.DRAFT)
    bundle = models.TextField("方案", blank=True, default="")
    drafted_by = models.BigIntegerField()
    drafted_by_name = models.TextField()
    approved_by = models.BigIntegerField(null=True)
    approved_by_name = models.TextField(blank=True)
    opinion = models.TextField("复核意见", blank=True)
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["parameter", "zone", "effective_from"]),
            models.Index(fields=["bundle"], name="brain_bundle", condition=~Q(bundle="")),
        ]
        constraints = [
            models.CheckConstraint(
                name="brain_second_pair_of_eyes",
                condition=Q(status__in=["draft", "submitted", "withdrawn"], approved_by=None)
                | Q(status__in=["in_force", "superseded"], approved_by__isnull=False) & ~Q(approved_by=F("drafted_by")),
            ),
            models.CheckConstraint(
                name="brain_value_and_days",
                condition=Q(value__gte=0) & (Q(effective_to=None) | Q(effective_to__gte=F("effective_from"))),
            ),
            models.CheckConstraint(name="brain_zone_key", condition=Q(zone__regex=r"^z[0-9]{6}$")),
            models.CheckConstraint(name="brain_source_or_sample", condition=Q(sample=True) | ~Q(document="")),
            ExclusionConstraint(
                name="brain_one_value_a_day",
                expressions=[
                    ("parameter", RangeOperators.EQUAL), ("zone", RangeOperators.EQUAL),
                    (DateRange("effective_from", "effective_to", Value("[]")), RangeOperators.OVERLAPS),
                ],
                condition=Q(status="in_force"),
            ),
        ]


class ParameterTurn(models.Model):
    """At most one row, whose number is new after every change of versions; a trigger writes it."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    turn = models.BigIntegerField()
