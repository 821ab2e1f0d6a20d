"""Notices (通知) to citizens and officers, in plain Chinese."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.db import models

from minzheng.base.crypto.fields import EncryptedTextField
from minzheng.base.scope.fields import JurisdictionField
from minzheng.base.scope.ranges import province

CHANNELS = {"inapp": "站内消息", "sms": "短信", "letter": "信函"}
STATES = {"queued": "待发送", "sent": "已发送", "failed": "发送失败", "read": "已读"}


class Notice(models.Model):
    """One notice over one channel, to a registry person or to an officer's account. `key` makes it happen once."""

    jurisdiction = JurisdictionField()
    key = models.CharField("防重", max_length=128)
    channel = models.CharField("渠道", max_length=8, choices=list(CHANNELS.items()))
    person = models.BigIntegerField("市民", null=True)
    account = models.BigIntegerField("账户", null=True)
    template = models.CharField("模板", max_length=64)
    title = models.CharField("标题", max_length=64)
    body = EncryptedTextField("内容")
    case_code = models.CharField("受理号", max_length=64, blank=True)
    state = models.CharField("状态", max_length=8, choices=list(STATES.items()), default="queued")
    created_at = models.DateTimeField()
    not_before = models.DateTimeField("最早发送")
    sent_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person", "-id"], name="notice_person", condition=models.Q(channel="inapp")),
            models.Index(fields=["account", "-id"], name="notice_account", condition=models.Q(channel="inapp")),
            models.Index(fields=["not_before"], name="notice_queue", condition=models.Q(state="queued")),
            models.Index(fields=["case_code", "-id"], name="notice_case"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key", "channel"], name="notice_once"),
            models.CheckConstraint(name="notice_one_recipient", condition=models.Q(person=None, account__isnull=False)
                                   | models.Q(person__isnull=False, account=None)),
        ]

    @property
    def state_title(self) -> str:
        return STATES[self.state]


class Preference(models.Model):
    """How a citizen wants to be told. `jurisdiction` is formal: only the citizen and a door reach the row."""

    person = models.BigIntegerField(primary_key=True)
    jurisdiction = JurisdictionField(default=province, db_index=False)
    sms = models.BooleanField("接收短信", default=True)
    quiet_from = models.TimeField("免打扰开始", default=dt.time(21))
    quiet_to = models.TimeField("免打扰结束", default=dt.time(8))
