from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from minzheng.base import clock
from minzheng.base.flow.models import CoSign, Process, ProcessDefinition, Task
from minzheng.base.identity.models import Account, Post
from minzheng.base.identity.officer import Officer
from minzheng.front import streams
from minzheng.front.streams import App, Hub, Mark, mark_of, officer_of_session, own_mark_of
from minzheng.testing import Cast, as_owner, sign_in
from minzheng.testing.cast import NEIGHBOUR_COUNTY, TOWNSHIP, VILLAGE

WHO = Officer(1, "玉山李建国", 1, "town_clerk", TOWNSHIP, ("*",))


def task(office: str = TOWNSHIP, role: str = "town_clerk", place: str = VILLAGE, number: int = 1, scene: str = "") -> Task:
    now = clock.now()
    with as_owner():
        definition, _ = ProcessDefinition.objects.get_or_create(code="tea", version=1,
                                                                defaults={"name": "茶座", "sha": "x", "source": b""})
        process = Process.objects.create(subject=f"tea-{number}", jurisdiction=place, definition=definition, state=b"",
                                         started_at=now)
        return Task.objects.create(
            process=process, subject=process.subject, jurisdiction=place, level=4, office=office, role=role, key="look",
            title="看茶", started_at=now, limit_amount=3, limit_unit="days", scene=scene,
            due_at=now + dt.timedelta(days=3), warn_at=now + dt.timedelta(days=2))


def session_of(who: Any) -> str:
    return sign_in(Client(), who).session.session_key  # type: ignore[return-value]


def test_a_session_leads_to_the_acting_post(people: Cast) -> None:
    found = officer_of_session(session_of(people.township))
    assert found is not None
    assert (found.account_id, found.post_id, found.jurisdiction) == (people.township.account_id,
                                                                     people.township.post_id, TOWNSHIP)


def test_citizens_strangers_and_ended_sessions_or_posts_lead_nowhere(people: Cast) -> None:
    assert officer_of_session(session_of(people.citizen)) is None
    assert officer_of_session("nonsense") is None
    key = session_of(people.township)
    with as_owner():
        Post.objects.filter(pk=people.township.post_id).update(ended_at=clock.now())
    assert officer_of_session(key) is None
    other = session_of(people.reviewer)
    with as_owner():
        Account.objects.filter(pk=people.reviewer.account_id).update(is_active=False)
    assert officer_of_session(other) is None


def test_the_mark_changes_with_the_own_offices_tasks_only(people: Cast) -> None:
    before = mark_of(people.township)
    task(role="town_reviewer", number=1)
    task(office=NEIGHBOUR_COUNTY, place=NEIGHBOUR_COUNTY, number=2)
    task(place=NEIGHBOUR_COUNTY, number=3)  # a row beyond the range, whatever office it names
    assert mark_of(people.township) == before == (0, 0, 0)
    mine = task(number=4)
    assert mark_of(people.township) == (1, mine.pk, 1)
    with as_owner():
        Task.objects.filter(pk=mine.pk).update(version=2, status="claimed")
    assert mark_of(people.township) == (1, mine.pk, 2)


def test_the_own_mark_follows_what_is_in_the_own_hands_and_what_waits_for_the_own_signature(people: Cast) -> None:
    first, other = task(number=1), task(number=2, role="town_reviewer")
    assert own_mark_of(people.township) == (0, 0, 0)
    with as_owner():
        Task.objects.filter(pk=first.pk).update(status="claimed", assignee=people.township.account_id, version=2)
    assert own_mark_of(people.township) == (1, first.pk, 2)
    assert own_mark_of(people.reviewer) == (0, 0, 0), "a colleague's own list has not changed"
    with as_owner():
        Task.objects.filter(pk=other.pk).update(status="claimed", assignee=people.reviewer.account_id)
        CoSign.objects.create(task=other, jurisdiction=VILLAGE, account=people.township.account_id, name="李建国",
                              role="town_clerk", asked_by=people.reviewer.account_id, asked_at=clock.now())
    assert own_mark_of(people.township)[0] == 2


def test_tasks_of_business_that_the_post_does_not_serve_are_not_counted(people: Cast) -> None:
    task(scene="teahouse")
    narrow = Officer(1, "甲", people.township.post_id, "town_clerk", TOWNSHIP, ("assistance",))
    assert mark_of(narrow)[0] == 0
    assert mark_of(people.township)[0] == 1


class Page:
    """A browser at the other end of the ASGI application."""

    def __init__(self, app: App, headers: dict[str, str], path: str = "/tasks", method: str = "GET") -> None:
        raw = [(k.encode(), v.encode()) for k, v in headers.items()]
        self.scope = {"type": "http", "path": path, "method": method, "headers": raw}
        self.app, self.sent = app, []  # type: ignore[var-annotated]
        self.closed: asyncio.Event = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self.closed.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    async def open(self) -> asyncio.Task[None]:
        running = asyncio.create_task(self.app(self.scope, self.receive, self.send))
        await until(lambda: bool(self.sent) or running.done())
        return running

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.sent[0]["headers"])

    def events(self) -> list[dict[str, Any]]:
        bodies = b"".join(m.get("body", b"") for m in self.sent).decode().split("\n\n")
        return [json.loads(part.split("data: ")[1]) for part in bodies if part]


async def until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not done():
            await asyncio.sleep(0.005)


COOKIE = {"host": "127.0.0.1:8001", "cookie": f"{settings.SESSION_COOKIE_NAME}=good"}
ORIGIN = {"origin": f"http://127.0.0.1:{settings.WEB_PORT}"}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the database would say."""
    told: dict[str, Any] = {"mark": (3, 9, 12), "sessions": {"good": WHO}, "down": False, "asked": 0}

    def mark(_: Officer) -> Mark:
        told["asked"] += 1
        if told["down"]:
            raise ConnectionError
        return told["mark"]  # type: ignore[no-any-return]

    monkeypatch.setattr(streams, "officer_of_session", lambda key: told["sessions"].get(key))
    monkeypatch.setattr(streams, "mark_of", mark)
    monkeypatch.setattr(streams, "own_mark_of", lambda _: (0, 0, 0))
    return told


def run(work: Callable[[App], Coroutine[Any, Any, None]]) -> None:
    async def inside() -> None:
        app = App()
        app.hub = Hub(poll=0.01, beat=0.05)
        await work(app)

    asyncio.run(inside())


def test_a_page_is_told_that_its_worklist_changed_and_nothing_else(world: dict[str, Any]) -> None:
    async def work(app: App) -> None:
        page = Page(app, COOKIE | ORIGIN)
        running = await page.open()
        assert page.status == 200
        assert page.headers[b"access-control-allow-origin"].decode() == ORIGIN["origin"]
        world["mark"] = (4, 10, 13)
        await until(lambda: any(e["open"] == 4 for e in page.events()))
        assert all(set(e) == {"open", "mark", "mine", "own"} for e in page.events())
        page.closed.set()
        await running
        assert app.hub is not None
        assert not app.hub.watchers

    run(work)


def test_without_a_session_or_from_another_origin_nothing_is_told(world: dict[str, Any]) -> None:
    async def work(app: App) -> None:
        bad = COOKIE | {"cookie": f"{settings.SESSION_COOKIE_NAME}=other"}
        for headers in ({"host": "127.0.0.1"}, bad, COOKIE | {"origin": "http://evil.example"},
                        COOKIE | {"origin": "http://127.0.0.1:9"}, COOKIE | {"host": "evil", "origin": "http://evil:8000"}):
            page = Page(app, headers)
            await (await page.open())
            assert page.status == 403
            assert not page.events()
        for path, method in (("/", "GET"), ("/tasks", "POST")):
            page = Page(app, COOKIE, path, method)
            await (await page.open())
            assert page.status == 404

    run(work)


def test_a_stream_ends_when_the_session_does(world: dict[str, Any]) -> None:
    async def work(app: App) -> None:
        page = Page(app, COOKIE)
        running = await page.open()
        world["sessions"].clear()
        async with asyncio.timeout(5):
            await running

    run(work)


def test_no_beat_is_sent_while_the_database_is_away_and_the_stream_goes_on_after(world: dict[str, Any]) -> None:
    async def work(app: App) -> None:
        page = Page(app, COOKIE)
        running = await page.open()
        world["down"] = True
        await until(lambda: world["asked"] > 3)
        heard, asked = len(page.events()), world["asked"]
        await until(lambda: world["asked"] > asked + 10)
        assert len(page.events()) == heard
        world["down"], world["mark"] = False, (5, 11, 14)
        await until(lambda: any(e["open"] == 5 for e in page.events()))
        page.closed.set()
        await running

    run(work)


def test_stopping_ends_every_stream_at_once(world: dict[str, Any]) -> None:
    async def work(app: App) -> None:
        pages = [Page(app, COOKIE) for _ in range(3)]
        running = [await page.open() for page in pages]
        assert app.hub is not None
        app.hub.stop()
        async with asyncio.timeout(2):
            await asyncio.gather(*running)
        late = Page(app, COOKIE)
        await (await late.open())
        assert late.status == 403

    run(work)
