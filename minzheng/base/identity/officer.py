"""Who acts: an account in one post at a time."""

from __future__ import annotations

from dataclasses import dataclass, field

from minzheng.base.errors import NotAllowed
from minzheng.base.identity.roles import get_role
from minzheng.base.scope import Scope
from minzheng.base.scope.ranges import level_of, lies_in, range_of


@dataclass(frozen=True)
class Officer:
    """An officer in the acting post (当前岗位). Actions receive it as keyword-only `by`.

    In a post held for somebody on leave (代岗) `covers` is that account and `name` reads 张三 代 李四, so that every record
    of what is done says both.
    """

    account_id: int
    name: str
    post_id: int
    role: str
    jurisdiction: str
    scenes: tuple[str, ...] = ()
    office_name: str = ""
    covers: int | None = None
    level: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "level", level_of(self.jurisdiction))

    @property
    def range(self) -> tuple[str, str]:
        return range_of(self.jurisdiction)

    @property
    def hands(self) -> frozenset[int]:
        """Accounts whose earlier work counts as this officer's own where two people are needed (四眼)."""
        return frozenset({self.account_id} if self.covers is None else {self.account_id, self.covers})

    @property
    def role_title(self) -> str:
        return get_role(self.role).title

    def reaches(self, jurisdiction: str) -> bool:
        return lies_in(jurisdiction, self.jurisdiction)

    def serves(self, scene: str) -> bool:
        """Whether the post's scenes include this one; a post without a list serves none."""
        return scene in self.scenes or "*" in self.scenes

    def scope(self, cases: tuple[int, ...] = ()) -> Scope:
        low, high = self.range
        return Scope("officer", low, high, account=self.account_id, post=self.post_id, cases=cases)


@dataclass(frozen=True)
class Citizen:
    """A citizen who has signed in; sees only what concerns that person."""

    account_id: int
    name: str
    person_id: int

    def scope(self) -> Scope:
        return Scope("citizen", account=self.account_id, person=self.person_id)


@dataclass(frozen=True)
class Service:
    """A service post (服务岗): the name under which a job acts, within one jurisdiction."""

    name: str
    jurisdiction: str
    account_id: int = 0
    post_id: int = 0
    role: str = "service"

    def scope(self) -> Scope:
        low, high = range_of(self.jurisdiction)
        return Scope("batch", low, high)


Actor = Officer | Citizen | Service


def require_role(by: Officer, *roles: str) -> None:
    """NotAllowed unless the acting post has one of the roles."""
    if by.role not in roles:
        wanted = "、".join(get_role(code).title for code in roles)
        raise NotAllowed(f"当前岗位是{by.role_title},办理这一步需要{wanted}岗位。请切换岗位或转给相应人员。")
