"""What an old 低保 database must tell of a household, and when a household can be taken over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction

from minzheng.base import clock
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Actor
from minzheng.data.ingest.models import Batch
from minzheng.data.ingest.targets import Column, Table, Target, Unit
from minzheng.office.benefits.granting import Payee, check_amount, check_payee
from minzheng.office.benefits.models import ENDED, EntitlementMember
from minzheng.scenes.assistance.legacy.models import DROPPED, LegacyHousehold
from minzheng.scenes.assistance.recognitions.actions import held
from minzheng.scenes.assistance.recognitions.models import KINDS

HEAD = "户主"
RELATIONS = (HEAD, "配偶", "子", "女", "父", "母", "祖父母", "孙子女", "兄弟姐妹", "其他")
_UNIT = Column("unit", "户编号", "unit")


def judge(unit: Unit) -> list[str]:
    """Why the household can't be taken over as a whole; nothing when it can."""
    homes, members, benefits = (unit.lines.get(code, ()) for code in ("household", "member", "benefit"))
    if len(homes) != 1 or len(benefits) != 1 or not members:
        parts = (("户表", homes), ("成员表", members), ("待遇表", benefits))
        return ["、".join(title for title, found in parts if not found) + "里没有这个户编号"]
    reasons = []
    if sum(line.values["relation"] == HEAD for line in members) != 1:
        reasons.append("户主应正好一人")
    else:
        reasons += _money(unit)
    if dt.date.fromisoformat(benefits[0].values["since"] + "-01") > clock.today():
        reasons.append("原起发月在今天之后")
    people = [line.person for line in members if line.person]
    for kind, _county in held(people, clock.today()).values():
        reasons.append(f"成员中有人已被认定为{KINDS.get(kind, '救助对象')}")
        break
    busy = EntitlementMember.objects.filter(person_id__in=people, during__contains=clock.today())
    if busy.exclude(entitlement__status=ENDED).exists():
        reasons.append("成员中有人已在本平台享受待遇")
    return reasons


def _money(unit: Unit) -> list[str]:
    try:
        check_amount(unit.lines["benefit"][0].values["amount"])
        check_payee(payee_of(unit))
    except Refused as refusal:
        return [refusal.reason]
    return []


def payee_of(unit: Unit) -> Payee:
    """Who is paid. Without a number of its own, the member of that name; Refused when none or several have it."""
    values = unit.lines["benefit"][0].values
    number = values.get("payee_id_number", "")
    if not number:
        same = [line.values["id_number"] for line in unit.lines["member"] if line.values["name"] == values["payee_name"]]
        if len(same) != 1:
            raise Refused("收款人不是户内成员,请在待遇表补充收款人身份证号")
        number = same[0]
    return Payee(values["payee_name"], values["payee_account"], number)


def known(county: str, numbers: Sequence[str]) -> dict[str, str]:
    """Households that were imported before."""
    rows = LegacyHousehold.objects.filter(county=county, number__in=numbers).exclude(state=DROPPED)
    return {number: f"以前已导入(批次 DR{batch:08d})" for number, batch in rows.values_list("number", "batch")}


def load(batch: Batch, unit: Unit, by: Actor) -> None:
    """Writes the household once. It pays nothing until a county approver has accepted the batch."""
    members: list[dict[str, Any]] = [
        {"person_id": line.person, "name": line.values["name"], "relation": line.values["relation"]}
        for line in unit.lines["member"]]
    head = next(line for line in unit.lines["member"] if line.values["relation"] == HEAD)
    if reasons := judge(unit):
        raise Refused(";".join(reasons))
    benefit, payee = unit.lines["benefit"][0].values, payee_of(unit)
    try:
        with transaction.atomic():
            LegacyHousehold.objects.create(
                county=batch.jurisdiction, jurisdiction=head.place, batch=batch.pk, number=unit.number, head=head.person,
                head_name=head.values["name"], members=members, payee_name=payee.name, payee_account=payee.account,
                payee_id_number=payee.id_number, monthly_fen=benefit["amount"],
                since=dt.date.fromisoformat(benefit["since"] + "-01"), old_decision=benefit.get("decision", ""),
                loaded_at=clock.now())
    except IntegrityError as error:
        if not LegacyHousehold.objects.filter(county=batch.jurisdiction, number=unit.number, batch=batch.pk).exists():
            raise Refused("这一户以前已导入") from error


DIBAO = Target(
    code="dibao_legacy", title="历史低保数据", judge=judge, known=known, load=load,
    tables=(
        Table("household", "户表", (_UNIT, Column("address", "住址", required=False, length=200)), once=True),
        Table("member", "成员表", (
            _UNIT, Column("name", "姓名", "name"), Column("id_number", "身份证号", "id_number"),
            Column("relation", "与户主关系", "choice", choices=RELATIONS)), person=True),
        Table("benefit", "待遇表", (
            _UNIT, Column("amount", "月发放金额", "money"), Column("since", "起发月", "month"),
            Column("payee_name", "户名", "name"), Column("payee_account", "账号", "digits"),
            Column("payee_id_number", "收款人身份证号", "id_number", required=False),
            Column("decision", "原批准文号", required=False)), once=True),
    ),
)
