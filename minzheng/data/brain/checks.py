"""Start-up checks: no formula without its seal, no scheme whose parameters are not defined."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register

from minzheng.data.brain.rules import catalogue, seal
from minzheng.data.brain.rules.scheme import schemes


@register()
def formulas_are_sealed(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return [Error(trouble, id="brain.E001") for trouble in seal.troubles()]


@register()
def parameters_are_defined(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return [
        Error(f"{scheme.code} reads the parameter {parameter}, which no file defines", id="brain.E002")
        for scheme in schemes() for parameter in scheme.parameters if catalogue.definition(parameter) is None
    ]
