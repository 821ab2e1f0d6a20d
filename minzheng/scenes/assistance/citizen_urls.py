from __future__ import annotations

from django.urls import path

from minzheng.scenes.assistance import citizen_views

app_name = "assistance_my"
urlpatterns = [
    path("dibao/", citizen_views.apply, {"matter": "dibao"}, name="apply"),
    path("checks/<str:code>/", citizen_views.check, name="check"),
]
