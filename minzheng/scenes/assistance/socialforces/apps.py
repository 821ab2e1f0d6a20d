from __future__ import annotations

from pathlib import Path

from django.apps import AppConfig

_HERE = Path(__file__).parent


class SocialForcesConfig(AppConfig):
    name = "minzheng.scenes.assistance.socialforces"
    label = "assistance_socialforces"
    verbose_name = "社会力量帮扶"

    def ready(self) -> None:
        from minzheng.base import flow
        from minzheng.base.audit import declare_actions
        from minzheng.data.brain import rules
        from minzheng.office.matters import entries
        from minzheng.office.notices.wording import Template, register_template
        from minzheng.scenes.assistance.socialforces import claims, consumers, needs, pages, tasks  # noqa: F401

        rules.load_parameters(_HERE / "socialforces.yaml")
        flow.sends("claim_over")
        flow.register_process(_HERE / "processes" / "need_match.v1.bpmn", scene="assistance")
        entries.add_page(entries.Page("社会帮扶", "assistance:needs", "heart-handshake", frozenset(needs.READERS)))
        entries.add_work("RL", "need_match", pages.describe)
        register_template(Template(claims.MATCHED, "社会帮扶对接好了", "“{title}”由{charity}帮扶,请在 {until} 前完成。"
                                   "只接受物资和服务;有人借此要钱的,请不要给,并告诉乡镇(街道)。", sms=True))
        register_template(Template(claims.RETURNED, "认领已收回", "“{title}”的认领已收回:{reason}。"))
        register_template(Template(claims.GIVEN, "请说说这次帮扶", "{charity}登记了给您家的帮扶:{what}。没有收到或与实际不符的,"
                                   "请告诉乡镇(街道);收到了的,可以在“我的帮扶”里反馈。"))
        declare_actions({
            "social.written": "登记社会帮扶需求", "social.read": "查看社会帮扶需求", "social.published": "发布社会帮扶需求",
            "social.closed": "结束社会帮扶需求", "social.represented": "登记社会组织代表人", "social.claimed": "认领社会帮扶需求",
            "social.disclosed": "告知慈善组织联系方式", "social.contact_read": "慈善组织查看联系方式",
            "social.returned": "收回认领", "social.given": "登记社会帮扶", "social.said": "反馈社会帮扶"})
