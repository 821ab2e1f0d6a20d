"""The separate verifier of audit segments. It shares no code with the platform: standard library and `cryptography`.

    python -m minzheng.base.audit.verifier segment.jsonl --key ed25519:…  [--key …] [--after HEX-of-last-head]
    python -m minzheng.base.audit.verifier evidence.json --evidence --key ed25519:…     (one record of an archive)

A segment is a header line, then for each seal a line {"seal": body, "signature": hex, "bytes": n} and its records, one
a line, n bytes in all. `body` is the signed text: count, head, key, no, prev, root, sealed_at, start, xid_from, xid_to.
    chain_i = SM3(chain_(i-1) | record_i), from `start` to `head`;  root: Merkle tree of the chain values, sixteen to a
    node, node = SM3(0x01 | level | children);  prev = SM3(body of the seal before).
Exit code 0: everything holds. 1: alarms, one a line. 2: the file cannot be read as a segment.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SM3, Hash

FORM = "minzheng-audit-segment-1"
_EMPTY = Hash(SM3())


class Block(NamedTuple):
    """One seal's place in the file and what it says."""

    no: int
    offset: int
    length: int
    size: int
    start: str
    head: str
    root: str


class Unreadable(ValueError):
    """Not a segment."""


def sm3(data: bytes) -> bytes:
    digest = _EMPTY.copy()
    digest.update(data)
    return digest.finalize()


def merkle_root(leaves: list[bytes]) -> bytes:
    row, level = b"".join(leaves), 0
    while True:
        head = bytes([1, level])
        row = b"".join([sm3(head + row[at : at + 512]) for at in range(0, len(row), 512)])
        level += 1
        if len(row) == 32:
            return row


def check_block(data: bytes, block: Block) -> str:
    """What is wrong with the records of a block; empty when all is well."""
    records = data.split(b"\n")
    if records.pop() != b"" or len(records) != block.size:
        return f"封印 {block.no}:应有 {block.size} 条记录,实有 {len(records)} 条"
    head, empty = bytes.fromhex(block.start), _EMPTY.copy
    values: list[bytes] = []
    keep = values.append
    for record in records:
        digest = empty()
        digest.update(head + record)
        head = digest.finalize()
        keep(head)
    if not values or head.hex() != block.head or merkle_root(values).hex() != block.root:
        return f"封印 {block.no}:记录被改动、缺失或调换了次序"
    return ""


def check_blocks(path: str, blocks: list[Block]) -> list[str]:
    """Check several blocks; runs in a process of its own."""
    with open(path, "rb") as segment:
        found = []
        for block in blocks:
            segment.seek(block.offset)
            found.append(check_block(segment.read(block.length), block))
        return [text for text in found if text]


def read_blocks(path: str, keys: set[str], after: str, alarms: list[str]) -> Iterator[Block]:
    """The blocks of a segment, their seals checked: signature by one of `keys`, numbers and links without a gap."""
    size = os.path.getsize(path)
    with open(path, "rb") as segment:
        header = _json(segment.readline())
        if header.get("form") != FORM:
            raise Unreadable("不是审计段文件")
        expected, head, previous = int(header["first"]), after, ""
        while segment.tell() < size:
            line = _json(segment.readline())
            try:
                text, signature, length = line["seal"], bytes.fromhex(line["signature"]), int(line["bytes"])
                body = json.loads(text)
                block = Block(body["no"], segment.tell(), length, body["count"], body["start"], body["head"],
                              body["root"])
                prev, key, xids = body["prev"], body["key"], (body["xid_from"], body["xid_to"])
            except (KeyError, TypeError, ValueError) as error:
                raise Unreadable(f"第 {expected} 个封印不可读") from error
            if key not in keys or not _signed(key, text.encode(), signature):
                alarms.append(f"封印 {block.no}:签名不符或不是可信密钥")
            if block.no != expected:
                alarms.append(f"封印 {block.no}:应为 {expected} 号,有封印缺失或调换")
            if (head and block.start != head) or (previous and prev != previous) or xids[0] >= xids[1]:
                alarms.append(f"封印 {block.no}:与前一封印不相接")
            if block.no == 1 and (block.start.strip("0") or prev):
                alarms.append("封印 1:起点不是零")
            yield block
            expected, head, previous = block.no + 1, block.head, sm3(text.encode()).hex()
            segment.seek(block.offset + max(length, 0))
        if expected != int(header["last"]) + 1:
            alarms.append(f"段文件应到 {header['last']} 号封印,实到 {expected - 1} 号")


def _json(line: bytes) -> dict[str, str]:
    try:
        found = json.loads(line)
    except ValueError as error:
        raise Unreadable("段文件有一行不可读") from error
    if not isinstance(found, dict):
        raise Unreadable("段文件有一行不可读")
    return found


def _signed(key: str, data: bytes, signature: bytes) -> bool:
    kind, _, text = key.partition(":")
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(text)).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return kind == "ed25519"


def verify_segment(path: str, keys: set[str], after: str = "", processes: int | None = None) -> tuple[int, list[str]]:
    """Check a whole segment; returns the number of records and the alarms."""
    alarms: list[str] = []
    blocks = list(read_blocks(path, keys, after, alarms))
    processes = processes or os.cpu_count() or 1
    total = sum(block.size for block in blocks)
    if processes == 1 or total < 20_000:
        return total, alarms + check_blocks(path, blocks)
    share = [blocks[at::processes * 4] for at in range(processes * 4)]
    with ProcessPoolExecutor(processes) as pool:
        for found in pool.map(check_blocks, [path] * len(share), share):
            alarms += found
    return total, alarms


def verify_evidence(evidence: dict[str, Any], keys: set[str]) -> str:
    """What is wrong with the evidence for one record: its bytes, the chain value before it, the groups of siblings on
    its way up the tree, and the signed seal. Empty when the record was sealed so."""
    try:
        text, position = evidence["seal"], int(evidence["position"])
        body = json.loads(text)
        signature, record = bytes.fromhex(evidence["signature"]), evidence["record"].encode()
        value = sm3(bytes.fromhex(evidence["before"]) + record)
        for level, group in enumerate(evidence["groups"]):
            if bytes.fromhex(group[position % 16]) != value:
                return "记录与封印不符"
            value, position = sm3(bytes([1, level]) + bytes.fromhex("".join(group))), position // 16
    except IndexError:
        return "记录与封印不符"
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unreadable("证据文件不可读") from error
    if position or value.hex() != body.get("root"):
        return "记录与封印不符"
    if body.get("key") not in keys or not _signed(body["key"], text.encode(), signature):
        return "签名不符或不是可信密钥"
    return ""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="核验审计段文件")
    parser.add_argument("segment")
    parser.add_argument("--key", action="append", required=True, help="可信的封印公钥 ed25519:…")
    parser.add_argument("--after", default="", help="上一段最后的链值,两段相接时给出")
    parser.add_argument("--processes", type=int, default=None)
    parser.add_argument("--evidence", action="store_true", help="核验单条记录的证据文件")
    given = parser.parse_args(arguments)
    began = time.perf_counter()
    try:
        if given.evidence:
            with open(given.segment, encoding="utf-8") as file:
                problem = verify_evidence(json.load(file), set(given.key))
            sys.stdout.write(f"告警 {problem}\n" if problem else "记录已封印,内容未变\n")
            return 1 if problem else 0
        total, alarms = verify_segment(given.segment, set(given.key), given.after, given.processes)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    seconds = time.perf_counter() - began
    for alarm in alarms:
        sys.stdout.write(f"告警 {alarm}\n")
    sys.stdout.write(f"{total} 条记录,{seconds:.2f} 秒,{total / seconds:,.0f} 条/秒,告警 {len(alarms)} 处\n")
    return 1 if alarms else 0


if __name__ == "__main__":
    sys.exit(main())
