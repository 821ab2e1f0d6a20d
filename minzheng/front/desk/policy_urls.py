"""Addresses of the policy desk (政策仿真)."""

from __future__ import annotations

from django.urls import path

from minzheng.front.desk.views import policy, policy_runs

urlpatterns = [
    path("policy/", policy.desk, name="policy"),
    path("policy/start", policy.start, name="policy_start"),
    path("policy/uprate", policy.uprate, name="policy_uprate"),
    path("policy/new/", policy.new, name="policy_new"),
    path("policy/again/", policy_runs.again, name="policy_again"),
    path("policy/drafts/<str:code>/", policy.draft, name="policy_draft"),
    path("policy/drafts/<str:code>/edit/", policy.edit, name="policy_edit"),
    path("policy/drafts/<str:code>/<slug:verb>", policy.act, name="policy_act"),
    path("policy/runs/<str:code>/", policy_runs.run, name="policy_run"),
    path("policy/runs/<str:code>/near/", policy_runs.near, name="policy_near"),
    path("policy/runs/<str:code>/export", policy_runs.export, name="policy_export"),
    path("policy/runs/<str:code>/share/<slug:verb>", policy_runs.share, name="policy_share"),
    path("policy/shared/<str:share_code>/", policy_runs.shared, name="policy_shared"),
]
