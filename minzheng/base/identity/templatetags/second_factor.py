"""The demonstration's present code on sign-in pages."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings

from minzheng.base.identity import second_factor

register = template.Library()


@register.simple_tag
def demo_code(account: Any) -> str:
    return second_factor.demo_code(account)


@register.simple_tag
def demo_code_of(secret: str) -> str:
    return second_factor.current_code(secret) if settings.DEMO else ""
