from __future__ import annotations

import json
from pathlib import Path

from minzheng.data.population import generate
from minzheng.scenes.assistance.verification.findings import READERS, findings_of
from simulators.departments import DEPARTMENTS
from simulators.load import load
from simulators.store import Store

VILLAGES = [f"3205831000{number:02d}" for number in range(1, 9)] + ["320583101201", "320583101202"]


def test_every_record_of_every_department_can_be_read(tmp_path: Path) -> None:
    manifest = generate(VILLAGES, 2000, 7, tmp_path / "population")
    assert READERS.keys() <= manifest.tables.keys()
    assert load(tmp_path / "population", tmp_path / "state") == len(DEPARTMENTS)
    read = 0
    for department in DEPARTMENTS:
        store = Store(tmp_path / "state" / f"{department.code}.sqlite")
        for (body,) in store.connection.execute("SELECT body FROM records"):
            findings_of(department.code, [json.loads(body)])
            read += 1
        store.close()
    assert read == sum(manifest.tables[table]["rows"] for table in READERS) > 10_000
