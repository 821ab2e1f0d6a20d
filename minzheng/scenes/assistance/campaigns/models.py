"""Reviews in bulk (批量复核) and their rows."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from minzheng.base.scope.fields import JurisdictionField
from minzheng.scenes.assistance.recognitions.models import KINDS

WAITING, CHECKING, CHECKED, DONE, TASKED = "waiting", "checking", "checked", "done", "tasked"
STATES = ((WAITING, "待核对"), (CHECKING, "核对中"), (CHECKED, "已核对"), (DONE, "已续期"), (TASKED, "已转人工"))
OUTCOMES = (("same", "无变化可续"), ("amount", "金额变化"), ("unfit", "疑似不符合"), ("lacking", "缺资料或部门未反馈"))
OPEN = (WAITING, CHECKING, CHECKED)


class Campaign(models.Model):
    """One review in bulk of an office: everything of these kinds that falls due up to a day. Four eyes: who opened it does not
    confirm its rows."""

    number = models.TextField("批次", unique=True)
    jurisdiction = JurisdictionField("单位")
    kinds = models.JSONField("类别", default=list)
    cycle = models.PositiveSmallIntegerField("周期(月)", default=0)  # 0: all, 6: half-yearly, 12: yearly
    until = models.DateField("到期日不晚于")
    rows_count = models.PositiveIntegerField("户数", default=0)
    opened_by = models.BigIntegerField()
    opened_for = models.BigIntegerField(null=True)
    opened_by_name = models.TextField("建立人")
    opened_at = models.DateTimeField("建立时间")
    check_run = models.BigIntegerField(null=True)
    confirm_run = models.BigIntegerField(null=True)
    closed_at = models.DateTimeField("结束时间", null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["id", "jurisdiction"], name="campaign_place")]


class Row(models.Model):
    """One household of a review in bulk. It lies where the household is supported; a household is in one open
    row at a time in the whole province. `version` is the benefit's when the system checked it. No personal data but the name."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="rows")
    jurisdiction = JurisdictionField("管辖", db_index=False)
    kind = models.CharField("类别", max_length=8, choices=list(KINDS.items()))
    case_code = models.TextField("受理号")
    recognition = models.BigIntegerField(null=True)
    entitlement = models.TextField("待遇编号", blank=True)
    head = models.BigIntegerField("户主")
    head_name = models.CharField("户主姓名", max_length=64)
    persons = models.PositiveSmallIntegerField("人数")
    due_on = models.DateField("复核期限")
    months = models.PositiveSmallIntegerField("周期(月)")
    state = models.CharField("状态", max_length=8, choices=STATES, default=WAITING)
    outcome = models.CharField("核对结果", max_length=8, choices=OUTCOMES, blank=True)
    reason = models.TextField("说明", blank=True)
    before_fen = models.BigIntegerField("现金额", null=True)
    after_fen = models.BigIntegerField("测算金额", null=True)
    version = models.PositiveIntegerField(default=0)
    request = models.TextField("核对编号", blank=True)
    checked_at = models.DateTimeField("核对时间", null=True)
    settled_at = models.DateTimeField("办理时间", null=True)
    settled_by = models.TextField("办理人", blank=True)
    next_due = models.DateField("下次复核", null=True)
    task_case = models.TextField("复核办件", blank=True)
    note = models.TextField("办理说明", blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["campaign", "outcome", "id"], name="campaign_row_list"),
                             models.Index(fields=["request"], name="campaign_row_request", condition=~Q(request=""))]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "case_code"], name="campaign_row_once"),
            models.UniqueConstraint(fields=["case_code"], name="campaign_row_one_open", condition=Q(state__in=OPEN)),
        ]

    def fields(self, **changes: Any) -> None:
        for name, value in changes.items():
            setattr(self, name, value)
        self.save(update_fields=list(changes))
