"""Reads the outline of a workflow from its code: its own methods, and whatever of ours they call.

The code is followed as it is written, with what is known without running it: names are looked up in the modules as they
are loaded, methods by the types in signatures and `__init__`. What a helper is handed (an activity, a lambda, a patch's
name) is known inside it.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import types
from collections.abc import Callable, Sequence
from typing import Any

from temporalio import activity, workflow
from temporalio.common import SearchAttributeKey

from .outline import PATCHED, Attempt, Block, Branch, Called, Leave, Nodes, Step, tidy
from .plain import plain
from .values import (
    SCALARS,
    Closure,
    Elsewhere,
    Instance,
    Known,
    Method,
    Scope,
    Test,
    Value,
    bind,
    hints_of,
    is_generated,
    is_ours,
    owner_of,
    parsed,
    value_of,
)

_ACTIVITIES = (
    *(workflow.execute_activity, workflow.start_activity, workflow.execute_activity_method),
    *(workflow.start_activity_method, workflow.execute_local_activity, workflow.start_local_activity),
    *(workflow.execute_local_activity_method, workflow.start_local_activity_method),
)
_CHILDREN = (workflow.execute_child_workflow, workflow.start_child_workflow)


def sections(cls: type) -> dict[str, Nodes]:
    """The outline of a workflow class: its start, and every handler that issues commands."""
    definition = workflow._Definition.must_from_class(cls)
    handlers: list[tuple[str, Callable[..., Any]]] = []
    handlers += [(f"signal {name or '(any other)'}", one.fn) for name, one in definition.signals.items()]
    handlers += [(f"update {name or '(any other)'}", one.fn) for name, one in definition.updates.items()]
    reader = Reader()
    begin = (*reader.method(cls, "__init__"), *reader.method(cls, definition.run_fn.__name__))
    found = {"start": tidy(begin)}
    for name, fn in sorted(handlers, key=lambda handler: handler[0]):
        if nodes := tidy(reader.method(cls, fn.__name__)):
            found[name] = nodes
    return found


def messages(cls: type) -> list[str]:
    """What a workflow can be sent."""
    definition = workflow._Definition.must_from_class(cls)
    kinds = {"query": definition.queries, "signal": definition.signals, "update": definition.updates}
    return sorted(f"{kind} {name or '(any other)'}" for kind, handlers in kinds.items() for name in handlers)


class Reader:
    """Follows the code. `_stack` keeps a function that calls itself from being followed for ever."""

    def __init__(self) -> None:
        self._stack: list[Any] = []
        self._read: dict[Any, Nodes] = {}

    # --- functions --------------------------------------------------------------------------------------------------

    def method(self, cls: type, name: str) -> Nodes:
        """The outline of a method of a workflow."""
        owner = owner_of(cls.__mro__, name)
        return self.inlined(Method(cls, owner, owner.__dict__[name]), [], {}) if owner else ()

    def inlined(self, callee: Method | Closure | Known, args: list[Value], named: dict[str, Value]) -> Nodes:
        """The outline of a call."""
        if isinstance(callee, Closure):
            scope = Scope(callee.scope.names, dict(callee.scope.local), callee.scope.cls, callee.scope.owner)
            bind(scope, callee.node, args, named, {})
            body = callee.node.body
            return self.value_nodes(body, scope) if isinstance(body, ast.expr) else self._body("local", body, scope)
        fn = inspect.unwrap(callee.fn if isinstance(callee, Method) else callee.value)
        if fn in self._stack:
            return (Step("(again)"),)
        if is_generated(fn):
            return ()
        owner = callee.owner if isinstance(callee, Method) else None
        call = (fn, callee.cls if isinstance(callee, Method) else None, owner, tuple(args), tuple(named.items()))
        try:
            if call in self._read:
                return self._read[call]
        except TypeError:  # something that cannot be looked up, such as a list
            return self._followed(fn, callee, args, named)
        self._read[call] = self._followed(fn, callee, args, named)
        return self._read[call]

    def _followed(self, fn: Any, callee: Method | Known, args: list[Value], named: dict[str, Value]) -> Nodes:
        node, scope = parsed(fn), Scope(fn.__globals__)
        if isinstance(callee, Method):
            scope.cls, scope.owner = callee.cls, callee.owner
            if not isinstance(inspect.getattr_static(callee.owner, fn.__name__, None), staticmethod):
                args = [Instance(callee.cls), *args]
        bind(scope, node, args, named, hints_of(fn))
        self._stack.append(fn)
        try:
            return self._body(fn.__qualname__, node.body, scope)
        finally:
            self._stack.pop()

    def _body(self, name: str, body: list[ast.stmt], scope: Scope) -> Nodes:
        return (Called(name, self.statements(body, scope)),)

    # --- statements -------------------------------------------------------------------------------------------------

    def statements(self, body: Sequence[ast.stmt], scope: Scope) -> Nodes:
        return tuple(node for statement in body for node in self._statement(statement, scope))

    def _statement(self, node: ast.stmt, scope: Scope) -> Nodes:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                scope.local[node.name] = Closure(node, scope)
                return ()
            case ast.Return() | ast.Raise():
                value = node.value if isinstance(node, ast.Return) else node.exc
                text = "return" if isinstance(node, ast.Return) else "raise"
                return (*(self.value_nodes(value, scope) if value else ()), Leave(text))
            case ast.Break() | ast.Continue():
                return (Leave(type(node).__name__.lower()),)
            case ast.If():
                nodes = self.value_nodes(node.test, scope)
                test = plain(node.test, scope)
                if isinstance(test, ast.Constant):  # as where a helper's parameter has its default
                    return (*nodes, *self.statements(node.body if test.value else node.orelse, scope))
                then, other = self.statements(node.body, scope), self.statements(node.orelse, scope)
                return (*nodes, Branch(test, then, other))
            case ast.For() | ast.AsyncFor():
                nodes = self.value_nodes(node.iter, scope)
                head = f"for {ast.unparse(plain(node.iter, scope))}"
                return (*nodes, Block(head, self.statements(node.body, scope)), *self.statements(node.orelse, scope))
            case ast.While():
                head = f"while {ast.unparse(plain(node.test, scope))}"
                return (Block(head, (*self.value_nodes(node.test, scope), *self.statements(node.body, scope))),)
            case ast.Try():
                return (Attempt(self._attempt(node, scope)),)
            case ast.With() | ast.AsyncWith():
                head = "with " + ", ".join(ast.unparse(plain(item.context_expr, scope)) for item in node.items)
                opened = tuple(n for item in node.items for n in self.value_nodes(item.context_expr, scope))
                return (*opened, Block(head, self.statements(node.body, scope)))
            case ast.Match():
                cases = [Block(f"case {number}", self.statements(c.body, scope)) for number, c in enumerate(node.cases)]
                return (*self.value_nodes(node.subject, scope), Block("match", tuple(cases)))
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                return self._assigned(node, scope)
            case ast.Expr() | ast.Assert() | ast.Delete():
                return tuple(n for child in ast.iter_child_nodes(node) for n in self._of_child(child, scope))
            case _:
                return ()

    def _of_child(self, child: ast.AST, scope: Scope) -> Nodes:
        return self.value_nodes(child, scope) if isinstance(child, ast.expr) else ()

    def _assigned(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign, scope: Scope) -> Nodes:
        if node.value is None:
            return ()
        nodes = self.value_nodes(node.value, scope)
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if isinstance(target, ast.Name) and not isinstance(node, ast.AugAssign):
            test = plain(node.value, scope)
            value = value_of(node.value, scope)
            if PATCHED in {name.id for name in ast.walk(test) if isinstance(name, ast.Name)}:
                scope.local[target.id] = Test(test)
            elif isinstance(value, Known) and isinstance(value.value, SCALARS):
                scope.local[target.id] = None  # it may change
            else:
                scope.local[target.id] = value
        return nodes

    def _attempt(self, node: ast.Try, scope: Scope) -> tuple[tuple[str, Nodes], ...]:
        parts = [("try", self.statements(node.body, scope))]
        for handler in node.handlers:
            kinds = ast.unparse(plain(handler.type, scope)) if handler.type else ""
            parts.append((f"except {kinds}".rstrip(), self.statements(handler.body, scope)))
        if node.orelse:
            parts.append(("else", self.statements(node.orelse, scope)))
        if node.finalbody:
            parts.append(("finally", self.statements(node.finalbody, scope)))
        return tuple(parts)

    # --- expressions ------------------------------------------------------------------------------------------------

    def value_nodes(self, node: ast.expr, scope: Scope) -> Nodes:
        """What is issued while an expression is worked out, in Python's order."""
        match node:
            case ast.Call():
                return self._call(node, scope)
            case ast.BoolOp():
                first, *rest = node.values
                nodes = list(self.value_nodes(first, scope))
                for before, operand in zip(node.values, rest, strict=False):
                    if inner := self.value_nodes(operand, scope):
                        test = plain(before, scope)
                        if isinstance(node.op, ast.Or):
                            test = _negated(test)
                        nodes.append(Branch(test, inner, ()))
                return tuple(nodes)
            case ast.IfExp():
                then, other = (self.value_nodes(part, scope) for part in (node.body, node.orelse))
                return (*self.value_nodes(node.test, scope), Branch(plain(node.test, scope), then, other))
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                made = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
                each = tuple(n for part in made for n in self.value_nodes(part, scope))
                source = tuple(n for part in node.generators for n in self.value_nodes(part.iter, scope))
                return (*source, Block("each", each))
            case ast.Lambda():
                return ()
            case _:
                children = (child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr))
                return tuple(n for child in children for n in self.value_nodes(child, scope))

    def _call(self, node: ast.Call, scope: Scope) -> Nodes:
        parts = [*node.args, *(keyword.value for keyword in node.keywords)]
        inner = tuple(self.value_nodes(part, scope) for part in parts)
        flat = tuple(n for nodes in inner for n in nodes)
        callee = value_of(node.func, scope)
        if isinstance(callee, Known) and callee.value is asyncio.gather:
            return (Block("together", flat),)
        before = self.value_nodes(node.func.value, scope) if isinstance(node.func, ast.Attribute) else ()
        return (*before, *flat, *self._issued(node, callee, scope))

    def _issued(self, node: ast.Call, callee: Value, scope: Scope) -> Nodes:
        if isinstance(callee, Known) and not is_ours(callee.value):
            step = self._step(callee.value, node, scope)
            return (Step(step),) if step else ()
        if isinstance(callee, Elsewhere) and isinstance(node.func, ast.Attribute):
            return (Step(f"{node.func.attr} {self._first_name(node, scope)} to another workflow".replace("  ", " ")),)
        args = [value_of(arg, scope) for arg in node.args if not isinstance(arg, ast.Starred)]
        named = {keyword.arg: value_of(keyword.value, scope) for keyword in node.keywords if keyword.arg}
        if isinstance(callee, Known) and isinstance(callee.value, type):
            owner = owner_of(callee.value.__mro__, "__init__")
            if owner is None or not is_ours(owner) or not isinstance(owner.__dict__["__init__"], types.FunctionType):
                return ()
            callee = Method(callee.value, owner, owner.__dict__["__init__"])
        if isinstance(callee, Known) and isinstance(callee.value, types.FunctionType):
            return self.inlined(callee, args, named)
        if isinstance(callee, Closure) or (isinstance(callee, Method) and is_ours(callee.owner)):
            return self.inlined(callee, args, named)
        return ()

    def _step(self, fn: Any, node: ast.Call, scope: Scope) -> str:
        if fn in _ACTIVITIES:
            return f"activity {self._first_name(node, scope)}"
        if fn in _CHILDREN:
            return f"child workflow {self._first_name(node, scope)}"
        if fn in (workflow.sleep, asyncio.sleep):
            return "timer"
        if fn is workflow.wait_condition:
            return "wait, with a timer" if any(word.arg == "timeout" for word in node.keywords) else "wait"
        if fn is workflow.upsert_search_attributes:
            keys = [value.value.name for part in ast.walk(node) if isinstance(part, ast.expr)
                    if isinstance(value := value_of(part, scope), Known)
                    and isinstance(value.value, SearchAttributeKey)]  # fmt: skip
            return "search attributes " + ", ".join(dict.fromkeys(keys))
        if fn is workflow.upsert_memo:
            return "memo"
        if fn is workflow.continue_as_new:
            return "continue as new"
        return ""

    def _first_name(self, node: ast.Call, scope: Scope) -> str:
        """The activity, workflow or signal that a call names first."""
        value = value_of(node.args[0], scope) if node.args else None
        named = value.fn if isinstance(value, Method) else value.value if isinstance(value, Known) else None
        if isinstance(named, str):
            return named
        if callable(named):
            if definition := activity._Definition.from_callable(named):
                return str(definition.name)
            if isinstance(value, Method) and workflow._Definition.from_class(value.cls):
                return str(workflow._Definition.must_from_class(value.cls).name)
            return str(named.__name__)
        return "chosen when it runs"


def _negated(test: ast.expr) -> ast.expr:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return test.operand
    return ast.UnaryOp(ast.Not(), test)
