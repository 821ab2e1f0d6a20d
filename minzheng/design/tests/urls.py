"""The room's own addresses, so that its tests do not wait for the rest of the house."""

from django.urls import include, path

urlpatterns = [path("", include("minzheng.design.urls")), path("accounts/", include("allauth.urls"))]
