"""Writing notices, reading them, and the citizen's preferences."""

from __future__ import annotations

import datetime as dt

from django.db import connection

from minzheng.base import clock
from minzheng.base.errors import NotFound, Refused
from minzheng.base.identity.officer import Citizen, Officer
from minzheng.office.notices.models import Notice, Preference
from minzheng.office.notices.queries import own_notices
from minzheng.office.notices.wording import get_template

QUIET = (dt.time(21), dt.time(8))


def do_notify(template: str, data: dict[str, str], *, key: str, jurisdiction: str, person: int | None = None,
              account: int | None = None, case_code: str = "") -> int:
    """Writes the notice once per `key`: in the inbox, and as a queued short message where template and person want it.

    Returns how many rows are new. Runs in the transaction of what it tells about.
    """
    wording = get_template(template)
    title, body = wording.fill(data)
    now = clock.now()
    sms, quiet_from, quiet_to = _preference(person) if person is not None else (False, *QUIET)
    rows = [Notice(channel="inapp", state="sent", sent_at=now, not_before=now)]
    if wording.sms and sms:
        rows.append(Notice(channel="sms", not_before=after_quiet(now, quiet_from, quiet_to)))
    new = 0
    for row in rows:
        row.jurisdiction, row.key, row.person, row.account = jurisdiction, key, person, account
        row.template, row.title, row.body, row.case_code, row.created_at = template, title, body, case_code, now
        if not Notice.objects.filter(key=key, channel=row.channel).exists():
            row.save(force_insert=True)
            new += 1
    return new


def after_quiet(moment: dt.datetime, quiet_from: dt.time, quiet_to: dt.time) -> dt.datetime:
    """The moment itself, or the end of the quiet hours it lies in (they may span midnight)."""
    local = moment.astimezone(clock.SHANGHAI)
    time = local.time()
    overnight = quiet_from > quiet_to
    quiet = time >= quiet_from or time < quiet_to if overnight else quiet_from <= time < quiet_to
    if not quiet:
        return moment
    day = local.date() + dt.timedelta(days=1 if overnight and time >= quiet_from else 0)
    return dt.datetime.combine(day, quiet_to, clock.SHANGHAI)


def do_read(number: int, *, by: Citizen | Officer) -> Notice:
    """Opens one notice of the own inbox and marks it read."""
    notice = own_notices(by).filter(pk=number).first()
    if notice is None:
        raise NotFound("没有找到这条消息。")
    if notice.read_at is None:
        notice.read_at, notice.state = clock.now(), "read"
        notice.save(update_fields=["read_at", "state"])
    return notice


def do_read_all(*, by: Citizen | Officer) -> int:
    """Marks all of the own inbox read; returns how many were not."""
    return own_notices(by).filter(read_at=None).update(read_at=clock.now(), state="read")


def do_prefer(*, by: Citizen, sms: bool, quiet_from: dt.time, quiet_to: dt.time) -> Preference:
    """The citizen's wishes. Inbox notices are always written, since they carry time limits."""
    if quiet_from == quiet_to:
        raise Refused("免打扰的开始和结束时间不能相同。", field="quiet_to")
    row, _ = Preference.objects.update_or_create(person=by.person_id, defaults={
        "sms": sms, "quiet_from": quiet_from, "quiet_to": quiet_to})
    return row


def _preference(person: int) -> tuple[bool, dt.time, dt.time]:
    with connection.cursor() as cursor:
        cursor.execute("select sms, quiet_from, quiet_to from notice_preference(%s)", [person])
        return cursor.fetchone() or (True, *QUIET)
