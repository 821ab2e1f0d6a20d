from __future__ import annotations

from pathlib import Path

from django.apps import AppConfig

_HERE = Path(__file__).parent


class ServicesConfig(AppConfig):
    name = "minzheng.scenes.assistance.services"
    label = "assistance_services"
    verbose_name = "服务类社会救助"

    def ready(self) -> None:
        from minzheng.base import flow
        from minzheng.base.audit import declare_actions
        from minzheng.data.brain import rules
        from minzheng.office.benefits.schemes import Scheme, register_scheme
        from minzheng.office.matters import entries
        from minzheng.office.notices.wording import Template, register_template
        from minzheng.scenes.assistance.services import consumers, pages, planning, tasks  # noqa: F401 (registers)

        rules.load_parameters(_HERE / "services.yaml")
        register_scheme(Scheme(planning.SCHEME, "服务类社会救助"))
        flow.register_process(_HERE / "processes" / "service_plan.v1.bpmn", scene="assistance")
        entries.add_page(entries.Page("服务计划", "assistance:plans", "heart", frozenset(planning.READERS)))
        entries.add_work("FW", "service_plan", pages.describe)
        register_template(Template(planning.STARTED, "服务计划开始了", "{name}您好,为您安排的服务计划已经开始,到 {until} 为止。"
                                   "服务人员上门时,请打开手机“我的帮扶”告诉他服务码,服务完再给。", sms=True))
        register_template(Template(planning.ENDED, "服务计划结束了", "{name}您好,为您安排的服务计划已经结束:{reason}。"
                                   "还需要服务的,请告诉村(社区)或乡镇(街道)。", sms=True))
        declare_actions({
            "service.assessed": "登记服务需求评估", "service.drafted": "制定服务计划", "service.read": "查看服务计划",
            "service.started": "同意服务计划", "service.refused": "不同意服务计划", "service.delivered": "登记服务",
            "service.evaluated": "评价服务", "service.reviewed": "复核服务计划", "service.ended": "结束服务计划"})
