"""Entitlements (待遇) and the budgets they are paid from. Months are first days; money is whole fen."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from minzheng.base.crypto.fields import EncryptedTextField
from minzheng.base.scope.fields import JurisdictionField

ACTIVE, SUSPENDED, ENDED = "active", "suspended", "ended"
STATUS = ((ACTIVE, "发放中"), (SUSPENDED, "已暂停"), (ENDED, "已终止"))
CAUSES = (
    ("death", "死亡"), ("move", "迁移"), ("income", "收入变化"), ("refused_review", "拒绝复核"),
    ("hearing", "听取意见"), ("exclusive", "重复享受"), ("account", "账户问题"), ("review", "定期复核"), ("other", "其他"),
)  # fmt: skip
# Order in which a line's fen are split; the last one bears what rounding leaves.
SOURCES = (("central", "中央"), ("province", "省"), ("city", "市"), ("county", "县"))


class Entitlement(models.Model):
    """One household's (or person's) benefit of one scheme, made by one decision.

    `end_month` is the last month due. `on_hold` stops payment lines while a review is open; `payee_check` is the bank's
    last answer about the account ("" = not asked since it was set). One that is paid `once` is due for its only month, and
    ends when the bank has paid it.
    """

    scheme = models.TextField("项目")
    exclusive_group = models.TextField(blank=True)
    case_code = models.TextField("案件", db_index=True)
    decision = models.TextField("决定书文号")
    jurisdiction = JurisdictionField("管辖", db_index=False)
    household_id = models.BigIntegerField("家庭", null=True, db_index=True)
    head_id = models.BigIntegerField("户主", db_index=True)
    head_name = models.TextField("户主姓名")
    members = models.JSONField("家庭成员", default=list)
    persons = models.PositiveSmallIntegerField("保障人数")
    payee_name = models.TextField("户名")
    payee_account = EncryptedTextField("账号")
    payee_id_number = EncryptedTextField("证件号码")
    payee_id_index = models.BinaryField(db_index=True)
    payee_version = models.PositiveIntegerField(default=1)
    payee_check = models.TextField("账户核验", blank=True, default="")
    payee_checked_at = models.DateTimeField(null=True)
    start_month = models.DateField("起发月")
    end_month = models.DateField("末发月", null=True)
    grace_until = models.DateField("渐退期末月", null=True)
    review_months = models.PositiveSmallIntegerField("复核周期")
    review_due = models.DateField("复核期限")
    status = models.TextField("状态", choices=STATUS, default=ACTIVE)
    reason = models.TextField("原因", blank=True)
    on_hold = models.BooleanField("暂缓", default=False)
    once = models.BooleanField("一次性", default=False, db_default=False)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["jurisdiction", "scheme", "id"], name="entitlement_place"),
            models.Index(fields=["jurisdiction", "review_due"], name="entitlement_review", condition=~Q(status=ENDED)),
            models.Index(fields=["jurisdiction", "id"], name="entitlement_unchecked", condition=Q(payee_check="")),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scheme", "decision"], name="entitlement_one_a_decision"),
            models.UniqueConstraint(fields=["id", "jurisdiction"], name="entitlement_place_key"),
            models.CheckConstraint(condition=Q(end_month=None) | Q(end_month__gte=F("start_month"))
                                   | Q(status=ENDED), name="entitlement_months"),
            models.CheckConstraint(condition=~Q(status=ENDED) | Q(end_month__isnull=False), name="entitlement_ended"),
            models.CheckConstraint(condition=Q(once=False) | Q(end_month__lte=F("start_month")), name="entitlement_once"),
            models.CheckConstraint(condition=Q(grace_until=None) | Q(end_month__lte=F("grace_until")),
                                   name="entitlement_grace"),
        ]

    @property
    def number(self) -> str:
        """待遇编号, what pages and addresses use."""
        return f"DY{self.pk:010d}"


class OfEntitlement(models.Model):
    """A dated fact about an entitlement; follows it to another jurisdiction by a composite foreign key."""

    entitlement: models.ForeignKey[Any, Any]
    jurisdiction = JurisdictionField(db_index=False)
    by_account = models.BigIntegerField()
    by_name = models.TextField()
    at = models.DateTimeField()

    class Meta:
        abstract = True


class EntitlementAmount(OfEntitlement):
    """月标准: the monthly amount from a month on. The latest row for a month counts; append-only."""

    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="amounts")
    from_month = models.DateField()
    fen = models.BigIntegerField()
    decision = models.TextField()
    reason = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["entitlement", "-from_month", "-id"], name="amount_in_force")]
        constraints: ClassVar = [models.CheckConstraint(condition=Q(fen__gt=0), name="amount_positive")]


class EntitlementPause(OfEntitlement):
    """停发期间: months that are not due, unless `arrears` says that they are paid afterwards."""

    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="pauses")
    from_month = models.DateField()
    to_month = models.DateField(null=True)
    cause = models.TextField(choices=CAUSES)
    reason = models.TextField()
    arrears = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entitlement"], condition=Q(to_month=None), name="pause_one_open"),
        ]


class EntitlementMember(models.Model):
    """Who is covered, and when. The exclusion holds across the whole province, whatever the scope of who acts."""

    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="covered")
    jurisdiction = JurisdictionField(db_index=False)
    person_id = models.BigIntegerField(db_index=True)
    exclusive_group = models.TextField(blank=True)
    during = DateRangeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entitlement", "person_id"], name="member_once"),
            ExclusionConstraint(
                name="one_benefit_of_a_group", condition=~Q(exclusive_group=""),
                expressions=[("person_id", RangeOperators.EQUAL), ("exclusive_group", RangeOperators.EQUAL),
                             ("during", RangeOperators.OVERLAPS)],
            ),
        ]


class Review(OfEntitlement):
    """复核: opened by an event or when due. `key` makes a repeated event harmless."""

    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="reviews")
    key = models.TextField()
    cause = models.TextField(choices=CAUSES)
    detail = models.TextField()
    holds = models.BooleanField()
    due_on = models.DateField()
    outcome = models.TextField(blank=True)
    closed_by = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["jurisdiction", "due_on"], name="review_open",
                                          condition=Q(closed_at=None))]
        constraints: ClassVar = [models.UniqueConstraint(fields=["entitlement", "key"], name="review_once")]


class EntitlementChange(OfEntitlement):
    """What happened to an entitlement, for its history page; append-only. `kept` is what a revocation needs to restore: who
    left, or status and months before the end."""

    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="changes")
    kind = models.TextField()
    month = models.DateField()
    before_fen = models.BigIntegerField(null=True)
    after_fen = models.BigIntegerField(null=True)
    decision = models.TextField(blank=True, db_index=True)
    reason = models.TextField(blank=True)
    kept = models.JSONField(null=True)


class FundingShare(models.Model):
    """分担比例 in basis points from a month on; one set adds up to 10,000 (a deferred trigger)."""

    scheme = models.TextField()
    jurisdiction = JurisdictionField(db_index=False)
    from_month = models.DateField()
    source = models.TextField(choices=SOURCES)
    basis_points = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["jurisdiction", "scheme", "from_month", "source"], name="share_once"),
            models.CheckConstraint(condition=Q(basis_points__lte=10000), name="share_whole"),
        ]


class BudgetLine(models.Model):
    """预算: what a county may pay in a year, by scheme and source. It cannot be overdrawn."""

    year = models.PositiveSmallIntegerField()
    source = models.TextField(choices=SOURCES)
    scheme = models.TextField()
    jurisdiction = JurisdictionField(db_index=False)
    amount_fen = models.BigIntegerField(default=0)
    reserved_fen = models.BigIntegerField(default=0)
    spent_fen = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["jurisdiction", "year", "scheme", "source"], name="budget_once"),
            models.CheckConstraint(name="budget_not_overdrawn", condition=Q(reserved_fen__gte=0) & Q(spent_fen__gte=0)
                                   & Q(amount_fen__gte=F("reserved_fen") + F("spent_fen"))),
        ]


class BudgetMove(models.Model):
    """Each change of a budget line, once per reference; append-only. The line's columns are the sums of its moves."""

    KINDS: ClassVar = (("appropriate", "下达"), ("reserve", "占用"), ("release", "释放"), ("spend", "支出"))
    line = models.ForeignKey(BudgetLine, on_delete=models.PROTECT, related_name="moves")
    jurisdiction = JurisdictionField(db_index=False)
    kind = models.TextField(choices=KINDS)
    fen = models.BigIntegerField()
    ref = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["line", "kind", "ref"], name="budget_move_once")]
