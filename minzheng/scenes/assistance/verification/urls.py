"""The scene's pages show 核对; this room has no addresses of its own."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
