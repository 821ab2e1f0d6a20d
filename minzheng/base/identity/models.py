"""Accounts and posts (账户与岗位)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models

from minzheng.base.scope.fields import JurisdictionField, validate_code


class AccountManager(BaseUserManager["Account"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> Account:
        account = self.model(username=username, **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """A person who signs in: an officer with posts, or a citizen tied to one registry person."""

    username = models.CharField("用户名", max_length=64, unique=True)
    name = models.CharField("姓名", max_length=64)
    email = models.EmailField("邮箱", blank=True)
    person_id = models.BigIntegerField("市民", null=True, unique=True)
    is_active = models.BooleanField("启用", default=True)
    must_change_password = models.BooleanField("须改密码", default=False)
    failed_count = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
    session_key = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AccountManager()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name

    def mfa_enabled(self) -> bool:
        """Whether a second factor (动态口令) is set up; officers cannot work without one."""
        from allauth.mfa.models import Authenticator

        return bool(Authenticator.objects.filter(user=self, type=Authenticator.Type.TOTP).exists())


class Post(models.Model):
    """岗位: role × jurisdiction × scenes × validity. `covers` names the post that it stands in for (代岗)."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="posts")
    role = models.CharField(max_length=32)
    office = models.TextField("管辖代码", validators=[validate_code])
    scenes = ArrayField(models.TextField(), default=list)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    covers = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="covered_by")
    proposed_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    reason = models.CharField("原因", max_length=200, blank=True, default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["office", "role"])]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(valid_to=None) | models.Q(valid_to__gte=models.F("valid_from")),
                                   name="post_validity"),
            models.CheckConstraint(name="post_four_eyes", condition=models.Q(approved_by=None)
                                   | ~models.Q(approved_by=models.F("proposed_by"))),
        ]


class Leave(models.Model):
    """请假代岗: who is away from which post, who stands in, and whether the head has agreed. `cover` is the post that agreeing
    makes; `tasks` says what becomes of what the absent officer has in hand. Asked → approved or refused; withdrawn, or ended."""

    STATES: ClassVar = (("asked", "待批准"), ("approved", "已批准"), ("refused", "未批准"), ("withdrawn", "已撤回"), ("ended", "已结束"))
    TASKS: ClassVar = (("pass", "转给代岗人继续办"), ("return", "退回本单位,谁都可以签收"))

    jurisdiction = JurisdictionField("单位")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="leaves")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    stand_in = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    heads = ArrayField(models.TextField())
    valid_from = models.DateField("起")
    valid_to = models.DateField("止(含)")
    reason = models.CharField("原因", max_length=200)
    tasks = models.CharField("手头任务", max_length=8, choices=TASKS)
    state = models.CharField("状态", max_length=12, choices=STATES, default="asked")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    opinion = models.CharField("意见", max_length=200, blank=True)
    cover = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["valid_from"], name="leave_open", condition=models.Q(closed_at=None))]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(valid_to__gte=models.F("valid_from")), name="leave_days"),
            models.CheckConstraint(condition=~models.Q(account=models.F("stand_in")), name="leave_two_people"),
            models.CheckConstraint(name="leave_four_eyes", condition=models.Q(decided_by=None) | models.Q(state="refused")
                                   | ~models.Q(decided_by=models.F("account")) & ~models.Q(decided_by=models.F("stand_in"))),
        ]
