from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simulators.server import Simulators
from simulators.testing import Caller, running

ZHANG = ("329900198001010014", "张建国")
CARD = "9900000000000000018"


@pytest.fixture(scope="session")
def departments(tmp_path_factory: Any) -> Iterator[Simulators]:
    state: Path = tmp_path_factory.mktemp("simulators")
    wage = {"table": "tax", "income_kind": "工资薪金", "total": "36000.00", "months": 12}
    deposits = [{"table": "banks", "kind": kind, "balance": balance} for kind, balance in
                (("活期", "1200.50"), ("定期", "30000.00"))]  # fmt: skip
    holdings = {
        "tax": [(*ZHANG, wage)],
        "bank": [(*ZHANG, deposit) for deposit in deposits],
        "police": [(*ZHANG, {"table": "police", "status": "正常", "marital": "有配偶"})],
    }
    cards = [(CARD, ZHANG[1], ZHANG[0], "正常"), ("9900000000000000026", "周海燕", "329900198502020026", "冻结")]
    with running(state, holdings, cards) as simulators:
        yield simulators


@pytest.fixture
def caller(departments: Simulators) -> Iterator[Caller]:
    one = Caller(departments)
    yield one
    for code in departments.desks:
        departments.desks[code].switches.clear()
    one.admin("/tax/clear", {})
