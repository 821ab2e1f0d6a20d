"""Publicity (公示). By law it tells the name, the number of members and the amount, and nothing else."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from minzheng.base.crypto.fields import EncryptedTextField
from minzheng.base.scope.fields import JurisdictionField, validate_code

KINDS = {"case": "审核公示", "list": "长期公示"}
STATES = {"open": "公示中", "disputed": "有异议", "ended": "已期满", "withdrawn": "已撤下"}
SHOWN = ("open", "disputed")


class Publicity(models.Model):
    """A notice in its village or community. `ticket` is what a visitor objects to; it says nothing.

    `kind` list is the long-term public list of current beneficiaries and has no end until it is taken off.
    """

    case_id = models.BigIntegerField()
    jurisdiction = JurisdictionField(db_index=False)
    kind = models.CharField("种类", max_length=8, choices=list(KINDS.items()))
    place = models.TextField("公示地点", validators=[validate_code])
    name = models.CharField("申请人姓名", max_length=64)
    members = models.PositiveSmallIntegerField("人数")
    amount_fen = models.BigIntegerField("金额(分/月)")
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("截止日期", null=True)
    state = models.CharField("状态", max_length=16, choices=list(STATES.items()), default="open")
    ticket = models.UUIDField(unique=True)
    actor = models.CharField("公示人", max_length=128)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["place", "id"], name="publicity_shown",
                         condition=models.Q(state__in=["open", "disputed"])),
            models.Index(fields=["case_id", "-id"], name="publicity_case"),
            models.Index(fields=["ends_on", "id"], name="publicity_due",
                         condition=models.Q(kind="case", state__in=["open", "disputed"])),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case_id", "kind"], name="publicity_one_shown",
                                    condition=models.Q(state__in=["open", "disputed"])),
            models.CheckConstraint(name="publicity_period", condition=models.Q(kind="list", ends_on=None)
                                   | models.Q(kind="case", ends_on__gt=models.F("starts_on"))),
            models.CheckConstraint(name="publicity_amount", condition=models.Q(amount_fen__gte=0, members__gte=1)),
        ]

    @property
    def state_title(self) -> str:
        return STATES[self.state]


class Objection(models.Model):
    """异议 by anybody, with or without a name. `source` is a keyed digest of the network address (rate limit)."""

    publicity = models.ForeignKey(Publicity, on_delete=models.PROTECT, related_name="objections")
    case_id = models.BigIntegerField()
    jurisdiction = JurisdictionField(db_index=False)
    at = models.DateTimeField()
    text = EncryptedTextField("异议内容")
    name = EncryptedTextField("姓名", null=True)
    phone = EncryptedTextField("电话", null=True)
    source = models.BinaryField()
    answer = EncryptedTextField("答复", null=True)
    upheld = models.BooleanField("成立", null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField("答复人", max_length=128, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["source", "at"], name="objection_source"),
            models.Index(fields=["case_id", "id"], name="objection_case"),
        ]
