"""备用金: the county advances cash to a township, which pays small urgent help at once and accounts for it afterwards.

The advance is spent budget and an asset (1003) of the county; a payment takes from the fund's balance; an approved
settlement (报账) turns payments into expense. Top-ups = balance + payments not given back, at any time.
"""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import F, Q, Sum

from minzheng.base import clock
from minzheng.base.divisions.names import full_name
from minzheng.base.errors import NotAllowed, NotFound, Refused
from minzheng.base.identity.officer import Actor, Citizen, Officer, require_role
from minzheng.base.scope.ranges import level_of, office_of, range_of
from minzheng.office.benefits import budgets
from minzheng.office.benefits.months import first_of
from minzheng.office.benefits.once import check_once
from minzheng.office.benefits.records import constraint_of, need_reason
from minzheng.office.ledger.books import post
from minzheng.office.ledger.chart import EXPENSE, IMPREST, treasury
from minzheng.office.ledger.doors import require_cashier, require_money_post, tell
from minzheng.office.ledger.models import ImprestFund, ImprestMove, ImprestSettlement

PAYERS = ("town_clerk", "town_reviewer")
MOST_FEN = 100_000_000  # a township's ceiling above this is a typing mistake (示例值)


def fund_for(number: str, *, lock: bool = False) -> ImprestFund:
    """A fund by its number within the scope in force; NotFound beyond it."""
    digits = number.removeprefix("BY")
    rows = ImprestFund.objects.filter(pk=int(digits)) if number.startswith("BY") and digits.isdigit() and digits.isascii() \
        and len(digits) <= 18 else ImprestFund.objects.none()
    row = (rows.select_for_update() if lock else rows).first()
    if row is None:
        raise NotFound("没有这笔备用金,或不在您的管辖范围内。")
    return row


def fund_of(office: str, scheme: str, *, lock: bool = False) -> ImprestFund | None:
    """The township's fund for a scheme, within the scope in force."""
    rows = ImprestFund.objects.filter(jurisdiction=office, scheme=scheme)
    return (rows.select_for_update() if lock else rows).first()


def do_open_fund(office: str, scheme: str, *, ceiling_fen: int, reason: str, by: Actor) -> ImprestFund:
    """Sets up a township's fund, or changes its ceiling; never below what it holds."""
    county = office_of(office, 3)
    require_money_post(by, county, "county_finance", "county_leader")
    check_once(scheme)
    need_reason(reason)
    if level_of(office) != 4:
        raise Refused("备用金设在乡镇(街道),请选择乡镇(街道)。", field="office")
    if isinstance(ceiling_fen, bool) or not 0 < ceiling_fen <= MOST_FEN:
        raise Refused(f"核定额度应大于 0 且不超过 {MOST_FEN // 100} 元。", field="ceiling_fen")
    with transaction.atomic():
        row = fund_of(office, scheme, lock=True)
        before = row.ceiling_fen if row else 0
        if row is None:
            row = ImprestFund.objects.create(scheme=scheme, jurisdiction=office, ceiling_fen=ceiling_fen,
                                             opened_by=by.account_id, opened_at=clock.now())
        elif ceiling_fen < row.balance_fen:
            raise Refused(f"余额还有 {budgets.yuan(row.balance_fen)} 元,额度不能低于余额。", field="ceiling_fen")
        else:
            row.ceiling_fen = ceiling_fen
            row.save(update_fields=["ceiling_fen"])
        tell("ledger.imprest_opened", by=by, kind="imprest", number=row.number, county=county, reason=reason, fen=ceiling_fen,
             before=before)
    return row


def do_top_up(number: str, *, fen: int, document: str, by: Actor) -> ImprestFund:
    """The county's cashier advances money, by source as the scheme is shared; once per document. Refused above the ceiling
    or the budget."""
    with transaction.atomic():
        row = fund_for(number, lock=True)
        county = office_of(row.jurisdiction, 3)
        require_cashier(by, county)
        if not document.strip():
            raise Refused("请填写拨款凭证号。", field="document")
        if isinstance(fen, bool) or not isinstance(fen, int) or fen <= 0:
            raise Refused("拨款金额应大于 0。", field="fen")
        ref = f"imprest:topup:{county}:{document.strip()}"
        if ImprestMove.objects.filter(ref=ref).exists():
            return row
        if row.balance_fen + fen > row.ceiling_fen:
            raise Refused(f"核定额度 {budgets.yuan(row.ceiling_fen)} 元,余额 {budgets.yuan(row.balance_fen)} 元,"
                          f"最多还能拨 {budgets.yuan(row.ceiling_fen - row.balance_fen)} 元。", field="fen")
        year, month = clock.today().year, first_of(clock.today())
        parts = budgets.split(fen, budgets.shares_in_force(row.scheme, county, month))
        for kind in ("reserve", "spend"):
            budgets.move(kind, year=year, scheme=row.scheme, county=county, by_source=parts, ref=ref)
        post(ref, kind="imprest", county=county, scheme=row.scheme, by=by, memo=f"拨{full_name(row.jurisdiction)}备用金",
             amounts={IMPREST: fen, **{treasury(source): -part for source, part in parts.items()}})
        _move(row, "topup", fen, ref, by, parts=parts)
        tell("ledger.imprest_topped_up", by=by, kind="imprest", number=number, county=county, fen=fen, document=document)
    return fund_for(number)


def do_pay(office: str, scheme: str, *, fen: int, ref: str, case_code: str, receiver: str, method: str, note: str,
           by: Actor) -> ImprestMove:
    """The township pays at once, once per `ref`. Refused when the fund does not hold as much."""
    if isinstance(by, Citizen) or not isinstance(by, Officer):
        raise NotAllowed("备用金由乡镇(街道)经办人员支付。")
    require_role(by, *PAYERS)
    if by.jurisdiction != office:
        raise NotAllowed("只能从本乡镇(街道)的备用金支付。")
    if method not in dict(ImprestMove.METHODS):
        raise Refused("请选择支付方式。", field="method")
    if not (ref.strip() and case_code.strip() and receiver.strip()):
        raise Refused("请写明办件和收款人。", field="receiver")
    if isinstance(fen, bool) or not isinstance(fen, int) or fen <= 0:
        raise Refused("支付金额应大于 0。", field="fen")
    with transaction.atomic():
        row = fund_of(office, scheme, lock=True)
        known = ImprestMove.objects.filter(ref=ref).first()
        if known is not None:
            return known
        if row is None:
            raise Refused("本乡镇(街道)还没有设立备用金,请县级资金岗位先设立并拨款。")
        if row.balance_fen < fen:
            raise Refused(f"备用金余额 {budgets.yuan(row.balance_fen)} 元,不够支付 {budgets.yuan(fen)} 元。请先申请拨款。",
                          field="fen")
        made = _move(row, "pay", fen, ref, by, case_code=case_code, receiver=receiver, method=method, note=note)
        tell("ledger.imprest_paid", by=by, kind="imprest", number=row.number, county=office, fen=fen, case=case_code)
    return made


def do_give_back(ref: str, *, note: str, by: Actor) -> ImprestMove:
    """A payment that came back (nobody took it, it was wrong) returns to the fund, whole, once, before it is settled."""
    need_reason(note)
    with transaction.atomic():
        paid = ImprestMove.objects.select_related("fund").filter(ref=ref, kind="pay").first()
        if paid is None:
            raise NotFound("没有这笔备用金付款。")
        row = fund_of(paid.jurisdiction, paid.fund.scheme, lock=True)
        require_role(by, *PAYERS)  # type: ignore[arg-type]
        known = ImprestMove.objects.filter(ref=f"{ref}:back").first()
        if known is not None:
            return known
        paid.refresh_from_db()
        if row is None or paid.settlement_id is not None:
            raise Refused("这笔付款已经报账。款项退回的,请县级资金岗位按追回款入账。")
        made = _move(row, "back", paid.fen, f"{ref}:back", by, case_code=paid.case_code, receiver=paid.receiver, note=note)
        tell("ledger.imprest_given_back", by=by, kind="imprest", number=row.number, county=row.jurisdiction, fen=paid.fen,
             case=paid.case_code, reason=note)
    return made


def _move(row: ImprestFund, kind: str, fen: int, ref: str, by: Actor, **more: object) -> ImprestMove:
    """Writes the movement and the balance; the database refuses to overdraw. The fund is locked by the caller."""
    try:
        with transaction.atomic():
            ImprestFund.objects.filter(pk=row.pk).update(balance_fen=F("balance_fen") + (-fen if kind == "pay" else fen))
            made = ImprestMove.objects.create(fund=row, jurisdiction=row.jurisdiction, kind=kind, fen=fen, ref=ref,
                                              by_account=by.account_id, by_name=by.name, at=clock.now(), **more)
    except IntegrityError as error:
        if constraint_of(error) == "imprest_not_overdrawn":
            raise Refused("备用金余额不足或超出核定额度,请刷新后核对。", field="fen") from error
        raise
    return made


def do_papers_are_there(ref: str) -> None:
    """The written explanation of a payment is in its file; called by the matter that keeps it."""
    ImprestMove.objects.filter(ref=ref, kind="pay").update(papers=True)


def unsettled(fund: ImprestFund) -> list[ImprestMove]:
    """Payments that were not given back and are in no settlement, oldest first."""
    back = fund.moves.filter(kind="back").values_list("ref", flat=True)
    return [row for row in fund.moves.filter(kind="pay", settlement=None).order_by("id") if f"{row.ref}:back" not in set(back)]


def do_submit_settlement(number: str, *, by: Officer) -> ImprestSettlement:
    """报账: all unsettled payments whose papers are there."""
    require_role(by, *PAYERS)
    with transaction.atomic():
        row = fund_for(number, lock=True)
        if by.jurisdiction != row.jurisdiction:
            raise NotAllowed("由设有备用金的乡镇(街道)报账。")
        if row.settlements.filter(state="submitted").exists():
            raise Refused("上一张报账单还在县级审核,审核后再报。")
        moves = [move for move in unsettled(row) if move.papers]
        if not moves:
            raise Refused("没有手续齐全、可以报账的付款。请先补齐说明和签收凭证。")
        made = ImprestSettlement.objects.create(
            fund=row, jurisdiction=row.jurisdiction, count=len(moves), fen=sum(m.fen for m in moves),
            submitted_by=by.account_id, submitted_name=by.name, submitted_at=clock.now())
        ImprestMove.objects.filter(pk__in=[m.pk for m in moves]).update(settlement=made)
        tell("ledger.imprest_settlement", by=by, kind="settlement", number=made.number, county=row.jurisdiction, fen=made.fen,
             count=made.count)
    return made


def settlement_for(number: str, *, lock: bool = False) -> ImprestSettlement:
    digits = number.removeprefix("BZ")
    rows = ImprestSettlement.objects.filter(pk=int(digits)) if number.startswith("BZ") and digits.isdigit() \
        and digits.isascii() and len(digits) <= 18 else ImprestSettlement.objects.none()
    row = (rows.select_for_update(of=("self",)) if lock else rows).select_related("fund").first()
    if row is None:
        raise NotFound("没有这张报账单,或不在您的管辖范围内。")
    return row


def do_answer_settlement(number: str, *, approve: bool, answer: str, by: Officer) -> ImprestSettlement:
    """The county approves (payments become expense) or sends it back (they can be submitted again). Answered once."""
    with transaction.atomic():
        row = settlement_for(number, lock=True)
        county = office_of(row.jurisdiction, 3)
        require_money_post(by, county, "county_finance", "county_leader")
        if row.state != "submitted":
            raise Refused(f"这张报账单{row.get_state_display()},不能再审核。")
        if row.submitted_by in by.hands:
            raise NotAllowed("报账与审核应由不同的人办理。")
        if not approve:
            need_reason(answer)
            row.moves.update(settlement=None)
        else:
            post(f"settlement:{row.pk}", kind="settlement", county=county, scheme=row.fund.scheme, by=by,
                 memo=f"{full_name(row.jurisdiction)}备用金报账 {row.number}", amounts={EXPENSE: row.fen, IMPREST: -row.fen})
        row.state, row.answer = "approved" if approve else "returned", answer.strip()
        row.answered_by, row.answered_name, row.answered_at = by.account_id, by.name, clock.now()
        row.save(update_fields=["state", "answer", "answered_by", "answered_name", "answered_at"])
        tell("ledger.imprest_settled" if approve else "ledger.imprest_returned", by=by, kind="settlement", number=number,
             county=county, fen=row.fen, reason=answer)
    return row


def sums(county: str) -> tuple[int, int, dict[str, int]]:
    """(what 1003 should hold: cash and payments not settled, settled fen, advances by source) of a county's townships."""
    low, high = range_of(county)
    cash = ImprestFund.objects.filter(jurisdiction__gte=low, jurisdiction__lt=high).aggregate(s=Sum("balance_fen"))["s"] or 0
    moves = ImprestMove.objects.filter(jurisdiction__gte=low, jurisdiction__lt=high)
    waiting = moves.filter(Q(settlement=None) | ~Q(settlement__state="approved"), kind="pay").aggregate(s=Sum("fen"))["s"] or 0
    back = moves.filter(kind="back").aggregate(s=Sum("fen"))["s"] or 0
    settled = moves.filter(kind="pay", settlement__state="approved").aggregate(s=Sum("fen"))["s"] or 0
    parts: dict[str, int] = {}
    for each in moves.filter(kind="topup").values_list("parts", flat=True):
        for source, fen in each.items():
            parts[source] = parts.get(source, 0) + int(fen)
    return int(cash + waiting - back), int(settled), parts
