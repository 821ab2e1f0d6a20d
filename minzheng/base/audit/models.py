"""Append-only records and the seals over them (rule 4). Triggers refuse update, delete and truncate to everybody."""

from __future__ import annotations

from django.db import models


class AuditRecord(models.Model):
    """One act or sensitive read. `canonical` is the record; the other columns repeat what it is searched by.

    `area` is the 12-digit code of who answers for the object. Officers cannot select this table at all (see guards.py
    and the doors), so it has no row policy. The database sets `xid` and `written_at`, whatever the writer says.
    """

    xid = models.BigIntegerField()
    written_at = models.DateTimeField()
    at = models.DateTimeField()
    action = models.TextField()
    account = models.BigIntegerField(null=True)
    obj_type = models.TextField()
    obj_id = models.TextField()
    area = models.TextField()
    subject_person = models.BigIntegerField(null=True)
    refused = models.BooleanField()
    canonical = models.BinaryField()
    digest = models.BinaryField()

    class Meta:
        db_table = "audit_record"
        default_permissions = ()
        indexes = [
            models.Index(fields=["xid", "id"], name="audit_record_order"),
            models.Index(fields=["obj_type", "obj_id"], name="audit_record_object"),
            models.Index(fields=["area", "id"], name="audit_record_area"),
            models.Index(
                fields=["subject_person", "id"], name="audit_record_subject",
                condition=models.Q(subject_person__isnull=False),
            ),
        ]


class AuditSeal(models.Model):
    """A seal over all records of the transactions xid_from ≤ xid < xid_to. `body` is what is signed."""

    no = models.BigIntegerField(primary_key=True)
    xid_from = models.BigIntegerField()
    xid_to = models.BigIntegerField()
    count = models.IntegerField()
    body = models.BinaryField()
    signature = models.BinaryField()

    class Meta:
        db_table = "audit_seal"
        default_permissions = ()
