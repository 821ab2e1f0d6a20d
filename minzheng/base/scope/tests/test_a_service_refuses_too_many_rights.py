from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from minzheng.base.scope.checks import the_role_is_a_lesser_one
from minzheng.testing import as_owner

ROOT = Path(__file__).resolve().parents[4]


def test_the_web_does_not_start_as_owner_of_the_tables() -> None:
    env = {**os.environ, "MZ_ROLE": "owner", "DJANGO_SETTINGS_MODULE": "minzheng.settings", "MZ_VAR": str(settings.VAR_DIR)}
    done = subprocess.run([sys.executable, "-c", "from minzheng.base.scope.starting import refuse_unsafe_start as r; import django;"
                           " django.setup(); r()"], env=env, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode != 0 and "owner of the tables" in done.stderr


def test_the_cast_of_test_roles_is_a_lesser_one(db: None) -> None:
    assert the_role_is_a_lesser_one(None, databases=["default"]) == []


def test_a_table_whose_policy_is_gone_is_named(db: None) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE cases_case NO FORCE ROW LEVEL SECURITY")
    problems = the_role_is_a_lesser_one(None, databases=["default"])
    assert ["cases_case" in str(p.msg) for p in problems] == [True]


@pytest.mark.parametrize("service", ["minzheng/wsgi.py", "minzheng/base/jobs/management/commands/work.py",
                                     "minzheng/base/audit/management/commands/seal.py", "minzheng/front/streams.py"])
def test_every_service_asks_before_it_serves(service: str) -> None:
    assert "refuse_unsafe_start()" in (ROOT / service).read_text()
