"""Carries our typed errors over to Temporal: what may be tried again, and when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic import ValidationError
from temporalio import activity
from temporalio.exceptions import ApplicationError, FailureError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from reelwright.domain.errors import QuotaExhausted, ReelwrightError
from reelwright.domain.explain import explain

UNFORESEEN_ATTEMPTS = 6
"""An error nobody foresaw may be a passing one, or a bug; after this many attempts it is taken for a bug."""


class ErrorTranslation(Interceptor):
    """Worker interceptor: domain errors become `ApplicationError`s with the class name as their type."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _Translate(next)


class _Translate(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        try:
            return await self.next.execute_activity(input)
        except FailureError:
            raise
        except ReelwrightError as error:
            raise translate(error) from error
        except ValidationError as error:
            raise translate(explain(error)) from error
        except Exception as error:
            last = activity.info().attempt >= UNFORESEEN_ATTEMPTS
            raise ApplicationError(
                f"{type(error).__name__}: {error}"[:500], type=type(error).__name__, non_retryable=last
            ) from error


def translate(error: ReelwrightError) -> ApplicationError:
    """The message is the error's one line; field, remedy and what a spent quota tells travel as details."""
    details = {"field": error.field, "remedy": error.remedy}
    if isinstance(error, QuotaExhausted):
        details |= {"bucket": error.bucket, "until": error.resets_at.isoformat()}
    retry_after: float | None = getattr(error, "retry_after_s", None)
    return ApplicationError(
        str(error),
        details,
        type=type(error).__name__,
        non_retryable=not error.retryable,
        next_retry_delay=timedelta(seconds=retry_after) if retry_after else None,
    )
