"""Documents that have been issued. Only a revocation may change one (a trigger sees to it)."""

from __future__ import annotations

from django.db import models

from minzheng.base.files.models import StoredFile
from minzheng.base.scope.fields import JurisdictionField


class IssuedDocument(models.Model):
    """`code` is printed and in the QR; `digest` is the SM3 of the signed PDF, `sm2_signature` the platform's SM2
    signature of the digest; `subject` says what it is about ("case:17")."""

    code = models.TextField(unique=True)
    kind = models.TextField()
    number = models.TextField()
    title = models.TextField()
    issuer = models.TextField()
    subject = models.TextField(db_index=True)
    jurisdiction = JurisdictionField()
    case_id = models.BigIntegerField(null=True, db_index=True)
    person_id = models.BigIntegerField(null=True, db_index=True)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT)
    digest = models.BinaryField()
    sm2_signature = models.BinaryField()
    issued_at = models.DateTimeField()
    issued_by = models.BigIntegerField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_reason = models.TextField(default="", blank=True)
    revoked_by = models.BigIntegerField(null=True)

    class Meta:
        db_table = "documents_issued"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["kind", "number"], name="documents_issued_number")]
