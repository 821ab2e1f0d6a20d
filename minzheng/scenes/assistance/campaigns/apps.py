from __future__ import annotations

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "minzheng.scenes.assistance.campaigns"
    label = "campaigns"
    verbose_name = "批量复核"

    def ready(self) -> None:
        from minzheng.base.audit import declare_actions
        from minzheng.office.matters import entries
        from minzheng.scenes.assistance.campaigns import consumers, tasks  # noqa: F401 (subscribes, declares)
        from minzheng.scenes.assistance.campaigns.opening import READERS

        entries.add_page(entries.Page("批量复核", "assistance:campaigns", "refresh", frozenset(READERS)))
        declare_actions({
            "campaign.opened": "建立批量复核", "campaign.checking": "开始批量核对", "campaign.checked": "批量核对一户",
            "campaign.confirming": "批量确认无变化", "campaign.confirmed": "确认无变化续期", "campaign.tasked": "转人工复核",
            "campaign.closed": "结束批量复核",
        })
