"""Conditions as they stay when code is moved and renamed: variables, private names and modules become `_` or go."""

from __future__ import annotations

import ast
import enum
import inspect
import types
from typing import Any

from .outline import PATCHED
from .values import (
    Closure,
    Known,
    Method,
    Scope,
    Test,
    Value,
    asks_for_patch,
    bind,
    hints_of,
    is_ours,
    is_scalar,
    parsed,
    value_of,
)

TEXT_CHARS = 40
BLANK = "_"


def plain(node: ast.expr, scope: Scope) -> ast.expr:
    """The expression without our names."""
    made = _Plain(scope).visit(ast.parse(ast.unparse(node), mode="eval").body)
    assert isinstance(made, ast.expr)
    return made


class _Plain(ast.NodeTransformer):
    """Values of constants stay, and public names of types, functions and fields."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def visit_Name(self, node: ast.Name) -> ast.expr:
        value = self._value(node)
        if isinstance(value, Test):
            return value.expr
        return _shown(value) if isinstance(value, Known) else ast.Name(BLANK)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        value = self._value(node)
        if isinstance(value, Known):
            return _shown(value)
        base = self.visit(node.value)
        if node.attr.startswith("_"):
            return ast.Name(BLANK)
        # A field or method of ours may be renamed as it likes; those of the domain and of others are contract.
        if isinstance(value, Method) and is_ours(value.owner):
            return ast.Name(BLANK)
        return ast.Attribute(base, node.attr)

    def visit_Await(self, node: ast.Await) -> ast.expr:
        return self._visited(node.value)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.expr:
        return self._visited(node.value)

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        long = isinstance(node.value, str) and len(node.value) > TEXT_CHARS
        return ast.Name(BLANK) if long else node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        return ast.Name(BLANK)

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        return self._within([arg.arg for arg in node.args.args], node.body)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.expr:
        return self._comprehension(node)

    def visit_ListComp(self, node: ast.ListComp) -> ast.expr:
        return self._comprehension(node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        callee = self._value(node.func)
        if asks_for_patch(callee):
            return ast.Call(ast.Name(PATCHED), [ast.Constant(self._patch(node.args[0]))], [])
        if (found := _single_return(callee)) is not None:
            fn, returned, scope = found
            args = [self._value(arg) for arg in node.args]
            named = {word.arg: self._value(word.value) for word in node.keywords if word.arg}
            bind(scope, parsed(fn), args, named, hints_of(fn))
            return plain(returned, scope)
        if isinstance(callee, Closure) or (isinstance(callee, Method) and is_ours(callee.owner)):
            return ast.Call(ast.Name(BLANK), [], [])
        if isinstance(callee, Known) and is_ours(callee.value):
            return ast.Call(ast.Name(BLANK), [], [])
        words = [ast.keyword(word.arg, self._visited(word.value)) for word in node.keywords]
        return ast.Call(self._visited(node.func), [self._visited(arg) for arg in node.args], words)

    def _comprehension(self, node: ast.GeneratorExp | ast.ListComp) -> ast.expr:
        generators = []
        names = [n.id for part in node.generators for n in ast.walk(part.target) if isinstance(n, ast.Name)]
        for part in node.generators:
            tests = [self._within(names, test) for test in part.ifs]
            generators.append(ast.comprehension(ast.Name(BLANK), self._within(names, part.iter), tests, part.is_async))
        return type(node)(self._within(names, node.elt), generators)

    def _within(self, names: list[str], node: ast.expr) -> ast.expr:
        scope = self._scope
        inner = Scope(scope.names, {**scope.local, **dict.fromkeys(names)}, scope.cls, scope.owner)
        return plain(node, inner)

    def _patch(self, node: ast.expr) -> str:
        """A patch's id; `*` where a part of it is only known when it runs."""
        if isinstance(node, ast.JoinedStr):
            return "".join(
                self._patch(part.value if isinstance(part, ast.FormattedValue) else part) for part in node.values
            )
        value = self._value(node)
        return str(value.value) if isinstance(value, Known) else "*"

    def _value(self, node: ast.expr) -> Value:
        return value_of(node, self._scope)

    def _visited(self, node: ast.expr) -> ast.expr:
        visited = self.visit(node)
        assert isinstance(visited, ast.expr)
        return visited


def _shown(known: Known) -> ast.expr:
    value = known.value
    if isinstance(value, enum.Enum):
        return ast.Name(f"{type(value).__name__}.{value.name}")
    if isinstance(value, str) and len(value) > TEXT_CHARS:
        return ast.Name(BLANK)
    if is_scalar(value):
        return ast.Constant(value)
    if isinstance(value, tuple | list | dict | frozenset | set):
        return ast.Name(f"<{len(value)} values>")
    if isinstance(value, types.ModuleType):
        return ast.Name(BLANK)
    name = str(getattr(value, "__name__", BLANK))
    return ast.Name(BLANK if name.startswith("_") or (is_ours(value) and not isinstance(value, type)) else name)


def _single_return(callee: Value) -> tuple[Any, ast.expr, Scope] | None:
    """A helper of ours that only returns what a patch decides: it stands for its expression."""
    if isinstance(callee, Method) and is_ours(callee.owner):
        return None
    if not (isinstance(callee, Known) and isinstance(callee.value, types.FunctionType) and is_ours(callee.value)):
        return None
    fn = inspect.unwrap(callee.value)
    body = [one for one in parsed(fn).body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
    if len(body) == 1 and isinstance(body[0], ast.Return) and body[0].value and PATCHED in ast.unparse(body[0].value):
        return fn, body[0].value, Scope(fn.__globals__)
    return None
