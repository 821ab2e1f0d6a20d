"""What is registered of a sudden hardship, and the county's case meeting (一事一议) about a larger one."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from minzheng.base.crypto.fields import EncryptedTextField
from minzheng.base.scope.fields import JurisdictionField

WHAT = {1: "火灾、交通事故等意外", 2: "突发重大疾病", 3: "其他突发困难"}
WAYS = {"money": "发放救助金", "goods": "发放实物", "referral": "转介服务"}
STATES = {"open": "办理中", "given": "已救助", "refused": "未救助"}


class Emergency(models.Model):
    """急难情况: whom, what happened, when and where, what is asked for. Belongs to a case.

    `person_key` tells one person in the whole province (keyed index of the ID number, or of what was stated), so that the
    same event is helped once. `stated` (JSON, encrypted) is the identity of somebody not found in the registry.
    """

    case_id = models.BigIntegerField(unique=True)
    jurisdiction = JurisdictionField(db_index=False)
    person_key = models.TextField()
    stated = EncryptedTextField("自述身份")
    what = models.PositiveSmallIntegerField("急难情形", choices=list(WHAT.items()))
    happened_on = models.DateField("发生日期")
    birth_date = models.DateField("出生日期")
    place = models.CharField("发生地点", max_length=100)
    reason = EncryptedTextField("急难情况")
    way = models.CharField("救助方式", max_length=12, choices=list(WAYS.items()))
    asked_fen = models.BigIntegerField("申请金额")
    urgent = models.BooleanField("先行救助")
    state = models.CharField(max_length=8, choices=list(STATES.items()), default="open")
    given_fen = models.BigIntegerField("救助金额", default=0)
    given_on = models.DateField("救助日期", null=True)
    given_ref = models.TextField(blank=True, default="")
    receiver = models.CharField("签收人", max_length=64, blank=True)
    receipt = models.JSONField("签收凭证", default=dict)
    explanation = EncryptedTextField("补充说明", null=True)
    explained_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person_key", "what", "happened_on"], name="emergency_helped_once",
                                    condition=~models.Q(state="refused")),
            models.CheckConstraint(condition=models.Q(asked_fen__gt=0, given_fen__gte=0), name="emergency_money"),
        ]


class Meeting(models.Model):
    """一事一议 of the county about help beyond the ordinary: who sat, what was said, what sum was fixed."""

    case_id = models.BigIntegerField(unique=True)
    jurisdiction = JurisdictionField(db_index=False)
    held_on = models.DateField("会议日期")
    members = models.JSONField("参会人员")
    minutes = models.TextField("会议记录")
    fixed_fen = models.BigIntegerField("议定金额")
    recorded_by = models.BigIntegerField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(fixed_fen__gt=0), name="meeting_sum")]


class Expense(models.Model):
    """支出型救助 that a household got: the people it was for (keyed indices of their ID numbers), so that all that they got in
    a year is found anywhere in the province."""

    case_id = models.BigIntegerField(unique=True)
    jurisdiction = JurisdictionField(db_index=False)
    person_keys = ArrayField(models.TextField())
    given_fen = models.BigIntegerField("救助金额")
    given_on = models.DateField("救助日期")
    decision = models.TextField("文号")

    class Meta:
        indexes: ClassVar = [GinIndex(fields=["person_keys"], name="expense_people")]
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(given_fen__gt=0), name="expense_sum")]


class HelpRequest(models.Model):
    """急难求助 from a phone: the township takes it up within the days of 小额快救, or answers why not. One open a person."""

    STATES: ClassVar = (("open", "等待接办"), ("taken", "已登记办理"), ("declined", "已答复"))
    person = models.BigIntegerField()
    name = models.CharField("姓名", max_length=64)
    jurisdiction = JurisdictionField()
    phone = EncryptedTextField("联系电话")
    what = models.PositiveSmallIntegerField("急难情形", choices=list(WHAT.items()))
    happened_on = models.DateField("发生日期")
    place = models.CharField("发生地点", max_length=100)
    reason = EncryptedTextField("急难情况")
    key = models.TextField(unique=True)
    asked_at = models.DateTimeField("求助时间")
    state = models.CharField("状态", max_length=8, choices=STATES, default="open")
    case_code = models.TextField("受理号", blank=True, default="")
    answer = models.TextField("答复", blank=True, default="")
    answered_by = models.BigIntegerField(null=True)
    answered_name = models.TextField(blank=True, default="")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person"], condition=models.Q(state="open"), name="request_one_open")]

    @property
    def number(self) -> str:
        return f"QZ{self.pk:010d}"
