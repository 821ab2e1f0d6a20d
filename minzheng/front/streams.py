"""Tells an open worklist that something has changed, by server-sent events: counts only, never data.

A small ASGI process beside the web (python -m minzheng.front.streams). A browser is known by its session cookie and
sees what its acting post sees: one poll a post, under that post's scope, in one thread. The page fetches the rows
itself. No poll, no heartbeat: a page that hears nothing says how old its data is.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from types import FrameType

    from minzheng.base.identity.officer import Officer

POLL, BEAT = 2.0, 10.0
MOST_STREAMS = 2000
Mark = tuple[int, int, int]
Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]


def officer_of_session(key: str) -> Officer | None:
    """The officer in the acting post of this session, by the rules of the pages; None for anybody else."""
    from django.contrib.auth import get_user
    from django.contrib.sessions.backends.db import SessionStore
    from django.http import HttpRequest

    from minzheng.base.identity.middleware import over
    from minzheng.base.identity.models import Account
    from minzheng.base.identity.posts import officer_of, posts_in_force

    request = HttpRequest()
    request.session = SessionStore(key)
    account = get_user(request)
    if not isinstance(account, Account) or not account.is_active or account.person_id or account.must_change_password:
        return None
    if over(request.session) or not account.mfa_enabled():  # the session is not saved: watching keeps nobody signed in
        return None
    posts = posts_in_force(account)
    chosen = next((p for p in posts if p.pk == request.session.get("post")), posts[0] if posts else None)
    return officer_of(account, chosen) if chosen else None


def mark_of(officer: Officer) -> Mark:
    """The open tasks of the post's office, as three numbers that differ when any of them has changed."""
    from django.db.models import Count, Max, Sum

    from minzheng.base.flow.models import OPEN, Task
    from minzheng.base.scope import acting

    with acting(officer.scope()):
        rows = Task.objects.filter(office=officer.jurisdiction, role=officer.role, status__in=OPEN)
        if "*" not in officer.scenes:
            rows = rows.filter(scene__in=["", *officer.scenes])
        found = rows.aggregate(count=Count("id"), last=Max("id"), changes=Sum("version"))
    return found["count"], found["last"] or 0, found["changes"] or 0


def own_mark_of(officer: Officer) -> Mark:
    """The officer's own: tasks in the own hands (我在办) and co-signatures that others wait for (待会签)."""
    from django.db.models import Count, Max, Q, Sum

    from minzheng.base.flow.models import CoSign, Task
    from minzheng.base.scope import acting

    with acting(officer.scope()):
        asked = CoSign.objects.filter(account=officer.account_id, role=officer.role, signed_at=None).values("task")
        mine = Q(assignee=officer.account_id, office=officer.jurisdiction, role=officer.role)
        found = Task.objects.filter(mine | Q(pk__in=asked), status="claimed").aggregate(
            count=Count("id"), last=Max("id"), changes=Sum("version"))
    return found["count"], found["last"] or 0, found["changes"] or 0


@dataclass(eq=False)
class Watcher:
    """One open page; `mark` and `own` are what it has been told. None in the queue ends its stream."""

    session: str
    officer: Officer
    mark: Mark
    own: Mark
    queue: asyncio.Queue[bytes | None] = field(default_factory=asyncio.Queue)


class Hub:
    """All open pages, and the one thread that asks the database."""

    def __init__(self, poll: float = POLL, beat: float = BEAT) -> None:
        self.poll, self.beat = poll, beat
        self.watchers: set[Watcher] = set()
        self.thread = ThreadPoolExecutor(1, "poll")
        self.stopping = asyncio.Event()
        self.polling: asyncio.Task[None] | None = None

    async def ask(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Runs in the thread that owns the database connection; a broken connection is put away."""
        return await asyncio.get_running_loop().run_in_executor(self.thread, _tended, work, *arguments)

    async def enter(self, session: str) -> Watcher | None:
        officer = await self.ask(officer_of_session, session)
        if officer is None or self.stopping.is_set() or len(self.watchers) >= MOST_STREAMS:
            return None
        watcher = Watcher(session, officer, await self.ask(mark_of, officer), await self.ask(own_mark_of, officer))
        self.watchers.add(watcher)
        if self.polling is None or self.polling.done():
            self.polling = asyncio.create_task(self._poll())
        return watcher

    async def _poll(self) -> None:
        beat_at = 0.0
        loop = asyncio.get_running_loop()
        while self.watchers and not self.stopping.is_set():
            try:
                beating = loop.time() >= beat_at
                await self._round(beating)
                beat_at = loop.time() + self.beat if beating else beat_at
            except Exception as error:  # the database is away: say nothing, so that pages tell how old they are
                _log("streams_poll_failed", kind=type(error).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), self.poll)

    async def _round(self, beating: bool) -> None:
        """Asks once a post and once a person, not once a page. On a beat every session is looked at again."""
        marks: dict[tuple[Any, ...], Mark] = {}
        owns: dict[tuple[Any, ...], Mark] = {}
        for watcher in list(self.watchers):
            if beating:
                officer = await self.ask(officer_of_session, watcher.session)
                if officer is None or officer.post_id != watcher.officer.post_id:
                    watcher.queue.put_nowait(None)
                    continue
                watcher.officer = officer
            who = watcher.officer
            key = (who.jurisdiction, who.role, who.scenes)
            if key not in marks:
                marks[key] = await self.ask(mark_of, who)
            person = (who.account_id, who.jurisdiction, who.role)
            if person not in owns:
                owns[person] = await self.ask(own_mark_of, who)
            if beating or (marks[key], owns[person]) != (watcher.mark, watcher.own):
                watcher.mark, watcher.own = marks[key], owns[person]
                watcher.queue.put_nowait(_event(watcher))

    def leave(self, watcher: Watcher) -> None:
        self.watchers.discard(watcher)

    def stop(self) -> None:
        """Ends every stream, so that the server can go at once."""
        self.stopping.set()
        for watcher in self.watchers:
            watcher.queue.put_nowait(None)


def _tended(work: Callable[..., Any], *arguments: Any) -> Any:
    from django.db import InterfaceError, OperationalError, connection

    try:
        return work(*arguments)
    except (InterfaceError, OperationalError):
        connection.close()
        raise


def _log(event: str, **more: Any) -> None:
    import structlog

    structlog.get_logger(__name__).warning(event, **more)


def _event(watcher: Watcher) -> bytes:
    """`open` and `mine`: how many; `mark` and `own`: compared by the page with the last ones, so that nothing is missed
    while it was cut off. A list of the office follows `mark`, a personal one `own`."""
    data = {"open": watcher.mark[0], "mark": "-".join(map(str, watcher.mark)),
            "mine": watcher.own[0], "own": "-".join(map(str, watcher.own))}
    return f"event: mark\ndata: {json.dumps(data)}\n\n".encode()


def _headers(scope: Message) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def _origin(headers: dict[str, str]) -> str | None:
    """The page's origin when it may listen: our own host on the web's port, or one that the settings trust."""
    from django.conf import settings

    origin = headers.get("origin", "")
    if not origin:
        return ""
    there = urlsplit(origin)
    ours = urlsplit("//" + headers.get("host", "")).hostname
    allowed = ours in settings.ALLOWED_HOSTS and there.hostname == ours and (there.port or 80) == settings.WEB_PORT
    return origin if allowed or origin in settings.CSRF_TRUSTED_ORIGINS else None


class App:
    """GET /tasks for a signed-in officer: 200 and a stream, else 403. GET /live for the supervisor."""

    def __init__(self) -> None:
        self.hub: Hub | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        path, method = scope["path"], scope["method"]
        if path == "/live" and method == "GET":
            await _answer(send, 200, b"ok")
        elif path not in ("/tasks", "/streams/tasks") or method != "GET":
            await _answer(send, 404)
        else:
            await self._stream(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self.hub = Hub()
                await send({"type": "lifespan.startup.complete"})
            else:
                if self.hub is not None:
                    self.hub.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _stream(self, scope: Message, receive: Receive, send: Send) -> None:
        from django.conf import settings

        headers = _headers(scope)
        origin = _origin(headers)
        cookie = SimpleCookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME)
        hub = self.hub = self.hub or Hub()
        if origin is None or cookie is None:
            await _answer(send, 403)
            return
        try:
            watcher = await hub.enter(cookie.value)
        except Exception as error:
            _log("streams_enter_failed", kind=type(error).__name__)
            await _answer(send, 503, origin=origin)
            return
        if watcher is None:
            await _answer(send, 403, origin=origin)
            return
        gone = asyncio.create_task(_gone(receive))
        try:
            await send(_start(200, b"text/event-stream; charset=utf-8", origin))
            await send({"type": "http.response.body", "body": _event(watcher), "more_body": True})
            while not gone.done():
                waiting = asyncio.create_task(watcher.queue.get())
                await asyncio.wait({waiting, gone}, return_when=asyncio.FIRST_COMPLETED)
                if not waiting.done():
                    waiting.cancel()
                    break
                event = waiting.result()
                if event is None:
                    break
                await send({"type": "http.response.body", "body": event, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            hub.leave(watcher)
            gone.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


def _start(status: int, kind: bytes, origin: str) -> Message:
    headers = [(b"content-type", kind), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no"),
               (b"x-content-type-options", b"nosniff"), (b"vary", b"origin")]
    if origin:
        headers += [(b"access-control-allow-origin", origin.encode()), (b"access-control-allow-credentials", b"true")]
    return {"type": "http.response.start", "status": status, "headers": headers}


async def _answer(send: Send, status: int, body: bytes = b"", origin: str = "") -> None:
    await send(_start(status, b"text/plain; charset=utf-8", origin))
    await send({"type": "http.response.body", "body": body})


app = App()


def main() -> int:
    """Serves on 127.0.0.1:MZ_STREAMS_PORT until SIGTERM; open streams end at once."""
    import django
    import uvicorn

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minzheng.settings")
    django.setup()
    from django.conf import settings

    from minzheng.base.scope.starting import refuse_unsafe_start

    refuse_unsafe_start()

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            if app.hub is not None:
                app.hub.stop()
            super().handle_exit(sig, frame)

    config = uvicorn.Config(app, host="127.0.0.1", port=settings.STREAMS_PORT, log_level="warning", access_log=False,
                            timeout_graceful_shutdown=5, lifespan="on")
    Server(config).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
