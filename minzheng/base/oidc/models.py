"""Outside systems that may sign officers in, and each sign-in."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from minzheng.base.crypto.fields import EncryptedTextField
from minzheng.base.identity.models import Account, Post
from minzheng.base.scope.fields import validate_code


class Application(models.Model):
    """外部系统. Proposed by a system administrator, in force once a security administrator has approved it. Only then does
    the protocol library know it (table `allauth_idp_oidc_client`); the secret is kept as a hash and shown once."""

    client_id = models.CharField("系统标识", max_length=32, unique=True)
    name = models.CharField("系统名称", max_length=60)
    office = models.TextField("主管单位代码", validators=[validate_code])
    redirect_uris = ArrayField(models.TextField(), verbose_name="回调地址")
    secret = models.CharField(max_length=200)
    purpose = models.CharField("用途", max_length=200)
    proposed_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approved_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["office", "id"], name="oidc_app_office")]
        constraints: ClassVar = [
            models.CheckConstraint(name="oidc_app_four_eyes", condition=models.Q(approved_by=None)
                                   | ~models.Q(approved_by=models.F("proposed_by"))),
        ]

    @property
    def state(self) -> str:
        if self.ended_at is not None:
            return "已停用" if self.approved_at else "未批准"
        return "使用中" if self.approved_at else "待批准"


class SignIn(models.Model):
    """One consent of one officer. Its code is used once; its token stands while account, post, session and system do."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="sign_ins")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    session = EncryptedTextField()
    code_digest = models.CharField(max_length=64, unique=True)
    token_hash = models.CharField(max_length=64, blank=True, default="", db_index=True)
    consented_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.CharField(max_length=100, blank=True, default="")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["application", "-id"], name="oidc_signin_recent")]
