"""Validation of messages to workflows: signals, updates, queries and the start input.

A sender may send anything: nothing, two values, other types, bytes. Left to the SDK, a handler that is called with the
wrong number of arguments fails the workflow task for ever, and a payload that cannot be decoded is dropped with a line
in a log. Under the decorators here a handler is only called with valid input; everything else becomes a note on the
board (signals, which cannot be refused), a refusal (updates, queries) or a failed start with the reason.

A later release that accepts what an earlier one ignored, or the reverse, checks `workflow.patched` first: the signal
may be in the history of a running workflow.
"""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel, TypeAdapter, ValidationError
    from pydantic_core import to_json

    from reelwright.domain.errors import InvalidInput, ReelwrightError
    from reelwright.domain.explain import ROOT, explain
    from reelwright.domain.text.incoming import cut

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from .failures import translate

MESSAGE_BYTES = 16_000
"""Upper limit of a message, as JSON. A person's statement about a post is far below."""
REVIEW_BYTES = 400_000
"""Upper limit of a review, which may bring a script (100,000 bytes, up to three times as much as escaped JSON)."""
START_BYTES = 4_000_000
"""No limit of ours: Temporal itself takes 2 MB."""
REASON_CHARS = 200
_PLAIN = (str, int, float, bool, list, dict)

F = TypeVar("F", bound=Callable[..., Any])


class TakesMessages:
    """The base of workflows that take signals: where notes about ignored messages go."""

    def ignored(self, text: str) -> None:
        """Shows a line about a message that was ignored."""
        raise NotImplementedError

    def refused(self, reason: str) -> None:
        """The start input cannot be used, and the workflow is about to fail with this reason."""

    @workflow.signal(dynamic=True)
    def unknown_signal(self, name: str, given: Sequence[RawValue]) -> None:
        """A signal of a name that does not exist; the SDK would keep it in memory, without a word."""
        _note(self, f"there is no signal {cut(name, 40)!r}; it was ignored")


def noted(*, wants: str = "", limit: int = MESSAGE_BYTES) -> Callable[[F], F]:
    """For signal handlers: invalid input is noted with the reason. `wants` is an example of valid input, `limit` is in
    bytes."""

    def decorate(fn: F) -> F:
        taken = _Input(fn, wants, limit)

        if inspect.iscoroutinefunction(fn):

            async def take_async(self: Any, *given: Any) -> None:
                if not _refusal(self):
                    try:
                        await fn(self, *taken.read(given))
                    except Exception as error:  # noqa: BLE001  # noted with its reason, or raised again
                        _note(self, f"signal {fn.__name__}: ignored: {_reason(error)}")
                    else:
                        _note_extra(self, taken, given)

            return _raw(take_async, fn)

        def take(self: Any, *given: Any) -> None:
            if not _refusal(self):
                try:
                    fn(self, *taken.read(given))
                except Exception as error:  # noqa: BLE001  # noted with its reason, or raised again
                    _note(self, f"signal {fn.__name__}: ignored: {_reason(error)}")
                else:
                    _note_extra(self, taken, given)

        return _raw(take, fn)

    return decorate


def answered(*, wants: str = "", limit: int = MESSAGE_BYTES) -> Callable[[F], F]:
    """For updates, their validators, and queries: what cannot be taken is refused with one line, as `InvalidInput`.
    A handler without a parameter answers whatever came with the call."""

    def decorate(fn: F) -> F:
        taken = _Input(fn, wants, limit)

        if inspect.iscoroutinefunction(fn):

            async def answer_async(self: Any, *given: Any) -> Any:
                _need_made(self)
                try:
                    return await fn(self, *taken.read(() if taken.nothing else given))
                except ApplicationError:
                    raise
                except Exception as error:
                    raise _invalid(_reason(error)) from error

            return _raw(answer_async, fn)

        def answer(self: Any, *given: Any) -> Any:
            _need_made(self)
            try:
                return fn(self, *taken.read(() if taken.nothing else given))
            except ApplicationError:
                raise
            except Exception as error:
                raise _invalid(_reason(error)) from error

        return _raw(answer, fn)

    return decorate


def started(*, wants: str) -> Callable[[F], F]:
    """For `__init__` (below `workflow.init`) and `run` (below `workflow.run`): a start without input, with several or
    with a wrong one fails the workflow with the reason. Where `__init__` can do without its input it is called without,
    so that queries answer; otherwise they are refused with the same reason."""

    def decorate(fn: F) -> F:
        taken = _Input(fn, wants, START_BYTES, start=True)
        if fn.__name__ != "__init__":

            async def run(self: Any, *given: Any) -> Any:
                if reason := _refusal(self):
                    raise _ended(self, reason)
                try:
                    return await fn(self, *(getattr(self, "_start_input", None) or taken.read(given)))
                except (InvalidInput, ValidationError) as error:
                    raise _ended(self, _reason(error)) from error

            return _raw(run, fn)

        def begin(self: Any, *given: Any) -> None:
            try:
                self._start_input = taken.read(given)
            except (InvalidInput, ValidationError) as error:
                self._start_refusal = _reason(error)
            if not _refusal(self):
                fn(self, *self._start_input)
            elif taken.optional:
                fn(self)
            else:
                self._not_made = True

        return _raw(begin, fn)

    return decorate


class _Input:
    """What one handler takes: nothing, or one value of a type."""

    def __init__(self, fn: Callable[..., Any], wants: str, limit: int, *, start: bool = False) -> None:
        parameters = list(inspect.signature(fn).parameters.values())[1:]
        if len(parameters) > 1:
            raise TypeError(f"{fn.__qualname__}: a message carries one model, so that it can grow")
        self._fn, self._wants, self._limit, self._start = fn, wants, limit, start
        self._parameter = parameters[0] if parameters else None

    @property
    def nothing(self) -> bool:
        """Whether the handler takes no input."""
        return self._parameter is None

    @property
    def optional(self) -> bool:
        """Whether the handler can be called without input."""
        return self._parameter is None or self._parameter.default is not inspect.Parameter.empty

    def read(self, given: Sequence[Any]) -> tuple[Any, ...]:
        """The arguments for the handler. Raises `InvalidInput`."""
        if unread := [value for value in given if isinstance(value, RawValue)]:
            encoding = unread[0].payload.metadata.get("encoding", b"none").decode(errors="replace")
            raise self._wrong(f"it cannot be read (encoding {cut(encoding, 40)})")
        if self._parameter is None:
            return ()
        if len(given) > 1:
            raise self._wrong(f"{len(given)} were given instead of one")
        if not given or given[0] is None:
            if self.optional and not self._start:
                return ()
            raise self._wrong("it is missing")
        return (self._checked(self._parameter.name, given[0]),)

    def _checked(self, name: str, value: Any) -> Any:
        if isinstance(value, BaseModel):  # called from Python, as it is written
            return value
        if not isinstance(value, _PLAIN):
            raise self._wrong(f"it is not JSON ({type(value).__name__})")
        data = to_json(value)
        if len(data) > self._limit:
            raise self._wrong(f"{len(data):,} bytes is more than the limit of {self._limit:,}")
        hint = typing.get_type_hints(self._fn, include_extras=True).get(name, Any)
        try:
            return value if hint is Any else _adapter(hint).validate_json(data)
        except ValidationError as error:
            # Without the cause, whose text has lines for each of the fields that may be wrong.
            reason = explain(error)
            if reason.field != ROOT:
                raise reason from None
            raise self._wrong(reason.message, field=ROOT if self._start else "input") from None

    def _wrong(self, message: str, *, field: str = "input") -> InvalidInput:
        return InvalidInput(message, field=field, remedy=f"give {self._wants}" if self._wants else "")


@functools.cache
def _adapter(hint: Any) -> TypeAdapter[Any]:
    return TypeAdapter(hint)


def _raw(wrapper: Callable[..., Any], fn: F) -> F:
    """The wrapper in the place of `fn`. The SDK decodes by the visible parameters and drops what does not fit them;
    with `*given` it hands over whatever came, and `ReadablePayloadConverter` leaves raw what it cannot read."""
    functools.update_wrapper(wrapper, fn)
    wrapper.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD),
            inspect.Parameter("given", inspect.Parameter.VAR_POSITIONAL),
        ],
        return_annotation=inspect.signature(fn).return_annotation,
    )
    return typing.cast(F, wrapper)


def _reason(error: Exception) -> str:
    """Why a message is invalid. Errors that the sender did not cause are raised again: a cancellation, and the SDK's
    errors about the workflow's own code."""
    if isinstance(error, ValidationError):
        error = explain(error)
    if is_cancelled_exception(error) or isinstance(
        error, (workflow.NondeterminismError, workflow.ReadOnlyContextError)
    ):
        raise error
    if isinstance(error, ReelwrightError):
        return cut(str(error), REASON_CHARS)
    if isinstance(error, ApplicationError):
        return cut(error.message, REASON_CHARS)
    workflow.logger.error("a message could not be taken", exc_info=error)
    return f"this release cannot take it ({type(error).__name__})"


def _note(instance: Any, text: str) -> None:
    if isinstance(instance, TakesMessages):
        instance.ignored(text)
    else:
        workflow.logger.warning("%s", text)


def _note_extra(instance: Any, taken: _Input, given: Sequence[Any]) -> None:
    if taken.nothing and any(value is not None for value in given):
        _note(instance, "a signal that takes no input came with one, which was not looked at")


def _refusal(instance: Any) -> str:
    return getattr(instance, "_start_refusal", "")


def _need_made(instance: Any) -> None:
    """A workflow whose `__init__` had no valid input answers queries only with the reason of its failure."""
    if getattr(instance, "_not_made", False):
        raise _invalid(_refusal(instance))


def _ended(instance: Any, reason: str) -> ApplicationError:
    if isinstance(instance, TakesMessages) and not getattr(instance, "_not_made", False):
        instance.refused(reason)
    return _invalid(reason)


def _invalid(reason: str) -> ApplicationError:
    return translate(InvalidInput(reason))
