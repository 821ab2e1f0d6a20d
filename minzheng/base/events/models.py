"""The outbox (rule 9) and what each consumer has dealt with."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class OutboxEvent(models.Model):
    """One event, written in the transaction it tells about. `version` counts 1, 2, 3… within its aggregate.

    `area` is the jurisdiction code. Only the worker touches this table; others emit through a door.
    """

    name = models.TextField()
    aggregate = models.TextField()
    version = models.IntegerField()
    area = models.TextField()
    payload = models.JSONField()
    at = models.DateTimeField()
    status = models.TextField(default="pending", choices=[("pending", "待处理"), ("done", "已处理"), ("dead", "死信")])
    attempts = models.IntegerField(default=0)
    next_at = models.DateTimeField(db_default=Now())
    error = models.TextField(default="", blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "events_outbox"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["aggregate", "version"], name="events_outbox_version")]
        indexes = [
            models.Index(fields=["id"], name="events_outbox_pending", condition=models.Q(status="pending")),
            models.Index(fields=["aggregate", "version"], name="events_outbox_open",
                         condition=~models.Q(status="done")),
        ]


class ConsumedEvent(models.Model):
    """This consumer has dealt with this event; written in the consumer's own transaction."""

    event = models.ForeignKey(OutboxEvent, on_delete=models.PROTECT)
    consumer = models.TextField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "events_consumed"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["event", "consumer"], name="events_consumed_once")]
