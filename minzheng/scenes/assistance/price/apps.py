from __future__ import annotations

from django.apps import AppConfig


class PriceConfig(AppConfig):
    name = "minzheng.scenes.assistance.price"
    label = "price"
    verbose_name = "价格临时补贴"

    def ready(self) -> None:
        from minzheng.base.audit import declare_actions
        from minzheng.office.benefits.schemes import Scheme, register_scheme
        from minzheng.office.matters import entries
        from minzheng.scenes.assistance.price import actions, tasks  # noqa: F401 (registers)

        register_scheme(Scheme(actions.SCHEME, "价格临时补贴", exclusive_group="price", once=True))
        entries.add_page(entries.Page("价格临时补贴", "assistance:price", "coin", frozenset(actions.READERS)))
        declare_actions({"price.prepared": "测算价格临时补贴", "price.submitted": "价格临时补贴报审", "price.approved": "批准价格临时补贴",
                         "price.returned": "退回价格临时补贴", "price.withdrawn": "作废价格临时补贴名单",
                         "price.added": "生成价格临时补贴待遇"})
