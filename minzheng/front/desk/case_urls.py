"""Addresses of what can be done with a case beside its tasks."""

from __future__ import annotations

from django.urls import path

from minzheng.front.desk.views import appeals, archiving, deciding, delegating, disputes, handing, materials

urlpatterns = [
    path("cases/<str:code>/materials/<slug:material>/", materials.material, name="material"),
    path("cases/<str:code>/objections/<int:number>/", disputes.objection, name="objection"),
    path("cases/<str:code>/publicity/withdraw/", disputes.unpublish, name="unpublish"),
    path("cases/<str:code>/decisions/<str:number>/revoke/", deciding.revoke, name="revoke"),
    path("cases/<str:code>/decisions/<str:number>/serve/", deciding.serve, name="serve"),
    path("cases/<str:code>/appeals/new/", appeals.appeal_new, name="appeal_new"),
    path("cases/<str:code>/appeals/<int:number>/", appeals.appeal, name="appeal"),
    path("cases/<str:code>/appeals/<int:number>/reminded", appeals.reminded, name="appeal_reminded"),
    path("cases/<str:code>/hand-over/", handing.hand_over, name="hand_over"),
    path("cases/<str:code>/supplement/", handing.supplement, name="case_supplement"),
    path("cases/<str:code>/withdraw/", handing.withdraw, name="case_withdraw"),
    path("cases/<str:code>/archive/", archiving.archive, name="archive"),
    path("cases/<str:code>/archive.zip", archiving.download, name="archive_zip"),
    path("cases/<str:code>/archive/<str:register_no>/verify", archiving.verify, name="archive_verify"),
    path("places/", handing.places, name="hand_over_places"),
    path("delegations/", delegating.delegations, name="delegations"),
    path("delegations/<slug:matter>/<str:township>/end/", delegating.end, name="delegation_end"),
]
