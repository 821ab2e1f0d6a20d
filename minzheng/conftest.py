"""Shared fixtures. The test server is the embedded PostgreSQL; tests sign in as a role that is no superuser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from django.conf import settings

from minzheng.testing import Cast, as_owner, make_cast


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    from minzheng.base.pg.roles import ensure_roles, load_secrets

    target = settings.TARGET
    if target.server is not None:
        target.server.start()
    with target.connect_admin() as admin:
        ensure_roles(admin, load_secrets(settings.VAR_DIR), for_tests=True)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """After migrating as the owner, every connection is made as mz_web: no test can see by accident."""
    from django.db import connections

    from minzheng.base.divisions.management.commands.load_divisions import load_shipped

    with django_db_blocker.unblock():
        load_shipped(("320000000000", "320500000000", "32058"))
        for alias in ("default", "aside"):
            connections[alias].close()
            connections[alias].settings_dict["OPTIONS"]["assume_role"] = "mz_web"
    yield
    with django_db_blocker.unblock():
        for alias in ("default", "aside"):
            connections[alias].close()
            connections[alias].settings_dict["OPTIONS"]["assume_role"] = "mz_owner"


@pytest.fixture
def people(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def owner(db: None) -> Iterator[None]:
    """The whole test writes as the owner; for set-up-only tests of the kernel."""
    with as_owner():
        yield


# A shared machine is slow at times; how fast examples come is no property of the product.
hypothesis.settings.register_profile(
    "shared", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("shared")


def pytest_configure(config: pytest.Config) -> None:
    from minzheng.base.crypto import KeyRing, use_ring

    os.environ.setdefault("MZ_DEMO", "1")
    use_ring(KeyRing.in_memory())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever uses the database may also use the connection on which refusals are recorded."""
    for item in items:
        if "db" in getattr(item, "fixturenames", ()) and not item.get_closest_marker("django_db"):
            item.add_marker(pytest.mark.django_db(databases=["default", "aside"]))
