from __future__ import annotations

from django.urls import path

from minzheng.scenes.assistance.monitoring import views

urlpatterns = [
    path("", views.home, name="library"),
    path("alerts/", views.alerts, name="alerts"),
    path("alerts/<str:number>/", views.alert, name="alert"),
    path("alerts/<str:number>/apply", views.Apply.as_view(), name="alert_apply"),
    path("households/<int:household>/", views.household, name="household"),
    path("households/<int:household>/list", views.enlist, name="enlist"),
    path("households/<int:household>/listings/<int:listing>/end", views.unlist, name="unlist"),
    path("nights/", views.nights, name="nights"),
]
