"""Addresses below /desk/assistance/legacy/."""

from __future__ import annotations

from django.urls import path

from minzheng.scenes.assistance.legacy import views

urlpatterns = [
    path("legacy/", views.batches, name="legacy"),
    path("legacy/mapping/", views.mapping, name="legacy_mapping"),
    path("legacy/<str:number>/", views.batch, name="legacy_batch"),
    path("legacy/<str:number>/rows/<int:row>/confirm", views.confirm, name="legacy_confirm"),
    path("legacy/<str:number>/start", views.start, name="legacy_start"),
    path("legacy/<str:number>/accept", views.accept, name="legacy_accept"),
    path("legacy/<str:number>/turn-down", views.turn_down, name="legacy_down"),
    path("legacy/<str:number>/report", views.download, name="legacy_report"),
]
