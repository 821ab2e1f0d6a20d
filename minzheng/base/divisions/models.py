"""Statistical divisions (行政区划) and, apart from them, jurisdictions (管辖) such as functional zones."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from minzheng.base.scope.fields import validate_code


class Division(models.Model):
    """One division code while it was valid: [valid_from, valid_to). A merged or renamed one keeps its row.

    Codes nest: a village's begins with its township's nine digits. Where the statistical code of a village does not
    (8,947 of 20,481 follow another list of townships), ours has the township's nine digits and a serial from 601.
    """

    code = models.TextField("区划代码", validators=[validate_code])
    name = models.TextField("名称")
    level = models.PositiveSmallIntegerField("层级")
    parent = models.TextField("上级代码", blank=True)
    valid_from = models.DateField("启用日期")
    valid_to = models.DateField("停用日期", null=True)
    successor = models.TextField("承继代码", blank=True)
    statistical_code = models.TextField("统计用代码", help_text="国家统计局的村级代码按统计区划编制,与现行乡镇代码不一定衔接")
    source = models.TextField("数据来源")
    source_year = models.PositiveSmallIntegerField("数据年份")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="division_code_from"),
            models.UniqueConstraint(fields=["code"], condition=models.Q(valid_to=None), name="division_code_current"),
            models.CheckConstraint(condition=models.Q(valid_to=None) | models.Q(valid_to__gt=models.F("valid_from")),
                                   name="division_validity"),
        ]
        indexes: ClassVar = [models.Index(fields=["parent", "code"])]


class Jurisdiction(models.Model):
    """管辖: a managed code and its range. Equal to the division's code except for functional zones (功能区)."""

    code = models.TextField("管辖代码", primary_key=True, validators=[validate_code])
    name = models.TextField("名称")
    level = models.PositiveSmallIntegerField("层级")
    kind = models.CharField("类别", max_length=16, choices=[("division", "行政区划"), ("zone", "功能区")])
    source = models.TextField("依据")


class JurisdictionArea(models.Model):
    """Which divisions a functional zone answers for, and since when."""

    jurisdiction_code = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="areas",
                                          db_column="jurisdiction_code")
    division = models.TextField("区划代码", validators=[validate_code])
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["division"], condition=models.Q(valid_to=None), name="area_one_answerable"),
        ]
