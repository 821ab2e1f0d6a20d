"""Start-up checks: the rules of signals.yaml can be read, and every threshold is a parameter with a value."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register

from minzheng.data.brain.rules.catalogue import definition
from minzheng.scenes.assistance.monitoring.models import SIGNALS
from minzheng.scenes.assistance.monitoring.signals import BadRules, all_rules


@register()
def signals_can_be_used(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    try:
        found = all_rules()
    except (BadRules, TypeError, KeyError) as error:
        return [Error(f"监测规则不能使用:{error}", id="monitoring.E001")]
    problems: list[CheckMessage] = []
    for rule in found:
        if rule.signal and rule.signal not in SIGNALS:
            problems.append(Error(f"监测规则 {rule.code} 的信号 {rule.signal} 没有登记", id="monitoring.E002"))
        problems += [Error(f"监测规则 {rule.code} 的参数 {name} 没有登记", id="monitoring.E003")
                     for name in rule.parameters if definition(name) is None]
    return problems
