"""The whole address table. Each room brings its own urls module; scenes are found by their place in the house."""

from __future__ import annotations

from django.apps import apps
from django.urls import include, path

from minzheng.front import health

# A room within a scene (minzheng.scenes.x.y) has its pages in the scene.
_scenes = [c for c in apps.get_app_configs() if c.name.startswith("minzheng.scenes.") and c.name.count(".") == 2]

urlpatterns = [
    path("health", health.health, name="health"),
    path("health/live", health.live, name="health_live"),
    path("accounts/", include("allauth.urls")),
    path("", include("minzheng.base.oidc.urls")),
    path("", include("minzheng.design.urls")),
    path("desk/", include("minzheng.front.desk.urls")),
    *[path(f"desk/{scene.label}/", include(f"{scene.name}.urls")) for scene in _scenes],
    *[path(f"my/{scene.label}/", include(f"{scene.name}.citizen_urls")) for scene in _scenes],
    path("exchange/", include("minzheng.data.exchange.urls")),
    path("", include("minzheng.front.portal.urls")),
]
