from __future__ import annotations

from django.urls import path

from minzheng.scenes.assistance import citizen_views
from minzheng.scenes.assistance.reviews import views as review_views

app_name = "assistance_my"
urlpatterns = [
    path("dibao/", citizen_views.apply, {"matter": "dibao"}, name="apply"),
    path("edge/", citizen_views.apply, {"matter": "edge"}, name="apply_edge"),
    path("rigid/", citizen_views.apply, {"matter": "rigid"}, name="apply_rigid"),
    path("tekun/", citizen_views.apply, {"matter": "tekun"}, name="apply_tekun"),
    path("recognitions/", review_views.own_recognitions, name="recognitions"),
    path("recognitions/<int:number>/report/", review_views.report, name="report"),
    path("checks/<str:code>/", citizen_views.check, name="check"),
]
