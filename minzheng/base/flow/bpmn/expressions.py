"""Conditions on sequence flows: comparisons of variables, `and`, `or`, `not`, `in`. Nothing can be called from them."""

import ast
import operator
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}


class BadExpression(ValueError):
    """The condition is not in the small language, or a variable it needs is missing."""


@lru_cache(maxsize=1024)
def parse(text: str) -> ast.expr:
    """The condition as a tree; raises BadExpression for anything beyond the small language."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise BadExpression(f"条件写法不对:{text}") from error
    for node in ast.walk(tree):
        allowed = isinstance(
            node,
            ast.BoolOp | ast.And | ast.Or | ast.Not | ast.Compare | ast.cmpop | ast.Name | ast.Load | ast.Tuple,
        ) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not))
        if isinstance(node, ast.Constant):
            allowed = isinstance(node.value, str | int)
        if not allowed:
            raise BadExpression(f"条件里不能用 {type(node).__name__}:{text}")
    return tree


def names(text: str) -> frozenset[str]:
    """The variables that the condition reads."""
    return frozenset(node.id for node in ast.walk(parse(text)) if isinstance(node, ast.Name))


def literals(text: str, name: str) -> frozenset[Any]:
    """The constants that the condition compares `name` with."""
    found: set[Any] = set()
    for node in ast.walk(parse(text)):
        if isinstance(node, ast.Compare):
            parts = [node.left, *node.comparators]
            if any(isinstance(p, ast.Name) and p.id == name for p in parts):
                found.update(c.value for p in parts for c in ast.walk(p) if isinstance(c, ast.Constant))
    return frozenset(found)


def evaluate(text: str, variables: Mapping[str, Any]) -> bool:
    """The condition's truth. A missing variable, or a result that is no boolean, raises."""
    value = _value(parse(text), variables, text)
    if not isinstance(value, bool):
        raise BadExpression(f"条件的结果不是真或假:{text}")
    return value


def _value(node: ast.expr, variables: Mapping[str, Any], text: str) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        if node.id not in variables:
            raise BadExpression(f"条件需要的数据“{node.id}”还没有:{text}")
        return variables[node.id]
    if isinstance(node, ast.Tuple):
        return tuple(_value(item, variables, text) for item in node.elts)
    if isinstance(node, ast.UnaryOp):
        return not _truth(node.operand, variables, text)
    if isinstance(node, ast.BoolOp):
        parts = (_truth(item, variables, text) for item in node.values)
        return all(parts) if isinstance(node.op, ast.And) else any(parts)
    if isinstance(node, ast.Compare):
        left = _value(node.left, variables, text)
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            right = _value(right_node, variables, text)
            try:
                if not COMPARE[type(op)](left, right):
                    return False
            except TypeError as error:
                raise BadExpression(f"条件里的数据类型不能比较:{text}") from error
            left = right
        return True
    raise BadExpression(f"条件写法不对:{text}")


def _truth(node: ast.expr, variables: Mapping[str, Any], text: str) -> bool:
    value = _value(node, variables, text)
    if not isinstance(value, bool):
        raise BadExpression(f"条件里用作真假的数据不是真或假:{text}")
    return value
