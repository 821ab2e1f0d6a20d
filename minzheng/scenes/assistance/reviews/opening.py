"""Opening a 复核: somebody reports a change, or the review falls due. Each is a case of its own beside the first one."""

from __future__ import annotations

from typing import Any

from minzheng.base.errors import NotFound, Refused
from minzheng.base.identity.officer import Actor, Citizen
from minzheng.office.cases import actions as case_actions
from minzheng.office.cases.models import Case
from minzheng.scenes.assistance.assess import answers_of
from minzheng.scenes.assistance.recognitions.models import Recognition

MATTER = "review"
# 低保 is reviewed with its benefit, on the page 减发或终止.
REVIEWED = ("tekun", "edge", "rigid")
ABOUT = {"change": "家庭情况有变化", "care": "自理能力有变化", "due": "定期复核"}


def recognition_for(number: int) -> Recognition:
    """A recognition in force within the acting scope (a citizen: one's own). NotFound otherwise."""
    row = Recognition.objects.filter(pk=number).first()
    if row is None:
        raise NotFound("没有找到这项认定。")
    return row


def recognition_of(case: Case) -> Recognition:
    """The recognition that a review is about."""
    return recognition_for(int(answers_of(case)["recognition"]))


def about_of(case: Case) -> str:
    return str(answers_of(case)["about"])


def do_open(row: Recognition, *, about: str, text: str, key: str, channel: str, by: Actor, bulk: bool = False) -> Case:
    """The same key again returns the first case. One review of a household is open at a time. `bulk`: a row of a review in
    bulk, which 低保 has too."""
    if row.kind not in REVIEWED and not bulk:
        raise Refused("低保待遇的复核、减发和终止请在待遇台账办理。")
    if row.ended_on is not None:
        raise Refused("这项认定已经终止,不需要复核。")
    if about not in ABOUT or (about == "care" and row.kind != "tekun"):
        raise Refused("请选择有变化的内容。", field="about")
    if len(text.strip()) < 5:
        raise Refused("请写明变化的情况(至少 5 个字)。", field="text")
    answers: dict[str, Any] = {"recognition": row.pk, "about": about, "text": text.strip()}
    return case_actions.do_submit(case_actions.Application(
        matter=MATTER, place=row.jurisdiction, channel=channel, members=[_reporter(row, by)], answers=answers,
        household=row.household, key=key, flags={"care": about == "care", "open": row.kind == "tekun"}), by=by)


def _reporter(row: Recognition, by: Actor) -> case_actions.Member:
    """The case stands in the name of who reports, or of the head of what was recognised."""
    if isinstance(by, Citizen):
        member = row.members.get(person=by.person_id)
        return case_actions.Member(member.person, member.name, "本人")
    return case_actions.Member(row.head, row.head_name, "本人")
