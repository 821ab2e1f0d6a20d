"""python -m simulators serve | load | switch | clear | death | registry"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

from simulators.load import load
from simulators.server import TOKEN, serve


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m simulators", description=__doc__)
    parser.add_argument("--state", type=Path, default=Path("var/simulators"), help="keys, SQLite files, registry.json")
    verbs = parser.add_subparsers(dest="verb", required=True)
    serving = verbs.add_parser("serve", help="serve all departments; prints the registry")
    serving.add_argument("--data", type=Path, default=Path("var/population"))
    serving.add_argument("--host", default="127.0.0.1")
    serving.add_argument("--ports-from", type=int, default=18101, help="administrator's port; departments follow it")
    serving.add_argument("--caller", action="append", default=[], metavar="NAME=PUBLIC_KEY")
    loading = verbs.add_parser("load", help="fill the departments' files from the population")
    loading.add_argument("--data", type=Path, default=Path("var/population"))
    switching = verbs.add_parser("switch", help="e.g. switch bank slow=2.5 down=503 wrong=signature partial=true")
    switching.add_argument("department")
    switching.add_argument("values", nargs="+", metavar="NAME=VALUE")
    verbs.add_parser("clear", help="all switches of a department off").add_argument("department")
    verbs.add_parser("registry", help="print the running registry")
    death = verbs.add_parser("death", help="a department reports a death to the platform")
    death.add_argument("department", choices=("police", "health", "funeral"))
    for name in ("url", "id-number", "name", "died-on", "jurisdiction"):
        death.add_argument(f"--{name}", required=True)
    arguments = parser.parse_args()

    if arguments.verb == "load":
        print(f"{load(arguments.data, arguments.state)} departments filled")
        return 0
    if arguments.verb == "serve":
        fill = [sys.executable, "-m", "simulators", "--state", arguments.state, "load", "--data", arguments.data]
        subprocess.run(fill, check=True, stdout=sys.stderr)
        callers = dict(value.partition("=")[::2] for value in arguments.caller)
        serve(arguments.state, arguments.host, arguments.ports_from, callers)
        return 0
    admin = json.loads((arguments.state / "registry.json").read_text())["admin"]
    if arguments.verb == "registry":
        return _call("GET", admin, "/registry", None)
    if arguments.verb == "death":
        names = ("url", "id_number", "name", "died_on", "jurisdiction")
        return _call("POST", admin, f"/{arguments.department}/notices", {n: getattr(arguments, n) for n in names})
    if arguments.verb == "clear":
        return _call("POST", admin, f"/{arguments.department}/clear", {})
    values = dict(value.partition("=")[::2] for value in arguments.values)
    return _call("POST", admin, f"/{arguments.department}/switches", {k: _typed(v) for k, v in values.items()})


def _typed(text: str) -> Any:
    """A number or true/false as such; anything else, `503` of down among them, stays text."""
    if text in ("true", "false"):
        return text == "true"
    if text == "503":
        return text
    try:
        return int(text) if text.isdigit() else float(text)
    except ValueError:
        return text


def _call(method: str, admin: dict[str, str], path: str, body: Any) -> int:
    response = httpx.request(method, admin["base_url"] + path, json=body, headers={TOKEN: admin["token"]}, timeout=15)
    print(json.dumps(response.json(), ensure_ascii=False, indent=1))
    return 0 if response.is_success else 1


if __name__ == "__main__":
    sys.exit(main())
