"""What went wrong, as one line for a person."""

from __future__ import annotations

from temporalio.exceptions import ApplicationError, FailureError


class Ended(Exception):
    """The content ends here by decision, not by failure: rejected by a person or blocked by moderation."""

    def __init__(self, stage: str, reason: str) -> None:
        super().__init__(reason)
        self.stage = stage
        self.reason = reason


def reason_of(error: BaseException) -> str:
    """The innermost cause's own words: what the activity said, not that an activity failed."""
    while isinstance(error, FailureError) and error.cause is not None:
        error = error.cause
    return str(error.message if isinstance(error, FailureError) else error) or type(error).__name__


def as_failure(error: BaseException) -> ApplicationError:
    """The workflow's own failure: the reason in the message, the cause's type kept for whoever filters by it."""
    inner = error
    while isinstance(inner, FailureError) and inner.cause is not None:
        inner = inner.cause
    kind = inner.type if isinstance(inner, ApplicationError) and inner.type else type(inner).__name__
    return ApplicationError(reason_of(error), type=kind, non_retryable=True)
