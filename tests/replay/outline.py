"""The outline of a workflow: the commands its code can issue, with the branches, loops and exits between them.

An outline names no function, variable or module of ours, so moving code about and renaming it changes nothing. What is
left is what a replay depends on: which command comes after which, and under which condition.
"""

from __future__ import annotations

import ast
import copy
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

PATCHED = "patched"
SHARED_FROM = 4
"""Lines from which on a helper's outline that occurs more than once is written once, under a letter."""
_PATCH = re.compile(rf"\b{PATCHED}\('([^']+)'\)")


@dataclass(frozen=True)
class Step:
    """A command, or a wait."""

    text: str


@dataclass(frozen=True)
class Leave:
    """`return`, `raise`, `break` or `continue`."""

    text: str


@dataclass(frozen=True, eq=False)
class Branch:
    """`if`: the test as an expression without our names."""

    test: ast.expr
    then: Nodes
    other: Nodes


@dataclass(frozen=True)
class Block:
    """A loop, a `with`, or things begun together."""

    head: str
    body: Nodes


@dataclass(frozen=True)
class Attempt:
    """`try` with its `except`, `else` and `finally`, each under its head."""

    parts: tuple[tuple[str, Nodes], ...]


@dataclass(frozen=True)
class Called:
    """The outline of a helper, in the place where it is called."""

    name: str
    body: Nodes


@dataclass(frozen=True)
class _Spliced(Called):
    """Stands for its body until `tidy` puts that into its place."""


Node: TypeAlias = Step | Leave | Branch | Block | Attempt | Called
Nodes: TypeAlias = tuple[Node, ...]


ArgT = TypeVar("ArgT")
MadeT = TypeVar("MadeT")


def once(made: Callable[[ArgT], MadeT]) -> Callable[[ArgT], MadeT]:
    """Works each object out once. A helper's outline stands in many places, and is the same object there."""
    known: dict[int, tuple[ArgT, MadeT]] = {}

    def look_up(arg: ArgT) -> MadeT:
        if id(arg) not in known:
            known[id(arg)] = (arg, made(arg))  # with the object itself, so that no other gets its id
        return known[id(arg)][1]

    return look_up


def patches_in(text: str) -> set[str]:
    """The ids that an outline asks `patched` for."""
    return set(_PATCH.findall(text))


@once
def _asked(test: ast.expr) -> frozenset[str]:
    """The patches that a test asks for."""
    return frozenset(patches_in(ast.unparse(test)))


@once
def tidy(nodes: Nodes) -> Nodes:
    """Without what issues no command and decides about none, and without what cannot be reached."""
    kept: list[Node] = []
    for node in nodes:
        kept += _tidy_one(node)
        if kept and isinstance(kept[-1], Leave):
            break
    return tuple(kept)


def _tidy_one(node: Node) -> Nodes:
    match node:
        case Branch():
            branch = Branch(node.test, tidy(node.then), tidy(node.other))
            return (branch,) if branch.then or branch.other or _asked(node.test) else ()
        case Block():
            body = tidy(node.body)
            return (replace(node, body=body),) if any(_counts(one) for one in body) else ()
        case Attempt():
            parts = tuple((head, tidy(body)) for head, body in node.parts)
            return (Attempt(parts),) if any(_has_step(body) for _, body in parts) else ()
        case _Spliced():
            return tidy(node.body)
        case Called():
            body = tidy(node.body)
            while body and body[-1] == Leave("return"):
                body = body[:-1]
            if len(body) == 1 and isinstance(body[0], Called):
                return body
            return (replace(node, body=body),) if _has_step(body) else ()
        case _:
            return (node,)


def _counts(node: Node) -> bool:
    return (
        _has_step((node,))
        or (isinstance(node, Leave) and node.text in ("return", "raise"))
        or isinstance(node, Branch | Attempt)
    )


@once
def _has_step(nodes: Nodes) -> bool:
    return any(
        isinstance(node, Step) or (isinstance(node, Branch) and bool(_asked(node.test))) or
        any(_has_step(inner) for inner in _inside(node))
        for node in nodes
    )  # fmt: skip


def _inside(node: Node) -> tuple[Nodes, ...]:
    match node:
        case Branch():
            return node.then, node.other
        case Block() | Called():
            return (node.body,)
        case Attempt():
            return tuple(body for _, body in node.parts)
        case _:
            return ()


@once
def _returns(nodes: Nodes) -> bool:
    """Whether a helper returns before its end."""
    return any(
        node == Leave("return") or (not isinstance(node, Called) and any(map(_returns, _inside(node))))
        for node in nodes
    )


def before(nodes: Nodes, is_new: Callable[[str], bool]) -> Nodes:
    """The outline as runs have it that were begun before the new patches: each of those is not taken."""

    def one(node: Node) -> Node:
        match node:
            case Branch():
                then, other = every(node.then), every(node.other)
                test = _Untaken(is_new).visit(copy.deepcopy(node.test))
                if isinstance(test, ast.Constant):
                    # Not a helper's: a `return` in it ends the function that it stands in.
                    return _Spliced("", then if test.value else other)
                return Branch(test, then, other)
            case Block() | Called():
                if isinstance(node, Block) and any(map(is_new, patches_in(node.head))):
                    raise ValueError(f"ask for a patch in the body of a loop, not in its head: {node.head}")
                return replace(node, body=every(node.body))
            case Attempt():
                return Attempt(tuple((head, every(body)) for head, body in node.parts))
            case _:
                return node

    @once
    def every(these: Nodes) -> Nodes:
        return tidy(tuple(one(node) for node in these))

    return every(nodes)


class _Untaken(ast.NodeTransformer):
    """Takes new patches for false, and simplifies what depends on them."""

    def __init__(self, is_new: Callable[[str], bool]) -> None:
        self._is_new = is_new

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if any(self._is_new(patch) for patch in patches_in(ast.unparse(node))) and ast.unparse(node.func) == PATCHED:
            return ast.Constant(False)
        return self._visited(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        visited = self._visited(node)
        if not (isinstance(visited, ast.UnaryOp) and isinstance(visited.op, ast.Not)):
            return visited
        operand = visited.operand
        return ast.Constant(not operand.value) if isinstance(operand, ast.Constant) else visited

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        conjunction = isinstance(node.op, ast.And)
        values: list[ast.expr] = []
        for value in node.values:
            seen = self.visit(value)
            if isinstance(seen, ast.Constant) and isinstance(seen.value, bool):
                if seen.value is not conjunction:
                    return ast.Constant(not conjunction)
                continue
            values.append(seen)
        if not values:
            return ast.Constant(conjunction)
        return values[0] if len(values) == 1 else ast.BoolOp(node.op, values)

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        test = self.visit(node.test)
        if isinstance(test, ast.Constant):
            return self.visit(node.body if test.value else node.orelse)
        return ast.IfExp(test, self.visit(node.body), self.visit(node.orelse))

    def _visited(self, node: ast.expr) -> ast.expr:
        visited = self.generic_visit(node)
        assert isinstance(visited, ast.expr)
        return visited


class Writer:
    """Writes outlines as text; long helpers that occur more than once are written once, under a letter."""

    def __init__(self, sections: dict[str, Nodes]) -> None:
        self._sections = sections
        self._seen: Counter[str] = Counter()
        self._letters: dict[str, str] = {}
        self._shared: list[tuple[str, Called]] = []
        for nodes in sections.values():
            self._count(nodes)

    def text(self) -> str:
        """All sections, then the shared parts in the order of their first use."""
        lines: list[str] = []
        for name, nodes in self._sections.items():
            lines += [f"{name}:", *self._lines(nodes, 1), ""]
        written = 0
        while written < len(self._shared):
            name, called = self._shared[written]
            written += 1
            lines += [f"part {name}:  # {called.name}", *self._lines(called.body, 1), ""]
        return "\n".join(lines).rstrip() + "\n"

    def _count(self, nodes: Nodes) -> None:
        for node in nodes:
            if isinstance(node, Called):
                self._seen[_plain(node.body)] += 1
                if self._seen[_plain(node.body)] > 1:
                    continue
            for inner in _inside(node):
                self._count(inner)

    def _lines(self, nodes: Nodes, depth: int) -> list[str]:
        lines: list[str] = []
        for node in nodes:
            lines += self._one(node, depth)
        return lines

    def _one(self, node: Node, depth: int) -> list[str]:
        pad = "  " * depth
        match node:
            case Step() | Leave():
                return [pad + node.text]
            case Branch():
                lines = [f"{pad}if {ast.unparse(node.test)}:", *(self._lines(node.then, depth + 1) or [pad + "  -"])]
                return lines + ([f"{pad}else:", *self._lines(node.other, depth + 1)] if node.other else [])
            case Block():
                return [f"{pad}{node.head}:", *self._lines(node.body, depth + 1)]
            case Attempt():
                return [
                    line
                    for head, body in node.parts
                    for line in (f"{pad}{head}:", *(self._lines(body, depth + 1) or [pad + "  -"]))
                ]
            case Called():
                plain = _plain(node.body)
                if self._seen[plain] < 2 or plain.count("\n") + 1 < SHARED_FROM:
                    if _returns(node.body):  # what returns from where must be seen
                        return [f"{pad}do:", *self._lines(node.body, depth + 1)]
                    return self._lines(node.body, depth)
                if plain not in self._letters:
                    self._letters[plain] = _letter(len(self._letters))
                    self._shared.append((self._letters[plain], node))
                return [f"{pad}part {self._letters[plain]}"]


@once
def _plain(nodes: Nodes) -> str:
    """In full, by which equal parts are known."""
    return "\n".join(Writer({})._lines(nodes, 0))


def _letter(number: int) -> str:
    """A, B, … Z, AA, AB, …"""
    return (_letter(number // 26 - 1) if number >= 26 else "") + chr(ord("A") + number % 26)
