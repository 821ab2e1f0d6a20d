"""What the case page of a 复核 shows."""

from __future__ import annotations

from minzheng.base.identity.officer import Citizen, Officer
from minzheng.office.cases.models import Case
from minzheng.office.decisions.queries import decisions_of, hearings_of
from minzheng.office.decisions.service import SERVERS
from minzheng.office.matters.definitions import Panel
from minzheng.office.publicity.queries import objections_of, publicity_of
from minzheng.scenes.assistance.assess import answers_of
from minzheng.scenes.assistance.panels import measured
from minzheng.scenes.assistance.recognitions.models import Recognition
from minzheng.scenes.assistance.reviews.completing import first_case
from minzheng.scenes.assistance.reviews.forms import CAUSES
from minzheng.scenes.assistance.reviews.opening import ABOUT, recognition_of
from minzheng.scenes.assistance.tekun import actions as tekun


def _reported(case: Case, row: Recognition | None) -> Panel:
    answers, cause = answers_of(case), case.flags.get("cause", "")
    return Panel("复核事项", "reviews/panel.html", {
        "row": row, "about": ABOUT[answers["about"]], "text": answers["text"], "found": case.flags.get("found", ""),
        "cause": CAUSES[cause][2] if cause else ""})


def for_officer(*, case: Case, by: Officer) -> list[Panel]:
    row = recognition_of(case)
    first = first_case(row, by)
    panels = [_reported(case, row), Panel("按现在的情况测算", "assistance/panel_rules.html", measured(first))]
    if row.kind == "tekun":
        panels += tekun.panels(first, by)
    hearings, tries = hearings_of(case)
    if hearings or tries:
        panels.append(Panel("听取意见", "reviews/hearings.html", {"hearings": hearings, "tries": tries}))
    if notices := publicity_of(case):
        panels.append(Panel("公示", "assistance/panel_publicity.html", {
            "case": case, "notices": notices, "reviews": [], "objections": objections_of(case), "withdraws": False}))
    if decisions := decisions_of(case):
        panels.append(Panel("决定与送达", "assistance/panel_decisions.html", {
            "case": case, "decisions": decisions, "serves": by.reaches(case.jurisdiction) and by.role in SERVERS,
            "revokes": False, "account": by.account_id, "again": False, "benefits": [], "cuts": False,
            "by_task": case.state == "decided"}))
    return panels


def for_citizen(*, case: Case, by: Citizen) -> list[Panel]:
    return [_reported(case, None)]


def prepare_again(*, case: Case, by: Officer) -> dict[str, object]:
    """复评: the form asks for each person who is supported."""
    return {"form": {"members": tekun.asking(first_case(recognition_of(case), by))}}


def prepare_hear(*, case: Case, by: Officer) -> dict[str, object]:
    return {"initial": {"person_name": case.applicant_name}}
