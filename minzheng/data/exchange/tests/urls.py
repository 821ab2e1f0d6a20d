from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("exchange/", include("minzheng.data.exchange.urls"))]
