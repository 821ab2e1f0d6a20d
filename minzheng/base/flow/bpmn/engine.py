"""One process in memory, run by SpiffWorkflow.

Three things differ from SpiffWorkflow's defaults. Variables live once, beside the token tree, so parallel branches
cannot overwrite each other with old copies. Conditions are our small language, never Python. Timers wait until we fire
them at a due time kept in a column; the engine reads no clock. The saved state holds no specification: a process always
runs under the definition that it names.
"""

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.event_parsers import BoundaryEventParser, IntermediateCatchEventParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.config import DEFAULT_CONFIG
from SpiffWorkflow.bpmn.serializer.default.workflow import BpmnWorkflowConverter
from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent, IntermediateCatchEvent, NoneTask
from SpiffWorkflow.bpmn.specs.event_definitions import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.bpmn.util import BpmnEvent
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from . import expressions
from .definition import Definition, Element, tree_of

Handler = Callable[[Element, dict[str, Any]], Mapping[str, Any] | None]


class _SmallLanguage(PythonScriptEngine):  # type: ignore[misc]
    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> bool:
        return expressions.evaluate(expression, task.workflow.top_workflow.data["variables"])

    def execute(self, task: Any, script: str, external_context: Any = None) -> bool:
        raise expressions.BadExpression("流程里不能写脚本")


class _ServiceTask(NoneTask):  # type: ignore[misc]
    def __init__(self, wf_spec: Any, bpmn_id: str, **kwargs: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **kwargs)
        self.manual = False

    def _run_hook(self, my_task: Any) -> bool:
        my_task.workflow.top_workflow.run_service(my_task.task_spec.name)
        return True


class _Timed:
    def parse_timer_event(self, event: Any) -> TimerEventDefinition:
        return TimerEventDefinition(cast(Any, self).bpmn_id, "")


class _CatchParser(_Timed, IntermediateCatchEventParser):  # type: ignore[misc]
    pass


class _BoundaryParser(_Timed, BoundaryEventParser):  # type: ignore[misc]
    pass


class _Parser(BpmnParser):  # type: ignore[misc]
    OVERRIDE_PARSER_CLASSES = {
        full_tag("serviceTask"): (TaskParser, _ServiceTask),
        full_tag("intermediateCatchEvent"): (_CatchParser, IntermediateCatchEvent),
        full_tag("boundaryEvent"): (_BoundaryParser, BoundaryEvent),
    }


class _Workflow(BpmnWorkflow):  # type: ignore[misc]
    def run_service(self, element_id: str) -> None:
        raise NotImplementedError


class _Converter(BpmnWorkflowConverter):  # type: ignore[misc]
    def to_dict(self, workflow: Any) -> dict[str, Any]:
        dct: dict[str, Any] = super(BpmnWorkflowConverter, self).to_dict(workflow)
        dct["subprocesses"] = self.mapping_to_dict(workflow.subprocesses)
        return dct

    def from_dict(self, dct: dict[str, Any], specs: tuple[Any, dict[str, Any]]) -> Any:
        workflow = _Workflow(specs[0], specs[1], deserializing=True, script_engine=_SmallLanguage())
        workflow.tasks = self.mapping_from_dict(dct["tasks"], UUID, workflow=workflow)
        workflow.task_tree = workflow.tasks.get(UUID(dct["root"]))
        self.set_default_attributes(workflow, dct)
        self.subprocesses_from_dict(dct["subprocesses"], workflow)
        return workflow


_config = {k: v for k, v in DEFAULT_CONFIG.items() if k is not BpmnWorkflow} | {_Workflow: _Converter}
_registry = BpmnWorkflowSerializer.configure(_config)


@lru_cache(maxsize=256)
def _specs(code: str, source: bytes) -> tuple[Any, dict[str, Any]]:
    parser = _Parser()
    parser.add_bpmn_xml(tree_of(source), code)
    return parser.get_spec(code), parser.get_subprocess_specs(code)


def check_parses(definition: Definition) -> None:
    """Raises whatever SpiffWorkflow finds wrong with the file."""
    _specs(definition.code, definition.source)


@dataclass(frozen=True)
class Token:
    """Something the process waits at: a person's task, a message or a timer."""

    id: UUID
    element: Element


class Run:
    """A process in memory. `handler` is called for service tasks, inside `advance`."""

    def __init__(self, definition: Definition, workflow: Any, handler: Handler) -> None:
        self.definition = definition
        self._workflow = workflow
        self._handler = handler
        workflow.run_service = self._serve

    @classmethod
    def start(cls, definition: Definition, variables: Mapping[str, Any], handler: Handler) -> "Run":
        """A new process, advanced to where it first waits."""
        spec, subs = _specs(definition.code, definition.source)
        workflow = _Workflow(spec, subs, script_engine=_SmallLanguage())
        workflow.data["variables"] = dict(variables)
        run = cls(definition, workflow, handler)
        run._advance()
        return run

    @classmethod
    def load(cls, definition: Definition, state: bytes, handler: Handler) -> "Run":
        """The process as saved."""
        dct = json.loads(zlib.decompress(state))
        return cls(definition, _registry.restore(dct, specs=_specs(definition.code, definition.source)), handler)

    def save(self) -> bytes:
        """Compressed JSON of tokens and variables, without the specification."""
        return zlib.compress(json.dumps(_registry.convert(self._workflow), separators=(",", ":")).encode())

    @property
    def variables(self) -> dict[str, Any]:
        return cast(dict[str, Any], self._workflow.data["variables"])

    @property
    def ended(self) -> bool:
        return bool(self._workflow.is_completed())

    def ready(self) -> list[Token]:
        """Tasks of people, open now."""
        return [Token(t.id, self._element(t)) for t in self._workflow.get_tasks(state=TaskState.READY, manual=True)]

    def waiting(self) -> list[Token]:
        """Messages and timers waited for now."""
        tasks = self._workflow.event_manager.tasks.values()
        return [Token(t.id, self._element(t)) for t in tasks if t.task_spec.name in self.definition.elements]

    def complete(self, token_id: UUID, outcome: str, data: Mapping[str, Any] | None = None) -> None:
        """A person's task ends with an outcome; the outcome becomes the variable named like the task."""
        task = self._workflow.get_task_from_id(token_id)
        if task.state != TaskState.READY or not task.task_spec.manual:
            raise ValueError("not an open task")
        self._set(self._element(task), data or {})
        self.variables[task.task_spec.name] = outcome
        task.run()
        self._advance()

    def catch(self, message: str, payload: Mapping[str, Any]) -> list[Element]:
        """Deliver a message to whatever waits for it now; returns who caught it.

        A boundary event that does not interrupt runs its path once; the same message again only sets its data.
        """
        caught = [t.element for t in self.waiting() if t.element.message == message]
        for element in caught:
            self._set(element, payload)
        if caught:
            self._workflow.event_manager.catch(BpmnEvent(MessageEventDefinition(message)), internal=False)
            self._advance()
        return caught or self._again(message, payload)

    def _again(self, message: str, payload: Mapping[str, Any]) -> list[Element]:
        at_work = TaskState.READY | TaskState.WAITING | TaskState.STARTED
        open_now = {t.task_spec.name for t in self._workflow.get_tasks(state=at_work)}
        found = [
            e
            for e in self.definition.of_kind("boundary")
            if e.message == message and not e.interrupting and e.attached_to in open_now
        ]
        for element in found:
            self._set(element, payload)
        return found

    def fire(self, token_id: UUID) -> bool:
        """Let a timer go off; False when it no longer waits."""
        task = self._workflow.event_manager.tasks.get(token_id)
        if task is None:
            return False
        task._set_internal_data(event_fired=True)
        task.task_spec._update(task)
        self._advance()
        return True

    def cancel(self) -> None:
        self._workflow.cancel()

    def done(self) -> set[str]:
        """Element ids passed at least once."""
        return self._ids(TaskState.COMPLETED)

    def current(self) -> set[str]:
        """Element ids where the process stands now, boundary events left out."""
        if self.ended:
            return set()
        standing = [*self.ready(), *self.waiting()]
        return {t.element.id for t in standing if t.element.kind != "boundary"}

    def _ids(self, state: int) -> set[str]:
        found = {t.task_spec.name for t in self._workflow.get_tasks(state=state)}
        return found & self.definition.elements.keys()

    def _element(self, task: Any) -> Element:
        return self.definition.elements[task.task_spec.name]

    def _advance(self) -> None:
        self._workflow.do_engine_steps()
        stuck = self._workflow.get_tasks(state=TaskState.ERROR)
        if stuck:
            raise RuntimeError(f"{self.definition.label}: {stuck[0].task_spec.name} failed")

    def _serve(self, element_id: str) -> None:
        element = self.definition.elements[element_id]
        self._set(element, self._handler(element, self.variables) or {})

    def _set(self, element: Element, values: Mapping[str, Any]) -> None:
        missing = [name for name in element.sets if name not in values]
        if missing:
            raise expressions.BadExpression(f"“{element.name}”应当给出数据:{'、'.join(missing)}")
        self.variables.update({name: values[name] for name in element.sets})
