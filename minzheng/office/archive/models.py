"""Archive packages (档案) of closed cases. A case that goes on after its archiving gets another revision."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from minzheng.base.files.models import StoredFile
from minzheng.base.scope.fields import JurisdictionField


class ArchivePackage(models.Model):
    """`manifest_digest` is the SM3 of manifest.json, `signature` ours over it. `retain_until` None: kept for ever."""

    case_id = models.BigIntegerField()
    jurisdiction = JurisdictionField(db_index=False)
    case_code = models.CharField("受理号", max_length=64)
    register_no = models.CharField("档号", max_length=64, unique=True)
    revision = models.PositiveSmallIntegerField("版次", default=1)
    title = models.CharField("题名", max_length=200)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    manifest_digest = models.BinaryField()
    signature = models.BinaryField()
    public_key = models.TextField()
    entries = models.PositiveIntegerField("文件数")
    size = models.BigIntegerField("字节数")
    retention = models.CharField("保管期限", max_length=200)
    retain_until = models.DateField(null=True)
    built_at = models.DateTimeField()
    built_by = models.CharField("归档人", max_length=128)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["jurisdiction", "-id"], name="archive_place")]
        constraints: ClassVar = [models.UniqueConstraint(fields=["case_id", "revision"], name="archive_revision")]
