"""Cases (办件): one application of one household for one matter, from submission to archive."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.functional import cached_property

from minzheng.base.crypto.fields import EncryptedTextField
from minzheng.base.scope.fields import JurisdictionField

STATES = {
    "submitted": "待受理", "accepted": "办理中", "supplement": "待补正", "decided": "已决定",
    "closed": "已办结", "rejected": "不予受理", "withdrawn": "已撤回", "ended": "已终止",
}
PARTY_WAYS = [("residence", "居住地"), ("hukou", "户籍地")]
OPEN_STATES = ("submitted", "accepted", "supplement", "decided")


class Case(models.Model):
    """`version` counts changes: a page read at an older version may not write (Stale)."""

    code = models.TextField("受理号", unique=True)
    jurisdiction = JurisdictionField()
    matter = models.CharField("事项", max_length=64)
    matter_version = models.PositiveSmallIntegerField()
    form_version = models.PositiveSmallIntegerField()
    scene = models.CharField("场景", max_length=32)
    channel = models.CharField("渠道", max_length=16)
    state = models.CharField("状态", max_length=16, choices=list(STATES.items()), default="submitted")
    applicant = models.BigIntegerField("申请人", null=True)  # none: stated only, not (yet) found in the registry
    applicant_name = models.CharField("申请人姓名", max_length=64)
    household = models.BigIntegerField("家庭", null=True)
    answers = EncryptedTextField("申报内容")
    flags = models.JSONField("标识", default=dict)
    submitted_at = models.DateTimeField("提交时间")
    accepted_at = models.DateTimeField("受理时间", null=True)
    due_at = models.DateTimeField("办结时限", null=True)
    closed_at = models.DateTimeField("办结时间", null=True)
    created_by = models.BigIntegerField("录入账户", default=0)
    submission_key = models.CharField("防重提交", max_length=64, unique=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["jurisdiction", "-id"], name="case_place"),
            models.Index(fields=["applicant", "-id"], name="case_applicant"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["household", "matter"], name="case_one_open_per_household",
                                    condition=models.Q(state__in=["submitted", "accepted", "supplement"])),
            models.UniqueConstraint(fields=["id", "jurisdiction"], name="case_id_jurisdiction"),
        ]

    @property
    def state_title(self) -> str:
        return STATES[self.state]

    @cached_property
    def members(self) -> list[CaseMember]:
        """The household as declared, the applicant first; read once a page."""
        return list(CaseMember.objects.filter(case_id=self.pk).order_by("id"))


class CaseMember(models.Model):
    """家庭成员 as declared in the application; `counted` says whether the person is 共同生活的家庭成员."""

    case_id = models.BigIntegerField()
    jurisdiction = JurisdictionField(db_index=False)
    person = models.BigIntegerField()
    name = models.CharField(max_length=64)
    relation = models.CharField("与申请人关系", max_length=16)
    counted = models.BooleanField("计入共同生活成员", default=True)
    reason = models.CharField("不计入的原因", max_length=64, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["case_id", "person"], name="case_member_once")]
        indexes: ClassVar = [models.Index(fields=["person"], name="case_member_person")]


class CaseParty(models.Model):
    """Another jurisdiction that works on the case (协办): residence apart from hukou, 省内通办."""

    case_id = models.BigIntegerField()
    jurisdiction = JurisdictionField()
    role = models.CharField("参与身份", max_length=16, choices=PARTY_WAYS)
    until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case_id", "jurisdiction", "role"], name="case_party_once")]


class CaseEvent(models.Model):
    """One line of the timeline. `public` lines are shown to the citizen; internal opinions are not."""

    case_id = models.BigIntegerField()
    jurisdiction = JurisdictionField(db_index=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=32)
    title = models.CharField(max_length=128)
    text = models.TextField(blank=True)
    actor = models.CharField(max_length=128)
    public = models.BooleanField(default=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["case_id", "-id"], name="case_event_case")]


class Delegation(models.Model):
    """A township that decides a matter in the county's stead, during [valid_from, valid_to)."""

    matter = models.CharField("事项", max_length=64)
    office = models.TextField("乡镇代码")
    valid_from = models.DateField("起")
    valid_to = models.DateField("止", null=True)
    document = models.CharField("委托文件", max_length=200)
    decided_by = models.BigIntegerField("登记账户")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["matter", "office"], condition=models.Q(valid_to=None), name="delegation_once")]
