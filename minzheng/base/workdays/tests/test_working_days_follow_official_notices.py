from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minzheng.base import workdays
from minzheng.base.errors import Refused
from minzheng.base.workdays import calendar
from minzheng.base.workdays.limits import CHINA

KNOWN = st.dates(date(2021, 1, 1), date(2026, 9, 1))
MOMENTS = st.datetimes(datetime(2021, 1, 1), datetime(2026, 9, 1), timezones=st.just(CHINA))
NOTICE = """
year: 2027
source: 测试用通知(虚构)
holidays:
  - 2027-01-01
  - [2027-02-05, 2027-02-12]
workdays:
  - 2027-02-20
"""


@pytest.fixture
def notices(tmp_path, monkeypatch):
    monkeypatch.setattr(calendar, "FOLDER", tmp_path)
    calendar.loaded.cache_clear()

    def write(text: str, name: str = "2027.yaml"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        calendar.loaded.cache_clear()

    yield write
    calendar.loaded.cache_clear()


def test_national_day_is_off_and_its_make_up_saturday_is_worked():
    assert not workdays.is_workday(date(2025, 10, 1))
    assert workdays.is_workday(date(2025, 10, 11))
    assert not workdays.is_workday(date(2025, 10, 12))


def test_the_starting_day_is_not_counted():
    assert workdays.add(date(2026, 11, 24), 1) == date(2026, 11, 25)
    assert workdays.add(date(2026, 11, 24), 3) == date(2026, 11, 27)
    assert workdays.add(date(2026, 11, 27), 1) == date(2026, 11, 30)


def test_no_days_from_a_sunday_is_the_next_monday():
    assert workdays.add(date(2026, 11, 29), 0) == date(2026, 11, 30)


def test_a_count_over_spring_festival_skips_it():
    assert workdays.add(date(2025, 1, 27), 1) == date(2025, 2, 5)


def test_a_year_without_a_notice_is_refused_with_its_number():
    with pytest.raises(Refused, match="2027"):
        workdays.is_workday(date(2027, 1, 4))
    with pytest.raises(Refused, match="2027"):
        workdays.add(date(2026, 12, 20), 30)
    with pytest.raises(Refused, match="2027"):
        workdays.due_at(datetime(2026, 12, 20, 9, tzinfo=CHINA), 30, "workday")


def test_a_provisional_due_date_says_so_and_skips_new_year():
    due = workdays.due_at(datetime(2026, 12, 30, 9, tzinfo=CHINA), 2, "workday", allow_provisional=True)
    assert due == (datetime(2027, 1, 4, 23, 59, 59, tzinfo=CHINA), True)
    sure = workdays.due_at(datetime(2026, 12, 29, 9, tzinfo=CHINA), 2, "workday", allow_provisional=True)
    assert sure.provisional is False


def test_a_loaded_notice_makes_the_year_sure(notices):
    notices(NOTICE)
    assert workdays.add(date(2027, 2, 4), 1) == date(2027, 2, 15)
    assert workdays.is_workday(date(2027, 2, 20))
    assert workdays.source_of(2027) == "测试用通知(虚构)"
    assert workdays.source_of(2028) == workdays.PROVISIONAL_MARK


def test_a_notice_may_touch_the_december_before(notices):
    notices(NOTICE.replace("  - 2027-01-01\n", "  - [2026-12-31, 2027-01-01]\n"))
    assert not workdays.is_workday(date(2026, 12, 31))
    assert workdays.is_workday(date(2026, 12, 30))


@pytest.mark.parametrize(
    "text",
    [
        NOTICE.replace("测试用通知(虚构)", "''"),
        NOTICE.replace("2027-02-20", "2027-02-22"),
        NOTICE.replace("2027-02-20", "2028-02-19"),
        NOTICE.replace("year: 2027", "year: 2028"),
        NOTICE.replace("[2027-02-05, 2027-02-12]", "[2027-02-12, 2027-02-05]"),
        NOTICE + "note: x\n",
        "year: 2027\n",
    ],
)
def test_an_unclear_notice_is_an_error(notices, text):
    notices(text)
    with pytest.raises(ValueError, match="节假日安排"):
        calendar.loaded()


def test_a_datetime_is_not_a_date():
    with pytest.raises(TypeError):
        workdays.is_workday(datetime(2026, 11, 24, tzinfo=CHINA))


@given(KNOWN, st.integers(1, 60))
def test_add_lands_on_a_working_day_and_between_counts_it_back(day, n):
    end = workdays.add(day, n)
    assert workdays.is_workday(end)
    assert workdays.between(day, end) == n
    assert workdays.between(end, day) == -n


@given(KNOWN, st.integers(1, 40), st.integers(1, 20))
def test_adding_in_two_steps_is_adding_at_once(day, a, b):
    assert workdays.add(workdays.add(day, a), b) == workdays.add(day, a + b)


@given(MOMENTS, st.integers(1, 45), st.integers(0, 20), st.floats(0.1, 20))
def test_a_pause_moves_the_end_by_the_working_days_it_stood_still(start, n, after, length):
    begin = start + timedelta(days=after)
    pause = workdays.Pause(begin, begin + timedelta(days=length))
    plain = workdays.due_at(start, n, "workday")
    due = workdays.due_with_pauses(start, n, "workday", [pause])
    assert due.at >= plain.at
    if begin <= plain.at:
        first = max(begin.astimezone(CHINA).date() - timedelta(1), start.date())
        still = workdays.between(first, pause.end.astimezone(CHINA).date() - timedelta(1))
        assert due.at.date() == workdays.add(plain.at.date(), max(still, 0)) or still <= 0
    else:
        assert due == plain


@given(MOMENTS, st.integers(0, 45), st.sampled_from(["workday", "day", "hour"]))
def test_a_pause_within_one_day_never_lengthens_a_limit_in_days(start, n, unit):
    noon = datetime.combine(start.date() + timedelta(2), datetime.min.time(), CHINA) + timedelta(hours=12)
    pause = workdays.Pause(noon, noon + timedelta(hours=3))
    longer = workdays.due_with_pauses(start, n, unit, [pause]).at - workdays.due_at(start, n, unit).at
    assert longer == timedelta(0) if unit != "hour" else longer in (timedelta(0), timedelta(hours=3))


@given(MOMENTS, st.integers(1, 200))
def test_calendar_days_and_hours_are_plain(start, n):
    assert workdays.due_at(start, n, "day").at.date() == start.date() + timedelta(days=n)
    assert workdays.due_at(start, n, "hour").at == start + timedelta(hours=n)


@given(MOMENTS, st.integers(1, 60))
def test_a_rolled_end_is_the_first_working_day_at_or_after_it(start, n):
    plain, rolled = (workdays.due_at(start, n, "day", roll=r).at.date() for r in (False, True))
    assert workdays.is_workday(rolled)
    assert rolled == plain or not any(workdays.is_workday(plain + timedelta(k)) for k in range((rolled - plain).days))


def test_a_senseless_limit_is_refused():
    start = datetime(2026, 11, 24, tzinfo=CHINA)
    for n, unit in ((-1, "day"), (99_999, "day"), (3, "month")):
        with pytest.raises(Refused, match="时限设置有误"):
            workdays.due_at(start, n, unit)
