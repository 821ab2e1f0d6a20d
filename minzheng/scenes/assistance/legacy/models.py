"""Households of an old system, between import and acceptance, and what became of each."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from minzheng.base.crypto.fields import EncryptedTextField
from minzheng.base.scope.fields import JurisdictionField

WAITING, ACCEPTED, REFUSED, DROPPED = "waiting", "accepted", "refused", "dropped"
STATES = [(WAITING, "待接受"), (ACCEPTED, "已接续"), (REFUSED, "不能接续"), (DROPPED, "未接受")]


class LegacyHousehold(models.Model):
    """One household of an old system of a county, once (unless it was turned down). `jurisdiction` is the head's village."""

    county = models.TextField("县")
    jurisdiction = JurisdictionField()
    batch = models.BigIntegerField("批次")
    number = models.CharField("原户编号", max_length=40)
    head = models.BigIntegerField("户主")
    head_name = models.TextField("户主姓名")
    members = models.JSONField("成员")
    payee_name = models.TextField("户名")
    payee_account = EncryptedTextField("账号")
    payee_id_number = EncryptedTextField("证件号码")
    monthly_fen = models.BigIntegerField("月金额")
    since = models.DateField("原起发月")
    old_decision = models.CharField("原文号", max_length=100, blank=True)
    state = models.CharField("状态", max_length=10, choices=STATES, default=WAITING)
    reason = models.TextField("原因", blank=True, default="")
    entitlement = models.TextField("待遇编号", blank=True, default="")
    loaded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["county", "number"], name="legacy_household_once",
                                    condition=~models.Q(state="dropped")),
            models.CheckConstraint(condition=models.Q(monthly_fen__gt=0), name="legacy_amount"),
        ]
        indexes: ClassVar = [models.Index(fields=["batch", "state", "id"], name="legacy_household_batch")]
