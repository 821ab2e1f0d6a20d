"""Mappings in versions, batches, and their rows with what became of each."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from minzheng.base.crypto.fields import EncryptedTextField
from minzheng.base.scope.fields import JurisdictionField

RECEIVED, CHECKED, REFUSED, LOADING, LOADED, ACCEPTED, TURNED_DOWN = (
    "received", "checked", "refused", "loading", "loaded", "accepted", "turned_down")
STATES = [(RECEIVED, "试导入中"), (CHECKED, "待导入"), (REFUSED, "整批退回"), (LOADING, "导入中"), (LOADED, "待接受"),
          (ACCEPTED, "已接受"), (TURNED_DOWN, "未接受")]
ROW_STATES = [("ok", "可导入"), ("question", "待核"), ("twin", "重复"), ("refused", "不能导入"), ("held", "同户有问题"),
              ("known", "以前已导入"), ("loaded", "已导入")]


class Mapping(models.Model):
    """One version of a mapping; never changed. The latest of a name is offered."""

    jurisdiction = JurisdictionField()
    target = models.TextField()
    name = models.CharField("名称", max_length=60)
    version = models.PositiveIntegerField("版本")
    body = models.TextField("对照内容")
    by_account = models.BigIntegerField()
    by_name = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["jurisdiction", "target", "name", "version"],
                                                         name="ingest_mapping_version")]


class Batch(models.Model):
    """One upload of a county. `declared` and `counted` hold rows and sums by table; the same files are taken once."""

    jurisdiction = JurisdictionField("县")
    target = models.TextField()
    mapping = models.ForeignKey(Mapping, on_delete=models.PROTECT)
    source = models.CharField("来源系统", max_length=60)
    digest = models.BinaryField(max_length=32)
    files = models.JSONField(default=dict)
    declared = models.JSONField("声明数")
    counted = models.JSONField("实得数", default=dict)
    state = models.CharField("状态", max_length=12, choices=STATES, default=RECEIVED)
    note = models.TextField("说明", blank=True, default="")
    run = models.BigIntegerField(null=True)
    by_account = models.BigIntegerField()
    by_name = models.TextField()
    at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)
    loaded_at = models.DateTimeField(null=True)
    closed_by = models.BigIntegerField(null=True)
    closed_name = models.TextField(blank=True, default="")
    closed_at = models.DateTimeField(null=True)
    options = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(
            fields=["jurisdiction", "target", "digest"], name="ingest_batch_once",
            condition=~models.Q(state__in=[REFUSED, TURNED_DOWN]))]

    @property
    def number(self) -> str:
        return f"DR{self.pk:08d}"


class BatchRow(models.Model):
    """One row of a file, in our terms and encrypted. `reasons` say why it is not imported and hold no personal data."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="rows")
    jurisdiction = JurisdictionField(db_index=False)
    table = models.CharField(max_length=20)
    line = models.PositiveIntegerField("行号")
    unit = models.CharField("户编号", max_length=40, blank=True)
    values = EncryptedTextField()
    id_index = models.BinaryField(max_length=32, null=True)
    fen = models.BigIntegerField(null=True)
    person = models.BigIntegerField(null=True)
    place = models.TextField(blank=True, default="")
    state = models.CharField("结果", max_length=10, choices=ROW_STATES)
    reasons = models.TextField("原因", blank=True, default="")
    confirmed_by = models.TextField("确认人", blank=True, default="")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["batch", "table", "line"], name="ingest_row_once")]
        indexes: ClassVar = [
            models.Index(fields=["batch", "unit"], name="ingest_row_unit"),
            models.Index(fields=["batch", "state", "id"], name="ingest_row_state"),
        ]
