from __future__ import annotations

from django.urls import path

from minzheng.data.exchange.inbound import receive

app_name = "exchange"
urlpatterns = [path("inbound/<slug:partner>", receive, name="inbound")]
