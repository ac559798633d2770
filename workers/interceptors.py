"""Around every activity: our typed errors become Temporal's, without secrets, and long work beats all the time."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from temporalio import activity
from temporalio.exceptions import ApplicationError, FailureError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities.heartbeat import alive
from reelwright.domain.errors import ReelwrightError
from reelwright.domain.explain import explain
from reelwright.domain.redaction import redact, redact_values
from workflows.failures import translate

UNFORESEEN_ATTEMPTS = 6
"""An unexpected error may be temporary, or a bug; after this many attempts it is treated as a bug."""
UNFORESEEN_CHARS = 500


class ErrorTranslation(Interceptor):
    """Worker interceptor: domain errors become `ApplicationError`s with the class name as their type."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _Translate(next)


class Heartbeats(Interceptor):
    """Worker interceptor: an activity with a heartbeat timeout sends heartbeats from its start to its end, while it
    computes, calls a provider, or waits for a slow bucket."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _Beat(next)


class _Beat(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        info = activity.info()
        if info.heartbeat_timeout is None:
            return await self.next.execute_activity(input)
        async with alive(info.activity_type.replace("_", " ")):
            return await self.next.execute_activity(input)


class _Translate(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        try:
            return redact_values(await self.next.execute_activity(input))
        except FailureError:
            raise
        except ReelwrightError as error:
            raise translate(error) from without_secrets(error)
        except ValidationError as error:
            raise translate(explain(error)) from without_secrets(error)
        except Exception as error:  # noqa: BLE001  # it is raised again, as ours
            last = activity.info().attempt >= UNFORESEEN_ATTEMPTS
            raise ApplicationError(
                redact(f"{type(error).__name__}: {error}")[:UNFORESEEN_CHARS],
                type=type(error).__name__,
                non_retryable=last,
            ) from without_secrets(error)


def without_secrets(error: BaseException) -> BaseException:
    """The error as a cause to log and to carry over. One whose own text, or that of an error behind it, holds a secret
    is replaced by its type, its text without the secret, and its traceback."""
    behind = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    clean_behind = without_secrets(behind) if behind else None
    text = str(error)
    clean = redact(text)
    if clean == text and clean_behind is behind:
        return error
    stand_in = ApplicationError(clean, type=type(error).__name__).with_traceback(error.__traceback__)
    stand_in.__cause__ = clean_behind
    return stand_in
