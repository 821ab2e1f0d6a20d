"""What is known of a stored file; its bytes lie encrypted in the blob store under their SM3 digest."""

from __future__ import annotations

import secrets

from django.db import models

from minzheng.base.files.blobs import read_blob
from minzheng.base.scope.fields import JurisdictionField


def new_code() -> str:
    return secrets.token_urlsafe(16)


class StoredFile(models.Model):
    """`code` is what links carry. `case_id` admits posts that were granted the case; `person_id` is the citizen whose
    file it is, who may see it."""

    code = models.TextField(unique=True, default=new_code)
    digest = models.BinaryField()
    size = models.IntegerField()
    mime = models.TextField()
    name = models.TextField()
    kind = models.TextField()
    jurisdiction = JurisdictionField()
    case_id = models.BigIntegerField(null=True, db_index=True)
    person_id = models.BigIntegerField(null=True, db_index=True)
    stored_at = models.DateTimeField()
    stored_by = models.BigIntegerField(null=True)

    class Meta:
        db_table = "files_storedfile"
        default_permissions = ()

    def open(self) -> bytes:
        """The file's bytes, checked against their digest; Damaged when they are not what was stored."""
        return read_blob(bytes(self.digest))
