"""A text column that is SM4-GCM ciphertext (bytea) in the database. It cannot be searched: use a blind index column."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FieldError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from minzheng.base.crypto.text import decrypt, encrypt


class EncryptedTextField(models.Field):  # type: ignore[type-arg]
    """Clear text in Python, ciphertext in the table. `context` replaces "table.column" where rows are copied
    from another table by the database itself (history tables)."""

    empty_strings_allowed = True

    def __init__(self, *args: Any, context: str = "", **kwargs: Any) -> None:
        if kwargs.get("db_index") or kwargs.get("unique"):
            raise ValueError("加密字段不能建索引或唯一约束,请用盲索引列")
        self.context = context
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        if self.context:
            kwargs["context"] = self.context
        return name, path, args, kwargs

    def aad(self) -> str:
        return self.context or f"{self.model._meta.db_table}.{self.column}"

    def get_internal_type(self) -> str:
        return "BinaryField"

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> str | None:
        return None if value is None else decrypt(self.aad(), value)

    def to_python(self, value: Any) -> str | None:
        return None if value is None else str(value)

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        if value is None:
            return None
        return encrypt(self.aad(), str(value))

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        raise FieldError(f"加密字段 {self.name} 不能用来查询,请用盲索引列")
