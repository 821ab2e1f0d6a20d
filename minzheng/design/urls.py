from __future__ import annotations

from django.conf import settings
from django.urls import path

from minzheng.design import views

app_name = "design"
urlpatterns = [path("appearance/", views.appearance, name="appearance")]
if settings.DEBUG or settings.DEMO:
    urlpatterns += [
        path("design/", views.guide, name="guide"),
        path("design/process.bpmn", views.process, name="process"),
        path("design/<slug:page>/", views.sample, name="sample"),
    ]
