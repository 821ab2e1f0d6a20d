"""Runs the departments in a thread on free ports, with a few people of the test's own, and asks as a caller would."""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from simulators import wire
from simulators.departments import dump
from simulators.desk import Desk
from simulators.server import Simulators
from simulators.store import Row, Store

AS_OF = "2026-06-30"


@contextmanager
def running(
    state: Path, holdings: dict[str, list[Row]], cards: list[tuple[str, str, str, str]] | None = None
) -> Iterator[Simulators]:
    """`holdings`: department code → (ID number, name, record). Departments left out hold nothing."""
    for code, rows in holdings.items():
        store = Store(state / f"{code}.sqlite")
        store.load(rows, as_of=AS_OF, stamp="test")
        if code == "bank":
            store.load_cards(cards or [])
        store.close()
    simulators = Simulators(state)
    for desk in simulators.desks.values():
        desk.lively = False
    ready = threading.Event()

    async def run() -> None:
        serving = asyncio.ensure_future(simulators.run())
        while not simulators.server.started:
            await asyncio.sleep(0)
        ready.set()
        await serving

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    if not ready.wait(10):
        raise RuntimeError("the simulated departments did not start")
    try:
        yield simulators
    finally:
        simulators.stop()
        thread.join(10)


class Caller:
    """A system with its own key that asks departments over HTTP."""

    def __init__(self, simulators: Simulators, name: str = "tester", algorithm: str = wire.ED25519) -> None:
        self.simulators, self.name, self.key = simulators, name, wire.Key.new(algorithm)
        simulators.admit(name, self.key.public_text)

    def ask(self, code: str, path: str, body: dict[str, Any], **override: str) -> httpx.Response:
        """POST with good headers, except those that `override` replaces."""
        content = dump(body)
        headers = {wire.CALLER: self.name, wire.TIME: str(int(time.time())), wire.NONCE: secrets.token_hex(16),
                   wire.ALGORITHM: self.key.algorithm}  # fmt: skip
        headers.update({name: value for name, value in override.items() if name in headers})
        signed = wire.request_bytes(
            "POST", path, headers[wire.CALLER], headers[wire.TIME], headers[wire.NONCE], content
        )
        headers[wire.SIGNATURE] = override.get(wire.SIGNATURE, self.key.sign(signed))
        port = self.simulators.ports[code]
        response = httpx.post(f"http://127.0.0.1:{port}{path}", content=content, headers=headers, timeout=10)
        response.extensions["digest"] = wire.sm3(signed)
        return response

    def person(self, code: str, id_number: str, name: str, **override: str) -> httpx.Response:
        return self.ask(code, "/v1/person", person_request(id_number, name), **override)

    def switch(self, code: str, **values: Any) -> httpx.Response:
        return self.admin(f"/{code}/switches", values)

    def admin(self, path: str, body: dict[str, Any]) -> httpx.Response:
        from simulators.server import TOKEN

        door = self.simulators.registry()["admin"]
        return httpx.post(door["base_url"] + path, json=body, headers={TOKEN: door["token"]}, timeout=10)


def person_request(id_number: str, name: str, **changed: str) -> dict[str, Any]:
    request = {"purpose": "社会救助家庭经济状况核对", "case": "AH-1", "authorisation": "SQ-1"}
    return {**request, **changed, "subject": {"id_number": id_number, "name": name}, "query": {}}


def signed_by(desk: Desk, response: httpx.Response) -> bool:
    """Whether the answer is signed by the department and belongs to this very request."""
    digest = response.extensions["digest"]
    message = wire.answer_bytes(
        desk.department.code, digest, response.status_code, response.headers[wire.TIME], response.content
    )
    return response.headers[wire.ANSWERS] == digest and wire.verified(
        desk.key.public_text, message, response.headers[wire.SIGNATURE]
    )
