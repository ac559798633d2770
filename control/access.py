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
    `NotAllowed` before anything is done."""

    def of(
        operation: Callable[Concatenate[HandedT, Rest], Awaitable[ResultT]],
    ) -> Callable[Concatenate[HandedT, Rest], Awaitable[ResultT]]:
        @functools.wraps(operation)
        async def checked(handed: HandedT, /, *args: Rest.args, **given: Rest.kwargs) -> ResultT:
            require(handed.caller, role, what=operation.__name__.replace("_", " "))
            return await operation(handed, *args, **given)

        checked.needs = role  # type: ignore[attr-defined]
        return checked

    return of


def require(caller: Caller, role: Role, *, what: str = "this") -> None:
    """Raises `NotAllowed` unless the caller's role includes `role`."""
    if not caller.role.includes(role):
        raise NotAllowed(caller, role, what=what)
