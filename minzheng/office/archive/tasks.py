"""The job that archives one finished case."""

from __future__ import annotations

from minzheng.base.jobs import job
from minzheng.base.jobs.running import Running
from minzheng.office.archive.actions import FINAL, build_package
from minzheng.office.cases.doors import get_case_for_service


@job("archive.build", title="生成归档包")
def build(run: Running, case: str) -> None:
    with run.transaction():
        if get_case_for_service(run.by, case).state in FINAL:
            build_package(case, by=run.by)
            run.row(case, True)
