"""Reads the outline of a workflow from its code: its own methods, and whatever of ours they call.

The code is followed as it is written, with what is known without running it: names are looked up in the modules as they
are loaded, methods by the types in signatures and `__init__`. What a helper is handed (an activity, a lambda, a patch's
name) is known inside it.
"""

from __future__ import annotations

import ast
import asyncio
import builtins
import enum
import functools
import inspect
import textwrap
import types
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeAlias

from temporalio import activity, workflow
from temporalio.common import SearchAttributeKey

from .outline import PATCHED, Attempt, Block, Branch, Called, Leave, Node, Nodes, Step, tidy

OURS = ("workflows", "tests")
_ACTIVITIES = (
    *(workflow.execute_activity, workflow.start_activity, workflow.execute_activity_method),
    *(workflow.start_activity_method, workflow.execute_local_activity, workflow.start_local_activity),
    *(workflow.execute_local_activity_method, workflow.start_local_activity_method),
)
_CHILDREN = (workflow.execute_child_workflow, workflow.start_child_workflow)
_PATCHES = (workflow.patched, workflow.deprecate_patch)
_SCALARS = (str, int, float, bool, type(None), timedelta)
TEXT_CHARS = 40


@dataclass(frozen=True)
class Known:
    """An object of the loaded program."""

    value: Any


@dataclass(frozen=True)
class Instance:
    """Some object of this class."""

    cls: type


@dataclass(frozen=True, eq=False)
class Method:
    """A function of a class, with the instance's class; `owner` is the class that has it."""

    cls: type
    owner: type
    fn: Callable[..., Any]


@dataclass(frozen=True, eq=False)
class Closure:
    """A lambda or local function, where it was made."""

    node: ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef
    scope: Scope


@dataclass(frozen=True, eq=False)
class Test:
    """A condition that asks for a patch, kept in a variable."""

    __test__ = False
    expr: ast.expr


@dataclass(frozen=True)
class Elsewhere:
    """Another workflow, by its id."""


@dataclass(frozen=True)
class Super:
    """`super()` in a method of `owner`."""

    cls: type
    owner: type


Value: TypeAlias = Known | Instance | Method | Closure | Test | Elsewhere | Super | None


@dataclass(eq=False)
class Scope:
    """What names mean in one call of a function."""

    names: dict[str, Any]
    """The module's."""
    local: dict[str, Value] = field(default_factory=dict)
    cls: type | None = None
    owner: type | None = None


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


def _owner(classes: Sequence[type], name: str) -> type | None:
    return next((cls for cls in classes if name in cls.__dict__ and cls.__module__ != "builtins"), None)


def _is_ours(value: Any) -> bool:
    return str(getattr(value, "__module__", "")).partition(".")[0] in OURS


def _is_generated(fn: Any) -> bool:
    """Whether a decorator has written this function, as `dataclass` does."""
    return str(fn.__code__.co_filename).startswith("<")


@functools.cache
def _parsed(fn: Any) -> ast.FunctionDef | ast.AsyncFunctionDef:
    tree = ast.parse(textwrap.dedent(inspect.getsource(fn))).body[0]
    assert isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef)
    return tree


@functools.cache
def _hints(of: Any) -> dict[str, Any]:
    try:
        return typing.get_type_hints(of)
    except (NameError, TypeError):  # names that only the type checker has
        return {}


def _of_hint(hint: Any) -> Value:
    for candidate in (hint, *typing.get_args(hint)):
        if isinstance(candidate, type) and candidate is not type(None):
            return Instance(candidate)
    return None


class Reader:
    """Follows the code. `_stack` keeps a function that calls itself from being followed for ever."""

    def __init__(self) -> None:
        self._stack: list[Any] = []
        self._read: dict[Any, Nodes] = {}

    # --- functions --------------------------------------------------------------------------------------------------

    def method(self, cls: type, name: str) -> Nodes:
        """The outline of a method of a workflow."""
        owner = _owner(cls.__mro__, name)
        return self.inlined(Method(cls, owner, owner.__dict__[name]), [], {}) if owner else ()

    def inlined(self, callee: Method | Closure | Known, args: list[Value], named: dict[str, Value]) -> Nodes:
        """The outline of a call."""
        if isinstance(callee, Closure):
            scope = Scope(callee.scope.names, dict(callee.scope.local), callee.scope.cls, callee.scope.owner)
            _bind(scope, callee.node, args, named, {})
            body = callee.node.body
            return self.value_nodes(body, scope) if isinstance(body, ast.expr) else self._body("local", body, scope)
        fn = inspect.unwrap(callee.fn if isinstance(callee, Method) else callee.value)
        if fn in self._stack:
            return (Step("(again)"),)
        if _is_generated(fn):
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
        node, scope = _parsed(fn), Scope(fn.__globals__)
        if isinstance(callee, Method):
            scope.cls, scope.owner = callee.cls, callee.owner
            if not isinstance(inspect.getattr_static(callee.owner, fn.__name__, None), staticmethod):
                args = [Instance(callee.cls), *args]
        _bind(scope, node, args, named, _hints(fn))
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
                test = self.plain(node.test, scope)
                if isinstance(test, ast.Constant):  # as where a helper's parameter has its default
                    return (*nodes, *self.statements(node.body if test.value else node.orelse, scope))
                then, other = self.statements(node.body, scope), self.statements(node.orelse, scope)
                return (*nodes, Branch(test, then, other))
            case ast.For() | ast.AsyncFor():
                nodes = self.value_nodes(node.iter, scope)
                head = f"for {ast.unparse(self.plain(node.iter, scope))}"
                return (*nodes, Block(head, self.statements(node.body, scope)), *self.statements(node.orelse, scope))
            case ast.While():
                head = f"while {ast.unparse(self.plain(node.test, scope))}"
                return (Block(head, (*self.value_nodes(node.test, scope), *self.statements(node.body, scope))),)
            case ast.Try():
                return (Attempt(self._attempt(node, scope)),)
            case ast.With() | ast.AsyncWith():
                head = "with " + ", ".join(ast.unparse(self.plain(item.context_expr, scope)) for item in node.items)
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
            test = self.plain(node.value, scope)
            value = self.value(node.value, scope)
            if PATCHED in {name.id for name in ast.walk(test) if isinstance(name, ast.Name)}:
                scope.local[target.id] = Test(test)
            elif isinstance(value, Known) and isinstance(value.value, _SCALARS):
                scope.local[target.id] = None  # it may change
            else:
                scope.local[target.id] = value
        return nodes

    def _attempt(self, node: ast.Try, scope: Scope) -> tuple[tuple[str, Nodes], ...]:
        parts = [("try", self.statements(node.body, scope))]
        for handler in node.handlers:
            kinds = ast.unparse(self.plain(handler.type, scope)) if handler.type else ""
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
                        test = self.plain(before, scope)
                        if isinstance(node.op, ast.Or):
                            test = _negated(test)
                        nodes.append(Branch(test, inner, ()))
                return tuple(nodes)
            case ast.IfExp():
                then, other = (self.value_nodes(part, scope) for part in (node.body, node.orelse))
                return (*self.value_nodes(node.test, scope), Branch(self.plain(node.test, scope), then, other))
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
        callee = self.value(node.func, scope)
        if isinstance(callee, Known) and callee.value is asyncio.gather:
            return (Block("together", flat),)
        before = self.value_nodes(node.func.value, scope) if isinstance(node.func, ast.Attribute) else ()
        return (*before, *flat, *self._issued(node, callee, scope))

    def _issued(self, node: ast.Call, callee: Value, scope: Scope) -> Nodes:
        if isinstance(callee, Known) and not _is_ours(callee.value):
            step = self._step(callee.value, node, scope)
            return (Step(step),) if step else ()
        if isinstance(callee, Elsewhere) and isinstance(node.func, ast.Attribute):
            return (Step(f"{node.func.attr} {self._first_name(node, scope)} to another workflow".replace("  ", " ")),)
        args = [self.value(arg, scope) for arg in node.args if not isinstance(arg, ast.Starred)]
        named = {keyword.arg: self.value(keyword.value, scope) for keyword in node.keywords if keyword.arg}
        if isinstance(callee, Known) and isinstance(callee.value, type):
            owner = _owner(callee.value.__mro__, "__init__")
            if owner is None or not _is_ours(owner) or not isinstance(owner.__dict__["__init__"], types.FunctionType):
                return ()
            callee = Method(callee.value, owner, owner.__dict__["__init__"])
        if isinstance(callee, Known) and isinstance(callee.value, types.FunctionType):
            return self.inlined(callee, args, named)
        if isinstance(callee, Closure) or (isinstance(callee, Method) and _is_ours(callee.owner)):
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
                    if isinstance(value := self.value(part, scope), Known)
                    and isinstance(value.value, SearchAttributeKey)]  # fmt: skip
            return "search attributes " + ", ".join(dict.fromkeys(keys))
        if fn is workflow.upsert_memo:
            return "memo"
        if fn is workflow.continue_as_new:
            return "continue as new"
        return ""

    def _first_name(self, node: ast.Call, scope: Scope) -> str:
        """The activity, workflow or signal that a call names first."""
        value = self.value(node.args[0], scope) if node.args else None
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

    # --- values -----------------------------------------------------------------------------------------------------

    def value(self, node: ast.expr, scope: Scope) -> Value:
        """What is known of an expression's value."""
        match node:
            case ast.Constant():
                return Known(node.value)
            case ast.Name():
                if node.id in scope.local:
                    return scope.local[node.id]
                if node.id in scope.names:
                    return Known(scope.names[node.id])
                return Known(getattr(builtins, node.id)) if hasattr(builtins, node.id) else None
            case ast.Attribute():
                return self._attribute(self.value(node.value, scope), node.attr)
            case ast.Await() | ast.NamedExpr() | ast.Starred():
                return self.value(node.value, scope)
            case ast.Lambda():
                return Closure(node, scope)
            case ast.Call():
                return self._returned(node, scope)
            case _:
                return None

    def _attribute(self, base: Value, name: str) -> Value:
        match base:
            case Known():
                cls = base.value if isinstance(base.value, type) else None
                found = getattr(base.value, name, None)
                if cls and isinstance(found, types.FunctionType):
                    return Method(cls, _owner(cls.__mro__, name) or cls, found)
                return Known(found) if found is not None else None
            case Super():
                rest = base.cls.__mro__[base.cls.__mro__.index(base.owner) + 1 :]
                owner = _owner(rest, name)
                return Method(base.cls, owner, owner.__dict__[name]) if owner else None
            case Instance():
                return self._member(base.cls, name)
            case Elsewhere():
                return base
            case _:
                return None

    def _member(self, cls: type, name: str) -> Value:
        owner = _owner(cls.__mro__, name)
        found = inspect.getattr_static(owner, name) if owner else None
        if isinstance(found, property):
            return _of_hint(_hints(found.fget).get("return"))
        if isinstance(found, staticmethod | classmethod):
            found = found.__func__
        if isinstance(found, types.FunctionType) and owner:
            return Method(cls, owner, found)
        return _attributes(cls).get(name) or _of_hint(_hints(cls).get(name))

    def _returned(self, node: ast.Call, scope: Scope) -> Value:
        callee = self.value(node.func, scope)
        match callee:
            case Known(value) if value is super and scope.cls and scope.owner:
                return Super(scope.cls, scope.owner)
            case Known(value) if value is workflow.get_external_workflow_handle:
                return Elsewhere()
            case Known(value) if isinstance(value, type):
                return Instance(value)
            case Known(value) if isinstance(value, types.FunctionType):
                return _of_hint(_hints(inspect.unwrap(value)).get("return"))
            case Method():
                return _of_hint(_hints(inspect.unwrap(callee.fn)).get("return"))
            case _:
                return None

    # --- tests without our names ------------------------------------------------------------------------------------

    def plain(self, node: ast.expr, scope: Scope) -> ast.expr:
        """The expression as it stays when code is moved and renamed: see `Plain`."""
        from .plain import Plain

        plain = Plain(self, scope).visit(ast.parse(ast.unparse(node), mode="eval").body)
        assert isinstance(plain, ast.expr)
        return plain


def _negated(test: ast.expr) -> ast.expr:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return test.operand
    return ast.UnaryOp(ast.Not(), test)


def _bind(scope: Scope, node: Any, args: list[Value], named: dict[str, Value], hints: dict[str, Any]) -> None:
    """Parameters: what was handed over, or else what their types say. A constant that is assigned to later is none."""
    stored = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    positional, keywords = (*node.args.posonlyargs, *node.args.args), node.args.kwonlyargs
    names = [arg.arg for arg in positional]
    given = {**dict(zip(names, args, strict=False)), **named}
    last = list(zip(reversed(names), reversed(node.args.defaults), strict=False))
    defaults = dict([*last, *zip((arg.arg for arg in keywords), node.args.kw_defaults, strict=True)])
    rest = [arg.arg for arg in (*keywords, node.args.vararg, node.args.kwarg) if arg]
    for name in (*names, *rest):
        value: Value = _of_hint(hints.get(name))
        if name in given:
            value = given[name] or value
        elif isinstance(default := defaults.get(name), ast.Constant) and args:
            value = Known(default.value)
        scope.local[name] = None if name in stored and isinstance(value, Known) else value


@functools.cache
def _attributes(cls: type) -> dict[str, Value]:
    """What `__init__` puts into attributes."""
    found: dict[str, Value] = {}
    for owner in reversed(cls.__mro__):
        made = owner.__dict__.get("__init__")
        if not (_is_ours(owner) and isinstance(made, types.FunctionType)):
            continue
        fn = inspect.unwrap(made)
        if _is_generated(fn):
            continue
        node = _parsed(fn)
        scope = Scope(fn.__globals__, cls=cls, owner=owner)
        _bind(scope, node, [Instance(cls)], {}, _hints(fn))
        for statement in ast.walk(node):
            if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
                targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
                for target in targets:
                    if isinstance(target, ast.Attribute) and ast.unparse(target.value) == "self":
                        value = Reader().value(statement.value, scope)
                        # A constant is only what it begins with.
                        found[target.attr] = value if isinstance(value, Instance | Method) else None
    return found


def is_scalar(value: Any) -> bool:
    """Whether an object is shown by its value."""
    return isinstance(value, (*_SCALARS, enum.Enum))


def asks_for_patch(value: Value) -> bool:
    """Whether this is `workflow.patched`."""
    return isinstance(value, Known) and value.value in _PATCHES


__all__ = ["Node", "Reader", "Scope", "messages", "sections"]
