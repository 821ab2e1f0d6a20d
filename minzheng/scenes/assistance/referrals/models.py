"""Referrals (转介), what happened to them, and offers of work with their answers."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from minzheng.base.crypto.fields import EncryptedTextField
from minzheng.base.scope.fields import JurisdictionField
from minzheng.scenes.assistance.aid import Consented, Happened, number_of
from minzheng.scenes.assistance.referrals.departments import DEPARTMENTS

PREFIX = "ZJ"
STATES = {"queued": "待送出", "sent": "已送达,待答复", "accepted": "对方已受理", "done": "对方已办结", "declined": "对方不予办理",
          "withdrawn": "已撤回"}
OPEN = ("queued", "sent", "accepted")
# From which state an answer may lead where; anything else is not believed.
NEXT = {"queued": ("sent", "withdrawn"), "sent": ("accepted", "declined", "done", "withdrawn"),
        "accepted": ("done", "declined", "withdrawn"), "done": (), "declined": (), "withdrawn": ()}
BASES = {"recognised": "已认定的救助对象", "refused": "申请未获认定,生活有实际困难", "other": "走访、预警发现的困难家庭"}
STEPS = {"send": "送出", "ask": "询问进展", "withdraw": "告知撤回", "": "不再联系"}


class Referral(Consented):
    """`message` is what leaves, frozen when it is made (`message_mac` says so): a repeated sending is the same. `reason`
    stays here.
    `step` is the next thing to say to the department, at `next_at`; empty when there is nothing more to say."""

    household_id = models.BigIntegerField("户")
    jurisdiction = JurisdictionField()
    person = models.BigIntegerField("对象")
    person_name = models.CharField("姓名", max_length=64)
    department = models.CharField("部门", max_length=16)
    ask = models.CharField("请对方办理", max_length=16)
    basis = models.CharField("依据", max_length=12, choices=list(BASES.items()))
    case_code = models.TextField("受理号", blank=True)
    reason = EncryptedTextField("转介原因")
    message = EncryptedTextField("送出的内容")
    message_mac = models.BinaryField(max_length=32)
    state = models.CharField("状态", max_length=10, choices=list(STATES.items()), default="queued")
    step = models.CharField(max_length=8, blank=True, default="send")
    next_at = models.DateTimeField("下次联系", null=True)
    attempts = models.PositiveIntegerField("连续未联系上次数", default=0)
    problem = models.TextField("联系情况", blank=True)
    receipt = models.TextField("对方回执", blank=True)
    answer = EncryptedTextField("答复", blank=True, default="")
    given_on = models.DateField("办结日期", null=True)
    reminders = models.PositiveIntegerField("催办次数", default=0)
    due_at = models.DateTimeField("答复期限", null=True)
    key = models.CharField("防重提交", max_length=64, unique=True)
    created_by = models.BigIntegerField()
    created_name = models.TextField("经办人")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["household_id", "-id"], name="referral_household"),
            models.Index(fields=["case_code"], name="referral_case"),
            models.Index(fields=["jurisdiction", "-id"], name="referral_place"),
            models.Index(fields=["next_at"], name="referral_next", condition=~Q(step="")),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["id", "jurisdiction"], name="referral_id_jurisdiction"),
            models.UniqueConstraint(fields=["person", "department", "ask"], name="referral_one_open",
                                    condition=Q(state__in=OPEN)),
        ]

    @property
    def number(self) -> str:
        return number_of(PREFIX, self.pk)

    @property
    def state_title(self) -> str:
        return STATES[self.state]

    @property
    def department_title(self) -> str:
        return DEPARTMENTS[self.department].title

    @property
    def ask_title(self) -> str:
        return DEPARTMENTS[self.department].asks[self.ask]

    @property
    def open(self) -> bool:
        return self.state in OPEN


class ReferralEvent(Happened):
    KINDS: ClassVar = {"made": "提出转介", "sent": "送达对方", "unreached": "没有联系上", "reminded": "催办", "accepted": "对方受理",
                       "done": "对方办结", "declined": "对方不予办理", "withdrawn": "撤回转介", "told": "登记对方答复"}
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="events")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["referral", "id"], name="referral_event_of")]


ANSWERS = {"accepted": "接受", "refused": "拒绝"}
JUDGED = {"good": "有正当理由", "none": "没有正当理由"}


class JobOffer(models.Model):
    """工作推荐: one offer of suitable work and what became of it. A refusal counts (民发〔2021〕57号 art. 34) only after
    another post than the one who recorded it has heard the person and found no good reason."""

    household_id = models.BigIntegerField("户")
    jurisdiction = JurisdictionField()
    person = models.BigIntegerField()
    person_name = models.CharField("姓名", max_length=64)
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, null=True, related_name="offers")
    employer = models.CharField("用人单位", max_length=100)
    position = models.CharField("岗位", max_length=100)
    monthly_fen = models.BigIntegerField("月工资")
    suitable = models.TextField("为什么适当")
    offered_on = models.DateField("推荐日期")
    answer = models.CharField("答复", max_length=8, choices=list(ANSWERS.items()), blank=True)
    answer_text = EncryptedTextField("本人说明", blank=True, default="")
    answered_on = models.DateField("答复日期", null=True)
    judged = models.CharField("理由是否正当", max_length=4, choices=list(JUDGED.items()), blank=True)
    heard = EncryptedTextField("听取的意见", blank=True, default="")
    judged_text = models.TextField("认定的理由", blank=True)
    judged_on = models.DateField("认定日期", null=True)
    judged_by = models.BigIntegerField(null=True)
    judged_name = models.TextField("认定人", blank=True)
    recorded_by = models.BigIntegerField()
    recorded_name = models.TextField("登记人")
    key = models.CharField(max_length=64, unique=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person", "answered_on", "id"], name="job_offer_person")]
        constraints: ClassVar = [
            models.CheckConstraint(name="job_offer_judged", condition=Q(judged="") | Q(
                answer="refused", judged_by__isnull=False) & ~Q(judged_by=models.F("recorded_by"))),
            models.CheckConstraint(name="job_offer_wage", condition=Q(monthly_fen__gt=0)),
        ]

    @property
    def standing(self) -> str:
        if not self.answer:
            return "待本人答复"
        if self.answer == "accepted":
            return "已接受"
        return {"": "拒绝,待听取意见", "good": "拒绝,有正当理由", "none": "拒绝,没有正当理由"}[self.judged]
