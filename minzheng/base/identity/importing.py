"""Bulk import of officers' accounts. Each row ends by itself: made with a proposed post, or refused with a reason."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections import Counter
from dataclasses import dataclass

from django.db import transaction
from django.db.models.functions import Lower

from minzheng.base import clock
from minzheng.base.audit import record_bulk
from minzheng.base.audit.merkle import merkle_root
from minzheng.base.cells import safe_cell
from minzheng.base.crypto import sm3
from minzheng.base.errors import Refused
from minzheng.base.identity.accounts import hash_of, initial_password
from minzheng.base.identity.models import Account
from minzheng.base.identity.officer import Officer, require_role
from minzheng.base.identity.posting import Proposal, call_door, do_propose_post
from minzheng.base.identity.roles import all_roles
from minzheng.base.identity.sheets import read_table

COLUMNS = ("用户名", "姓名", "岗位", "管辖代码", "业务范围", "启用日期", "停用日期")
_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,63}")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")


@dataclass(frozen=True)
class Row:
    """What became of one line of the file. `password` is shown once and kept nowhere."""

    line: int
    username: str
    name: str
    ok: bool
    text: str
    password: str = ""


@dataclass(frozen=True)
class Imported:
    rows: tuple[Row, ...]

    @property
    def made(self) -> int:
        return sum(row.ok for row in self.rows)

    def sheet(self) -> str:
        """The one-time sheet of initial passwords and refusals as CSV text with a mark that spreadsheets need."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(["行号", "用户名", "姓名", "结果", "说明", "初始密码"])
        for row in self.rows:
            writer.writerow([row.line, safe_cell(row.username), safe_cell(row.name), "已建立" if row.ok else "未导入",
                             safe_cell(row.text), row.password])
        return "\ufeff" + out.getvalue()


def do_import_accounts(content: bytes, *, by: Officer) -> Imported:
    """Makes the accounts of a CSV or xlsx with the columns 用户名 姓名 岗位 管辖代码 业务范围 启用日期 停用日期.

    Posts are proposed, so a security administrator still approves each. Twins within the file or with existing accounts
    are refused. Runs in one transaction and leaves one audit record with the root of its outcomes.
    """
    require_role(by, "system_admin")
    table = read_table(content)
    if not table or tuple(table[0][:len(COLUMNS)]) != COLUMNS:
        raise Refused(f"第一行应是列名:{'、'.join(COLUMNS)}。")
    lines = [(n, (row + [""] * len(COLUMNS))[:len(COLUMNS)]) for n, row in enumerate(table[1:], 2) if any(row)]
    if not lines:
        raise Refused("文件里没有账户。")
    counts = Counter(cells[0].lower() for _, cells in lines)
    existing = Account.objects.annotate(low=Lower("username")).filter(low__in=list(counts))
    known = set(existing.values_list("low", flat=True))
    known |= {name for name, count in counts.items() if count > 1}
    titles = {role.title: role.code for role in all_roles()} | {role.code: role.code for role in all_roles()}
    rows = tuple(_one(number, cells, known, titles, by) for number, cells in lines)
    leaves = [sm3(json.dumps([row.line, row.username, row.ok, row.text], ensure_ascii=False).encode()) for row in rows]
    record_bulk("identity.import", by=by, obj_type="account", obj_id=f"{clock.now():%Y%m%d%H%M%S}",
                jurisdiction=by.jurisdiction, total=len(rows), failed=len(rows) - sum(row.ok for row in rows),
                outcome_root=merkle_root(leaves), reason="批量导入账户")
    return Imported(rows)


def _one(number: int, cells: list[str], known: set[str], titles: dict[str, str], by: Officer) -> Row:
    username, name, role, office, scenes, since, until = cells
    try:
        if not _USERNAME.fullmatch(username):
            raise Refused("用户名应为 3 至 64 位字母、数字、点、横线或下划线。")
        if username.lower() in known:
            raise Refused("用户名重复(文件内或已有账户),整组都未导入,请核对后改用不同的用户名。")
        if not 2 <= len(name) <= 64 or any(not ch.isprintable() for ch in name):
            raise Refused("姓名应为 2 至 64 个字。")
        if role not in titles:
            raise Refused(f"没有“{role}”这种岗位。")
        if not re.fullmatch(r"[1-9]\d{11}", office):
            raise Refused("管辖代码应为 12 位数字。表格软件可能改动了长数字,请把这一列设为文本。")
        password = initial_password()
        with transaction.atomic():
            account = call_door("identity_make_account", [username, name, hash_of(password)])
            if account is None:
                raise Refused("用户名已被使用。")
            do_propose_post(Proposal(account, titles[role], office, [s for s in re.split(r"[、,,;; ]+", scenes) if s],
                                     _date(since) or clock.today(), _date(until), reason="批量导入"), by=by)
    except Refused as refusal:
        return Row(number, username, name, False, refusal.reason)
    return Row(number, username, name, True, "岗位待安全管理员批准", password)


def _date(text: str) -> dt.date | None:
    if not text:
        return None
    found = _DATE.fullmatch(text)
    try:
        if found is None:
            raise ValueError(text)
        return dt.date(*map(int, found.groups()))
    except ValueError:
        raise Refused(f"日期“{text}”读不懂,请写成 2026-01-31。") from None
