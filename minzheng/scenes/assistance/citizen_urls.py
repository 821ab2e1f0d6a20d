from __future__ import annotations

from django.urls import path

from minzheng.scenes.assistance import citizen_views

app_name = "assistance_my"
urlpatterns = [
    path("dibao/", citizen_views.apply, {"matter": "dibao"}, name="apply"),
    path("edge/", citizen_views.apply, {"matter": "edge"}, name="apply_edge"),
    path("rigid/", citizen_views.apply, {"matter": "rigid"}, name="apply_rigid"),
    path("tekun/", citizen_views.apply, {"matter": "tekun"}, name="apply_tekun"),
    path("checks/<str:code>/", citizen_views.check, name="check"),
]
