from __future__ import annotations

import io
import zipfile
from typing import Any
from xml.sax.saxutils import escape

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import check_password
from django.db import DatabaseError, transaction

from minzheng.base.audit.models import AuditRecord
from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.base.identity import second_factor
from minzheng.base.identity.accounts import do_enable, do_reset_password, do_reset_second_factor, do_unlock
from minzheng.base.identity.importing import COLUMNS, Imported, do_import_accounts
from minzheng.base.identity.models import Account, Post
from minzheng.base.identity.sheets import read_table
from minzheng.testing import Cast, acting_as, as_owner

HEAD = ",".join(COLUMNS)
GOOD = "zhang.san,张三,乡镇经办,320583100000,teahouse,2026-11-01,"


def load(people: Cast, *lines: str, encoding: str = "utf-8") -> Imported:
    with acting_as(people.system_admin):
        return do_import_accounts("\n".join((HEAD, *lines)).encode(encoding), by=people.system_admin)


def accounts() -> int:
    with as_owner():
        return Account.objects.count()


def book(rows: list[list[str]], shared: bool = True) -> bytes:
    """A small xlsx as spreadsheets write it."""
    words: list[str] = []
    lines = []
    for n, row in enumerate(rows, 1):
        cells = ""
        for at, text in enumerate(row):
            if not text:
                continue
            where = f"{chr(65 + at)}{n}"
            if shared:
                words.append(text)
                cells += f'<c r="{where}" t="s"><v>{len(words) - 1}</v></c>'
            else:
                cells += f'<c r="{where}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'
        lines.append(f'<row r="{n}">{cells}</row>')
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        sheet = f"<worksheet {space}><sheetData>{''.join(lines)}</sheetData></worksheet>"
        file.writestr("xl/worksheets/sheet1.xml", sheet)
        if shared:
            items = "".join(f"<si><t>{escape(word)}</t></si>" for word in words)
            file.writestr("xl/sharedStrings.xml", f"<sst {space}>{items}</sst>")
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_good_row_makes_an_account_that_must_change_its_password_and_a_post_that_waits(
        people: Cast, encoding: str) -> None:
    (row,) = load(people, GOOD, encoding=encoding).rows
    assert row.ok and len(row.password) == 19
    with as_owner():
        account = Account.objects.get(username="zhang.san")
        assert account.name == "张三" and account.must_change_password
        assert check_password(row.password, account.password)
        post = Post.objects.get(account=account)
        assert (post.approved_by, post.scenes) == (None, ["teahouse"])
        assert post.proposed_by_id == people.system_admin.account_id


@pytest.mark.parametrize("shared", [True, False])
def test_a_spreadsheet_is_read_too(people: Cast, shared: bool) -> None:
    with acting_as(people.system_admin):
        done = do_import_accounts(book([list(COLUMNS), GOOD.split(",")], shared), by=people.system_admin)
    assert [(row.username, row.ok) for row in done.rows] == [("zhang.san", True)]


@pytest.mark.parametrize(("line", "words"), [
    ("a,张三,乡镇经办,320583100000,teahouse,,", "用户名"),
    ("zhang san,张三,乡镇经办,320583100000,teahouse,,", "用户名"),
    ("zhang.san,张,乡镇经办,320583100000,teahouse,,", "姓名"),
    ("zhang.san,张三,茶博士,320583100000,teahouse,,", "茶博士"),
    ("zhang.san,张三,乡镇经办,3.20583E+11,teahouse,,", "12 位"),
    ("zhang.san,张三,县级经办,320581000000,teahouse,,", "本辖区"),
    ("zhang.san,张三,乡镇经办,320583000000,teahouse,,", "只能设在"),
    ("zhang.san,张三,乡镇经办,320583100000,,,", "业务范围"),
    ("zhang.san,张三,乡镇经办,320583100000,teahouse,昨天,", "读不懂"),
    ("zhang.san,张三,乡镇经办,320583100000,teahouse,2026-13-01,", "读不懂"),
    ("T_County,陈敏,乡镇经办,320583100000,teahouse,,", "重复"),
    ("zhang.san", "姓名"),
])
def test_a_bad_row_is_refused_with_its_reason_and_the_good_one_beside_it_is_made(
        people: Cast, line: str, words: str) -> None:
    before = accounts()
    bad, good = load(people, line, "li.si,李四,town_clerk,320583100000,teahouse、inn,2026年11月1日,2027/1/31").rows
    assert not bad.ok and words in bad.text and not bad.password
    assert good.ok and accounts() == before + 1


def test_twins_in_a_file_are_both_refused(people: Cast) -> None:
    before = accounts()
    assert [row.ok for row in load(people, GOOD, GOOD.replace("zhang", "Zhang")).rows] == [False, False]
    assert accounts() == before


def test_two_thousand_and_one_rows_end_row_by_row(people: Cast) -> None:
    lines = [f"user{n},姓名甲,乡镇经办,320583100000,teahouse,2026-11-01," for n in range(2000)]
    done = load(people, *lines, "bad row,某人,乡镇经办,320583100000,teahouse,,")
    assert (done.made, len(done.rows)) == (2000, 2001)
    assert len({row.password for row in done.rows}) == 2001
    with as_owner():
        assert AuditRecord.objects.filter(action="identity.import").count() == 1
        stored = b"".join(bytes(row.canonical) for row in AuditRecord.objects.filter(action="identity.import"))
    assert done.rows[0].password.encode() not in stored


@pytest.mark.parametrize("content", [
    b"", b"a,b\n1,2", "用户名,姓名".encode(), HEAD.encode(), b"PK\x03\x04broken", b"\x00\xff\x00\xff",
    b"\xd0\xcf\x11\xe0\x00\x00",
])
def test_a_file_that_is_no_such_table_is_refused(people: Cast, content: bytes) -> None:
    before = accounts()
    with acting_as(people.system_admin), pytest.raises(Refused):
        do_import_accounts(content, by=people.system_admin)
    assert accounts() == before


def test_a_spreadsheet_with_entities_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("xl/worksheets/sheet1.xml", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
    with pytest.raises(Refused):
        read_table(out.getvalue())


def test_the_sheet_of_passwords_starts_no_formula(people: Cast) -> None:
    done = load(people, "=cmd,@危险,乡镇经办,320583100000,teahouse,,", "\u200b+cmd,\ufeff＝危险,乡镇经办,320583100000,teahouse,,")
    sheet = done.sheet()
    assert "'=cmd" in sheet and "'@危险" in sheet and ",'+cmd" in sheet and ",'＝危险" in sheet


@pytest.mark.parametrize("who", ["security_admin", "audit_admin", "leader", "clerk", "province"])
def test_others_import_nothing(people: Cast, who: str) -> None:
    other = getattr(people, who)
    before = accounts()
    with acting_as(other), pytest.raises(NotAllowed):
        do_import_accounts(f"{HEAD}\n{GOOD}".encode(), by=other)
    assert accounts() == before


def account_of(who: Any) -> Account:
    with as_owner():
        return Account.objects.get(pk=who.account_id)


def test_a_locked_account_is_unlocked_by_the_system_administrator(people: Cast) -> None:
    with as_owner():
        Account.objects.filter(pk=people.clerk.account_id).update(locked_until="2099-01-01T00:00Z", failed_count=3)
    for who in (people.security_admin, people.leader):
        with acting_as(who), pytest.raises(NotAllowed):
            do_unlock(people.clerk.account_id, by=who)
    with acting_as(people.system_admin):
        do_unlock(people.clerk.account_id, by=people.system_admin)
    assert account_of(people.clerk).locked_until is None


def test_a_new_password_and_a_new_second_factor_take_two_different_administrators(people: Cast) -> None:
    number = people.clerk.account_id
    with as_owner():
        second_factor.enrol(Account.objects.get(pk=number), "JBSWY3DPEHPK3PXP")
    with acting_as(people.security_admin):
        with pytest.raises(NotAllowed):
            do_reset_second_factor(number, by=people.security_admin, reason="手机丢失")
        fresh = do_reset_password(number, by=people.security_admin, reason="忘记密码")
    with acting_as(people.system_admin):
        with pytest.raises(NotAllowed):
            do_reset_password(number, by=people.system_admin, reason="忘记密码")
        with pytest.raises(Refused, match="原因"):
            do_reset_second_factor(number, by=people.system_admin, reason="")
        do_reset_second_factor(number, by=people.system_admin, reason="手机丢失")
    account = account_of(people.clerk)
    assert check_password(fresh, account.password) and account.must_change_password
    with as_owner():
        assert not Authenticator.objects.filter(user=account).exists()


@pytest.mark.parametrize("who", ["neighbour", "province", "city", "citizen"])
def test_accounts_with_a_post_elsewhere_or_above_and_citizens_are_out_of_reach(people: Cast, who: str) -> None:
    number = getattr(people, who).account_id
    with acting_as(people.security_admin), pytest.raises(NotFound):
        do_reset_password(number, by=people.security_admin, reason="忘记密码")
    assert account_of(getattr(people, who)).password == "!"


def test_a_disabled_account_is_enabled_again_and_nobody_disables_the_own(people: Cast) -> None:
    with acting_as(people.system_admin):
        do_enable(people.clerk.account_id, False, by=people.system_admin, reason="长期离岗")
        assert not account_of(people.clerk).is_active
        do_enable(people.clerk.account_id, True, by=people.system_admin, reason="回岗")
        with pytest.raises(Refused, match="自己"):
            do_enable(people.system_admin.account_id, False, by=people.system_admin, reason="试试")
    assert account_of(people.clerk).is_active


def test_officers_write_no_account_directly(people: Cast) -> None:
    with acting_as(people.system_admin), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Account.objects.filter(pk=people.clerk.account_id).update(is_active=False)
