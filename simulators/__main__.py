"""python -m simulators prepare | serve | switch | clear | death | registry"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

from simulators.load import load
from simulators.notices import SENDERS
from simulators.server import TOKEN, prepare, serve

NOTICE = ("url", "id_number", "name", "died_on", "jurisdiction")


def parser() -> argparse.ArgumentParser:
    whole = argparse.ArgumentParser(prog="python -m simulators", description=__doc__)
    verbs = whole.add_subparsers(dest="verb", required=True)

    def verb(name: str, text: str) -> argparse.ArgumentParser:
        made = verbs.add_parser(name, help=text)
        made.add_argument("--state", type=Path, default=Path("var/simulators"), help="keys, data, registry.json")
        return made

    for name, text in (("prepare", "fill the departments, make their keys, write registry.json; serve nothing"),
                       ("serve", "prepare, then serve all departments; prints the registry")):  # fmt: skip
        made = verb(name, text)
        made.add_argument("--data", type=Path, default=Path("var/population"))
        made.add_argument("--host", default="127.0.0.1")
        made.add_argument("--ports-from", type=int, default=18101, help="administrator's port; departments follow it")
        made.add_argument("--caller", action="append", default=[], metavar="NAME=PUBLIC_KEY")
        made.add_argument("--platform", default="", help="address of the platform, for notices")
    switching = verb("switch", "e.g. switch bank slow=2.5 down=503 wrong=signature partial=true")
    switching.add_argument("department")
    switching.add_argument("values", nargs="+", metavar="NAME=VALUE")
    verb("clear", "all switches of a department off").add_argument("department")
    verb("registry", "print the running registry")
    death = verb("death", "a department reports a death to the platform")
    death.add_argument("department", choices=SENDERS)
    for name in NOTICE:
        death.add_argument("--" + name.replace("_", "-"), required=name != "url")
    return whole


def main() -> int:
    given = parser().parse_args()
    if given.verb in ("prepare", "serve"):
        callers = dict(value.partition("=")[::2] for value in given.caller)
        if given.verb == "prepare":
            load(given.data, given.state)
            prepare(given.state, given.host, given.ports_from, callers)
        else:  # filling takes memory that the serving process need not keep
            fill = [sys.executable, "-m", "simulators", "prepare", "--state", given.state, "--data", given.data]
            subprocess.run([*fill, "--ports-from", str(given.ports_from)], check=True)
            serve(given.state, given.host, given.ports_from, callers, given.platform)
        return 0
    admin = json.loads((given.state / "registry.json").read_text()).get("admin")
    if admin is None:
        print("the simulated departments are not running", file=sys.stderr)
        return 1
    if given.verb == "registry":
        return _call("GET", admin, "/registry", None)
    if given.verb == "death":
        notice = {name: getattr(given, name) for name in NOTICE if getattr(given, name)}
        return _call("POST", admin, f"/{given.department}/notices", notice)
    if given.verb == "clear":
        return _call("POST", admin, f"/{given.department}/clear", {})
    values = dict(value.partition("=")[::2] for value in given.values)
    return _call("POST", admin, f"/{given.department}/switches", {key: _typed(text) for key, text in values.items()})


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
