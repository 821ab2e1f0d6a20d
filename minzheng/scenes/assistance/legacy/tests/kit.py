"""An old system's three tables, as files, and the people of the registry to whom they belong."""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
from dataclasses import dataclass, field

from minzheng.base import clock
from minzheng.base.crypto import blind_index_many
from minzheng.data.ingest import actions
from minzheng.data.ingest.models import Batch
from minzheng.data.population.identifiers import cast_id
from minzheng.data.registry.models import Person
from minzheng.scenes.assistance.legacy.target import DIBAO
from minzheng.scenes.assistance.legacy.views import EXAMPLE
from minzheng.testing import Cast, acting_as, as_owner
from minzheng.testing.background import run_jobs
from minzheng.testing.cast import VILLAGE

ACCOUNT = "9900000000000018"
HOMES = ("户编号", "家庭住址")
MEMBERS = ("户编号", "姓名", "证件号码", "与户主关系")
BENEFITS = ("户编号", "月保障金额", "起始年月", "开户人", "银行账号", "批准文号")
_serial = itertools.count(1)


def person(name: str, *, village: str = VILLAGE, **more: object) -> str:
    """Registers one person; the ID number."""
    return people([name], village=village, **more)[0]


def people(names: list[str], *, village: str = VILLAGE, **more: object) -> list[str]:
    numbers = []
    for _ in names:
        days, serial = divmod(next(_serial), 100)
        numbers.append(cast_id(f"{dt.date(1960, 1, 1) + dt.timedelta(days=days):%Y%m%d}", 900 + serial))
    with as_owner():
        Person.objects.bulk_create(
            Person(jurisdiction=village, id_number=number, id_index=index, name=name, name_pinyin=name, sex=1,
                   birth_date=f"{number[6:10]}-{number[10:12]}-{number[12:14]}", updated_at=clock.now(), **more)
            for name, number, index in zip(names, numbers, blind_index_many("id_number", numbers), strict=True))
    return numbers


@dataclass
class Old:
    """Rows as the old system prints them. `totals` are what it declares, unless a test says otherwise."""

    homes: list[tuple[str, ...]] = field(default_factory=list)
    members: list[tuple[str, ...]] = field(default_factory=list)
    benefits: list[tuple[str, ...]] = field(default_factory=list)

    def household(self, unit: str, *members: tuple[str, str, str], yuan: str = "965.00", payee: str = "", since: str = "2023-05",
                  account: str = ACCOUNT) -> None:
        self.homes.append((unit, "玉山镇测试路"))
        self.members += [(unit, *member) for member in members]
        self.benefits.append((unit, yuan, since, payee or members[0][0], account, "昆民低〔2023〕5号"))

    def files(self, encoding: str = "gb18030") -> dict[str, tuple[str, bytes]]:
        return {code: (f"{code}.csv", sheet(titles, rows, encoding)) for code, titles, rows in (
            ("household", HOMES, self.homes), ("member", MEMBERS, self.members), ("benefit", BENEFITS, self.benefits))}

    def declared(self) -> dict[str, dict[str, int]]:
        fen = sum(round(float(row[1]) * 100) for row in self.benefits if row[1].replace(".", "").isdigit())
        return {"household": {"rows": len(self.homes)}, "member": {"rows": len(self.members)},
                "benefit": {"rows": len(self.benefits), "fen": fen}}


def sheet(titles: tuple[str, ...], rows: list[tuple[str, ...]], encoding: str = "gb18030") -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([titles, *rows])
    return out.getvalue().encode(encoding)


def mapping(cast: Cast) -> int:
    with acting_as(cast.data_officer):
        return actions.do_save_mapping(target=DIBAO.code, name="昆山旧低保系统", body=EXAMPLE.read_text(),
                                       by=cast.data_officer).pk


def receive(cast: Cast, old: Old, *, declared: dict[str, dict[str, int]] | None = None, encoding: str = "gb18030") -> Batch:
    chosen = mapping(cast)
    with acting_as(cast.data_officer):
        return actions.do_receive(target=DIBAO.code, mapping=chosen, source="昆山旧低保系统", files=old.files(encoding),
                                  declared=declared or old.declared(), by=cast.data_officer)


def check(cast: Cast, old: Old, **more: object) -> Batch:
    batch = receive(cast, old, **more)
    run_jobs()
    return again(cast, batch)


def again(cast: Cast, batch: Batch) -> Batch:
    with acting_as(cast.data_officer):
        return actions.batch_for(batch.number)


def reasons(cast: Cast, batch: Batch, table: str = "member") -> list[tuple[str, str]]:
    with acting_as(cast.data_officer):
        return list(batch.rows.filter(table=table).order_by("line").values_list("state", "reasons"))


def load(cast: Cast, batch: Batch) -> Batch:
    with acting_as(cast.data_officer):
        actions.do_start(batch.number, by=cast.data_officer)
    run_jobs()
    return again(cast, batch)
