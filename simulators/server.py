"""All departments in one process: one event loop, one port each, one more port for the administrator's switches."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import os
import secrets
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

import uvicorn

from simulators.bank import BankDesk
from simulators.departments import DEPARTMENTS, dump
from simulators.desk import MAX_BODY, Desk, Reply
from simulators.keys import key_of
from simulators.notices import send_death_notice
from simulators.referrals import REFERRED, ReferralDesk
from simulators.store import Store

Receive: TypeAlias = Callable[[], Awaitable[dict[str, Any]]]
Send: TypeAlias = Callable[[dict[str, Any]], Awaitable[None]]
TOKEN = "mz-admin-token"


class Simulators:
    """The desks, their ports and the administrator's door. `state` holds keys, SQLite files and registry.json."""

    def __init__(self, state: Path, host: str = "127.0.0.1", ports_from: int = 0) -> None:
        self.host, self.state = host, state
        self.platform = ""
        self.token = secrets.token_urlsafe(24)
        self.callers = load_callers(state)
        self.desks: dict[str, Desk] = {}
        for department in DEPARTMENTS:
            kind = BankDesk if department.code == "bank" else ReferralDesk if department.code in REFERRED else Desk
            self.desks[department.code] = kind(
                department,
                key_of(state / "keys", department.code, department.algorithm),
                Store(state / f"{department.code}.sqlite"),
                self.callers,
            )
        self.sockets = [self._bind(port) for port in ports_of(ports_from).values()]
        self.ports = dict(zip(ports_of(0), (sock.getsockname()[1] for sock in self.sockets), strict=True))
        self.by_port = {port: name for name, port in self.ports.items()}
        config = uvicorn.Config(
            self, log_level="error", access_log=False, lifespan="off", timeout_graceful_shutdown=1, server_header=False
        )
        self.server = uvicorn.Server(config)
        config.load()
        self.server.lifespan = config.lifespan_class(config)

    def _bind(self, port: int) -> socket.socket:
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((self.host, port))
        sock.setblocking(False)
        return sock

    def admit(self, caller: str, public_key: str) -> None:
        admit(self.state, self.callers, caller, public_key)

    def registry(self) -> dict[str, Any]:
        """Department code to address and public key, and the administrator's address and token."""
        admin = {"base_url": f"http://{self.host}:{self.ports['admin']}", "token": self.token}
        return {"admin": admin, "departments": departments_of(self.state, self.host, self.ports)}

    # --- ASGI ---

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        name = self.by_port[scope["server"][1]]
        body = await _body(receive)
        headers = {key.decode().lower(): value.decode("latin-1") for key, value in scope["headers"]}
        if name == "admin":
            reply = await self._admin(scope["method"], scope["path"], headers, body)
        elif body is None:
            reply = Reply(413, "text/plain", b"too large", {})
        else:
            desk = self.desks[name]
            desk.asked += 1
            if desk.switches.slow:
                await asyncio.sleep(desk.switches.slow)
            reply = desk.serve(scope["method"], scope["path"], headers, body)
        given = {"content-type": reply.content_type, "content-length": str(len(reply.body)), **reply.headers}
        start = {"type": "http.response.start", "status": reply.status,
                 "headers": [(key.encode(), value.encode()) for key, value in given.items()]}  # fmt: skip
        with contextlib.suppress(OSError):
            await send(start)
            await send({"type": "http.response.body", "body": reply.body})

    async def _admin(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> Reply:
        """GET /registry; POST /callers, /<department>/switches, /<department>/clear, /<department>/notices."""
        if not hmac.compare_digest(headers.get(TOKEN, "").encode(), self.token.encode()):
            return _json(401, {"error": "需要管理令牌"})
        try:
            if (method, path) == ("GET", "/registry"):
                return _json(200, self.registry())
            request = json.loads(body or b"{}")
            if (method, path) == ("POST", "/callers"):
                self.admit(request["caller"], request["public_key"])
                return _json(200, {"callers": sorted(self.callers)})
            code, _, verb = path.strip("/").partition("/")
            desk = self.desks.get(code)
            if desk is None or method != "POST":
                return _json(404, {"error": f"没有这个部门或操作:{method} {path}"})
            if verb == "notices":
                where = {"url": f"{self.platform}/exchange/inbound/{code}"} if self.platform else {}
                return _json(200, await send_death_notice(desk, **(where | request)))
            if verb == "switches":
                desk.switches.set(request)
            elif verb == "clear":
                desk.switches.clear()
            else:
                return _json(404, {"error": f"没有这个操作:{verb}"})
            await self._listen(code, desk.switches.down != "refuse")
            return _json(200, {"department": code, "switches": vars(desk.switches), "asked": desk.asked})
        except (KeyError, TypeError, ValueError) as error:
            return _json(422, {"error": str(error)})

    async def _listen(self, code: str, wanted: bool) -> None:
        """Open or close a department's port; closing also cuts the connections that are open."""
        index, port = list(self.ports).index(code), self.ports[code]
        listener = self.server.servers[index]
        if wanted and not listener.is_serving():
            self.server.servers[index] = await asyncio.get_running_loop().create_server(
                lambda: self.server.config.http_protocol_class(  # type: ignore[call-arg]
                    config=self.server.config, server_state=self.server.server_state, app_state={}
                ),
                sock=self._bind(port),
            )
        elif not wanted and listener.is_serving():
            listener.close()
            for connection in list(self.server.server_state.connections):
                transport = connection.transport
                if transport and transport.get_extra_info("sockname")[1] == port:
                    transport.abort()

    def write_registry(self) -> Path:
        path = self.state / "registry.json"
        _write_private(path, json.dumps(self.registry(), ensure_ascii=False, indent=1))
        return path

    async def run(self) -> None:
        """Serve until SIGTERM, SIGINT or `stop()`."""
        try:
            await self.server.serve(sockets=self.sockets)
        finally:
            for desk in self.desks.values():
                desk.store.close()

    def stop(self) -> None:
        self.server.should_exit = True


def _write_private(path: Path, text: str) -> None:
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
        handle.write(text)
    fresh.replace(path)


def _json(status: int, value: object) -> Reply:
    return Reply(status, "application/json", dump(value), {})


async def _body(receive: Receive) -> bytes | None:
    """The request's body, or None when it is larger than allowed."""
    parts, size = [], 0
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MAX_BODY:
            return None
        if not message.get("more_body") or message["type"] == "http.disconnect":
            return b"".join(parts)


def ports_of(first: int) -> dict[str, int]:
    """The administrator's port and the departments', one after the other; 0 leaves them all to the system."""
    names = ["admin", *(department.code for department in DEPARTMENTS)]
    return {name: first and first + number for number, name in enumerate(names)}


def departments_of(state: Path, host: str, ports: dict[str, int]) -> dict[str, dict[str, str]]:
    """What a caller must know of each department. Makes the keys that are missing."""
    found = {}
    for department in DEPARTMENTS:
        key = key_of(state / "keys", department.code, department.algorithm)
        found[department.code] = {
            "name": department.name,
            "base_url": f"http://{host}:{ports[department.code]}",
            "algorithm": key.algorithm,
            "public_key": key.public_text,
        }
    return found


def load_callers(state: Path) -> dict[str, str]:
    path = state / "callers.json"
    return dict(json.loads(path.read_text())) if path.exists() else {}


def admit(state: Path, callers: dict[str, str], caller: str, public_key: str) -> None:
    """Register the public key of a system that may ask, now and after a restart."""
    if not caller or not public_key.startswith(("ed25519:", "sm2:")):
        raise ValueError("调用方编号或公钥格式不对")
    callers[caller] = public_key
    _write_private(state / "callers.json", json.dumps(callers))


def prepare(state: Path, host: str, ports_from: int, callers: dict[str, str]) -> None:
    """Keys, callers and registry.json (without an administrator) before anything is served."""
    known = load_callers(state)
    for caller, public_key in callers.items():
        admit(state, known, caller, public_key)
    registry = {"departments": departments_of(state, host, ports_of(ports_from))}
    _write_private(state / "registry.json", json.dumps(registry, ensure_ascii=False, indent=1))


def serve(state: Path, host: str, ports_from: int, callers: dict[str, str], platform: str = "") -> None:
    """Serve until stopped. `platform` is where notices go: its address, without the path."""
    simulators = Simulators(state, host, ports_from)
    simulators.platform = platform.rstrip("/")
    for caller, public_key in callers.items():
        simulators.admit(caller, public_key)
    simulators.write_registry()
    json.dump(simulators.registry(), sys.stdout, ensure_ascii=False)
    sys.stdout.write("\n")
    sys.stdout.flush()
    asyncio.run(simulators.run())
