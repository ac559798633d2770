"""What an operation needs of its caller. Every operation that a front end calls says it with `allowed`; a test walks
them all."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from reelwright.domain.people import Caller, NotAllowed, Role

Rest = ParamSpec("Rest")
ResultT = TypeVar("ResultT")


class HasCaller(Protocol):
    """A `Studio` or `Books`, opened for somebody."""

    @property
    def caller(self) -> Caller: ...


HandedT = TypeVar("HandedT", bound=HasCaller)


def allowed(
    role: Role,
) -> Callable[
    [Callable[Concatenate[HandedT, Rest], Awaitable[ResultT]]],
    Callable[Concatenate[HandedT, Rest], Awaitable[ResultT]],
]:
    """An operation, whose first argument is a `Studio` or `Books`, for callers whose role includes `role`. Raises
    `NotAllowed` before anything is done. What it is told of who does it (`by`) is only believed of the user of this
    machine: with a session or a token it is whoever that belongs to."""

    def of(
        operation: Callable[Concatenate[HandedT, Rest], Awaitable[ResultT]],
    ) -> Callable[Concatenate[HandedT, Rest], Awaitable[ResultT]]:
        says_who = "by" in _keywords(operation)

        @functools.wraps(operation)
        async def checked(handed: HandedT, /, *args: Rest.args, **given: Rest.kwargs) -> ResultT:
            require(handed.caller, role, what=operation.__name__.replace("_", " "))
            if says_who:
                given["by"] = who(handed, str(given.get("by", "")))
            return await operation(handed, *args, **given)

        checked.needs = role  # type: ignore[attr-defined]
        return checked

    return of


def who(handed: HasCaller, said: str) -> str:
    """Who does something, for decisions and the audit: the caller. The user of this machine may name somebody else."""
    return said or handed.caller.name if handed.caller.way == "local" else handed.caller.name


def require(caller: Caller, role: Role, *, what: str = "this") -> None:
    """Raises `NotAllowed` unless the caller's role includes `role`."""
    if not caller.role.includes(role):
        raise NotAllowed(caller, role, what=what)


def _keywords(operation: Callable[..., object]) -> tuple[str, ...]:
    """The names that can be given as keywords alone (`inspect` would be loaded and run for every operation)."""
    code = operation.__code__
    names: tuple[str, ...] = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    return names
