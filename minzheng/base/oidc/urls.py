"""Addresses of the protocol. The namespaces are those by which the library finds its own."""

from __future__ import annotations

from django.urls import include, path

from minzheng.base.oidc import views

_protocol = ([
    path(".well-known/openid-configuration", views.configuration, name="configuration"),
    path("oidc/jwks.json", views.jwks, name="jwks"),
    path("oidc/authorize", views.authorize, name="authorization"),
    path("oidc/token", views.token, name="token"),
    path("oidc/userinfo", views.userinfo, name="userinfo"),
    path("oidc/revoke", views.revoke, name="revoke"),
], "oidc")

urlpatterns = [path("", include(([path("", include(_protocol))], "idp")))]
