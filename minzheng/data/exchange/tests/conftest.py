from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from minzheng.base.crypto import public_key
from minzheng.data.exchange.breaker import BREAKER
from minzheng.data.exchange.partners import sync
from minzheng.data.exchange.wire import CALLER, KEY
from minzheng.testing import as_owner
from simulators.server import Simulators
from simulators.testing import running

ZHANG = ("329900198001010014", "张建国")


@pytest.fixture(scope="session")
def running_departments(tmp_path_factory: Any) -> Iterator[Simulators]:
    wage = {"table": "tax", "income_kind": "工资薪金", "total": "36000.00", "months": 12}
    police = {"table": "police", "status": "正常", "marital": "有配偶"}
    with running(tmp_path_factory.mktemp("departments"), {"tax": [(*ZHANG, wage)],
                                                          "police": [(*ZHANG, police)]}) as simulators:
        yield simulators


@pytest.fixture
def departments(running_departments: Simulators, db: None) -> Iterator[Simulators]:
    """Running, registered as partners, and told our public key. Switches are off again after the test."""
    BREAKER.reset()
    running_departments.admit(CALLER, public_key(KEY))
    with as_owner():
        sync(running_departments.registry())
    yield running_departments
    for desk in running_departments.desks.values():
        desk.switches.clear()
