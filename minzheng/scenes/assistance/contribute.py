"""What the scene contributes at start-up, in one place."""

from __future__ import annotations

from pathlib import Path

from minzheng.base import audit, flow
from minzheng.office.benefits.schemes import Scheme, register_scheme
from minzheng.office.matters.catalogue import publish
from minzheng.scenes.assistance import policy

PROCESSES = Path(__file__).parent / "processes"


def register() -> None:
    policy.register()
    register_scheme(Scheme("dibao", "最低生活保障金", exclusive_group="basic_living", review_months=12))
    from minzheng.scenes.assistance import kinds, matters, sources, steps  # noqa: F401

    kinds.register(matters.DIBAO_KIND)
    sources.register("dibao")
    audit.declare_actions({"assistance.visit": "登记入户调查", "assistance.kin_filed": "近亲属备案",
                           "assistance.propose_stop": "提请终止办理"})

    flow.sends("check_done", "check_objected", "publicity_disputed", "publicity_withdrawn", "received", "person_died",
               "terminated")
    for path in sorted(PROCESSES.glob("*.bpmn")):
        flow.register_process(path, scene="assistance")
    publish(matters.DIBAO)
