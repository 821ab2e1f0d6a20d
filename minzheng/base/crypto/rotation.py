"""Key rotation: a new data key, then everything sealed by older ones is re-sealed in batches.

Can be interrupted at any time: what is still under an old key is found by the first three bytes of the value. Old keys
stay in the ring, since backups and append-only tables need them. Runs as the owner of the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.db.models import Model

from minzheng.base.crypto.fields import EncryptedTextField
from minzheng.base.crypto.ring import ring
from minzheng.base.crypto.text import active_head, decrypt, encrypt_many

BATCH = 2000
_others: list[Callable[[], int]] = []


@dataclass
class Progress:
    column: str
    done: int = 0
    problem: str = ""


def also_rotate(work: Callable[[], int]) -> None:
    """Register other work of a rotation (files); it returns how many items it re-sealed."""
    if work not in _others:
        _others.append(work)


def new_data_key() -> int:
    """Add a data key and make it the active one; returns its id."""
    return ring().add("data").id


def encrypted_columns() -> Iterator[tuple[type[Model], EncryptedTextField]]:
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_fields:
            if isinstance(field, EncryptedTextField) and model._meta.managed:
                yield model, field


def rotate_column(model: type[Model], field: EncryptedTextField, batch: int = BATCH) -> Progress:
    """Re-seal one column; a table that refuses updates is reported and keeps its old key."""
    names = (model._meta.db_table, field.column, model._meta.pk.column)
    table, column, key = (connection.ops.quote_name(str(name)) for name in names)
    # the names are those of our own models, quoted
    select = (f"SELECT {key}, {column} FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608
              f" AND substring({column} FROM 1 FOR 3) <> %s AND (%s::text IS NULL OR {key} > %s)"
              f" ORDER BY {key} LIMIT %s FOR UPDATE")
    update = f"UPDATE {table} SET {column} = %s WHERE {key} = %s"  # noqa: S608
    progress = Progress(f"{model._meta.db_table}.{field.column}")
    last: Any = None
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(select, [active_head(), None if last is None else str(last), last, batch])
            rows = cursor.fetchall()
            if not rows:
                return progress
            fresh = encrypt_many(field.aad(), [decrypt(field.aad(), value) for _, value in rows])
            pairs = [(new, pk) for (pk, _), new in zip(rows, fresh, strict=True)]
            try:
                with transaction.atomic():
                    cursor.executemany(update, pairs)
            except DatabaseError as error:
                progress.problem = str(error).splitlines()[0]
                return progress
            last = rows[-1][0]
            progress.done += len(rows)


def rotate(batch: int = BATCH) -> Iterator[Progress]:
    """Re-seal every encrypted column and all registered other data under the active key."""
    for model, field in encrypted_columns():
        yield rotate_column(model, field, batch)
    for work in _others:
        yield Progress(f"{work.__module__}.{work.__name__}", work())
