"""Partners and everything that went to or came from them. Records and notices are append-only (a trigger says so)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from minzheng.base.crypto.fields import EncryptedTextField
from minzheng.base.scope.fields import JurisdictionField


class Partner(models.Model):
    """A department or bank: where it answers and by which key its answers are believed."""

    class Algorithm(models.TextChoices):
        ED25519 = "Ed25519"
        SM2 = "SM2"

    code = models.TextField("代码", unique=True)
    name = models.TextField("名称")
    base_url = models.TextField("地址")
    public_key = models.TextField("公钥", help_text="ed25519:<64 hex> 或 sm2:<128 hex>")
    algorithm = models.TextField("签名算法", choices=Algorithm.choices)
    active = models.BooleanField("启用", default=True)
    updated_at = models.DateTimeField("更新时间")


class ExchangeRecord(models.Model):
    """One phase of one call: `sent` is written before the request leaves, `ended` with its outcome.

    A `sent` without an `ended` is a call whose outcome is not known (the process died). Contents are not kept here,
    only digests and signatures; what was answered is kept by whoever asked.
    """

    call = models.UUIDField("调用编号")
    phase = models.TextField(choices=[("sent", "发出"), ("ended", "结束")])
    partner_code = models.TextField("部门")
    resource = models.TextField("资源")
    purpose = models.TextField("用途")
    case_code = models.TextField("业务编号")
    authorisation = models.TextField("授权书编号")
    subject_person = models.BigIntegerField("查询对象", null=True)
    jurisdiction = JurisdictionField("管辖代码")
    asked_by = models.TextField("查询人")
    at = models.DateTimeField("时间")
    body_digest = models.TextField("请求内容摘要")
    request_digest = models.TextField("请求摘要", blank=True)
    request_signature = models.TextField("请求签名", blank=True)
    answer_digest = models.TextField("应答摘要", blank=True)
    answer_signature = models.TextField("应答签名", blank=True)
    status = models.TextField("结果", blank=True)
    http_status = models.IntegerField(null=True)
    attempts = models.IntegerField(default=0)
    detail = models.TextField("说明", blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["call", "phase"], name="exchange_record_phase_once")]
        indexes: ClassVar = [models.Index(fields=["case_code", "id"], name="exchange_record_case")]


class InboundNotice(models.Model):
    """A signed notice from a partner, as it came. The nonce is unique for ever, so no notice is taken twice."""

    partner_code = models.TextField("部门")
    nonce = models.TextField("随机数")
    kind = models.TextField("种类")
    jurisdiction = JurisdictionField("管辖代码")
    body = EncryptedTextField("报文")
    body_digest = models.TextField("报文摘要")
    signature = models.TextField("签名")
    received_at = models.DateTimeField("收到时间")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["partner_code", "nonce"], name="exchange_notice_nonce_once")
        ]
