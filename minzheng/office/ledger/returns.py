"""The bank's return file (回盘): each row is matched by all its values, or set aside. Nothing is matched by guess."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import connection, transaction

from minzheng.base import clock, events
from minzheng.base.crypto import sm3
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Actor
from minzheng.office.benefits import budgets
from minzheng.office.benefits.models import ENDED, SOURCES, Entitlement
from minzheng.office.ledger import bankfile, iso20022
from minzheng.office.ledger.books import post
from minzheng.office.ledger.chart import IN_TRANSIT, RETURNED, treasury
from minzheng.office.ledger.doors import envelope_for, require_cashier, require_returner, tell
from minzheng.office.ledger.models import PAID, SPLIT, Envelope, PaymentLine, ReturnFile, ReturnOddity

TITLES = (*bankfile.TITLES, "结果代码", "结果说明", "银行流水号")
PAID_CODE = "0000"
MAX_BYTES = 200 * 1024 * 1024
_SUMS = ", ".join(f"coalesce(sum({column}), 0)" for column in SPLIT)
_YUAN = re.compile(r"[0-9]{1,12}\.[0-9]{2}")
_NUMBER = re.compile(r"[0-9]{1,9}")
_CODE = re.compile(r"[0-9A-Za-z]{1,12}")


@dataclass(frozen=True)
class Declared:
    """What the bank says of its own return: rows, paid rows and their sum."""

    count: int
    paid_count: int
    paid_fen: int


@dataclass(frozen=True)
class Returned:
    """One returned row; `row` is None when its values are not even well formed."""

    line: int
    row: bankfile.Row | None
    code: str
    message: str
    serial: str
    raw: str


@dataclass
class Sorted:
    """Rows by what becomes of them: (line id, row) for the first three lists."""

    paid: list[tuple[int, Returned]] = field(default_factory=list)
    rejected: list[tuple[int, Returned]] = field(default_factory=list)
    oddities: list[tuple[str, str, Returned]] = field(default_factory=list)


def parse(content: bytes, envelope: str = "") -> Iterator[Returned]:
    """Rows of a return file; Refused when it is not one. CSV in UTF-8 (with or without BOM) or GB18030, or pain.002."""
    if len(content) > MAX_BYTES:
        raise Refused("回盘文件过大,请与银行核对。")
    if iso20022.is_xml(content):
        yield from iso20022.read_status(content, envelope)
        return
    reader = csv.DictReader(io.StringIO(_text(content), newline=""))
    if not set(TITLES) <= set(reader.fieldnames or ()):
        raise Refused("回盘文件缺少规定的列,请与银行核对文件格式。")
    for line, cells in enumerate(reader, start=2):
        values = {title: (cells.get(title) or "").strip() for title in TITLES}
        number, money = values["序号"], values["金额"]
        row = None
        if _NUMBER.fullmatch(number) and _YUAN.fullmatch(money) and _CODE.fullmatch(values["结果代码"]):
            row = bankfile.Row(int(number), values["姓名"], values["证件号码"], values["账号"],
                               int(money.replace(".", "")))
        yield Returned(line, row, values["结果代码"], values["结果说明"][:100], values["银行流水号"][:64],
                       ",".join(values[title] for title in TITLES)[:500])


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("回盘文件的编码无法识别,请与银行核对。")


def sort_rows(envelope: Envelope, rows: list[Returned]) -> Sorted:
    """Decides about every row against the lines as they stand. Writes nothing."""
    known = {number: (pk, bytes(index or b""), state, code) for number, pk, index, state, code in
             PaymentLine.objects.filter(envelope=envelope).values_list("number", "id", "row_index", "state", "bank_code")}
    formed = [item.row for item in rows if item.row is not None]
    indexes = iter(bankfile.row_indexes(envelope.number, formed))
    found = Sorted()
    results: dict[int, str] = {}
    for item in rows:
        line = known.get(item.row.number) if item.row is not None else None
        index = next(indexes) if item.row is not None else b""
        if item.row is None or line is None:
            found.oddities.append(("unknown", "序号不在本批次中,或格式不正确", item))
        elif index != line[1]:
            found.oddities.append(("unknown", f"与第 {item.row.number} 行的户名、证件、账号或金额不符", item))
        elif item.code == PAID_CODE and not item.serial:
            found.oddities.append(("unknown", "成功行没有银行流水号", item))
        elif (before := results.get(line[0], line[3])) != "":
            same = before == item.code
            found.oddities.append(("repeated", "同一行重复返回,不重复入账", item) if same
                                  else ("contrary", f"此前结果为 {before},本行为 {item.code}", item))
        else:
            results[line[0]] = item.code
            (found.paid if item.code == PAID_CODE else found.rejected).append((line[0], item))
    return found


def do_take_return(number: str, *, content: bytes, declared: Declared, by: Actor) -> ReturnFile:
    """Takes a return file once (by digest): marks lines paid or rejected, spends the budget, writes the entry, sets
    unknown and contradictory rows aside, and raises the alarm for those and for lines that did not come back."""
    digest = sm3(content).hex()
    rows = list(parse(content, number))
    with transaction.atomic():
        envelope = envelope_for(number, lock=True)
        require_returner(by, envelope.jurisdiction)
        known = ReturnFile.objects.filter(envelope=envelope, digest=digest).first()
        if known is not None:
            return known
        if envelope.state not in ("sent", "closed"):
            raise Refused(f"批次{envelope.get_state_display()},还不能接收回盘文件。")
        found = sort_rows(envelope, rows)
        paid = _mark(envelope, found.paid, "paid")
        rejected = _mark(envelope, found.rejected, "rejected")
        file = _keep(envelope, digest, rows, found, declared, paid[0])
        _book(envelope, file, paid, rejected[0], by)
        _end_what_was_paid_once(found.paid)
        _block_accounts(envelope, [pk for pk, _ in found.rejected], by)
        if not file.missing and envelope.state == "sent":
            envelope.state, envelope.closed_at = "closed", clock.now()
        envelope.trouble = _trouble(file, envelope)
        envelope.save(update_fields=["state", "closed_at", "trouble"])
        tell("ledger.envelope_returned", by=by, kind="envelope", number=number, county=envelope.jurisdiction,
             paid=file.paid, paid_fen=file.paid_fen, rejected=file.rejected, repeated=file.repeated,
             quarantined=file.quarantined, missing=file.missing, trouble=envelope.trouble)
    return file


def _mark(envelope: Envelope, found: list[tuple[int, Returned]], state: str) -> list[int]:
    """Moves sent lines to their end state; [fen, fen by source …] of those moved, which must be all of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH moved AS (UPDATE ledger_paymentline l SET state = %s, bank_code = x.code, bank_message = x.message,"  # noqa: S608
            " bank_serial = x.serial, settled_on = %s, note = ''"
            " FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS x(id, code, message, serial)"
            " WHERE l.id = x.id AND l.envelope_id = %s AND l.state = 'sent' RETURNING l.*)"
            " SELECT count(*), coalesce(sum(fen), 0), " + _SUMS + " FROM moved",
            [state, clock.today(), [pk for pk, _ in found], [item.code for _, item in found],
             [item.message for _, item in found], [item.serial for _, item in found], envelope.pk])
        count, *sums = map(int, cursor.fetchone())
    if count != len(found):
        raise RuntimeError(f"{envelope.number}: {len(found)} rows matched and {count} lines moved")
    return sums


def _end_what_was_paid_once(paid: list[tuple[int, Returned]]) -> None:
    lines = PaymentLine.objects.filter(pk__in=[pk for pk, _ in paid])
    Entitlement.objects.filter(once=True, pk__in=lines.values("entitlement_id")).exclude(status=ENDED).update(
        status=ENDED, on_hold=False, reason="已发放")


def _keep(envelope: Envelope, digest: str, rows: list[Returned], found: Sorted, declared: Declared,
          paid_fen: int) -> ReturnFile:
    repeated = sum(kind == "repeated" for kind, _, _ in found.oddities)
    file = ReturnFile.objects.create(
        envelope=envelope, jurisdiction=envelope.jurisdiction, digest=digest, rows=len(rows),
        declared_count=declared.count, declared_paid_count=declared.paid_count, declared_paid_fen=declared.paid_fen,
        paid=len(found.paid), paid_fen=paid_fen, rejected=len(found.rejected), repeated=repeated,
        quarantined=len(found.oddities) - repeated,
        missing=PaymentLine.objects.filter(envelope=envelope, state="sent").count(), taken_at=clock.now())
    ReturnOddity.objects.bulk_create(
        (ReturnOddity(file=file, jurisdiction=envelope.jurisdiction, row=item.line, kind=kind, note=note, raw=item.raw)
         for kind, note, item in found.oddities), batch_size=1000)
    return file


def _book(envelope: Envelope, file: ReturnFile, paid: list[int], rejected_fen: int, by: Actor) -> None:
    ref = f"return:{envelope.number}:{file.digest}"
    by_source = dict(zip((s for s, _ in SOURCES), paid[1:], strict=True))
    post(ref, kind="return", county=envelope.jurisdiction, scheme=envelope.run.scheme, by=by,
         memo=f"批次 {envelope.number} 回盘",
         amounts={IN_TRANSIT: paid[0] + rejected_fen, RETURNED: -rejected_fen,
                  **{treasury(source): -fen for source, fen in by_source.items()}})
    budgets.move("spend", year=envelope.run.month.year, scheme=envelope.run.scheme, county=envelope.jurisdiction,
                 by_source=by_source, ref=ref)


def _block_accounts(envelope: Envelope, lines: list[int], by: Actor) -> None:
    """A rejected account is not tried again next month until it is corrected or checked anew."""
    if not lines:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE benefits_entitlement e SET payee_check = l.bank_code, payee_checked_at = %s"
            " FROM ledger_paymentline l WHERE l.id = ANY(%s) AND e.id = l.entitlement_id"
            " AND e.payee_version = l.payee_version", [clock.now(), lines])
    for line in PaymentLine.objects.filter(pk__in=lines).select_related("entitlement").iterator(1000):
        events.emit("ledger.line_rejected", aggregate=f"entitlement:{line.entitlement_id}",
                    jurisdiction=line.jurisdiction,
                    payload={"line": line.code, "entitlement": line.entitlement.number, "code": line.bank_code,
                             "case": line.entitlement.case_code, "head": line.entitlement.head_id})


def _trouble(file: ReturnFile, envelope: Envelope) -> str:
    said = []
    if file.missing:
        said.append(f"{file.missing} 行没有返回")
    if file.quarantined:
        said.append(f"{file.quarantined} 行无法识别或前后矛盾,已隔离")
    total = envelope.lines.filter(state=PAID).count()
    if file.declared_paid_count != total:
        said.append(f"银行声明到账 {file.declared_paid_count} 笔,系统累计确认 {total} 笔")
    return ";".join(said)


def do_resolve_oddity(oddity_id: int, *, resolution: str, by: Actor) -> ReturnOddity:
    """Notes what the bank answered about a quarantined row. It moves no money: the bank sends a corrected file."""
    if not resolution.strip():
        raise Refused("请写明与银行核对的结果。", field="resolution")
    with transaction.atomic():
        oddity = ReturnOddity.objects.select_for_update(of=("self",)).select_related("file__envelope").filter(
            pk=oddity_id).first()
        if oddity is None or oddity.resolved_at is not None:
            raise Refused("这一行不存在或已处理,请刷新页面。")
        require_cashier(by, oddity.jurisdiction)
        oddity.resolution, oddity.resolved_by, oddity.resolved_at = resolution, by.name, clock.now()
        oddity.save(update_fields=["resolution", "resolved_by", "resolved_at"])
        tell("ledger.oddity_resolved", by=by, kind="envelope", number=oddity.file.envelope.number,
             county=oddity.jurisdiction, reason=resolution, row=oddity.row)
    return oddity
