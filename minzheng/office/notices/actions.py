"""Writing notices, reading them, and the citizen's preferences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from minzheng.base import clock
from minzheng.base.errors import NotFound, Refused
from minzheng.base.identity.officer import Citizen, Officer
from minzheng.office.notices.models import Notice, Preference
from minzheng.office.notices.queries import own_notices
from minzheng.office.notices.wording import get_template

QUIET = (dt.time(21), dt.time(8))


@dataclass(frozen=True)
class Message:
    """One recipient and what fills the template; `key` makes it happen once."""

    data: dict[str, str]
    key: str
    jurisdiction: str
    person: int | None = None
    account: int | None = None
    case_code: str = ""


@dataclass(frozen=True)
class Reach:
    """How a person is reached. Without an account (`has_app`) only short messages and letters arrive."""

    has_app: bool = True
    sms: bool = False
    quiet_from: dt.time = QUIET[0]
    quiet_to: dt.time = QUIET[1]


def do_notify(template: str, data: dict[str, str], *, key: str, jurisdiction: str, person: int | None = None,
              account: int | None = None, case_code: str = "") -> int:
    """Writes the notice once per `key`: in the inbox, and as a queued short message where template and person want it
    or where the person has no account to read an inbox with.

    Returns how many rows are new. Runs in the transaction of what it tells about.
    """
    return do_notify_many(template, [Message(data, key, jurisdiction, person, account, case_code)])


def do_notify_many(template: str, messages: Sequence[Message]) -> int:
    """The same for many people at once, in a constant number of statements."""
    if not messages:
        return 0
    wording, now = get_template(template), clock.now()
    reach = reach_of([m.person for m in messages if m.person is not None])
    rows: dict[tuple[str, str], Notice] = {}
    for message in messages:
        title, body = wording.fill(message.data)
        how = reach[message.person] if message.person is not None else Reach()
        due = {"inapp": now}
        if not how.has_app or (wording.sms and how.sms):
            due["sms"] = after_quiet(now, how.quiet_from, how.quiet_to)
        for channel, moment in due.items():
            inbox = channel == "inapp"
            rows[message.key, channel] = Notice(
                channel=channel, state="sent" if inbox else "queued", sent_at=now if inbox else None, not_before=moment,
                jurisdiction=message.jurisdiction, key=message.key, person=message.person, account=message.account,
                template=template, title=title, body=body, case_code=message.case_code, created_at=now)
    known = set(Notice.objects.filter(key__in=[m.key for m in messages]).values_list("key", "channel"))
    new = [row for name, row in rows.items() if name not in known]
    Notice.objects.bulk_create(new)
    return len(new)


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


def reach_of(people: Sequence[int]) -> dict[int, Reach]:
    """How each of these people is reached."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM notice_reach(%s)", [sorted(set(people))])
        return {person: Reach(*rest) for person, *rest in cursor.fetchall()}
