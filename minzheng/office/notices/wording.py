"""Templates of notices, registered by rooms: plain Chinese with named gaps."""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter

_ALLOWED = "abcdefghijklmnopqrstuvwxyz_"


@dataclass(frozen=True)
class Template:
    """`{name}`-style gaps in title and body. `sms`: also sent as a short message, to those who want them; who has no
    account gets every notice so. `letter`: by post to whoever has neither account nor phone number."""

    code: str
    title: str
    body: str
    sms: bool = False
    letter: bool = True

    def gaps(self) -> set[str]:
        parts = [part for text in (self.title, self.body) for part in Formatter().parse(text)]
        return {name for _, name, _, _ in parts if name is not None}

    def fill(self, data: dict[str, str]) -> tuple[str, str]:
        """Title and body. KeyError when a value is missing: a notice with a gap is worse than a failed job."""
        return self.title.format_map(data), self.body.format_map(data)


_templates: dict[str, Template] = {}


def register_template(template: Template) -> Template:
    for gap in template.gaps():
        if not gap or set(gap) - set(_ALLOWED):
            raise ValueError(f"template {template.code}: {gap!r} is no plain name")
    if _templates.setdefault(template.code, template) != template:
        raise ValueError(f"template {template.code} is registered twice")
    return template


def get_template(code: str) -> Template:
    """The template, or KeyError."""
    return _templates[code]
