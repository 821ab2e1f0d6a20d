"""Schemes (救助项目) that pay, monthly or once. Scenes register theirs at start-up; the kernel knows none by name."""

from __future__ import annotations

from dataclasses import dataclass

from minzheng.base.errors import Refused


@dataclass(frozen=True)
class Scheme:
    """`exclusive_group`: a person may be in one household's benefit of the group at a time; empty excludes nothing.
    `once`: each benefit is paid one time (一次性), for one month, in a month's run or in an urgent run of its own."""

    code: str
    title: str
    exclusive_group: str = ""
    review_months: int = 12
    once: bool = False


_schemes: dict[str, Scheme] = {}


def register_scheme(scheme: Scheme) -> None:
    if _schemes.setdefault(scheme.code, scheme) != scheme:
        raise ValueError(f"scheme {scheme.code} is registered twice")


def get_scheme(code: str) -> Scheme:
    """The scheme, or Refused: an unknown one never pays."""
    if code not in _schemes:
        raise Refused(f"没有登记过救助项目“{code}”,请联系系统管理员核对项目代码。", field="scheme")
    return _schemes[code]


def all_schemes() -> list[Scheme]:
    return list(_schemes.values())
