from __future__ import annotations

import datetime as dt
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest

from simulators import wire
from simulators.load import load, on_wire
from simulators.server import TOKEN
from simulators.store import Store
from simulators.testing import person_request

ROOT = Path(__file__).resolve().parents[2]
ZHANG = {"id_number": "329900198001010014", "name": "张建国"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A population of one, in the columns of SCHEMA.md."""
    folder = tmp_path / "population"
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps({"seed": 1, "people": 1, "as_of": "2026-06-30", "generator": 1}))
    pl.DataFrame([{**ZHANG, "bank_account": "9900000000000000018"}]).write_parquet(folder / "persons.parquet")
    bank = {**ZHANG, "balance_fen": 123456, "opened_on": dt.date(2020, 1, 2)}
    pl.DataFrame([bank]).write_parquet(folder / "banks.parquet")
    pl.DataFrame([{**ZHANG, "area_dm2": 7250}]).write_parquet(folder / "real_estate.parquet")
    return folder


@pytest.mark.parametrize("column, value, name, text", [
    ("balance_fen", 5, "balance", "0.05"), ("total_fen", -1205, "total", "-12.05"),
    ("area_dm2", 7250, "area_m2", "72.50"),
    ("leased_out_mu100", 130, "leased_out_mu", "1.30"), ("value_fen", None, "value", None),
    ("died_on", dt.date(2026, 1, 2), "died_on", "2026-01-02"), ("share_percent", 50, "share_percent", 50),
])  # fmt: skip
def test_amounts_go_out_as_text_with_two_decimals(column: str, value: Any, name: str, text: Any) -> None:
    assert on_wire(column, value) == (name, text)


def test_departments_are_filled_once_a_population(data: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    assert load(data, state) > 12 and load(data, state) == 0
    bank = Store(state / "bank.sqlite")
    _, records = bank.of_person(ZHANG["id_number"])
    assert records == [{"table": "banks", "balance": "1234.56", "opened_on": "2020-01-02"}]
    assert bank.card("9900000000000000018") == ("张建国", ZHANG["id_number"], "正常")
    bank.close()
    manifest = json.loads((data / "manifest.json").read_text()) | {"seed": 2}
    (data / "manifest.json").write_text(json.dumps(manifest))
    assert load(data, state) > 12


def test_without_a_population_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="load_population"):
        load(tmp_path, tmp_path / "state")


@pytest.fixture
def process(data: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any], wire.Key, Path]]:
    key, state = wire.Key.new(wire.ED25519), tmp_path / "state"
    command = [sys.executable, "-m", "simulators", "serve", "--data", str(data), "--state", str(state)]
    served = subprocess.Popen([*command, "--ports-from", "0", "--caller", f"minzheng={key.public_text}"], cwd=ROOT,
                              text=True, stdout=subprocess.PIPE)  # fmt: skip
    try:
        assert served.stdout is not None
        yield served, json.loads(served.stdout.readline()), key, state
    finally:
        served.kill()
        served.wait(10)


def test_the_process_prints_its_registry_serves_and_stops(process: Any) -> None:
    served, registry, key, state = process
    body = json.dumps(person_request(ZHANG["id_number"], ZHANG["name"])).encode()
    stamp = str(int(time.time()))
    signed = wire.request_bytes("POST", "/v1/person", "minzheng", stamp, "a" * 32, body)
    headers = {wire.CALLER: "minzheng", wire.TIME: stamp, wire.NONCE: "a" * 32, wire.SIGNATURE: key.sign(signed)}
    url = registry["departments"]["real_estate"]["base_url"] + "/v1/person"
    assert httpx.post(url, content=body, headers=headers).json()["records"][0]["area_m2"] == "72.50"
    switched = subprocess.run(
        [sys.executable, "-m", "simulators", "switch", "--state", str(state), "bank", "slow=0.5", "down=503"], cwd=ROOT,
        capture_output=True, text=True)  # fmt: skip
    assert json.loads(switched.stdout)["switches"]["slow"] == 0.5
    assert (state / "registry.json").stat().st_mode & 0o077 == 0
    admin = registry["admin"]
    assert httpx.get(admin["base_url"] + "/registry", headers={TOKEN: admin["token"]}).json() == registry
    served.send_signal(signal.SIGTERM)
    assert served.wait(10) in (0, -signal.SIGTERM)


def test_keys_and_callers_outlive_a_restart(data: Path, tmp_path: Path) -> None:
    state, registries = tmp_path / "state", []
    for caller in (["--caller", "minzheng=ed25519:00"], []):
        command = [sys.executable, "-m", "simulators", "prepare", "--data", str(data), "--state", str(state)]
        subprocess.run([*command, *caller], cwd=ROOT, check=True)
        registries.append(json.loads((state / "registry.json").read_text()))
    assert registries[0] == registries[1] and "admin" not in registries[0]
    assert registries[0]["departments"]["bank"]["base_url"].startswith("http://127.0.0.1:181")
    assert json.loads((state / "callers.json").read_text()) == {"minzheng": "ed25519:00"}
