"""What can go wrong, said in a way that tells the caller what to do about it.

Every error has a `field` (what it is about) and a `remedy` (what to do); `str(error)` is one line a person can act
on. The classes are few on purpose: workflows decide by the class and by nothing else. `retryable` says whether the
same call may be made again; it is carried over to Temporal where the activities raise.

No error shows a secret: its texts pass through `redaction` when it is made, whoever wrote them.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from .redaction import redact


class ReelwrightError(Exception):
    """Base of all errors a person may meet."""

    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, field: str = "", remedy: str = "") -> None:
        self.message = redact(message)
        self.field = redact(field)
        self.remedy = redact(remedy)
        super().__init__(self._line())

    def _line(self) -> str:
        head = f"{self.field}: {self.message}" if self.field else self.message
        return f"{head}; {self.remedy}" if self.remedy else head


class InvalidInput(ReelwrightError):
    """What was asked for cannot be done as asked. Nothing was spent. Exit code 2 on the command line."""


class AssetCorrupt(ReelwrightError):
    """Bytes are missing or are not the bytes they were when stored."""


class RenderFailed(ReelwrightError):
    """A scene or a whole render could not be made, or did not pass its own inspection."""


class ProviderUnavailable(ReelwrightError):
    """A provider, the database or the media store does not answer at the moment."""

    retryable = True

    def __init__(self, message: str, *, field: str = "", remedy: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(message, field=field, remedy=remedy)
        self.retry_after_s = retry_after_s


class ProviderRefused(ReelwrightError):
    """A provider will not do this, however often it is asked (content policy, spent credit, unknown model)."""


class OutOfSpace(ReelwrightError):
    """The disk or the bucket is full."""


# --- the platforms' errors: see docs/adr/0001-exactly-once.md -------------------------------


class PlatformTransient(ReelwrightError):
    """Try again, not before `retry_after_s` seconds where the platform named a time."""

    retryable = True

    def __init__(self, message: str, *, field: str = "", remedy: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(message, field=field, remedy=remedy)
        self.retry_after_s = retry_after_s


class QuotaExhausted(ReelwrightError):
    """The platform's own quota is spent until `resets_at` (aware, in the platform's own calendar).

    `bucket` is the `domain.publishing.quota` counter it is about, empty where the platform does not tell or none fits.
    """

    def __init__(
        self, message: str, *, resets_at: datetime, bucket: str = "", field: str = "", remedy: str = ""
    ) -> None:
        super().__init__(message, field=field, remedy=remedy)
        self.resets_at = resets_at
        self.bucket = bucket


class PostRejected(ReelwrightError):
    """The platform will never take this post as it is."""


class NeedsAuthorization(ReelwrightError):
    """A person must authorise the account again."""


class NeedsBudget(ReelwrightError):
    """A prepaid platform's credit, or the cap set on it, is spent, and nothing tells when that ends: a person must add
    to it. Certainly nothing was posted."""


class SessionLost(ReelwrightError):
    """The platform no longer knows this upload session; its bytes are gone, and a new one may be begun.

    Not an answer about the post: whoever armed the post before losing the session reconciles first.
    """


class OutcomeUnknown(ReelwrightError):
    """The irreversible call was made and no answer tells what came of it. Never a reason to make it again."""


class PlatformPaused(ReelwrightError):
    """A person has paused the platform or the account; nothing irreversible is done until it is resumed."""
