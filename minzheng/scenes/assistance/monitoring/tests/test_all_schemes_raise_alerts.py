"""Each scheme raises its own alert: who may be entitled, and whose recognition no longer fits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client

from minzheng.base import clock
from minzheng.scenes.assistance.monitoring import opening
from minzheng.scenes.assistance.monitoring.models import Alert, Reason, Sweep
from minzheng.scenes.assistance.monitoring.signals import BadRules, all_rules, mask_of
from minzheng.scenes.assistance.monitoring.taking import do_take_means
from minzheng.scenes.assistance.monitoring.tests.conftest import NIGHT, SERVICE, know, tell
from minzheng.scenes.assistance.recognitions.models import Recognition, RecognitionMember
from minzheng.scenes.assistance.tests.conftest import Family, make_family
from minzheng.testing import Cast, acting_as, as_owner, sign_in
from minzheng.testing.background import as_worker

Run = Callable[..., Sweep]
HOME = "/desk/assistance/monitoring/"


def recognise(family: Family, kind: str, *, until: dt.date | None = None) -> None:
    with as_owner():
        row = Recognition.objects.create(
            kind=kind, jurisdiction=family.household.jurisdiction, case_code="AH", decision=f"示例〔2026〕{kind}号",
            household=family.household.pk, head=family.head.pk, head_name=family.head.name, persons=len(family.people),
            valid_from=dt.date(2026, 1, 1), valid_to=until, created_at=clock.now())
        RecognitionMember.objects.bulk_create(
            RecognitionMember(recognition=row, jurisdiction=row.jurisdiction, person=person.pk, name=person.name, relation="本人",
                              kind=kind, during=DateRange(row.valid_from, until and until + dt.timedelta(days=1)))
            for person in family.people)


def raised(people: Cast) -> dict[str, str]:
    """Rule and text of every reason."""
    with acting_as(people.county):
        return {reason.rule: reason.text for reason in Reason.objects.all()}


def test_a_family_between_the_lines_may_be_a_borderline_one(people: Cast, zhang: Family, sweep: Run) -> None:
    know(zhang, wage_fen=400_000)
    sweep()
    found = raised(people)
    assert set(found) == {"entitled_edge"} and "1,333.33 元" in found["entitled_edge"]
    with acting_as(people.village):
        assert Alert.objects.get().grade == 3


def test_bills_of_a_year_may_make_a_rigid_one(people: Cast, zhang: Family, sweep: Run) -> None:
    know(zhang, wage_fen=700_000, medical_year_fen=7_000_000)
    sweep()
    found = raised(people)
    assert set(found) == {"entitled_rigid"} and "70,000.00 元" in found["entitled_rigid"]


@pytest.fixture
def alone(db: None) -> Family:
    return make_family(("孙大爷", "19500101", 1, "户主"), number="7")


def say(family: Family, department: str = "民政", **facts: int) -> None:
    with as_worker(), acting_as(SERVICE):
        do_take_means([(family.head.pk, word, value, NIGHT) for word, value in facts.items()], department=department, by=SERVICE)


def test_an_old_person_without_obligors_may_be_supported(people: Cast, alone: Family, sweep: Run) -> None:
    know(alone)
    say(alone, obligors=0, obligors_able=0, self_care_unmet=0, care_place=1)
    sweep()
    assert set(raised(people)) == {"entitled", "entitled_tekun"}


def test_obligors_that_nobody_has_named_are_unknown_not_none(people: Cast, alone: Family, sweep: Run) -> None:
    know(alone)
    sweep()
    assert set(raised(people)) == {"entitled"}


@pytest.mark.parametrize(("kind", "wage", "rule"), [
    ("edge", 180_000, "edge_below"), ("edge", 900_000, "over_line"), ("dibao", 400_000, "dibao_edge"),
    ("dibao", 900_000, "over_line"), ("rigid", 180_000, "rigid_below"), ("rigid", 400_000, "rigid_below"),
    ("rigid", 900_000, "rigid_unfit")])
def test_a_recognition_that_no_longer_fits_is_said(people: Cast, zhang: Family, sweep: Run, kind: str, wage: int, rule: str
                                                   ) -> None:
    recognise(zhang, kind)
    know(zhang, wage_fen=wage)
    sweep()
    assert set(raised(people)) == {rule}


@pytest.mark.parametrize(("kind", "wage"), [("edge", 400_000), ("dibao", 180_000)])
def test_a_recognition_that_fits_raises_nothing(people: Cast, zhang: Family, sweep: Run, kind: str, wage: int) -> None:
    recognise(zhang, kind)
    know(zhang, wage_fen=wage)
    assert sweep().matters == 0


def test_a_recognition_near_its_end_is_told_once(people: Cast, zhang: Family, sweep: Run, fixed_day: Callable[[dt.date], None]
                                                 ) -> None:
    recognise(zhang, "edge", until=NIGHT + dt.timedelta(days=31))
    know(zhang, wage_fen=400_000)
    assert sweep().matters == 0
    fixed_day(later := NIGHT + dt.timedelta(days=1))
    assert sweep(later).opened == 1
    assert "2026-12-21" in raised(people)["ending"]
    fixed_day(last := later + dt.timedelta(days=1))
    done = sweep(last)
    assert (done.opened, done.joined, done.known) == (0, 0, 1)


def test_a_supported_person_with_an_able_obligor_or_an_income_is_reviewed(people: Cast, alone: Family, sweep: Run) -> None:
    recognise(alone, "tekun")
    know(alone)
    say(alone, obligors=1, obligors_able=0, self_care_unmet=0, care_place=1)
    assert sweep().matters == 0
    say(alone, "民政复核", obligors_able=1)
    sweep()
    assert set(raised(people)) == {"tekun_obligor"}
    say(alone, "人社", obligors_able=0, wage_fen=300_000)
    sweep()
    assert "3,000.00 元" in raised(people)["tekun_unfit"]


def test_the_alert_names_the_best_lawful_way_and_leads_to_its_form(people: Cast, zhang: Family, sweep: Run, client: Client) -> None:
    know(zhang, wage_fen=400_000)
    sweep()
    with acting_as(people.village):
        alert = Alert.objects.get()
    sign_in(client, people.village)
    path = f"{HOME}alerts/{alert.number}/"
    page = client.get(path).content.decode()
    assert "可以给的救助" in page and "建议" in page and "低保边缘" in page
    client.post(path, {"version": alert.version, "outcome": "applied", "visited_on": NIGHT.isoformat(),
                       "text": "收入略高于低保标准,愿意申请低保边缘"})
    form = client.get(path + "apply").content.decode()
    assert 'action="/desk/assistance/edge/new"' in form and "张建国" in form
    assert 'action="/desk/assistance/dibao/new"' in client.get(path + "apply?matter=dibao").content.decode()
    assert client.get(path + "apply?matter=nothing").status_code == 422


def test_many_alerts_open_in_few_statements(people: Cast, zhang: Family, wang: Family, sweep: Run) -> None:
    """What each more costs is a record and an event, no round of its own."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    know(zhang)
    know(wang)
    seen: list[int] = []
    honest = opening.do_open

    def counted(*args: object, **more: object) -> tuple[int, int]:
        with CaptureQueriesContext(connection) as found:
            done = honest(*args, **more)  # type: ignore[arg-type]
        seen.append(len(found))
        return done

    opening.do_open = counted  # type: ignore[assignment]
    try:
        assert sweep().opened == 2
    finally:
        opening.do_open = honest
    assert seen[0] < 40


def test_rules_that_make_no_sense_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from minzheng.scenes.assistance.monitoring import signals

    rows = [{"code": "x", "title": "x", "grade": 1, "about": "all", "text": "x", **more} for more in (
        {"finding": "result"}, {"finding": "result", "results": {"price": [1]}}, {"finding": "ending", "holds": ["rigid"]},
        {"finding": "guess"}, {"finding": "result", "results": {"dibao": [1]}, "holds": ["rich"]})]
    for row in rows:
        monkeypatch.setattr(signals.yaml, "safe_load", lambda text, row=row: {"clause": "x", "rules": [row]})
        with pytest.raises(BadRules):
            all_rules.__wrapped__()
    assert mask_of(["dibao", "rigid"]) == 17


def test_a_dismissed_edge_alert_stays_so_when_a_signal_of_another_kind_comes(people: Cast, zhang: Family, sweep: Run) -> None:
    from minzheng.scenes.assistance.monitoring.tests.test_a_night_sweeps_everybody import alerts, close

    know(zhang, wage_fen=400_000)
    sweep()
    close(people, alerts(people)[0], "dismissed", visited_on=None)
    assert sweep().opened == 0
    tell(zhang.people[1].pk, "unemployed")
    sweep()
    with acting_as(people.village):
        assert set(Reason.objects.filter(alert=alerts(people)[1]).values_list("rule", flat=True)) == {"lost_job"}
