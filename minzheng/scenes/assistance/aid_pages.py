"""Pages on which several things can be done: each verb has its own small form, and one POST does one of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest

from minzheng.base.errors import Refused
from minzheng.scenes.assistance.aid import carried_out

Make = Callable[..., forms.Form]


class Verb:
    """One thing that can be done on a page. `make` builds its form; `do` gets the cleaned data."""

    def __init__(self, code: str, title: str, make: Make, do: Callable[[dict[str, Any]], Any], done: str, *, note: str = "",
                 danger: bool = False, initial: dict[str, Any] | None = None) -> None:
        self.code, self.title, self.done, self.note, self.danger = code, title, done, note, danger
        self._make, self._do, self._initial = make, do, initial or {}
        self.form = make(prefix=code, initial=self._initial)

    def carry_out(self, request: HttpRequest) -> bool:
        self.form = self._make(request.POST, request.FILES, prefix=self.code, initial=self._initial)
        if not self.form.is_valid():
            return False
        if not carried_out(self.form, lambda: self._do(self.form.cleaned_data)):
            return False
        messages.success(request, self.done)
        return True


def acted(request: HttpRequest, verbs: list[Verb]) -> bool:
    """True when the POST has been carried out; False when it is a GET or its form is to be shown again. Refused when the
    page offers no such verb to this post now."""
    if request.method != "POST":
        return False
    verb = next((verb for verb in verbs if verb.code == request.POST.get("verb")), None)
    if verb is None:
        raise Refused("现在不能办理这一步,或当前岗位不办理。请刷新页面看最新情况。")
    return verb.carry_out(request)


def status_of(request: HttpRequest) -> int:
    return 422 if request.method == "POST" else 200


class VersionForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)


class ReasonForm(VersionForm):
    reason = forms.CharField(label="原因", min_length=4, max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
