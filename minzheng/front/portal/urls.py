from __future__ import annotations

from django.urls import path

from minzheng.front.portal import views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("matters/", views.matters, name="matters"),
    path("matters/<slug:code>/", views.matter, name="matter"),
    path("publicity/", views.publicity, name="publicity"),
    path("publicity/<uuid:ticket>/object/", views.object_publicly, name="object_publicly"),
    path("verify/", views.verify, name="verify_any"),
    path("verify/<str:code>", views.verify, name="verify"),
    path("my/", views.mine, name="mine"),
    path("my/cases/<str:code>/", views.case, name="case"),
    path("my/cases/<str:code>/supplement", views.supplement, name="supplement"),
    path("my/cases/<str:code>/object", views.object_to, name="object"),
    path("my/cases/<str:code>/withdraw", views.withdraw, name="withdraw"),
    path("my/cases/<str:code>/materials/<slug:material>/", views.material, name="material"),
    path("my/cases/<str:code>/decisions/<str:number>/receive", views.receive, name="receive"),
    path("my/cases/<str:code>/objections/<int:number>.pdf", views.answer, name="answer"),
    path("my/files/<int:number>", views.own_file, name="own_file"),
    path("my/documents/<str:number>.pdf", views.document, name="document"),
    path("my/access/", views.access, name="access"),
    path("my/messages/", views.messages_page, name="messages"),
]
