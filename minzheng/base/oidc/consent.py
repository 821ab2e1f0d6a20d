"""The consent page (同意页): which system asks, what it learns, and in which post the officer goes there."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from allauth.idp.oidc import views as library
from allauth.idp.oidc.models import Client
from django.db import transaction
from django.http import HttpResponse

from minzheng.base import audit, clock
from minzheng.base.crypto import sm3
from minzheng.base.divisions.names import full_name
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Officer
from minzheng.base.oidc.models import Application, SignIn


def digest_of(code: str) -> str:
    return sm3(code.encode()).hex()


class ConsentView(library.AuthorizationView):  # type: ignore[misc]
    """The library checks the question; the answer is kept with post and session before the browser goes back."""

    template_name = "oidc/consent.html"
    posts: list[Officer] = []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        chosen = self.request.session.get("post")
        application = Application.objects.get(client_id=context["client"].pk)
        return context | {
            "application": application, "owner": full_name(application.office), "scopes": self._scopes,
            "target": urlsplit(self._request_info["redirect_uri"]).netloc, "account": self.request.user,
            "chosen": chosen if chosen in {who.post_id for who in self.posts} else self.posts[0].post_id,
            "choices": [(who.post_id, f"{full_name(who.jurisdiction)} {who.role_title}") for who in self.posts],
        }

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        answer: HttpResponse = super().render_to_response(context, **kwargs)
        # the answer to this form sends the browser to the outside system, which the page's policy must allow
        target = urlsplit(self._request_info["redirect_uri"])
        answer._csp_update = {"form-action": f"{target.scheme}://{target.netloc}"}  # type: ignore[attr-defined]
        return answer

    def form_valid(self, form: Any) -> HttpResponse:
        given = self.request.POST.get("post", "")
        officer = next((who for who in self.posts if str(who.post_id) == given), None)
        if officer is None:
            raise Refused("请选择以哪个岗位登录。")
        with transaction.atomic():
            answer: HttpResponse = super().form_valid(form)
            code = dict(parse_qsl(urlsplit(answer.get("Location", "")).query)).get("code", "")
            if code:
                self._keep(code, officer)
        return answer

    def _keep(self, code: str, officer: Officer) -> None:
        client_id = self._request_info["client_id"]
        if not Client.objects.filter(pk=client_id).exists():
            raise Refused("这个外部系统已停用。")
        application = Application.objects.get(client_id=client_id)
        row = SignIn.objects.create(
            application=application, account_id=officer.account_id, post_id=officer.post_id,
            session=self.request.session.session_key or "", code_digest=digest_of(code), consented_at=clock.now())
        audit.record("oidc.consent", by=officer, obj_type="oidc_signin", obj_id=row.pk, jurisdiction=officer.jurisdiction,
                     after={"application": client_id, "name": application.name})
