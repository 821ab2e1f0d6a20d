"""Needs (需求), representatives of charities, claims (认领), disclosed contacts, gifts and what the household says."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from minzheng.base.crypto.fields import EncryptedTextField
from minzheng.base.scope.fields import JurisdictionField
from minzheng.scenes.assistance.aid import CONSENT_WAYS, Consented, number_of

NEED, CLAIM = "XQ", "RL"
KINDS = {"goods": "物资", "service": "服务"}
TOPICS = {"daily": "生活用品", "study": "助学用品", "health": "康复辅具", "repair": "居家改造", "company": "陪伴探访",
          "tutor": "课业辅导", "skill": "技能和就业", "other": "其他"}
SOURCES = {"assessment": "服务需求评估", "refused": "未获认定的申请", "alert": "监测预警", "other": "走访发现"}
NEED_STATES = {"draft": "待审核", "open": "已发布", "claimed": "已认领", "matched": "对接中", "served": "已帮扶", "closed": "已结束"}
NEED_NEXT = {"draft": ("open", "closed"), "open": ("claimed", "closed"), "claimed": ("matched", "open", "closed"),
             "matched": ("served", "open"), "served": ("closed",), "closed": ()}
CLAIM_STATES = {"claimed": "待审核", "matched": "对接中", "served": "已帮扶", "returned": "已收回"}
CLAIM_NEXT = {"claimed": ("matched", "returned"), "matched": ("served", "returned"), "served": (), "returned": ()}
STANDING = ("claimed", "matched", "served")


class Need(Consented):
    """What a household lacks. `title` and `description` are what charities read: no name, number or address in them; the
    place they are told is the township. Its consent is to this text being shown."""

    household_id = models.BigIntegerField("户")
    jurisdiction = JurisdictionField()
    person = models.BigIntegerField("对象")
    person_name = models.CharField("姓名", max_length=64)
    kind = models.CharField("需要什么", max_length=8, choices=list(KINDS.items()))
    topic = models.CharField("类别", max_length=8, choices=list(TOPICS.items()))
    title = models.CharField("标题", max_length=40)
    description = models.CharField("说明", max_length=300)
    source = models.CharField("来源", max_length=12, choices=list(SOURCES.items()))
    state = models.CharField(max_length=8, choices=list(NEED_STATES.items()), default="draft")
    until = models.DateField("发布到", null=True)
    end_reason = models.TextField("结束原因", blank=True)
    written_by = models.BigIntegerField()
    written_name = models.TextField("登记人")
    published_name = models.TextField("审核人", blank=True)
    key = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["household_id", "-id"], name="need_household"),
                             models.Index(fields=["jurisdiction", "-id"], name="need_place"),
                             models.Index(fields=["until"], name="need_open", condition=Q(state="open"))]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["id", "jurisdiction"], name="need_id_jurisdiction"),
            models.CheckConstraint(name="need_never_money", condition=Q(kind__in=["goods", "service"])),
        ]

    @property
    def number(self) -> str:
        return number_of(NEED, self.pk)

    @property
    def state_title(self) -> str:
        return NEED_STATES[self.state]


class Representative(models.Model):
    """A person who acts for a charity on the phone, by a letter of authorisation, while it is in force."""

    organisation = models.BigIntegerField("组织")
    organisation_name = models.TextField("组织名称")
    jurisdiction = JurisdictionField("组织登记地")
    person = models.BigIntegerField("代表人")
    person_name = models.CharField("代表人姓名", max_length=64)
    document = models.CharField("授权文件", max_length=100)
    valid_from = models.DateField("起")
    valid_to = models.DateField("止")
    entered_by = models.BigIntegerField()
    entered_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person"], name="representative_of_one")]


class Claim(models.Model):
    """认领: one charity's exclusive hold on a need. `representative` is the person who pressed, or none where an officer
    entered it on the charity's behalf by `document`."""

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="claims")
    jurisdiction = JurisdictionField(db_index=False)
    organisation = models.BigIntegerField()
    organisation_name = models.TextField("组织")
    representative = models.BigIntegerField(null=True)
    document = models.CharField("依据", max_length=100, blank=True)
    title = models.CharField(max_length=40)
    description = models.CharField(max_length=300)
    how = models.CharField("打算怎样帮", max_length=300)
    state = models.CharField(max_length=8, choices=list(CLAIM_STATES.items()), default="claimed")
    claimed_at = models.DateTimeField("认领时间")
    serve_by = models.DateField("帮扶期限", null=True)
    decided_name = models.TextField("审核人", blank=True)
    end_reason = models.TextField("收回原因", blank=True)
    key = models.CharField(max_length=64, unique=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["representative", "-id"], name="claim_representative")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["id", "jurisdiction"], name="claim_id_jurisdiction"),
            models.UniqueConstraint(fields=["need"], name="claim_exclusive", condition=Q(state__in=STANDING)),
        ]

    @property
    def number(self) -> str:
        return number_of(CLAIM, self.pk)

    @property
    def state_title(self) -> str:
        return CLAIM_STATES[self.state]


class Disclosure(models.Model):
    """Contact data given to the charity of a matched claim, with the household's consent to exactly that; append-only. The
    database refuses one for a claim that is not matched."""

    claim = models.OneToOneField(Claim, on_delete=models.PROTECT, related_name="disclosure")
    jurisdiction = JurisdictionField(db_index=False)
    person = models.BigIntegerField("谁的联系方式")
    contact = EncryptedTextField("联系方式")
    consent_on = models.DateField("同意日期")
    consent_way = models.CharField("同意方式", max_length=8, choices=list(CONSENT_WAYS.items()))
    disclosed_by = models.BigIntegerField()
    disclosed_name = models.TextField("告知人")
    at = models.DateTimeField()


class Gift(models.Model):
    """What was given: goods with their value, or service with its hours and value. One a claim; append-only."""

    claim = models.OneToOneField(Claim, on_delete=models.PROTECT, related_name="gift")
    jurisdiction = JurisdictionField(db_index=False)
    kind = models.CharField(max_length=8, choices=list(KINDS.items()))
    what = models.CharField("给了什么", max_length=300)
    value_fen = models.BigIntegerField("价值")
    hours = models.DecimalField("服务小时", max_digits=6, decimal_places=1, null=True)
    given_on = models.DateField("日期")
    recorded_by = models.BigIntegerField()
    recorded_name = models.TextField("登记人")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["id", "jurisdiction"], name="gift_id_jurisdiction"),
            models.CheckConstraint(name="gift_never_money", condition=Q(kind__in=["goods", "service"], value_fen__gt=0)),
        ]


class Feedback(models.Model):
    """What the household says of a gift, once. `thanks` goes to the charity."""

    gift = models.OneToOneField(Gift, on_delete=models.PROTECT, related_name="feedback")
    jurisdiction = JurisdictionField(db_index=False)
    score = models.PositiveSmallIntegerField()
    text = models.CharField("意见", max_length=500, blank=True)
    thanks = models.CharField("感谢的话", max_length=300, blank=True)
    by_name = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(name="feedback_score", condition=Q(score__range=(1, 5)))]
