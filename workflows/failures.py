"""Errors as Temporal failures, as one line for people, and as the values that a workflow decides by.

An error of the domain becomes a failure in `translate`, wherever it is raised, and is parsed again in `read`. Between
the two its attributes (`domain/errors.py`) are in the failure's details, so that nothing here depends on class names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError

with workflow.unsafe.imports_passed_through():
    from reelwright.domain.errors import BudgetSpent, QuotaExhausted, ReelwrightError

BY_NAME: dict[str, tuple[bool, str]] = {
    "InvalidInput": (True, ""),
    "AssetCorrupt": (True, ""),
    "PostRejected": (True, ""),
    "PlatformTransient": (True, "time"),
    "QuotaExhausted": (True, "quota"),
    "PlatformPaused": (True, "resume"),
    "NeedsAuthorization": (True, "authorization"),
    "NeedsBudget": (True, "budget"),
    "SessionLost": (True, "upload"),
    "OutcomeUnknown": (False, "outcome"),
}
"""`certain` and `waits_for` of the failures that releases up to 0.2 recorded: they contain only the class's name. Runs
of theirs are replayed, so this table must not change; new classes are not added here."""


class Ended(Exception):
    """The content ends here by decision, not by failure: rejected by a person or blocked by moderation."""

    def __init__(self, stage: str, reason: str) -> None:
        super().__init__(reason)
        self.stage = stage
        self.reason = reason


@dataclass(frozen=True)
class Failure:
    """A failure as parsed for a workflow. `certain` and `waits_for` are those of `domain/errors.py`; an unexpected
    error is not certain and waits for nothing. `retry_after` is the requested pause, `details` the other details."""

    message: str
    kind: str = ""
    certain: bool = False
    waits_for: str = ""
    retry_after: timedelta | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def final(self) -> bool:
        """Whether it is certain that nothing was made and that nothing will be, however long one waits."""
        return self.certain and not self.waits_for


def translate(error: ReelwrightError) -> ApplicationError:
    """The failure for an error: its one line as the message, and everything else as details."""
    details: dict[str, Any] = {
        "field": error.field,
        "remedy": error.remedy,
        "certain": error.certain,
        "waits_for": error.waits_for,
    }
    if isinstance(error, QuotaExhausted):
        details |= {"bucket": error.bucket, "until": error.resets_at.isoformat()}
    if isinstance(error, BudgetSpent):
        details |= {"channel": error.channel, "until": error.resets_at.isoformat()}
    retry_after: float | None = getattr(error, "retry_after_s", None)
    return ApplicationError(
        str(error),
        details,
        type=error.kind,
        non_retryable=not error.retryable,
        next_retry_delay=timedelta(seconds=retry_after) if retry_after else None,
    )


def read(error: BaseException) -> Failure:
    """The parsed failure of an activity or a child, of this release or of an older one."""
    inner = _inner(error)
    if not isinstance(inner, ApplicationError):
        return Failure(message=reason_of(error), kind=type(inner).__name__)
    details = next((detail for detail in inner.details if isinstance(detail, dict)), {})
    certain, waits_for = BY_NAME.get(inner.type or "", (False, ""))
    return Failure(
        message=inner.message,
        kind=inner.type or "",
        certain=details.get("certain", certain),
        waits_for=details.get("waits_for", waits_for),
        retry_after=inner.next_retry_delay,
        details=details,
    )


def reason_of(error: BaseException) -> str:
    """The activity's own message, not the message that an activity failed."""
    inner = _inner(error)
    return str(inner.message if isinstance(inner, FailureError) else inner) or type(inner).__name__


def as_failure(error: BaseException) -> ApplicationError:
    """The workflow's own failure: the reason in the message, the cause's type kept for filters, and its details for
    callers."""
    inner = _inner(error)
    if not isinstance(inner, ApplicationError):
        return ApplicationError(reason_of(error), type=type(inner).__name__, non_retryable=True)
    return ApplicationError(
        reason_of(error), *inner.details, type=inner.type or type(inner).__name__, non_retryable=True
    )


def _inner(error: BaseException) -> BaseException:
    """The first application error inside: below it is only what that one was made of."""
    while isinstance(error, FailureError) and not isinstance(error, ApplicationError) and error.cause is not None:
        error = error.cause
    return error
