"""What a process definition must fulfil before the system starts with it. Each finding is one Chinese sentence."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from minzheng.base.workdays import UNITS

from . import expressions
from .definition import Definition, Element, Flow

MOST_COMBINATIONS = 4096
BUILT_IN_HANDLERS = frozenset({"clock.start", "clock.stop", "clock.limit"})


@dataclass(frozen=True)
class Known:
    """What the running system can offer a process: roles with their levels, handlers, senders and parameters."""

    roles: Mapping[str, tuple[int, ...]]
    handlers: frozenset[str]
    messages: frozenset[str]
    has_parameter: Callable[[str], bool]


def lint(definition: Definition, known: Known) -> list[str]:
    """All findings; an empty list means the definition may be used."""
    rules = (_shape, _paths, _people, _waits, _services, _gateways, _joins, _drawing)
    return [f"流程 {definition.label}:{text}" for rule in rules for text in rule(definition, known)]


def _tag(element: Element) -> str:
    return f"“{element.name or element.id}”({element.id},第 {element.line} 行)"


def _shape(d: Definition, known: Known) -> Iterator[str]:
    if not d.name or not d.steps:
        yield "流程应有中文名称(name)和步骤条(mz:steps)。"
    scopes = ["", *(e.id for e in d.of_kind("sub"))]
    for scope in scopes:
        starts = [e for e in d.of_kind("start") if e.parent == scope]
        if len(starts) != 1 or any(s.event for s in starts):
            yield f"{scope or '流程'}应当恰有一个不带条件的开始事件。"
    for e in d.elements.values():
        if not e.id.isidentifier():
            yield f"{_tag(e)} 的 id 应为字母、数字、下划线。"
        if e.kind in ("user", "service", "sub", "catch", "boundary") and not e.name:
            yield f"{_tag(e)} 没有名称。"
        if e.step and e.step not in d.steps:
            yield f"{_tag(e)} 的步骤“{e.step}”不在步骤条里。"
        if e.kind not in ("exclusive", "parallel", "end") and len(d.outgoing(e.id)) != 1:
            yield f"{_tag(e)} 应当恰有一条去向。"
        if e.kind == "boundary":
            host = d.elements.get(e.attached_to)
            if host is None or host.kind not in ("user", "sub") or host.parent != e.parent:
                yield f"{_tag(e)} 应当附着在同一层的人工环节或子流程上。"
    for f in d.flows:
        if f.condition and d.elements[f.source].kind != "exclusive":
            yield f"连线 {f.id} 的条件只能用在排他网关上。"


def _edges(d: Definition) -> dict[str, set[str]]:
    """Where each element can lead to, subprocesses opened up and boundary events attached."""
    edges: dict[str, set[str]] = {e: set() for e in d.elements}
    for f in d.flows:
        source = d.elements[f.source]
        if source.kind != "sub":
            edges[f.source].add(f.target)
    for e in d.of_kind("boundary"):
        edges[e.attached_to].add(e.id)
    for sub in d.of_kind("sub"):
        inner = [e for e in d.elements.values() if e.parent == sub.id]
        edges[sub.id].update(e.id for e in inner if e.kind == "start")
        for end in (e for e in inner if e.kind == "end"):
            edges[end.id].update(f.target for f in d.outgoing(sub.id))
    return edges


def _reach(edges: Mapping[str, set[str]], start: set[str]) -> set[str]:
    seen, todo = set(start), list(start)
    while todo:
        for target in edges.get(todo.pop(), ()):
            if target not in seen:
                seen.add(target)
                todo.append(target)
    return seen


def _paths(d: Definition, known: Known) -> Iterator[str]:
    for f in d.flows:
        if f.source not in d.elements or f.target not in d.elements:
            yield f"连线 {f.id} 的一端不存在。"
            return
        if d.elements[f.source].parent != d.elements[f.target].parent:
            yield f"连线 {f.id} 穿过了子流程的边界。"
            return
    edges = _edges(d)
    reached = _reach(edges, {e.id for e in d.of_kind("start") if not e.parent})
    back: dict[str, set[str]] = {}
    for source, targets in edges.items():
        for target in targets:
            back.setdefault(target, set()).add(source)
    ends = {e.id for e in d.of_kind("end") if not e.parent}
    ending = _reach(back, ends)
    for e in d.elements.values():
        if e.id not in reached:
            yield f"{_tag(e)} 从开始走不到。"
        elif e.id not in ending:
            yield f"{_tag(e)} 走不到任何结束,办件会永远停在这里。"


def _limit(e: Element, known: Known) -> Iterator[str]:
    if e.limit is None:
        yield f"{_tag(e)} 没有时限(mz:limit)。"
    elif e.limit.unit not in UNITS:
        yield f"{_tag(e)} 的时限单位应为 {'、'.join(UNITS)} 之一。"
    elif e.limit.parameter and not known.has_parameter(e.limit.parameter):
        yield f"{_tag(e)} 的时限参数 {e.limit.parameter} 不存在。"


def _people(d: Definition, known: Known) -> Iterator[str]:
    users = {e.id for e in d.of_kind("user")}
    for e in d.of_kind("user"):
        if e.role not in known.roles:
            yield f"{_tag(e)} 的岗位角色“{e.role}”不存在。"
        elif e.level not in known.roles[e.role]:
            yield f"{_tag(e)} 的层级 {e.level or '(未写)'} 不能设置岗位 {e.role}。"
        if not e.outcomes:
            yield f"{_tag(e)} 没有写明可选的办理结果(mz:outcomes)。"
        yield from _limit(e, known)
        if e.signers < 1 or (e.signers > 1 and not e.cosign_roles):
            yield f"{_tag(e)} 需要会签,但没有写明会签人的岗位(mz:cosign_roles)。"
        for role in e.cosign_roles:
            if role not in known.roles:
                yield f"{_tag(e)} 的会签岗位“{role}”不存在。"
        for other in (*e.not_same_as, *e.send_back):
            if other not in users:
                yield f"{_tag(e)} 提到的环节“{other}”不是人工环节。"
        for outcome in e.send_back.values():
            if outcome not in e.outcomes:
                yield f"{_tag(e)} 的退回结果“{outcome}”不在办理结果里。"


def _waits(d: Definition, known: Known) -> Iterator[str]:
    clocks = {e.clock for e in d.of_kind("service") if e.handler == "clock.start"}
    for e in d.elements.values():
        if e.kind in ("catch", "boundary"):
            if e.event == "message" and e.message not in known.messages:
                yield f"{_tag(e)} 等待的消息“{e.message}”没有任何模块会发出。"
            elif e.event == "timer":
                yield from _limit(e, known)
            elif e.event not in ("message", "timer"):
                yield f"{_tag(e)} 应当等待一个消息或一个时间。"
        elif e.event and e.kind != "end":
            yield f"{_tag(e)} 不能带事件。"
        for clock in e.pauses:
            if clock not in clocks:
                yield f"{_tag(e)} 要暂停的时钟“{clock}”从未启动。"


def _services(d: Definition, known: Known) -> Iterator[str]:
    taken = set(d.inputs) | {e.id for e in d.of_kind("user")}
    for e in d.elements.values():
        for name in e.sets:
            if name in {u.id for u in d.of_kind("user")}:
                yield f"{_tag(e)} 写入的数据“{name}”与人工环节重名。"
    for e in d.of_kind("service"):
        if e.handler in BUILT_IN_HANDLERS:
            if not e.clock:
                yield f"{_tag(e)} 没有写明哪个时钟(mz:clock)。"
            if e.handler != "clock.stop":
                yield from _limit(e, known)
        elif e.handler not in known.handlers:
            yield f"{_tag(e)} 的处理程序“{e.handler}”没有登记。"
    if len(taken) != len(d.inputs) + sum(1 for _ in d.of_kind("user")):
        yield "启动数据与人工环节重名。"


def _domains(d: Definition, flows: list[Flow], names: list[str]) -> list[list[Any]]:
    domains: list[list[Any]] = []
    for name in names:
        element = d.elements.get(name)
        compared = set().union(*(expressions.literals(f.condition, name) for f in flows if f.condition))
        if element is not None and element.kind == "user":
            domains.append(list(element.outcomes))
        elif compared and not all(isinstance(v, bool) for v in compared):
            numbers = {v for v in compared if isinstance(v, int) and not isinstance(v, bool)}
            texts = {v for v in compared if isinstance(v, str)} | ({"\0其他"} if not numbers else set())
            domains.append(sorted(numbers | {n - 1 for n in numbers} | {n + 1 for n in numbers}) or sorted(texts))
        else:
            domains.append([True, False])
    return domains


def _gateways(d: Definition, known: Known) -> Iterator[str]:
    users = {e.id: e for e in d.of_kind("user")}
    available = set(d.inputs) | set(users) | {n for e in d.elements.values() for n in e.sets}
    for gateway in d.of_kind("exclusive"):
        flows = d.outgoing(gateway.id)
        if not flows:
            yield f"{_tag(gateway)} 没有去向。"
        if len(flows) < 2:
            if flows and flows[0].condition:
                yield f"{_tag(gateway)} 只有一条去向,不应带条件。"
            continue
        chosen = [f for f in flows if f.id != gateway.default_flow]
        if any(not f.condition for f in chosen):
            yield f"{_tag(gateway)} 的去向除默认外都要有条件。"
            continue
        try:
            names = sorted(set().union(*(expressions.names(f.condition) for f in chosen)))
        except expressions.BadExpression as error:
            yield f"{_tag(gateway)}:{error}"
            continue
        unknown = [n for n in names if n not in available]
        if unknown:
            yield f"{_tag(gateway)} 用到的数据“{'、'.join(unknown)}”没有来源。"
            continue
        for name in names:
            for value in set().union(*(expressions.literals(f.condition, name) for f in chosen)):
                if name in users and value not in users[name].outcomes:
                    yield f"{_tag(gateway)} 的条件里“{value}”不是{users[name].name}的办理结果,永远不会成立。"
        yield from _exhaustive(d, gateway, chosen, names)


def _exhaustive(d: Definition, gateway: Element, flows: list[Flow], names: list[str]) -> Iterator[str]:
    domains = _domains(d, flows, names)
    total = 1
    for domain in domains:
        total *= max(len(domain), 1)
    if total > MOST_COMBINATIONS:
        yield f"{_tag(gateway)} 的条件太复杂,无法检查是否周全。"
        return
    used: set[str] = set()
    for values in product(*domains):
        variables = dict(zip(names, values, strict=True))
        try:
            true = [f for f in flows if expressions.evaluate(f.condition, variables)]
        except expressions.BadExpression as error:
            yield f"{_tag(gateway)}:{error}"
            return
        used.update(f.id for f in true)
        if len(true) > 1 or (not true and not gateway.default_flow):
            shown = ",".join(f"{k}={v}" for k, v in variables.items())
            yield f"{_tag(gateway)} 在 {shown} 时{'有两条去向' if true else '没有去向'}。"
            return
    for f in flows:
        if f.id not in used:
            yield f"{_tag(gateway)} 的条件“{f.condition}”永远不会成立。"


def _joins(d: Definition, known: Known) -> Iterator[str]:
    edges = _edges(d)
    for gateway in d.of_kind("parallel"):
        ins, outs = len(d.incoming(gateway.id)), len(d.outgoing(gateway.id))
        if (ins > 1) == (outs > 1):
            yield f"{_tag(gateway)} 应当只分或只合。"
        if ins > 1 and gateway.id in _reach(edges, edges[gateway.id]):
            yield f"{_tag(gateway)} 在循环里,重来时会提前放行;请把循环画在并行之外。"


def _drawing(d: Definition, known: Known) -> Iterator[str]:
    missing = [i for i in (*d.elements, *(f.id for f in d.flows)) if i not in d.drawn]
    if missing:
        yield f"图上没有画出:{'、'.join(missing)}。"
