"""Workflow (流程): BPMN processes, tasks of people, time limits. The public face; import from here only.

Names are resolved on first use, since Django's models cannot be imported before the apps are loaded.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .actions import (
        able,
        check_claim,
        check_complete,
        check_seat,
        claim,
        complete,
        cosign,
        element_of,
        get_task_for,
        release,
        send_back,
        sign,
        signal,
        start,
        transfer,
    )
    from .beginning import Beginning, start_many
    from .clocks import clock_of, limit_clock, pause_clocks, resume_clocks, running_clock, start_clock, stop_clocks
    from .decide import decide
    from .queries import (
        Diagram,
        Page,
        Step,
        cosigns_of,
        diagram,
        history,
        lamp_counts,
        open_tasks,
        picture,
        signers_of,
        steps,
        task_keys,
        task_titles,
        worklist,
    )
    from .registry import (
        Call,
        handler,
        register_process,
        register_supervisor,
        register_tables,
        sends,
        use_parameters,
    )
    from .replacing import Done, replace
    from .supervision import cancel, move, resume, suspend
    from .sweeps import escalate, fire_due, recompute_provisional

_HOMES = {
    "actions": "able check_claim check_complete check_seat claim complete cosign element_of get_task_for release send_back "
    "sign signal start transfer",
    "beginning": "Beginning start_many",
    "clocks": "clock_of limit_clock pause_clocks resume_clocks running_clock start_clock stop_clocks",
    "covering": "do_approve_leave do_end_leave",
    "decide": "decide",
    "queries": "Diagram Page Step cosigns_of diagram history lamp_counts open_tasks picture signers_of steps task_keys "
    "task_titles worklist",
    "registry": "Call handler register_process register_supervisor register_tables sends use_parameters",
    "replacing": "Done replace",
    "supervision": "cancel move resume suspend",
    "sweeps": "escalate fire_due recompute_provisional",
}
_home = {name: home for home, names in _HOMES.items() for name in names.split()}
__all__ = [
    "Beginning",
    "Call",
    "Diagram",
    "Done",
    "Page",
    "Step",
    "able",
    "cancel",
    "check_claim",
    "check_complete",
    "check_seat",
    "claim",
    "clock_of",
    "complete",
    "cosign",
    "cosigns_of",
    "decide",
    "diagram",
    "do_approve_leave",
    "do_end_leave",
    "element_of",
    "escalate",
    "fire_due",
    "get_task_for",
    "handler",
    "history",
    "lamp_counts",
    "limit_clock",
    "move",
    "open_tasks",
    "pause_clocks",
    "picture",
    "recompute_provisional",
    "register_process",
    "register_supervisor",
    "register_tables",
    "release",
    "replace",
    "resume",
    "resume_clocks",
    "running_clock",
    "send_back",
    "sends",
    "sign",
    "signal",
    "signers_of",
    "start",
    "start_clock",
    "start_many",
    "steps",
    "stop_clocks",
    "suspend",
    "task_keys",
    "task_titles",
    "transfer",
    "use_parameters",
    "worklist",
]


def __getattr__(name: str) -> Any:
    if name not in _home:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_home[name]}"), name)
