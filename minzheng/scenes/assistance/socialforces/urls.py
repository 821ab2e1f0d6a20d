from __future__ import annotations

from django.urls import path

from minzheng.scenes.assistance.socialforces import views

urlpatterns = [
    path("needs/", views.needs_list, name="needs"),
    path("needs/representatives/", views.representatives, name="representatives"),
    path("needs/<str:need>/", views.need, name="need"),
    path("claims/<str:claim>/", views.claim, name="claim"),
    path("aid/<int:household>/need/", views.write, name="write_need"),
]
