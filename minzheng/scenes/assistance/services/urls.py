from __future__ import annotations

from django.urls import path

from minzheng.scenes.assistance.services import views

urlpatterns = [
    path("services/", views.plans, name="plans"),
    path("services/<str:plan>/", views.plan, name="plan"),
    path("aid/<int:household>/assess/", views.assess, name="assess_needs"),
    path("aid/<int:household>/assess/<int:assessment>/plan/", views.draft, name="draft_plan"),
]
