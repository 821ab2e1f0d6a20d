"""Granting a benefit from a decision, and who is paid for it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from stdnum.cn import ric

from minzheng.base import clock
from minzheng.base.crypto import blind_index, mask_account, mask_id
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Actor
from minzheng.base.scope.ranges import level_of
from minzheng.office.benefits.models import Entitlement, EntitlementAmount, EntitlementMember
from minzheng.office.benefits.months import add_months, first_of
from minzheng.office.benefits.records import (
    constraint_of,
    entitlement_for,
    need_reason,
    note_change,
    place_in_reach,
    require_post,
    save_step,
    stamp,
)
from minzheng.office.benefits.schemes import get_scheme

GRANT_ROLES = ("county_approver", "county_leader", "town_reviewer")
PAYEE_ROLES = ("county_clerk", "county_cashier", "town_clerk")
CEILING_FEN = 5_000_000  # a month; above it is a typing mistake rather than a benefit (示例值)
HOLDER = re.compile(r"[\u3400-\u9fff\U00020000-\U000323afA-Za-z][\u3400-\u9fff\U00020000-\U000323afA-Za-z ·]{0,59}")
ACCOUNT = re.compile(r"[0-9]{8,32}")
ID_NUMBER = re.compile(r"[1-9][0-9]{16}[0-9X]")
ALREADY = "成员中有人已在其他家庭或其他地方享受同类待遇,不能重复享受。请先核实并终止原待遇,或从本家庭中去除该成员。"


@dataclass(frozen=True)
class Covered:
    """A covered person: registry id, name and relation to the head, as in the decision."""

    person_id: int
    name: str
    relation: str


@dataclass(frozen=True)
class Payee:
    """Account holder, account and the holder's ID number, in clear text. `repr` shows none of it."""

    name: str
    account: str
    id_number: str

    def __repr__(self) -> str:
        return f"Payee({mask_id(self.id_number)}, {mask_account(self.account)})"


def check_payee(payee: Payee) -> None:
    """Refused unless the three values can stand in a bank file as they are."""
    if not HOLDER.fullmatch(payee.name):
        raise Refused("户名只能含汉字、字母、空格和间隔号,请按银行卡户名填写。", field="payee_name")
    if not ACCOUNT.fullmatch(payee.account):
        raise Refused("账号应为 8 至 32 位数字,请核对银行卡。", field="payee_account")
    if not ID_NUMBER.fullmatch(payee.id_number) or ric.calc_check_digit(payee.id_number) != payee.id_number[-1]:
        raise Refused("证件号码校验不通过,请核对居民身份证。", field="payee_id_number")


def check_amount(fen: int) -> None:
    if isinstance(fen, bool) or not isinstance(fen, int) or not 0 < fen <= CEILING_FEN:
        raise Refused(f"月标准应大于 0 且不超过 {CEILING_FEN // 100} 元,请核对金额。", field="monthly_fen")


def check_grant(*, scheme: str, case_code: str, decision: str, decided_on: dt.date, jurisdiction: str,
                head_person: int, members: Sequence[Covered], payee: Payee, monthly_fen: int, by: Actor) -> None:
    """Refused with a reason when the benefit can't be granted as described. Writes nothing."""
    require_post(by, *GRANT_ROLES)
    place_in_reach(by, jurisdiction)
    get_scheme(scheme)
    if level_of(jurisdiction) < 4:
        raise Refused("待遇应落到乡镇(街道)或村(社区),请选择具体的管辖单位。", field="jurisdiction")
    if not (case_code.strip() and decision.strip()):
        raise Refused("发放待遇须有案件编号和决定书文号,请先作出决定。", field="decision")
    if decided_on > clock.today():
        raise Refused("决定日期不能晚于今天,请核对。", field="decided_on")
    people = [member.person_id for member in members]
    if not people or len(set(people)) != len(people):
        raise Refused("保障人员不能为空,也不能重复,请核对家庭成员。", field="members")
    if head_person not in people:
        raise Refused("户主不在保障人员之中,请核对家庭成员。", field="head_person")
    check_amount(monthly_fen)
    check_payee(payee)


def do_grant(*, scheme: str, case_code: str, decision: str, decided_on: dt.date, jurisdiction: str,
             household_id: int | None, head_person: int, members: Sequence[Covered], payee: Payee, monthly_fen: int,
             by: Actor, review_months: int | None = None) -> Entitlement:
    """Makes the entitlement of a confirmed decision, due from the month after it (民发〔2021〕57 号 art. 21).

    Asking again for the same decision and case gives the same entitlement. Refused when a member is covered elsewhere
    in the province, which the database decides whatever the scope.
    """
    check_grant(scheme=scheme, case_code=case_code, decision=decision, decided_on=decided_on, jurisdiction=jurisdiction,
                head_person=head_person, members=members, payee=payee, monthly_fen=monthly_fen, by=by)
    kind = get_scheme(scheme)
    if kind.once:
        raise Refused(f"{kind.title}一次发放,不能按月确定待遇。", field="scheme")
    cycle = kind.review_months if review_months is None else review_months
    if not 1 <= cycle <= 12:
        raise Refused("复核周期应为 1 至 12 个月:收入稳定的家庭每年一次,其他每半年一次。", field="review_months")
    return make(scheme=scheme, case_code=case_code, decision=decision, jurisdiction=jurisdiction, household_id=household_id,
                head_person=head_person, members=members, payee=payee, fen=monthly_fen, by=by,
                start=add_months(first_of(decided_on), 1), cycle=cycle)


def make(*, scheme: str, case_code: str, decision: str, jurisdiction: str, household_id: int | None, head_person: int,
         members: Sequence[Covered], payee: Payee, fen: int, start: dt.date, by: Actor, cycle: int) -> Entitlement:
    """Writes the checked benefit, or finds that of the same decision and case."""
    kind = get_scheme(scheme)
    last = start if kind.once else None
    head = next(member for member in members if member.person_id == head_person)
    try:
        with transaction.atomic():
            row = Entitlement.objects.create(
                scheme=scheme, exclusive_group=kind.exclusive_group, case_code=case_code, decision=decision,
                jurisdiction=jurisdiction, household_id=household_id, head_id=head_person, head_name=head.name,
                members=[asdict(member) for member in members], persons=len(members), payee_name=payee.name,
                payee_account=payee.account, payee_id_number=payee.id_number,
                payee_id_index=blind_index("id_number", payee.id_number), start_month=start, review_months=cycle,
                review_due=add_months(start, cycle), created_at=clock.now(), end_month=last, once=kind.once)
            EntitlementMember.objects.bulk_create(
                EntitlementMember(entitlement=row, jurisdiction=jurisdiction, person_id=member.person_id,
                                  exclusive_group=kind.exclusive_group, during=DateRange(start, add_months(start, 1) if last else None))
                for member in members)
            EntitlementAmount.objects.create(entitlement=row, jurisdiction=jurisdiction, from_month=start,
                                             fen=fen, decision=decision, **stamp(by))
            note_change(row, "granted", by=by, month=start, decision=decision, after_fen=fen, persons=len(members),
                        once=kind.once)
    except IntegrityError as error:
        if constraint_of(error) == "one_benefit_of_a_group":
            raise Refused(ALREADY, field="members") from error
        if constraint_of(error) == "entitlement_one_a_decision":
            return _known(scheme, decision, case_code)
        raise
    return row


def _known(scheme: str, decision: str, case_code: str) -> Entitlement:
    row = Entitlement.objects.filter(scheme=scheme, decision=decision, case_code=case_code).first()
    if row is None:
        raise Refused("这份决定书已用于另一案件的待遇,请核对决定书文号。", field="decision")
    return row


def do_correct_payee(number: str, *, payee: Payee, reason: str, by: Actor, version: int | None = None) -> Entitlement:
    """Changes where the money goes. Nothing is paid there until the bank has confirmed the holder."""
    require_post(by, *PAYEE_ROLES)
    check_payee(payee)
    need_reason(reason)
    with transaction.atomic():
        row = entitlement_for(by, number, lock=True, version=version)
        before = mask_account(row.payee_account)
        save_step(row, {
            "payee_name": payee.name, "payee_account": payee.account, "payee_id_number": payee.id_number,
            "payee_id_index": blind_index("id_number", payee.id_number), "payee_version": row.payee_version + 1,
            "payee_check": "", "payee_checked_at": None,
        })  # fmt: skip
        note_change(row, "payee_changed", by=by, month=first_of(clock.today()), reason=reason,
                    account_before=before, account_after=mask_account(payee.account))
    return row
