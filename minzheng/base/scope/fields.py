"""Columns that scope needs to be exactly so."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from minzheng.base.scope.ranges import check_code


def validate_code(value: str) -> None:
    try:
        check_code(value)
    except ValueError as error:
        raise ValidationError("区划代码应为 12 位数字") from error


class JurisdictionField(models.TextField):  # type: ignore[type-arg]
    """管辖代码: who answers for the row. `text`, since a cast from char(12) would scan the whole table."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("db_index", True)
        kwargs.setdefault("validators", [validate_code])
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Always names `db_index`: our default differs from Django's, so a False would be lost in migrations."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "db_index": self.db_index}  # type: ignore[attr-defined]
