"""A service matter (事项) as a typed definition: published once, used by every channel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.forms import Form as DjangoForm

CHANNELS = {"window": "窗口", "phone": "手机", "web": "网上", "discovery": "主动发现", "kiosk": "自助机"}


@dataclass(frozen=True)
class Material:
    """材料. `obtained` says where it is taken from before anybody is asked: registry, earlier, sign, upload."""

    code: str
    title: str
    obtained: str
    required: bool = True
    help: str = ""


@dataclass(frozen=True)
class Panel:
    """One card of a case page: the scene brings the template and what it shows."""

    title: str
    template: str
    context: dict[str, Any]


@dataclass(frozen=True)
class Act:
    """Something that can be done with a case beside its tasks: where, and why this post cannot do it now, if so."""

    title: str
    url: str
    why: str = ""


@dataclass(frozen=True)
class TaskForm:
    """What an officer fills in to finish a task of the process.

    `form` is a Django form class whose cleaned data goes to `complete`, the scene's action for this task. `complete`
    is called with keyword arguments case, task, outcome, data, files, comment, by; it may refuse, it writes, and it
    returns what the process is to know. `prepare` gives the template what it shows beside the form.
    """

    task: str
    outcomes: dict[str, str]
    complete: Callable[..., dict[str, Any] | None]
    form: type[DjangoForm] | None = None
    template: str = ""
    comment_required: frozenset[str] = frozenset()
    prepare: Callable[..., dict[str, Any]] | None = None


@dataclass(frozen=True)
class Matter:
    """事项: who may apply, at which levels, by which form, process and rules, within how many working days.

    `once`: what it grants is paid one time. `stated`: it takes in people whom the registry does not know (yet).
    `deciders`: roles that may decide a case, where the law gives it to another than the county.
    """

    code: str
    version: int
    name: str
    scene: str
    summary: str
    legal_basis: tuple[str, ...]
    levels: tuple[int, ...]
    channels: tuple[str, ...]
    form_version: int
    process: str
    process_version: int
    scheme: str
    promise: str
    materials: tuple[Material, ...]
    tasks: tuple[TaskForm, ...]
    outcome: str
    who: tuple[str, ...] = ()
    questions: tuple[tuple[str, str, str], ...] = ()
    keywords: tuple[str, ...] = ()
    short_name: str = ""
    icon: str = "file-text"
    intake_url: str = ""
    intake_roles: tuple[str, ...] = ("town_clerk",)
    apply_url: str = ""
    panels: Callable[..., list[Panel]] | None = None
    citizen_panels: Callable[..., list[Panel]] | None = None
    acts: Callable[..., list[Act]] | None = None
    once: bool = False
    stated: bool = False
    deciders: Callable[..., tuple[str, ...]] | None = None

    def task_form(self, key: str) -> TaskForm:
        """The form of one task, or KeyError."""
        return {t.task: t for t in self.tasks}[key]
