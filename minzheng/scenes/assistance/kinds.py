"""What differs between the matters that share one way (救助类别): application of a household, verification, visit,
publicity, decision. Each matter registers its kind; the shared code asks `kind_of(case)`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.forms import Form

from minzheng.base.identity.officer import Actor
from minzheng.data.brain.rules import HouseholdFacts
from minzheng.office.cases.models import Case
from minzheng.office.matters.definitions import Panel


@dataclass(frozen=True)
class Kind:
    """One kind of help. `scheme` is the rules' scheme, `benefit` what is paid monthly (empty: a status, no money).

    `recognises` maps the results with which a household is confirmed to the kinds of 认定 that follow. `prefix` begins
    the names of its parameters: `<prefix>.public.days`, `<prefix>.limit.refuse_notice`. `enrich` adds the facts that
    only this kind asks for. `valid_months` names the parameter after which a recognition runs out; empty for none.
    `review_parameter` names the cycle of reviews of a case's benefit. `extra_form` asks what only this
    kind asks at the application; its cleaned values (plain JSON) are kept in `answers["extra"]`. A form whose class says
    `asks_members` is made with the household as `people`. `itemised`: the decision names the parts of the amount.
    `not_ready` says why it cannot be agreed to yet, or nothing. `panels` shows on the case page what this kind asks
    besides; the applicant sees the same.
    """

    matter: str
    title: str
    scheme: str
    prefix: str
    confirm_basis: tuple[str, ...]
    refuse_basis: tuple[str, ...]
    refuse_clause: str
    recognises: Mapping[str, str]
    review_parameter: Callable[[Case], str]
    benefit: str = ""
    extra_form: type[Form] | None = None
    valid_months: str = ""
    enrich: Callable[[Case, HouseholdFacts], HouseholdFacts] | None = None
    itemised: bool = False
    not_ready: Callable[[Case], str] | None = None
    panels: Callable[[Case, Actor], list[Panel]] | None = None


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Raises ValueError on a matter that has a kind already."""
    if _kinds.setdefault(kind.matter, kind) is not kind:
        raise ValueError(f"matter {kind.matter} has two kinds")


def kind_of(case: Case) -> Kind:
    """The case's kind. KeyError for a matter of another way, which the shared code must never meet."""
    return _kinds[case.matter]


def kind_for(matter: str) -> Kind:
    return _kinds[matter]


def shared(matter: str) -> bool:
    """Whether the matter goes the shared way."""
    return matter in _kinds


def matters() -> tuple[str, ...]:
    return tuple(_kinds)
