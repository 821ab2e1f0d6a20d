from __future__ import annotations

from django.urls import path

from minzheng.scenes.assistance.referrals import views

urlpatterns = [
    path("referrals/", views.referrals, name="referrals"),
    path("referrals/<str:referral>/", views.referral, name="referral"),
    path("aid/<int:household>/refer/", views.refer, name="refer"),
    path("aid/<int:household>/work/", views.offer_work, name="offer_work"),
    path("work/<int:offer>/", views.work, name="work"),
]
