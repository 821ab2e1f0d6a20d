"""Merkle roots in SM3 over 32-byte leaves, sixteen to a node: SM3(0x01 | level | children)."""

from __future__ import annotations

from collections.abc import Sequence

from minzheng.base.crypto import sm3

ARITY = 16


def merkle_node(level: int, children: Sequence[bytes]) -> bytes:
    return sm3(bytes([1, level]) + b"".join(children))


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The root; 32 zero bytes for no leaves."""
    if not leaves:
        return bytes(32)
    row, level = b"".join(leaves), 0
    while True:
        head = bytes([1, level])
        row = b"".join([sm3(head + row[at : at + 32 * ARITY]) for at in range(0, len(row), 32 * ARITY)])
        level += 1
        if len(row) == 32:
            return row
