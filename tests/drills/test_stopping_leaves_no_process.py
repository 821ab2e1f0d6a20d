from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.drills.house import ROOT, House, alive, until
from tests.drills.work import Month

pytestmark = pytest.mark.full


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_all_ends_within_twenty_seconds_in_the_middle_of_work(house: House, number: int) -> None:
    month = Month(house)
    month.build()
    house.departments("switch", "bank", "slow=30")
    month.release()
    month.until_running("payments")
    started = [*house.pids(), house.postmaster()]
    assert len(started) > 6
    took = house.stop(number)
    assert took < 20
    assert house.supervisor is not None and house.supervisor.returncode == 0
    until(lambda: not [pid for pid in started if alive(pid)], "no process is left", 20 - took)
    assert house.pids() == []
    house.start()
    month.until_state("closed")
    house.verify()
    month.check_paid()


def test_a_second_start_disturbs_nobody_and_stop_ends_what_runs(house: House) -> None:
    before = {name: house.pids(name) for name in ("web", "worker", "sealer")}
    second = subprocess.run([sys.executable, "-m", "minzheng.cli", "up"], env=house.env, cwd=ROOT, capture_output=True,
                            text=True, timeout=60)
    assert second.returncode == 1 and "已在运行" in second.stdout
    assert {name: house.pids(name) for name in before} == before and house.answers()
    house.command("stop")
    assert house.supervisor is not None and house.supervisor.wait(20) == 0
    assert house.pids() == []
    assert "没有正在运行的服务" in house.command("stop")
