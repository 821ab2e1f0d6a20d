"""Materials that are read from the registry instead of being asked for (免提交, 社会救助法 art. 62)."""

from __future__ import annotations

from minzheng.data import registry
from minzheng.office.cases.models import Case
from minzheng.office.materials.sources import Found, register_source


def _people(case: Case) -> list[registry.Person]:
    """Members that the acting scope may read; a citizen's own application reads the citizen only. Read once for all
    materials of the case."""
    kept: list[registry.Person] | None = case.__dict__.get("_people")
    if kept is None:
        kept = list(registry.Person.objects.filter(pk__in=[m.person for m in case.members]))
        case.__dict__["_people"] = kept
    return kept


def identity(case: Case) -> Found | None:
    people = _people(case)
    return Found("人口基础库:身份证、户口信息", people[0].updated_at.date()) if people else None


def marriage(case: Case) -> Found | None:
    people = [p for p in _people(case) if p.marital]
    return Found("人口基础库:婚姻状况", people[0].updated_at.date()) if people else None


def disability(case: Case) -> Found | None:
    people = [p for p in _people(case) if p.disability_class]
    return Found("人口基础库:残疾证信息", people[0].updated_at.date()) if people else None


def authorisation(case: Case) -> Found | None:
    """Signed with the application: see verification."""
    from minzheng.scenes.assistance.verification.authorising import authorisation_in_force

    form = authorisation_in_force(case.code)
    return Found(f"授权书 {form.number}", form.valid_from, obtained="sign") if form else None


def register(matter: str) -> None:
    """The materials that every household matter takes from the registry."""
    register_source(matter, "identity", identity)
    register_source(matter, "marriage", marriage)
    register_source(matter, "disability", disability)
    register_source(matter, "authorisation", authorisation)
