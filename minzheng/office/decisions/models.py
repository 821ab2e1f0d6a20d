"""Decisions (决定), the hearings before them and their service (送达)."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.db import models

from minzheng.base.crypto.fields import EncryptedTextField
from minzheng.base.scope.fields import JurisdictionField

KINDS = {"confirm": "予以确认", "refuse": "不予确认", "cut": "减少", "end": "终止",
         "revoke": "撤销原决定", "continue": "继续"}
WAYS = {"visit": "上门", "phone": "电话", "message": "短信", "letter": "信函"}
HEARD = {"heard": "已听取意见", "declined": "本人表示不陈述", "unreachable": "多次联系不上",
         "deceased": "保障成员均已去世"}
METHODS = {"direct": "直接送达", "left": "留置送达", "post": "邮寄送达", "electronic": "电子送达"}


class HearingTry(models.Model):
    """One attempt to reach the person before a cut; its time is ours, not typed in."""

    case_id = models.BigIntegerField()
    jurisdiction = JurisdictionField(db_index=False)
    at = models.DateTimeField()
    way = models.CharField("方式", max_length=16, choices=list(WAYS.items()))
    note = models.CharField("情况", max_length=200)
    account = models.BigIntegerField()
    actor = models.CharField("联系人", max_length=128)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["case_id", "id"], name="hearing_try_case")]


class Hearing(models.Model):
    """听取意见 (社会救助法 §48): whom, when, about which decision, and what was said, or why nothing was."""

    case_id = models.BigIntegerField()
    jurisdiction = JurisdictionField(db_index=False)
    about = models.CharField("拟作决定", max_length=16, choices=[(k, KINDS[k]) for k in ("cut", "end")])
    outcome = models.CharField("结果", max_length=16, choices=list(HEARD.items()))
    heard_at = models.DateTimeField("听取时间")
    person_name = models.CharField("当事人", max_length=64)
    told = EncryptedTextField("告知的事实和理由")
    statement = EncryptedTextField("当事人意见")
    tries = models.PositiveSmallIntegerField("联系次数", default=0)
    file = models.BigIntegerField("笔录文件", null=True)
    account = models.BigIntegerField()
    actor = models.CharField("听取人", max_length=128)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["case_id", "id"], name="hearing_case")]

    @property
    def outcome_title(self) -> str:
        return HEARD[self.outcome]


class Decision(models.Model):
    """A written decision. The database refuses any change to what was decided; it can only be revoked or served."""

    case_id = models.BigIntegerField()
    jurisdiction = JurisdictionField(db_index=False)
    number = models.CharField("文号", max_length=64, unique=True)
    kind = models.CharField("决定", max_length=16, choices=list(KINDS.items()))
    amount_fen = models.BigIntegerField("金额(分/月)", null=True)
    from_month = models.DateField("起始月", null=True)
    terms = models.TextField("决定内容", blank=True, default="")
    reasons = EncryptedTextField("理由")
    legal_basis = models.TextField("依据")
    remedy = models.TextField("救济途径", blank=True)
    assessment = EncryptedTextField("规则测算")
    assessment_digest = models.BinaryField("测算摘要")
    hearing = models.OneToOneField(Hearing, null=True, on_delete=models.PROTECT)
    supersedes = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="superseded_by")
    decided_by = models.BigIntegerField()
    decided_by_title = models.CharField("决定人", max_length=128)
    decided_at = models.DateTimeField("决定时间")
    document = models.BigIntegerField("决定书", null=True)
    serve_by = models.DateField("送达时限", null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.BigIntegerField(null=True)
    revoked_reason = EncryptedTextField("撤销理由", null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["case_id", "-id"], name="decision_case"),
            models.Index(fields=["jurisdiction", "serve_by"], name="decision_serve_by",
                         condition=models.Q(serve_by__isnull=False)),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case_id"], name="decision_one_standing",
                                    condition=models.Q(kind__in=["confirm", "refuse"], revoked_at=None)),
            models.CheckConstraint(name="decision_amount", condition=models.Q(amount_fen=None)
                                   | models.Q(kind__in=["confirm", "cut", "continue"], amount_fen__gt=0)),
            models.CheckConstraint(name="decision_heard",
                                   condition=~models.Q(kind__in=["cut", "end"]) | models.Q(hearing__isnull=False)),
            models.CheckConstraint(name="decision_remedy",
                                   condition=~models.Q(kind__in=["refuse", "cut", "end"]) | ~models.Q(remedy="")),
            models.CheckConstraint(name="decision_revoked_by_another",
                                   condition=models.Q(revoked_by=None) | ~models.Q(revoked_by=models.F("decided_by"))),
        ]

    @property
    def kind_title(self) -> str:
        return KINDS[self.kind]

    @property
    def assessed(self) -> dict[str, Any]:
        """The rules' result as it stood when the decision was made; {} when no rules were asked."""
        found: dict[str, Any] = json.loads(self.assessment)
        return found


class Service(models.Model):
    """送达回证. From `served_at` the time to ask for review (行政复议) runs, until the end of `appeal_until`."""

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="service")
    case_id = models.BigIntegerField()
    jurisdiction = JurisdictionField(db_index=False)
    method = models.CharField("方式", max_length=16, choices=list(METHODS.items()))
    served_at = models.DateTimeField("送达时间")
    receiver = models.CharField("签收人", max_length=64)
    relation = models.CharField("与当事人关系", max_length=32)
    signature = models.BigIntegerField("签名文件", null=True)
    witnesses = models.CharField("见证人", max_length=128, blank=True)
    tracking = models.CharField("邮件号", max_length=64, blank=True)
    consented = models.BooleanField("同意电子送达", default=False)
    appeal_days = models.PositiveSmallIntegerField("复议期限(天)")
    appeal_until = models.DateField("复议期限至")
    appeal_source = models.CharField("期限依据", max_length=200)
    receipt = models.BigIntegerField("送达回证", null=True)
    account = models.BigIntegerField()
    actor = models.CharField("送达人", max_length=128)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="service_proof", condition=
                                   models.Q(method="direct", signature__isnull=False)
                                   | models.Q(method="left") & ~models.Q(witnesses="")
                                   | models.Q(method="post") & ~models.Q(tracking="")
                                   | models.Q(method="electronic", consented=True)),
        ]

    @property
    def method_title(self) -> str:
        return METHODS[self.method]


ANSWERS = {"maintain": "维持原决定", "revoke": "撤销原决定"}


class Objection(models.Model):
    """A person's objection to a decision and the written answer of an officer who did not make it.

    Its process has the subject `<case>-Y<serial>`; the task and its limit stand there.
    """

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="objections")
    case_id = models.BigIntegerField()
    jurisdiction = JurisdictionField(db_index=False)
    serial = models.PositiveSmallIntegerField("序号")
    at = models.DateTimeField("提出时间")
    text = EncryptedTextField("异议内容")
    account = models.BigIntegerField()
    actor = models.CharField("登记人", max_length=128)
    decided_by = models.BigIntegerField()
    outcome = models.CharField("结果", max_length=16, choices=list(ANSWERS.items()), blank=True)
    answer = EncryptedTextField("答复", null=True)
    answered_at = models.DateTimeField("答复时间", null=True)
    answered_by = models.BigIntegerField(null=True)
    answered_by_title = models.CharField("答复人", max_length=128, blank=True)
    document = models.BigIntegerField("答复书", null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case_id", "serial"], name="decisions_objection_serial"),
            models.UniqueConstraint(fields=["decision"], name="decisions_objection_one_open",
                                    condition=models.Q(answered_at=None)),
            models.CheckConstraint(name="decisions_objection_by_another", condition=models.Q(answered_by=None)
                                   | ~models.Q(answered_by=models.F("decided_by"))),
            models.CheckConstraint(name="decisions_objection_answered", condition=
                                   models.Q(answered_at=None, outcome="")
                                   | models.Q(answered_at__isnull=False, answered_by__isnull=False,
                                              answer__isnull=False) & ~models.Q(outcome="")),
        ]

    @property
    def outcome_title(self) -> str:
        return ANSWERS.get(self.outcome, "待答复")
