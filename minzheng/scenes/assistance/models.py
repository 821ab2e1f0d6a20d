"""The scene's own registers (社会救助): home visits, kin filings, democratic reviews. Each belongs to a case."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from minzheng.base.crypto.fields import EncryptedTextField
from minzheng.base.scope.fields import JurisdictionField


class Visit(models.Model):
    """入户调查 by at least two persons, signed by both sides (民发〔2021〕57号 art. 16).

    `findings` (JSON, encrypted, since it may tell of illness): verified amounts a person in fen a month, exemptions of
    vehicles and houses with their reasons. `remote_reason` says why it was not done at the home.
    """

    case_id = models.BigIntegerField()
    jurisdiction = JurisdictionField(db_index=False)
    kind = models.CharField(max_length=8, choices=[("town", "乡镇调查"), ("county", "县级入户")], default="town")
    visited_on = models.DateField("调查日期")
    visitors = models.JSONField("调查人")
    living = models.TextField("居住和生活情况")
    findings = EncryptedTextField("核实内容")
    conclusion = models.TextField("调查结论")
    remote_reason = models.CharField("非入户方式的原因", max_length=200, blank=True)
    visitor_signatures = models.JSONField("调查人签名", default=list)
    household_signature = models.JSONField("申请人签名", default=dict)
    photos = models.JSONField("照片", default=list)
    recorded_by = models.BigIntegerField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["case_id"], name="visit_case")]


class KinFiling(models.Model):
    """近亲属备案: the applicant is kin of staff or of the village committee (art. 11); the county must visit (art. 20)."""

    case_id = models.BigIntegerField()
    jurisdiction = JurisdictionField(db_index=False)
    member = models.CharField("家庭成员", max_length=64)
    official = models.CharField("工作人员姓名", max_length=64)
    duty = models.CharField("单位职务", max_length=128)
    relation = models.CharField("亲属关系", max_length=32)
    filed_by = models.BigIntegerField()
    filed_at = models.DateTimeField()


class DemocraticReview(models.Model):
    """民主评议, held only when the publicity is disputed (art. 19)."""

    case_id = models.BigIntegerField()
    jurisdiction = JurisdictionField(db_index=False)
    held_on = models.DateField()
    present = models.PositiveSmallIntegerField("到会人数")
    in_favour = models.PositiveSmallIntegerField("同意人数")
    against = models.PositiveSmallIntegerField("不同意人数")
    text = models.TextField("评议意见")
    recorded_by = models.BigIntegerField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(present__gte=models.F("in_favour") + models.F("against")),
                                   name="review_votes"),
        ]
