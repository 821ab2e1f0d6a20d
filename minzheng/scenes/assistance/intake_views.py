"""Window intake of the household matters: find the applicant, complete the household, submit."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View

from minzheng.base import clock
from minzheng.base.errors import Refused
from minzheng.base.identity.pages import staff
from minzheng.office.matters.catalogue import matter_of
from minzheng.scenes.assistance import intake, intake_comparing
from minzheng.scenes.assistance.apply import do_apply
from minzheng.scenes.assistance.forms import AddMemberForm, ApplicationForm, ElsewhereForm, FindForm, MemberFormSet
from minzheng.scenes.assistance.kinds import kind_for, matters

CLERKS = ("town_clerk", "village_worker", "county_clerk")


@method_decorator(staff(*CLERKS), name="dispatch")
class TakeIn(View):
    """One page, three steps. ID numbers never stand in an address."""

    matter = "dibao"
    absent = 0  # members that the prefilled form leaves out

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._find_page(FindForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        step = request.POST.get("step", "")
        if step == "find":
            return self._find()
        steps = ("add", "elsewhere", "submit", "compare")
        chosen = step.removeprefix("as:")
        if step not in steps and chosen not in matters():
            return self._find_page(FindForm())
        people = intake.people_of(request.POST)
        if step == "compare":
            return self._compare(people)
        if chosen in matters():
            self.matter = chosen
            return self._again(people)
        return self._submit(people) if step == "submit" else self._add(people)

    def _find_page(self, form: FindForm, status: int = 200) -> HttpResponse:
        return render(self.request, "assistance/intake_find.html", {"form": form, "matter": matter_of(self.matter)},
                      status=status)

    def _find(self) -> HttpResponse:
        form = FindForm(self.request.POST)
        if form.is_valid():
            try:
                person = intake.find_applicant(self.request.officer, form.cleaned_data["id_number"])
            except Refused as refusal:
                form.add_error("id_number", refusal.reason)
            else:
                self.absent = intake.absent_members(person)
                rows = intake.household_rows(person)
                formset, application = intake.forms_for(self.matter, rows)
                people = [p for p, _ in rows]
                return self._page(people, formset, application, intake.extra_form(self.matter, people), AddMemberForm(),
                                  intake.new_key())
        return self._find_page(form, 422)

    def _page(self, people: list[Any], formset: Any, application: ApplicationForm, extra: forms.Form | None,
              add: AddMemberForm, key: str, *, failed: bool = False, elsewhere: ElsewhereForm | None = None,
              compared: list[Any] | None = None) -> HttpResponse:
        today = clock.today()
        rows = [{"person": p, "age": p.age_on(today), "form": form} for p, form in zip(people, formset, strict=False)]
        context = {"rows": rows, "formset": formset, "application": application, "extra": extra, "add": add, "key": key,
                   "failed": failed, "elsewhere": elsewhere, "compared": compared, "absent": self.absent, "matter": matter_of(self.matter),
                   "kind": kind_for(self.matter),
                   "phone_source": "来自:人口基础库" if application["phone"].value() else ""}
        return render(self.request, "assistance/intake.html", context, status=422 if failed else 200)

    def _bound(self, people: list[Any]) -> tuple[Any, ApplicationForm, forms.Form | None]:
        post = self.request.POST
        return (MemberFormSet(post, prefix="m"), ApplicationForm(post, payees=intake.payees(self.matter, people)),
                intake.extra_form(self.matter, people, post))

    def _add(self, people: list[Any]) -> HttpResponse:
        """Adds one member by ID number; what was typed so far stays. A member whose register is in another county needs
        a reason, which becomes the reason of the row."""
        add, why = AddMemberForm(self.request.POST), ElsewhereForm(self.request.POST)
        elsewhere = self.request.POST.get("step") == "elsewhere"
        key = self.request.POST.get("key", "") or intake.new_key()
        if add.is_valid() and not add.cleaned_data["member_id"]:
            add.add_error("member_id", "请填写要添加的成员的身份证号。")
        if add.is_valid():
            try:
                person = self._member(add.cleaned_data["member_id"], why if elsewhere else None)
                if person.pk in {p.pk for p in people}:
                    raise Refused(f"{person.name}已在表中。")
            except intake.Elsewhere as refusal:
                elsewhere = True
                add.add_error("member_id", refusal.reason)
            except Refused as refusal:
                add.add_error("member_id", refusal.reason)
            else:
                return self._with(person, people, key)
        return self._page(people, *self._typed_again(people), add, key, failed=True, elsewhere=why if elsewhere else None)

    def _member(self, number: str, why: ElsewhereForm | None) -> Any:
        """The member, by grant where the reason is given."""
        if why is None:
            return intake.find_member(self.request.officer, number)
        if why.is_valid() and not why.cleaned_data["elsewhere_reason"]:
            why.add_error("elsewhere_reason", "请写明事由(不少于 4 个字)。")
        if why.errors:
            raise intake.Elsewhere("请写明按异地人员添加的事由。")
        return intake.allow_member(self.request.officer, number, why.cleaned_data["elsewhere_reason"])

    def _with(self, person: Any, people: list[Any], key: str) -> HttpResponse:
        post = self.request.POST.copy()
        number = len(people)
        post["m-TOTAL_FORMS"] = str(number + 1)
        row = intake.blank_initial(person, "其他")
        if person.brief:
            row["reason"] = post.get("elsewhere_reason") or "户籍在外地,与申请人共同生活"
        for name, value in row.items():
            if value is not False:
                post[f"m-{number}-{name}"] = "on" if value is True else str(value)
        people = [*people, person]
        formset = MemberFormSet(initial=[_row(post, n) for n in range(number + 1)], prefix="m")
        application = ApplicationForm(payees=intake.payees(self.matter, people), initial=post.dict())
        extra = intake.extra_form(self.matter, people, initial=_typed(post, "x-"))
        return self._page(people, formset, application, extra, AddMemberForm(), key)

    def _compare(self, people: list[Any]) -> HttpResponse:
        """All kinds of help on what is typed so far; what only the hand-in needs may still be blank."""
        formset, application, extra = self._bound(people)
        compared = None
        if formset.is_valid():
            application.is_valid()
            together = {name: application.cleaned_data.get(name) or 0 for name in ("financial_fen", "vehicles", "houses")}
            compared = intake_comparing.compared([form.cleaned_data for form in formset], people, together,
                                                 by=self.request.officer)
            formset, application, extra = self._typed_again(people)
        return self._page(people, formset, application, extra, AddMemberForm(), self.request.POST.get("key", ""),
                          failed=compared is None, compared=compared)

    def _again(self, people: list[Any]) -> HttpResponse:
        """The same household on the form of the chosen matter."""
        return self._page(people, *self._typed_again(people), AddMemberForm(), self.request.POST.get("key", ""))

    def _typed_again(self, people: list[Any]) -> tuple[Any, ApplicationForm, forms.Form | None]:
        """What was typed, on unbound forms: nothing is complained about before the hand-in."""
        post = self.request.POST
        rows = [_row(post, n) for n in range(len(people))]
        return (MemberFormSet(initial=rows, prefix="m"),
                ApplicationForm(payees=intake.payees(self.matter, people), initial=post.dict()),
                intake.extra_form(self.matter, people, initial=_typed(post, "x-")))

    def _submit(self, people: list[Any]) -> HttpResponse:
        formset, application, extra = self._bound(people)
        key = self.request.POST.get("key", "")
        if formset.is_valid() & application.is_valid() & (extra is None or extra.is_valid()):
            try:
                case = do_apply(
                    intake.application_of(formset, application.cleaned_data, channel="window", key=key,
                                          matter=self.matter, extra=extra.cleaned_data if extra else {}),
                    by=self.request.officer)
            except Refused as refusal:
                if refusal.status != 422:
                    raise
                application.add_error(refusal.field if refusal.field in application.fields else None, refusal.reason)
            else:
                return render(self.request, "assistance/intake_done.html", {"case": case})
        return self._page(people, formset, application, extra, AddMemberForm(), key, failed=True)


def _row(post: Any, number: int) -> dict[str, Any]:
    """A member's row as typed; a tick that was taken away stays away."""
    return {"counted": False, **_typed(post, f"m-{number}-")}


def _typed(post: Any, head: str) -> dict[str, Any]:
    return {name.removeprefix(head): value for name, value in post.dict().items() if name.startswith(head)}
