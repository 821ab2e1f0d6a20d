from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from minzheng.base.scope import Scope, acting, current
from minzheng.base.scope.ranges import level_of, lies_in, office_of, range_of
from minzheng.testing import Cast, acting_as

digits = st.integers(0, 99)
codes = st.builds(
    lambda city, county, town, village: f"32{city:02d}{county:02d}{town:03d}{village:03d}",
    digits, digits, st.integers(0, 999), st.integers(0, 999))


@given(codes, codes)
def test_a_code_lies_in_a_jurisdiction_exactly_when_it_shares_its_significant_digits(code: str, area: str) -> None:
    digits = {1: 2, 2: 4, 3: 6, 4: 9, 5: 12}[level_of(area)]
    assert lies_in(code, area) == (code[:digits] == area[:digits])


@given(codes)
def test_every_office_above_a_code_contains_it(code: str) -> None:
    for level in range(1, level_of(code) + 1):
        assert lies_in(code, office_of(code, level))


def test_a_range_is_half_open() -> None:
    assert range_of("320583000000") == ("320583000000", "320584000000")
    assert range_of("320583100000") == ("320583100000", "320583101000")
    assert range_of("320583100001") == ("320583100001", "320583100002")


def test_without_a_scope_the_bounds_raise_instead_of_returning_nothing(db: None) -> None:
    for role in ("mz_officer", "mz_batch"):
        with pytest.raises(DatabaseError, match="scope is not set"), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL ROLE {role}")
                cursor.execute("select scope_low()")


def test_the_test_session_is_no_superuser_and_starts_as_the_web(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select current_user, rolsuper, rolbypassrls from pg_roles where rolname = session_user")
        assert cursor.fetchone() == ("mz_web", False, False)


def test_scope_is_gone_after_the_block_and_the_outer_one_returns(people: Cast) -> None:
    def database_view() -> tuple[str, str]:
        with connection.cursor() as cursor:
            cursor.execute("select current_user, current_setting('mz.low', true)")
            return cursor.fetchone()

    with acting_as(people.county):
        assert database_view() == ("mz_officer", "320583000000")
        with acting_as(people.village):
            assert database_view() == ("mz_officer", "320583100001")
        assert database_view() == ("mz_officer", "320583000000")
    assert database_view() == ("mz_web", "")
    assert current() is None


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown role"), acting(Scope("superuser")):
        pass
