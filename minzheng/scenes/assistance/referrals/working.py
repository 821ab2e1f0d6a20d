"""工作推荐与拒绝 (民发〔2021〕57号 art. 34): three refusals in a row of suitable work without good reason cut the own share.

Nobody's word alone makes a refusal count: who recorded it does not judge it, and the person is heard first. An acceptance
or a good reason begins the count anew. The cut itself is a decision with its own hearing (社会救助法 art. 48).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from minzheng.base import audit, clock, events
from minzheng.base.errors import NotFound, Refused, Stale
from minzheng.base.identity.officer import Officer, require_role
from minzheng.office.notices.actions import do_notify
from minzheng.scenes.assistance.aid import ADULT, check_scene, household_for, living_members, need_text
from minzheng.scenes.assistance.referrals.models import ANSWERS, JUDGED, JobOffer, Referral

RECORDERS = ("village_worker", "town_clerk", "county_clerk")
JUDGES = ("town_reviewer", "county_clerk", "county_approver")
REFUSED, COUNTED = "work.refused", "work.counted"
MEMORY = 99  # the vocabulary's largest count


def in_a_row(answers: Iterable[tuple[str, str]]) -> int:
    """`answers`: (answer, judged), oldest first. A refusal not yet judged neither counts nor begins anew."""
    count = 0
    for answer, judged in answers:
        if answer == "accepted" or judged == "good":
            count = 0
        elif judged == "none":
            count += 1
    return min(count, MEMORY)


Answered = tuple[str, str, dt.date | None, dt.date | None]


def refusals_of(people: Iterable[int]) -> dict[int, tuple[int, dt.date]]:
    """By person: refusals in a row that count, and the day of the newest answer that bears on it. One statement."""
    rows: dict[int, list[Answered]] = {}
    found = JobOffer.objects.filter(person__in=list(people)).exclude(answer="").order_by("answered_on", "id")
    for person, *row in found.values_list("person", "answer", "judged", "answered_on", "judged_on"):
        rows.setdefault(person, []).append(tuple(row))
    return {person: counted(own) for person, own in rows.items()}


def counted(rows: Sequence[Answered]) -> tuple[int, dt.date]:
    """Of one person's answers, oldest first: the refusals in a row that count, and the newest day that bears on it."""
    return (in_a_row((answer, judged) for answer, judged, _, _ in rows),
            max(judged_on or answered_on or dt.date.min for _, _, answered_on, judged_on in rows))


def get_offer_for(by: Officer, number: int, *, lock: bool = False) -> JobOffer:
    rows = JobOffer.objects.filter(pk=number)
    found = (rows.select_for_update() if lock else rows).first()
    if found is None:
        raise NotFound("没有找到这条工作推荐,或它不在您的辖区。")
    check_scene(by, found.jurisdiction)
    return found


def do_offer(household_id: int, *, person: int, employer: str, position: str, monthly_fen: int, suitable: str,
             offered_on: dt.date, key: str, by: Officer, referral: Referral | None = None) -> JobOffer:
    """Records an offer of suitable work. The same key again gives the first."""
    require_role(by, *RECORDERS)
    household = household_for(by, household_id)
    known = JobOffer.objects.filter(key=key, recorded_by=by.account_id).first()
    if known is not None:
        return known
    whom = living_members(household).get(person)
    if whom is None or whom.age_on(clock.today()) < ADULT:
        raise Refused("请选择这一户在世的成年成员。", field="person")
    if monthly_fen <= 0:
        raise Refused("请填写月工资。", field="monthly_fen")
    if not clock.today() - dt.timedelta(days=180) <= offered_on <= clock.today():
        raise Refused("推荐日期应在最近半年内,且不晚于今天。", field="offered_on")
    why = need_text(suitable, 10, "为什么这份工作与本人的健康、劳动能力相适应", "suitable")
    row = JobOffer.objects.create(
        household_id=household.pk, jurisdiction=household.jurisdiction, person=whom.pk, person_name=whom.name,
        referral=referral, employer=need_text(employer, 2, "用人单位", "employer"),
        position=need_text(position, 2, "岗位", "position"), monthly_fen=monthly_fen, suitable=why, offered_on=offered_on,
        recorded_by=by.account_id, recorded_name=by.name, key=key)
    _record("work.offered", row, by, {"offer": row.pk})
    return row


def do_answer(number: int, *, answer: str, text: str, answered_on: dt.date, by: Officer) -> JobOffer:
    """What the person answered. Once; a refusal waits to be judged, and the person is told so."""
    require_role(by, *RECORDERS)
    row = get_offer_for(by, number, lock=True)
    if row.answer:
        raise Stale("本人的答复已经登记过了,请刷新页面。")
    if answer not in ANSWERS:
        raise Refused("请选择本人的答复。", field="answer")
    if not row.offered_on <= answered_on <= clock.today():
        raise Refused("答复日期应在推荐之后,且不晚于今天。", field="answered_on")
    words = need_text(text, 4, "本人说明的理由", "text") if answer == "refused" else text.strip()
    row.answer, row.answer_text, row.answered_on = answer, words, answered_on
    row.save(update_fields=["answer", "answer_text", "answered_on"])
    if answer == "refused":
        do_notify(REFUSED, {"name": row.person_name, "position": row.position}, key=f"work:{row.pk}:refused",
                  jurisdiction=row.jurisdiction, person=row.person)
    _record("work.answered", row, by, {"answer": answer})
    if answer == "accepted":
        _counted(row, 0, answered_on)
    return row


def do_judge(number: int, *, judged: str, heard: str, text: str, by: Officer) -> JobOffer:
    """Whether the refusal had a good reason, after hearing the person; by another than who recorded it."""
    require_role(by, *JUDGES)
    row = get_offer_for(by, number, lock=True)
    if row.answer != "refused":
        raise Refused("本人没有拒绝这份工作,不用认定理由。")
    if row.judged:
        raise Stale("这次拒绝的理由已经认定过了,请刷新页面。")
    if row.recorded_by == by.account_id:
        raise Refused("登记推荐的人不能认定拒绝的理由,请由另一位工作人员办理。")
    if judged not in JUDGED:
        raise Refused("请选择有没有正当理由。", field="judged")
    row.judged, row.judged_on, row.judged_by, row.judged_name = judged, clock.today(), by.account_id, by.name
    row.heard = need_text(heard, 10, "听取本人意见的情况", "heard")
    row.judged_text = need_text(text, 10, "认定的理由", "text")
    row.save()
    count, day = refusals_of([row.person])[row.person]
    if judged == "none":
        do_notify(COUNTED, {"name": row.person_name, "count": str(count)}, key=f"work:{row.pk}:none",
                  jurisdiction=row.jurisdiction, person=row.person)
    _record("work.judged", row, by, {"judged": judged, "in_a_row": count}, row.judged_text)
    _counted(row, count, day)
    return row


def _counted(row: JobOffer, count: int, day: dt.date) -> None:
    events.emit("work.counted", aggregate=f"person:{row.person}", jurisdiction=row.jurisdiction,
                payload={"person": row.person, "count": count, "on": day.isoformat()})


def _record(action: str, row: JobOffer, by: Officer, after: dict[str, object], reason: str = "") -> None:
    audit.record(action, by=by, obj_type="job_offer", obj_id=row.pk, jurisdiction=row.jurisdiction,
                 subject_person=row.person, after=after, reason=reason)
