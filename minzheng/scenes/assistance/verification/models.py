"""Authorisations, requests, answers of departments, reports and objections. What departments said is encrypted."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from minzheng.base.crypto.fields import EncryptedTextField
from minzheng.base.scope.fields import JurisdictionField

OPEN = ("queued", "running", "partial")
UNSETTLED = ("pending", "partial", "not_answered", "refused", "bad_signature")


class Authorisation(models.Model):
    """授权书: lasts while assistance continues, unless it ends earlier or is withdrawn."""

    number = models.TextField("授权书编号", unique=True)
    case_code = models.TextField("业务编号", db_index=True)
    jurisdiction = JurisdictionField("管辖代码")
    applicant = models.BigIntegerField("申请人")
    programme = models.TextField("救助项目")
    valid_from = models.DateField("生效日期")
    ends = models.DateField("终止日期", null=True)
    withdrawn_at = models.DateTimeField("撤回时间", null=True)
    file = models.TextField("授权书文件", blank=True)
    entered_by = models.TextField("登记人")
    entered_at = models.DateTimeField("登记时间")


class AuthorisedPerson(models.Model):
    """One person who may be checked, and who signed for that: the person, or the guardian."""

    class Capacity(models.TextChoices):
        SELF = "self", "本人"
        GUARDIAN = "guardian", "监护人"

    class Method(models.TextChoices):
        HAND = "hand", "手写签名"
        ELECTRONIC = "electronic", "电子签名"
        FINGERPRINT = "fingerprint", "指印"

    authorisation = models.ForeignKey(Authorisation, on_delete=models.PROTECT, related_name="people")
    jurisdiction = JurisdictionField("管辖代码")
    person = models.BigIntegerField("被核对人")
    name = models.TextField("姓名")
    signed_by = models.TextField("签名人")
    capacity = models.TextField("身份", choices=Capacity.choices)
    method = models.TextField("签名方式", choices=Method.choices)
    file = models.TextField("签名文件", blank=True)
    signed_on = models.DateField("签名日期")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["authorisation", "person"], name="verification_signed_once")
        ]


class VerificationRequest(models.Model):
    """One check of one household. At most one is open for a case."""

    class Status(models.TextChoices):
        QUEUED = "queued", "待查询"
        RUNNING = "running", "查询中"
        PARTIAL = "partial", "部分反馈"
        COMPLETE = "complete", "全部反馈"
        WITHDRAWN = "withdrawn", "授权已失效"

    class Kind(models.TextChoices):
        NEW = "new", "新申请"
        REVIEW = "review", "复查"
        RECHECK = "recheck", "异议重新核对"

    number = models.TextField("核对编号", unique=True)
    case_code = models.TextField("业务编号", db_index=True)
    jurisdiction = JurisdictionField("管辖代码")
    authorisation = models.ForeignKey(Authorisation, on_delete=models.PROTECT, related_name="requests")
    previous = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="rechecks")
    kind = models.TextField("类型", choices=Kind.choices)
    purpose = models.TextField("用途")
    declared = EncryptedTextField("家庭申报")
    status = models.TextField("状态", choices=Status.choices, default=Status.QUEUED)
    rounds = models.IntegerField("查询轮次", default=0)
    next_at = models.DateTimeField("下次查询", null=True)
    requested_by = models.TextField("发起人")
    requested_at = models.DateTimeField("发起时间")
    start_by = models.DateField("应启动日期")
    completed_at = models.DateTimeField("完成时间", null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case_code"], condition=Q(status__in=OPEN), name="verification_one_open")
        ]


class RequestMember(models.Model):
    """A person of the request, as known when it was made."""

    request = models.ForeignKey(VerificationRequest, on_delete=models.PROTECT, related_name="members")
    jurisdiction = JurisdictionField("管辖代码")
    person = models.BigIntegerField("人员")
    name = models.TextField("姓名")
    id_number = EncryptedTextField("证件号码")
    birth_date = models.DateField("出生日期")
    relation = models.TextField("与申请人关系")
    inside = models.BooleanField("共同生活", default=True)
    declared = EncryptedTextField("个人申报")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["request", "person"], name="verification_member_once")]
        indexes: ClassVar = [models.Index(fields=["person"], name="verification_member_person")]


class SourceAnswer(models.Model):
    """What one department said about one member, or why it has not. `carried` came from the request before."""

    request = models.ForeignKey(VerificationRequest, on_delete=models.PROTECT, related_name="answers")
    member = models.ForeignKey(RequestMember, on_delete=models.PROTECT, related_name="answers")
    jurisdiction = JurisdictionField("管辖代码")
    department = models.TextField("部门")
    status = models.TextField("状态", default="pending")
    detail = models.TextField("说明", blank=True)
    attempts = models.IntegerField("查询次数", default=0)
    records = EncryptedTextField("反馈内容", null=True)
    as_of = models.TextField("数据时间", blank=True)
    call = models.UUIDField("调用编号", null=True)
    answered_at = models.DateTimeField("反馈时间", null=True)
    carried = models.BooleanField("沿用上次", default=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["member", "department"], name="verification_ask_once")]


class Report(models.Model):
    """核对报告. Never changed: a later one of the same request replaces it."""

    request = models.ForeignKey(VerificationRequest, on_delete=models.PROTECT, related_name="reports")
    jurisdiction = JurisdictionField("管辖代码")
    number = models.TextField("报告编号", unique=True)
    content = EncryptedTextField("内容")
    digest = models.TextField("摘要")
    signature = models.TextField("签名")
    complete = models.BooleanField("全部反馈")
    reason = models.TextField("未全部反馈时出具的理由", blank=True)
    issued_by = models.TextField("出具人")
    issued_at = models.DateTimeField("出具时间")
    valid_until = models.DateField("有效期至")


class Objection(models.Model):
    """异议 of a person to what the report says about that person."""

    class Status(models.TextChoices):
        LODGED = "lodged", "已提出"
        RECHECKING = "rechecking", "重新核对"

    number = models.TextField("异议编号", unique=True)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="objections")
    jurisdiction = JurisdictionField("管辖代码")
    person = models.BigIntegerField("异议人")
    departments = models.JSONField("有异议的部门")
    statement = EncryptedTextField("理由")
    evidence = models.TextField("证据文件", blank=True)
    status = models.TextField("状态", choices=Status.choices, default=Status.LODGED)
    lodged_by = models.TextField("登记人")
    lodged_at = models.DateTimeField("提出时间")
    recheck = models.ForeignKey(VerificationRequest, null=True, on_delete=models.PROTECT, related_name="+")
