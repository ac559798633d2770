"""What is known of a value without running the code: objects of the loaded modules, classes from signatures."""

from __future__ import annotations

import ast
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

from temporalio import workflow

OURS = ("workflows", "tests")
_PATCHES = (workflow.patched, workflow.deprecate_patch)
SCALARS = (str, int, float, bool, type(None), timedelta)


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


def owner_of(classes: Sequence[type], name: str) -> type | None:
    return next((cls for cls in classes if name in cls.__dict__ and cls.__module__ != "builtins"), None)


def is_ours(value: Any) -> bool:
    return str(getattr(value, "__module__", "")).partition(".")[0] in OURS


def is_generated(fn: Any) -> bool:
    """Whether a decorator has written this function, as `dataclass` does."""
    return str(fn.__code__.co_filename).startswith("<")


@functools.cache
def parsed(fn: Any) -> ast.FunctionDef | ast.AsyncFunctionDef:
    tree = ast.parse(textwrap.dedent(inspect.getsource(fn))).body[0]
    assert isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef)
    return tree


@functools.cache
def hints_of(of: Any) -> dict[str, Any]:
    try:
        return typing.get_type_hints(of)
    except (NameError, TypeError):  # names that only the type checker has
        return {}


def of_hint(hint: Any) -> Value:
    for candidate in (hint, *typing.get_args(hint)):
        if isinstance(candidate, type) and candidate is not type(None):
            return Instance(candidate)
    return None


def value_of(node: ast.expr, scope: Scope) -> Value:
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
            return _attribute(value_of(node.value, scope), node.attr)
        case ast.Await() | ast.NamedExpr() | ast.Starred():
            return value_of(node.value, scope)
        case ast.Lambda():
            return Closure(node, scope)
        case ast.Call():
            return _returned(node, scope)
        case _:
            return None


def _attribute(base: Value, name: str) -> Value:
    match base:
        case Known():
            cls = base.value if isinstance(base.value, type) else None
            found = getattr(base.value, name, None)
            if cls and isinstance(found, types.FunctionType):
                return Method(cls, owner_of(cls.__mro__, name) or cls, found)
            return Known(found) if found is not None else None
        case Super():
            rest = base.cls.__mro__[base.cls.__mro__.index(base.owner) + 1 :]
            owner = owner_of(rest, name)
            return Method(base.cls, owner, owner.__dict__[name]) if owner else None
        case Instance():
            return _member(base.cls, name)
        case Elsewhere():
            return base
        case _:
            return None


def _member(cls: type, name: str) -> Value:
    owner = owner_of(cls.__mro__, name)
    found = inspect.getattr_static(owner, name) if owner else None
    if isinstance(found, property):
        return of_hint(hints_of(found.fget).get("return"))
    if isinstance(found, staticmethod | classmethod):
        found = found.__func__
    if isinstance(found, types.FunctionType) and owner:
        return Method(cls, owner, found)
    return _attributes(cls).get(name) or of_hint(hints_of(cls).get(name))


def _returned(node: ast.Call, scope: Scope) -> Value:
    callee = value_of(node.func, scope)
    match callee:
        case Known(value) if value is super and scope.cls and scope.owner:
            return Super(scope.cls, scope.owner)
        case Known(value) if value is workflow.get_external_workflow_handle:
            return Elsewhere()
        case Known(value) if isinstance(value, type):
            return Instance(value)
        case Known(value) if isinstance(value, types.FunctionType):
            return of_hint(hints_of(inspect.unwrap(value)).get("return"))
        case Method():
            return of_hint(hints_of(inspect.unwrap(callee.fn)).get("return"))
        case _:
            return None


def bind(scope: Scope, node: Any, args: list[Value], named: dict[str, Value], hints: dict[str, Any]) -> None:
    """Parameters: what was handed over, or else what their types say. A constant that is assigned to later is none."""
    stored = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    positional, keywords = (*node.args.posonlyargs, *node.args.args), node.args.kwonlyargs
    names = [arg.arg for arg in positional]
    given = {**dict(zip(names, args, strict=False)), **named}
    last = list(zip(reversed(names), reversed(node.args.defaults), strict=False))
    defaults = dict([*last, *zip((arg.arg for arg in keywords), node.args.kw_defaults, strict=True)])
    rest = [arg.arg for arg in (*keywords, node.args.vararg, node.args.kwarg) if arg]
    for name in (*names, *rest):
        value: Value = of_hint(hints.get(name))
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
        if not (is_ours(owner) and isinstance(made, types.FunctionType)):
            continue
        fn = inspect.unwrap(made)
        if is_generated(fn):
            continue
        node = parsed(fn)
        scope = Scope(fn.__globals__, cls=cls, owner=owner)
        bind(scope, node, [Instance(cls)], {}, hints_of(fn))
        for statement in ast.walk(node):
            if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
                targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
                for target in targets:
                    if isinstance(target, ast.Attribute) and ast.unparse(target.value) == "self":
                        value = value_of(statement.value, scope)
                        # A constant is only what it begins with.
                        found[target.attr] = value if isinstance(value, Instance | Method) else None
    return found


def is_scalar(value: Any) -> bool:
    """Whether an object is shown by its value."""
    return isinstance(value, (*SCALARS, enum.Enum))


def asks_for_patch(value: Value) -> bool:
    """Whether this is `workflow.patched`."""
    return isinstance(value, Known) and value.value in _PATCHES
