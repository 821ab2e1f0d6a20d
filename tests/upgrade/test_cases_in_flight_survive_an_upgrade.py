"""A database of the version before, with open cases at every step, is migrated by the code of today: new versions of the
matter, its form, its process and its formulas have landed, and the old cases end rightly under their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from minzheng.base.pg.server import packaged_binaries
from minzheng.testing.installation import Installation

pytestmark = pytest.mark.full
BASE = Path(__file__).parent / "v0.1.0"
CASES = int(os.environ.get("MZ_UPGRADE_CASES", "2000"))
FINISHED = int(os.environ.get("MZ_UPGRADE_FINISHED", "70"))
IN = "import json, django\nfrom tests.upgrade import carrying\n"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The old database under the code of today."""
    made = Installation(tmp_path_factory.mktemp("upgrade"))
    try:
        made.start()
        shutil.copytree(BASE / "keys", made.var / "secrets", dirs_exist_ok=True)
        for key in (made.var / "secrets").iterdir():
            key.chmod(0o600)  # a checkout makes files that others may read
        with made.server.connect() as admin:
            env = {**os.environ, "PGPASSWORD": admin.info.password, "PGHOST": admin.info.host,
                   "PGPORT": str(admin.info.port), "PGUSER": admin.info.user}
        subprocess.run([str(packaged_binaries() / "bin" / "pg_restore"), "--exit-on-error", "-d", "minzheng",
                        str(BASE / "base.dump")], env=env, check=True)
        before = _state(made)
        made.run("make_keys")
        made.run("migrate", "--verbosity", "0")
        assert _state(made) == before, "an upgrade changes no case"
        made.script(f"from tests.upgrade.multiplying import multiply\nprint(multiply({CASES}))", "owner")
        yield made
    finally:
        made.remove()


def _rows(house: Installation, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with house.server.connect("minzheng") as admin:
        return admin.execute(statement, values).fetchall()


def _state(house: Installation) -> list[tuple[Any, ...]]:
    return _rows(house, "SELECT c.code, c.state, c.matter_version, c.form_version, c.version, p.definition_id,"
                        " md5(p.state::text) FROM cases_case c JOIN flow_process p ON p.subject = c.code ORDER BY 1")


def _some(house: Installation) -> list[str]:
    """Codes of cases from every step, the ones that were there first among them."""
    rows = _rows(house, "SELECT code FROM (SELECT code, row_number() OVER (PARTITION BY step ORDER BY code) n FROM ("
                        " SELECT c.code, c.state || coalesce((SELECT min(t.key) FROM flow_task t WHERE t.subject = c.code"
                        " AND t.status IN ('ready', 'claimed')), '') step FROM cases_case c WHERE c.state <> 'closed') s) r"
                        " ORDER BY n, code LIMIT %s", FINISHED)
    return [code for (code,) in rows]


def test_old_cases_end_under_their_own_version_and_new_ones_begin_under_the_next(house: Installation) -> None:
    assert _rows(house, "SELECT count(*), min(matter_version), max(matter_version) FROM cases_case") == [(CASES, 1, 1)]
    codes = _some(house)
    untouched = dict(_rows(house, "SELECT code, version FROM cases_case WHERE NOT code = ANY(%s)", codes))
    given = json.dumps(codes)
    for days in (0, 8, 8, 0):
        house.script(f"{IN}print(json.dumps(carrying.officers_pass(json.loads('{given}'))))", "web")
        house.script(f"{IN}print(carrying.services_pass(json.loads('{given}'), {days}))", "worker")
    house.script(f"{IN}print(json.dumps(carrying.officers_pass(json.loads('{given}'))))", "web")

    ended = _rows(house, "SELECT c.code, c.state, c.matter_version, d.version, p.status FROM cases_case c"
                         " JOIN flow_process p ON p.subject = c.code JOIN flow_definition d ON d.id = p.definition_id"
                         " WHERE c.code = ANY(%s)", codes)
    assert {row[1:] for row in ended} == {("closed", 1, 1, "ended")}
    decided = _rows(house, "SELECT count(*), count(DISTINCT case_id) FROM decisions_decision WHERE kind = 'confirm'"
                           " AND case_id IN (SELECT id FROM cases_case WHERE code = ANY(%s))", codes)
    assert decided == [(len(codes), len(codes))]
    paid = _rows(house, "SELECT count(*) FROM benefits_entitlement WHERE case_code = ANY(%s)", codes)
    recognised = _rows(house, "SELECT count(*) FROM recognitions_recognition WHERE case_code = ANY(%s)", codes)
    assert paid == recognised == [(len(codes),)]

    now = dict(_rows(house, "SELECT code, version FROM cases_case WHERE code = ANY(%s)", list(untouched)))
    assert now == untouched, "nobody else's case has moved by hand"
    assert _rows(house, "SELECT count(*) FROM flow_timer WHERE problem <> ''") == [(0,)]


def test_benefits_of_before_are_recognised_and_the_audit_chain_holds(house: Installation) -> None:
    assert _rows(house, "SELECT count(*) FROM benefits_entitlement e WHERE status <> 'ended' AND NOT EXISTS"
                        " (SELECT 1 FROM recognitions_recognition r WHERE r.case_code = e.case_code AND r.ended_on IS NULL)"
                 ) == [(0,)]
    assert _rows(house, "SELECT count(*) FROM audit_record")[0][0] > 0


def test_a_new_application_goes_by_the_new_version(house: Installation) -> None:
    versions = json.loads(house.script(
        "import json\nfrom minzheng.office.matters.catalogue import matter_of\nm, old = matter_of('dibao'), matter_of('dibao', 1)\n"
        "print(json.dumps([m.version, m.form_version, m.process_version, old.version, old.process_version]))", "web"))
    assert versions == [2, 2, 2, 1, 1]
    published = _rows(house, "SELECT version FROM flow_definition WHERE code = 'dibao' ORDER BY 1")
    assert published == [(1,), (2,)]
