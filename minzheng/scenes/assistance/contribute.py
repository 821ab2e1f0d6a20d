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
    register_scheme(Scheme("temporary", "临时救助金", once=True))
    register_scheme(Scheme("tekun", "特困人员救助供养金", exclusive_group="basic_living", review_months=12))
    from minzheng.scenes.assistance import kinds, matters, simulating, sources, steps  # noqa: F401
    from minzheng.scenes.assistance.edge import matter as edge
    from minzheng.scenes.assistance.reviews import matter as review
    from minzheng.scenes.assistance.rigid import matter as rigid
    from minzheng.scenes.assistance.tekun import drawing  # noqa: F401 (a handler)
    from minzheng.scenes.assistance.tekun import matter as tekun
    from minzheng.scenes.assistance.temporary import expense_matter as expenditure
    from minzheng.scenes.assistance.temporary import matter as temporary

    household = ((matters.DIBAO_KIND, matters.DIBAO), (tekun.KIND, tekun.MATTER), (edge.KIND, edge.MATTER),
                 (rigid.KIND, rigid.MATTER))
    for kind, matter in household:
        kinds.register(kind)
        sources.register(matter.code)
    audit.declare_actions({"assistance.visit": "登记入户调查", "assistance.kin_filed": "近亲属备案",
                           "assistance.propose_stop": "提请终止办理"})

    flow.sends("check_done", "check_objected", "publicity_disputed", "publicity_withdrawn", "received", "person_died",
               "terminated")
    for path in sorted(PROCESSES.glob("*.bpmn")):
        flow.register_process(path, scene="assistance")
    for matter in (matters.DIBAO_V1, *(matter for _, matter in household)):
        publish(matter)
    publish(review.MATTER_V1)
    publish(review.MATTER)
    publish(temporary.MATTER_V1)
    publish(temporary.MATTER)
    publish(expenditure.MATTER)
    simulating.register()
