"""Runs of jobs, with their progress (rule 10)."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from minzheng.base.scope.fields import JurisdictionField

STATUSES = [("queued", "排队中"), ("running", "进行中"), ("done", "已完成"), ("failed", "出错"), ("stopped", "已停止")]


class JobRun(models.Model):
    """One run. It goes on from `checkpoint` after a stop or a crash; its outcome file counts up to `outcome_bytes`."""

    name = models.TextField()
    jurisdiction = JurisdictionField()
    args = models.JSONField(default=dict)
    status = models.TextField(default="queued", choices=STATUSES)
    total = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)
    checkpoint = models.JSONField(null=True)
    stop_requested = models.BooleanField(default=False)
    note = models.TextField(default="", blank=True)
    outcome_bytes = models.BigIntegerField(default=0)
    outcome_root = models.BinaryField(null=True)
    account = models.BigIntegerField(null=True)
    queued_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "jobs_run"
        default_permissions = ()
        indexes = [models.Index(fields=["jurisdiction", "-id"], name="jobs_run_recent")]
