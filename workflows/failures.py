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
    """What the activity said, not that an activity failed."""
    told = _told(error)
    return str(told.message if isinstance(told, FailureError) else told) or type(told).__name__


def as_failure(error: BaseException) -> ApplicationError:
    """The workflow's own failure: the reason in the message, the cause's type kept for whoever filters by it."""
    told = _told(error)
    kind = told.type if isinstance(told, ApplicationError) and told.type else type(told).__name__
    return ApplicationError(reason_of(error), type=kind, non_retryable=True)


def _told(error: BaseException) -> BaseException:
    """The first application error inside: below it is only what that one was made of."""
    while isinstance(error, FailureError) and not isinstance(error, ApplicationError) and error.cause is not None:
        error = error.cause
    return error
