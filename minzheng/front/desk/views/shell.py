"""Small things of the shell: changing the acting post, messages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from minzheng.base import audit
from minzheng.base.errors import NotAllowed
from minzheng.base.identity.pages import staff


@require_POST
@staff()
def switch_post(request: HttpRequest) -> HttpResponse:
    """One acting post at a time; only posts of one's own that are in force can be chosen."""
    chosen = next((p for p in request.posts if str(p.pk) == request.POST.get("post")), None)
    if chosen is None:
        raise NotAllowed("这个岗位不是您的,或已不在有效期内。")
    audit.record("identity.switch_post", by=request.officer, obj_type="post", obj_id=chosen.pk,
                 jurisdiction=request.officer.jurisdiction, before={"post": request.officer.post_id},
                 after={"post": chosen.pk}, reason="切换岗位")
    request.session["post"] = chosen.pk
    return redirect("desk:tasks")
