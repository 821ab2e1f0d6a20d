"""Signed notices from departments: a death reported by police, health or the funeral office.

The web sees no rows; a door puts the verified notice down and emits `registry.death_reported` {notice, partner}. The
consumer reads it with `read_notice`. The same notice (nonce) is refused for ever; a stale one is refused too.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from minzheng.base import audit, clock
from minzheng.base.crypto import encrypt
from minzheng.base.errors import NotFound, Refused
from minzheng.base.identity.officer import Service
from minzheng.base.scope.ranges import check_code
from minzheng.data.exchange import wire
from minzheng.data.exchange.models import InboundNotice, Partner

DEATH = "registry.death_reported"
DEATH_REPORTERS = frozenset({"police", "health", "funeral"})
MAX_BODY = 16 * 1024


@dataclass(frozen=True)
class DeathNotice:
    id: int
    partner: str
    id_number: str
    name: str
    died_on: dt.date
    jurisdiction: str


class Rejected(Exception):
    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


@csrf_exempt
@require_POST
def receive(request: HttpRequest, partner: str) -> HttpResponse:
    """exchange/inbound/<partner>: 202 with the notice's number, or the reason of refusal."""
    try:
        number = take_notice(partner, request.path, request.headers, request.body)
    except Rejected as rejected:
        return JsonResponse({"code": rejected.status, "msg": rejected.reason}, status=rejected.status)
    return JsonResponse({"notice": number}, status=202)


def take_notice(code: str, path: str, headers: Any, body: bytes) -> int:
    """Check and keep one notice; Rejected for anything that is not right, and then nothing is written."""
    partner = Partner.objects.filter(code=code, active=True).first()
    if partner is None or code not in DEATH_REPORTERS:
        raise Rejected(404, "没有这个报送单位")
    nonce = headers.get("MZ-Nonce", "")
    if len(body) > MAX_BODY or not 16 <= len(nonce) <= 64:
        raise Rejected(400, "报文过长或随机数不合规")
    if not wire.notice_is_signed(code, partner.public_key, path, headers, body):
        raise Rejected(401, "签名验证不通过")
    if not wire.is_fresh(headers.get("MZ-Timestamp", "")):
        raise Rejected(401, "报送时间超出允许范围")
    content = wire.as_object(body)
    jurisdiction = _checked(content)["jurisdiction"]
    sealed = encrypt(InboundNotice._meta.get_field("body").aad(), body.decode())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT exchange_take_notice(%s, %s, %s, %s, %s, %s, %s, %s)",
            [code, nonce, DEATH, jurisdiction, sealed, wire.digest(body), headers.get("MZ-Signature", ""),
             clock.now()])
        number: int | None = cursor.fetchone()[0]
        if number is None:
            raise Rejected(409, "这条信息已经收到过")
        audit.record("exchange.notice_received", by=Service(partner.name, jurisdiction), obj_type="exchange.notice",
                     obj_id=number, jurisdiction=jurisdiction)
    return number


def _checked(content: dict[str, Any] | None) -> dict[str, str]:
    names = ("notice", "id_number", "name", "died_on", "jurisdiction")
    if content is None or not all(isinstance(content.get(name), str) and content[name] for name in names):
        raise Rejected(400, "报文格式错误")
    try:
        died_on = dt.date.fromisoformat(content["died_on"])
        check_code(content["jurisdiction"])
    except ValueError:
        raise Rejected(400, "日期或区划代码格式错误") from None
    if content["notice"] != "death" or died_on > clock.today():
        raise Rejected(422, "只接收已发生的死亡信息")
    return content


def read_notice(number: int) -> DeathNotice:
    """The notice, within the acting scope; NotFound outside it."""
    found = InboundNotice.objects.filter(pk=number, kind=DEATH).first()
    if found is None:
        raise NotFound("没有这条死亡报送信息。")
    content = wire.as_object(found.body.encode())
    if content is None or wire.digest(found.body.encode()) != found.body_digest:
        raise Refused("报送信息的原文与摘要不符,请联系系统管理员。")
    return DeathNotice(found.pk, found.partner_code, content["id_number"], content["name"],
                       dt.date.fromisoformat(content["died_on"]), found.jurisdiction)
