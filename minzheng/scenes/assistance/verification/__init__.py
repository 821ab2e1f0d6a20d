"""核对 (家庭经济状况核对): written authorisation, one request to all departments, signed report, objection, re-check.

It knows no case model: callers hand over case code, jurisdiction and people. This is its public face; names are loaded
when asked for, since Django imports the package before models may be.
"""

from importlib import import_module
from typing import Any

_PUBLIC = {
    "people": ("Person", "Signature"),
    "authorising": ("check_authorise", "do_authorise", "do_withdraw", "authorisation_in_force"),
    "requesting": ("check_request", "do_request_check", "do_retry"),
    "running": ("run_check",),
    "reports": ("do_issue_report", "read_report", "read_own_report", "latest_report"),
    "printing": ("do_print_report",),
    "objecting": ("do_object", "do_recheck"),
    "reading": ("Checked", "checked_values", "facts_of", "get_request_for", "progress_of", "requests_of"),
}
_HOME = {name: module for module, names in _PUBLIC.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
