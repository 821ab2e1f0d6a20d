from __future__ import annotations

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "minzheng.office.notices"
    label = "notices"

    def ready(self) -> None:
        from minzheng.office.notices.book import registry_book
        from minzheng.office.notices.sending import register_address_book

        register_address_book(registry_book)
