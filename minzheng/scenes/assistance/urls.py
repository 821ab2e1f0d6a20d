from __future__ import annotations

from django.urls import path

from minzheng.scenes.assistance import views

app_name = "assistance"
urlpatterns = [
    path("dibao/new", views.take_in, name="intake"),
    path("checks/<str:code>/retry", views.retry_check, name="retry_check"),
    path("checks/<str:code>/report", views.issue_report, name="issue_report"),
]
