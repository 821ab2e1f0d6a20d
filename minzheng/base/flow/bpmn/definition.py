"""A process definition as read from a BPMN file: elements, flows and our own attributes on them.

Only a small part of BPMN is admitted; any other element is an error. Own attributes live in the namespace MZ.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
MZ = "urn:minzheng:flow"
FILE_NAME = re.compile(r"^(?P<code>[a-z][a-z0-9_]*)\.v(?P<version>[1-9][0-9]*)\.bpmn$")

KINDS = {
    "startEvent": "start",
    "endEvent": "end",
    "userTask": "user",
    "serviceTask": "service",
    "exclusiveGateway": "exclusive",
    "parallelGateway": "parallel",
    "intermediateCatchEvent": "catch",
    "boundaryEvent": "boundary",
    "subProcess": "sub",
}
SILENT = {"documentation", "extensionElements", "incoming", "outgoing", "textAnnotation", "association", "group"}
EVENTS = {"messageEventDefinition": "message", "timerEventDefinition": "timer", "terminateEventDefinition": "terminate"}


class BadDefinition(ValueError):
    """The file cannot be used; the text says where and why."""


@dataclass(frozen=True)
class Limit:
    """A number, or the id of a dated parameter. A number without a legal basis is a sample value (示例值)."""

    amount: int | None
    parameter: str
    unit: str
    basis: str

    @property
    def sample(self) -> bool:
        return self.amount is not None and not self.basis


@dataclass(frozen=True)
class Element:
    id: str
    kind: str
    name: str
    parent: str = ""
    event: str = ""
    message: str = ""
    attached_to: str = ""
    interrupting: bool = True
    default_flow: str = ""
    role: str = ""
    level: int = 0
    limit: Limit | None = None
    outcomes: dict[str, str] = field(default_factory=dict)
    signers: int = 1
    cosign_roles: tuple[str, ...] = ()
    not_same_as: tuple[str, ...] = ()
    send_back: dict[str, str] = field(default_factory=dict)
    pauses: tuple[str, ...] = ()
    handler: str = ""
    clock: str = ""
    sets: tuple[str, ...] = ()
    step: str = ""
    line: int = 0


@dataclass(frozen=True)
class Flow:
    id: str
    source: str
    target: str
    condition: str


@dataclass(frozen=True)
class Definition:
    code: str
    version: int
    name: str
    source: bytes
    inputs: tuple[str, ...]
    steps: tuple[str, ...]
    elements: dict[str, Element]
    flows: tuple[Flow, ...]
    drawn: frozenset[str]

    @property
    def sha(self) -> str:
        return hashlib.sha256(self.source).hexdigest()

    @property
    def label(self) -> str:
        return f"{self.code}.v{self.version}"

    def of_kind(self, *kinds: str) -> Iterator[Element]:
        return (e for e in self.elements.values() if e.kind in kinds)

    def outgoing(self, element_id: str) -> list[Flow]:
        return [f for f in self.flows if f.source == element_id]

    def incoming(self, element_id: str) -> list[Flow]:
        return [f for f in self.flows if f.target == element_id]

    def boundaries(self, element_id: str) -> list[Element]:
        return [e for e in self.of_kind("boundary") if e.attached_to == element_id]

    def messages(self) -> frozenset[str]:
        return frozenset(e.message for e in self.elements.values() if e.message)


def _words(text: str | None) -> tuple[str, ...]:
    return tuple((text or "").split())


def _pairs(text: str | None, where: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in _words(text):
        key, colon, value = word.partition(":")
        if not colon or not key or not value or key in found:
            raise BadDefinition(f"{where}:“{word}”应写成 代码:内容,且代码不能重复。")
        found[key] = value
    return found


def tree_of(source: bytes) -> Any:
    """The XML tree, read without entities, network or DTD."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        tree = etree.fromstring(source, parser)
    except etree.XMLSyntaxError as error:
        raise BadDefinition(f"不是完好的 XML 文件:{error}") from error
    if tree.getroottree().docinfo.doctype:
        raise BadDefinition("BPMN 文件不能带 DOCTYPE。")
    return tree


def read(path: Path) -> Definition:
    """Read `<code>.v<version>.bpmn`; the process id must be the code."""
    match = FILE_NAME.match(path.name)
    if not match:
        raise BadDefinition(f"{path.name}:文件名应为 代码.v版本.bpmn,例如 seat.v1.bpmn。")
    return parse(match["code"], int(match["version"]), path.read_bytes())


def parse(code: str, version: int, source: bytes) -> Definition:
    """Turn BPMN source into a Definition; raises BadDefinition for what we do not admit."""
    label = f"{code}.v{version}"
    root = tree_of(source)
    processes = root.findall(f"{{{BPMN}}}process")
    if len(processes) != 1 or processes[0].get("id") != code:
        raise BadDefinition(f"{label}:文件里应当只有一个流程,且 id 是 {code}。")
    process = processes[0]
    messages = {m.get("id"): m.get("name") or "" for m in root.findall(f"{{{BPMN}}}message")}
    elements: dict[str, Element] = {}
    flows: list[Flow] = []
    _collect(process, "", label, messages, elements, flows)
    drawn = frozenset(s.get("bpmnElement") for s in root.iter("{*}BPMNShape", "{*}BPMNEdge"))
    return Definition(
        code=code,
        version=version,
        name=process.get("name") or "",
        source=source,
        inputs=_words(process.get(f"{{{MZ}}}inputs")),
        steps=_words(process.get(f"{{{MZ}}}steps")),
        elements=elements,
        flows=tuple(flows),
        drawn=drawn,
    )


def _collect(
    node: Any, parent: str, label: str, messages: dict[str, str], elements: dict[str, Element], flows: list[Flow]
) -> None:
    for child in node.iterchildren("{*}*"):
        name = etree.QName(child)
        if name.namespace != BPMN or name.localname in SILENT:
            continue
        if name.localname == "sequenceFlow":
            condition = child.find(f"{{{BPMN}}}conditionExpression")
            text = (condition.text or "").strip() if condition is not None else ""
            flows.append(Flow(child.get("id"), child.get("sourceRef"), child.get("targetRef"), text))
            continue
        if name.localname not in KINDS:
            raise BadDefinition(f"{label}:第 {child.sourceline} 行的 {name.localname} 不在允许使用的 BPMN 元素之内。")
        element = _element(child, KINDS[name.localname], parent, label, messages)
        if element.id in elements:
            raise BadDefinition(f"{label}:元素 {element.id} 重复。")
        elements[element.id] = element
        if element.kind == "sub":
            _collect(child, element.id, label, messages, elements, flows)


def _element(node: Any, kind: str, parent: str, label: str, messages: dict[str, str]) -> Element:
    where = f"{label} 的 {node.get('id')}"

    def own(name: str) -> str:
        return node.get(f"{{{MZ}}}{name}") or ""

    def number(name: str, default: int) -> int:
        text = own(name)
        if text and not text.isdecimal():
            raise BadDefinition(f"{where}:{name} 应为整数,现为“{text}”。")
        return int(text) if text else default

    event, message = "", ""
    definitions = [
        child
        for child in node.iterchildren("{*}*")
        if etree.QName(child).namespace == BPMN and etree.QName(child).localname.endswith("EventDefinition")
    ]
    if len(definitions) > 1:
        raise BadDefinition(f"{where}:只能有一个事件定义。")
    for definition in definitions:
        event = EVENTS.get(etree.QName(definition).localname, "")
        if not event:
            raise BadDefinition(f"{where}:事件 {etree.QName(definition).localname} 不在允许之列。")
        if event == "message":
            message = messages.get(definition.get("messageRef"), "")
            if not message:
                raise BadDefinition(f"{where}:没有写明等待哪个消息。")
    for child in node.iterchildren("{*}*"):
        if etree.QName(child).localname.endswith("LoopCharacteristics"):
            raise BadDefinition(f"{where}:不支持循环或多实例标记,请画成明确的连线。")
    limit = None
    if own("limit"):
        text = own("limit")
        amount = int(text) if text.isdecimal() else None
        limit = Limit(amount, "" if amount is not None else text, own("unit"), own("basis"))
    return Element(
        id=node.get("id") or "",
        kind=kind,
        name=node.get("name") or "",
        parent=parent,
        event=event,
        message=message,
        attached_to=node.get("attachedToRef") or "",
        interrupting=(node.get("cancelActivity") or "true") == "true",
        default_flow=node.get("default") or "",
        role=own("role"),
        level=number("level", 0),
        limit=limit,
        outcomes=_pairs(own("outcomes"), where),
        signers=number("signers", 1),
        cosign_roles=_words(own("cosign_roles")),
        not_same_as=_words(own("not_same_as")),
        send_back=_pairs(own("send_back"), where),
        pauses=_words(own("pauses")),
        handler=own("handler"),
        clock=own("clock"),
        sets=_words(own("sets")),
        step=own("step"),
        line=node.sourceline or 0,
    )
