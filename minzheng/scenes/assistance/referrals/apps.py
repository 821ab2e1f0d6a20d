from __future__ import annotations

from pathlib import Path

from django.apps import AppConfig

_HERE = Path(__file__).parent


class ReferralsConfig(AppConfig):
    name = "minzheng.scenes.assistance.referrals"
    label = "assistance_referrals"
    verbose_name = "转介"

    def ready(self) -> None:
        from minzheng.base import flow
        from minzheng.base.audit import declare_actions
        from minzheng.data.brain import rules
        from minzheng.office.matters import entries
        from minzheng.office.notices.wording import Template, register_template
        from minzheng.scenes.assistance.referrals import actions, consumers, pages, tasks, working  # noqa: F401 (registers)

        rules.load_parameters(_HERE / "referrals.yaml")
        flow.sends("referral_done", "referral_declined")
        flow.register_process(_HERE / "processes" / "referral.v1.bpmn", scene="assistance")
        entries.add_page(entries.Page("转介", "assistance:referrals", "send", frozenset(actions.READERS)))
        entries.add_work("ZJ", "referral", pages.describe)
        register_template(Template(actions.TOLD, "转介有了答复", "{department}对“{ask}”的答复:{what}。{text}", sms=True))
        register_template(Template(working.REFUSED, "请说明不去工作的理由", "{name}您好,登记了您没有接受“{position}”这份工作。"
                                   "工作人员会先听取您的意见,再认定理由是否正当。有病、要照料家人等情况请如实说明。", sms=True))
        register_template(Template(working.COUNTED, "关于拒绝工作的认定", "{name}您好,经听取您的意见,这次拒绝认定为没有正当理由,"
                                   "已连续 {count} 次。连续三次的,可能减发或者停发您本人的低保金;决定前会再听取您的意见,"
                                   "对认定有异议的可以向乡镇(街道)提出。", sms=True))
        declare_actions({
            "referral.made": "提出转介", "referral.read": "查看转介", "referral.reminded": "催办转介",
            "referral.withdrawn": "撤回转介", "referral.answered": "收到转介答复", "referral.told": "告知转介结果",
            "work.offered": "登记工作推荐", "work.answered": "登记对工作推荐的答复", "work.judged": "认定拒绝工作的理由"})
