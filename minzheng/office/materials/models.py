"""Materials (材料) of a case: taken from the registry and from earlier cases before anybody is asked."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from minzheng.base.scope.fields import JurisdictionField

STATUSES = {"present": "已有", "missing": "待提交", "waived": "免交", "replaced": "已更换"}
OBTAINED = {"registry": "部门共享", "earlier": "以前办件", "upload": "上传", "sign": "现场签署"}


class CaseMaterial(models.Model):
    """One material of one case. A replaced one stays as it was; at most one row a material is not `replaced`.

    `file` is a stored file's id; `reference` says where in the registry it was read; `as_of` is the day of the data.
    """

    case_id = models.BigIntegerField()
    jurisdiction = JurisdictionField(db_index=False)
    code = models.CharField("材料代码", max_length=64)
    title = models.CharField("材料名称", max_length=128)
    required = models.BooleanField("必需", default=True)
    status = models.CharField("状态", max_length=16, choices=list(STATUSES.items()))
    obtained = models.CharField("取得方式", max_length=16, choices=list(OBTAINED.items()))
    file = models.BigIntegerField("文件", null=True)
    reference = models.CharField("来源", max_length=200, blank=True)
    as_of = models.DateField("数据日期", null=True)
    reason = models.CharField("免交原因", max_length=200, blank=True)
    actor = models.CharField("经手人", max_length=128, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["case_id", "id"], name="material_case")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case_id", "code"], name="material_one_current",
                                    condition=~models.Q(status="replaced")),
            models.CheckConstraint(name="material_present_has_content", condition=~models.Q(status="present")
                                   | models.Q(file__isnull=False) | ~models.Q(reference="")),
            models.CheckConstraint(name="material_waived_has_reason",
                                   condition=~models.Q(status="waived") | ~models.Q(reason="")),
        ]

    @property
    def status_title(self) -> str:
        return STATUSES[self.status]

    @property
    def obtained_title(self) -> str:
        return OBTAINED[self.obtained]
