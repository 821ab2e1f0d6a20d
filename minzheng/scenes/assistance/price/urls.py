from __future__ import annotations

from django.urls import path

from minzheng.scenes.assistance.price import views

urlpatterns = [
    path("price/", views.home, name="price"),
    path("price/<str:number>/", views.batch, name="price_batch"),
    path("price/<str:number>/submit", views.submit, name="price_submit"),
    path("price/<str:number>/withdraw", views.withdraw, name="price_withdraw"),
    path("price/<str:number>/approve", views.approve, name="price_approve"),
    path("price/<str:number>/return", views.send_back, name="price_return"),
]
