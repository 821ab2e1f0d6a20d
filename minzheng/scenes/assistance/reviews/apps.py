from __future__ import annotations

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "minzheng.scenes.assistance.reviews"
    label = "assistance_reviews"
    verbose_name = "救助对象认定复核"

    def ready(self) -> None:
        from minzheng.base.audit import declare_actions
        from minzheng.scenes.assistance.reviews import consumers, sweeping, tasks  # noqa: F401 (subscribes, declares)

        sweeping.register_templates()
        declare_actions({"review.kept": "复核后维持认定", "review.followed": "复核后变更认定"})
