"""Policy drafts and the runs that computed them. Rows belong to the office that made them; a county's own figures and
households belong to the county."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from minzheng.base.scope.fields import JurisdictionField


class Draft(models.Model):
    """政策方案: new values of one or several parameters in one zone from a day on. `values` is {parameter: number}.

    It is no law: sending it makes parameter drafts with `code` as their bundle, which a second pair of eyes decides.
    """

    class Status(models.TextChoices):
        OPEN = "open", "起草中"
        SENT = "sent", "待复核"
        IN_FORCE = "in_force", "已生效"
        ENDED = "ended", "已作废"

    code = models.TextField("编号", unique=True)
    jurisdiction = JurisdictionField()
    title = models.TextField("名称")
    zone = models.TextField("地区")
    effective_from = models.DateField("起始日")
    effective_to = models.DateField("截止日", null=True, blank=True)
    values = models.JSONField("取值", default=dict)
    document = models.TextField("文件", blank=True)
    article = models.TextField("条款", blank=True)
    sample = models.BooleanField("示例值", default=False)
    reason = models.TextField("理由", blank=True)
    status = models.TextField(choices=Status.choices, default=Status.OPEN)
    opinion = models.TextField("复核意见", blank=True)
    copied_from = models.TextField("复制自", blank=True)
    owner = models.BigIntegerField()
    owner_name = models.TextField()
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["jurisdiction", "-id"], name="policydesk_draft_recent")]
        constraints: ClassVar = [
            models.CheckConstraint(name="policydesk_draft_days",
                                   condition=Q(effective_to=None) | Q(effective_to__gte=F("effective_from"))),
        ]


class Run(models.Model):
    """One computation: the law as known at `law_at` against the law with each of `cases` laid over it.

    `kind` recompute: the law as known on `known_on` against the law at `law_at`, for a past month. `cases` keep what was
    computed, whatever becomes of the drafts. `result` holds what may be shown outside the counties: small cells are
    gone from it. `law_digest` is compared with the law of the day, to mark a result computed on an earlier law.
    """

    KINDS: ClassVar = (("draft", "方案测算"), ("recompute", "重算往月"))

    code = models.TextField("编号", unique=True)
    jurisdiction = JurisdictionField()
    kind = models.TextField(choices=KINDS)
    scheme = models.TextField("项目")
    on = models.DateField("适用日")
    month = models.DateField("待遇月")
    facts_on = models.DateField("数据日期")
    known_on = models.DateField("当时所知", null=True)
    cases = models.JSONField(default=list)
    law_at = models.DateTimeField("法律截止时刻")
    law_digest = models.TextField()
    result = models.JSONField(null=True)
    ladders = models.JSONField(null=True)
    households = models.IntegerField(default=0)
    persons = models.IntegerField(default=0)
    job = models.BigIntegerField(null=True)
    share_code = models.TextField(blank=True, default="")
    shared_until = models.DateField(null=True)
    owner = models.BigIntegerField()
    owner_name = models.TextField()
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["jurisdiction", "-id"], name="policydesk_run_recent")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["share_code"], condition=~Q(share_code=""), name="policydesk_run_shared"),
            models.CheckConstraint(name="policydesk_run_known",
                                   condition=Q(kind="draft", known_on=None) | Q(kind="recompute", known_on__isnull=False)),
        ]


class Part(models.Model):
    """One county of a run, in full, for the county's own officers and for adding up."""

    run_code = models.TextField()
    jurisdiction = JurisdictionField()
    cases = models.JSONField()
    households = models.IntegerField()
    persons = models.IntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["run_code", "jurisdiction"], name="policydesk_part_once")]


class Near(models.Model):
    """A household next to the line in one case of a run: only its number and amounts, names are read when shown."""

    run_code = models.TextField()
    jurisdiction = JurisdictionField()
    case = models.PositiveSmallIntegerField()
    household_id = models.BigIntegerField()
    size = models.PositiveSmallIntegerField()
    measure_fen = models.BigIntegerField()
    line_fen = models.BigIntegerField()
    before_fen = models.BigIntegerField()
    after_fen = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run_code", "case", "household_id"], name="policydesk_near_once")]
