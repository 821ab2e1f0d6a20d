from __future__ import annotations

from django.apps import AppConfig


class TemporaryConfig(AppConfig):
    name = "minzheng.scenes.assistance.temporary"
    label = "temporary"
    verbose_name = "临时救助"

    def ready(self) -> None:
        from minzheng.base.audit import declare_actions
        from minzheng.office.matters import entries
        from minzheng.scenes.assistance.temporary import consumers, requests  # noqa: F401 (subscribes)

        entries.add_page(entries.Page("乡镇备用金", "assistance:temporary_funds", "coin", frozenset(
            {"town_clerk", "town_reviewer", "county_cashier", "county_finance", "county_leader"})))
        entries.add_work("QZ", "help_request", requests.describe)
        declare_actions({"temporary.asked": "提出急难求助", "temporary.answered": "答复急难求助",
                         "temporary.registered": "登记急难情况",
                         "temporary.applied": "申请支出型临时救助", "temporary.given": "发放临时救助", "temporary.explained": "补齐先行救助手续",
                         "temporary.meeting": "县级一事一议"})
