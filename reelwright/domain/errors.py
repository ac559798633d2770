"""The errors, classified by what the caller has to do.

Every error has a `field` (what it is about) and a `remedy` (what to do); `str(error)` is one line a person can act
on. The classes are few on purpose. The reaction to an error is on its class, in three attributes, and nowhere else:

`retryable`   the same call may be repeated automatically, and Temporal does so;
`certain`     the call that raised it certainly had no effect: no post, no comment, no cost at a platform;
`waits_for`   the event without which continuing is useless; "" is none: the error is permanent.

    error                  retryable  certain  waits_for      what a publication does when the call to post raises it
    ReelwrightError
    ├─ InvalidInput        no         yes      -              ends: failed
    ├─ AssetCorrupt        no         yes      -              ends: failed
    ├─ RenderFailed        no         no       -              looks for the post; the content's render ends: failed
    ├─ ProviderUnavailable yes        no       time           looks for the post (what failed is our own database)
    ├─ ProviderRefused     no         no       -              looks for the post; a content that is written ends: failed
    ├─ OutOfSpace          no         no       -              looks for the post
    ├─ PlatformTransient   yes        yes      time           looks once, pauses, posts again
    ├─ QuotaExhausted      no         yes      quota          closes the bucket, waits for its reset, posts
    ├─ PlatformPaused      no         yes      resume         waits for `reelwright platform resume`, posts
    ├─ NeedsAuthorization  no         yes      authorization  asks a person, waits, posts
    ├─ NeedsBudget         no         yes      budget         asks a person, waits, posts
    ├─ PostRejected        no         yes      -              ends: failed
    ├─ SessionLost         no         yes      upload         looks once, uploads anew, posts
    ├─ OutcomeUnknown      no         no       outcome        looks for the post for a day, then asks a person
    ├─ OverBudget          no         yes      -              (a content's purchase) the content ends: failed
    ├─ TooDear             no         yes      -              (a content's purchase) the chain's next provider is asked
    └─ BudgetSpent         no         yes      period         (a content's purchase) the content waits, buys

For its other calls a publication waits for the same; there, and in every other workflow, an error without `waits_for`
ends the step, and a `retryable` one is first tried again with a growing pause.
`workers/interceptors.py` sends the attributes along with the failure; `workflows/failures.py` reads them.

A class that adapters derive for themselves (LinkedIn's `Denied`) is to a workflow what it is derived from.

No error shows a secret: its texts pass through `redaction` when it is made, whatever their origin.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal, get_args

from .redaction import redact

WaitsFor = Literal["", "time", "quota", "resume", "authorization", "budget", "upload", "outcome", "period"]
WAITS: tuple[WaitsFor, ...] = get_args(WaitsFor)
Refusal = Literal["", "key", "credit", "policy", "model", "input", "nonsense", "nothing", "blocked"]
"""Why a provider refuses for good: its key is wrong or may not do this; its credit or limit is spent; its content
policy; no such model, or one that was shut down; what was asked for; an answer that is none, again and again; a library
that has nothing that fits; a machine that is not let in at all, whatever its key."""


class ReelwrightError(Exception):
    """Base of all errors a person may meet. What derives from it states all three attributes."""

    retryable: ClassVar[bool] = False
    certain: ClassVar[bool] = False
    waits_for: ClassVar[WaitsFor] = ""

    def __init__(self, message: str, *, field: str = "", remedy: str = "") -> None:
        self.message = redact(message)
        self.field = redact(field)
        self.remedy = redact(remedy)
        self.usd = 0.0
        """US dollars that were spent all the same, and have to be booked."""
        self.cost_known = self.certain
        """Whether the provider certainly charges nothing but `usd`: what was reserved for the call is free again."""
        super().__init__(self._line())

    def _line(self) -> str:
        head = f"{self.field}: {self.message}" if self.field else self.message
        return f"{head}; {self.remedy}" if self.remedy else head

    @property
    def kind(self) -> str:
        """The name that workflows and people see: of the nearest class that defines the attributes, since a class that
        inherits them belongs to an adapter and is handled the same everywhere else."""
        return next(cls.__name__ for cls in type(self).__mro__ if "waits_for" in vars(cls))


class InvalidInput(ReelwrightError):
    """The request cannot be fulfilled as given. Nothing was spent. Exit code 2 on the command line."""

    retryable, certain = False, True
    waits_for = ""


class NotFound(InvalidInput):
    """There is nothing under this id or name. The API answers it with 404."""


class WrongInFile(InvalidInput):
    """Something in a file of the user's is wrong. `where` names the file and the line."""

    def __init__(self, where: str, message: str, *, field: str = "", remedy: str = "") -> None:
        self.where = where
        super().__init__(message, field=field, remedy=remedy)

    def _line(self) -> str:
        return f"{self.where}: {super()._line()}"


class AssetCorrupt(ReelwrightError):
    """Bytes are missing or are not the bytes they were when stored."""

    retryable, certain = False, True
    waits_for = ""


class RenderFailed(ReelwrightError):
    """A scene or a whole render could not be made, or did not pass its own inspection."""

    retryable, certain = False, False
    waits_for = ""


class ProviderUnavailable(ReelwrightError):
    """A provider, the database or the media store does not answer at the moment."""

    retryable, certain = True, False
    waits_for = "time"

    def __init__(self, message: str, *, field: str = "", remedy: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(message, field=field, remedy=remedy)
        self.retry_after_s = retry_after_s


class ProviderRefused(ReelwrightError):
    """A provider permanently refuses this (content policy, spent credit, unknown model); `why` is the kind of refusal,
    empty where it is not known. The refusing answer may have cost `usd`."""

    retryable, certain = False, False
    waits_for = ""

    def __init__(self, message: str, *, field: str = "", remedy: str = "", usd: float = 0.0, why: Refusal = "") -> None:
        super().__init__(message, field=field, remedy=remedy)
        self.why: Refusal = why
        self.usd = usd
        self.cost_known = True  # an answer came


# --- money: see docs/costs.md ---------------------------------------------------------------------------------------


class OverBudget(ReelwrightError):
    """A purchase may cost more than one content, a day or a month of its channel may. Nothing was bought; a person
    must raise the limit and start the content again."""

    retryable, certain = False, True
    waits_for = ""


class TooDear(ReelwrightError):
    """The tier of the channel's budget does not allow this provider now. Nothing was bought; the next one of the chain
    is asked, at its end what is made offline."""

    retryable, certain = False, True
    waits_for = ""


class BudgetSpent(ReelwrightError):
    """The budget of a channel is spent until `resets_at` (aware), or reserved for purchases under way. Nothing was
    bought."""

    retryable, certain = False, True
    waits_for = "period"

    def __init__(self, message: str, *, channel: str, resets_at: datetime, field: str = "", remedy: str = "") -> None:
        super().__init__(message, field=field, remedy=remedy)
        self.channel = channel
        self.resets_at = resets_at


class OutOfSpace(ReelwrightError):
    """The disk or the bucket is full."""

    retryable, certain = False, False
    waits_for = ""


# --- the platforms' errors: see docs/adr/0001-exactly-once.md -------------------------------------------------------


class PlatformTransient(ReelwrightError):
    """Try again, not before `retry_after_s` seconds where the platform named a time."""

    retryable, certain = True, True
    waits_for = "time"

    def __init__(self, message: str, *, field: str = "", remedy: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(message, field=field, remedy=remedy)
        self.retry_after_s = retry_after_s


class QuotaExhausted(ReelwrightError):
    """The platform's own quota is spent until `resets_at` (aware, in the platform's own calendar).

    `bucket` is the `domain.publishing.quota` counter it is about, empty where the platform does not report it or none
    fits.
    """

    retryable, certain = False, True
    waits_for = "quota"

    def __init__(
        self, message: str, *, resets_at: datetime, bucket: str = "", field: str = "", remedy: str = ""
    ) -> None:
        super().__init__(message, field=field, remedy=remedy)
        self.resets_at = resets_at
        self.bucket = bucket


class PostRejected(ReelwrightError):
    """The platform will never take this post as it is."""

    retryable, certain = False, True
    waits_for = ""


class NeedsAuthorization(ReelwrightError):
    """A person must authorise the account again."""

    retryable, certain = False, True
    waits_for = "authorization"


class NeedsBudget(ReelwrightError):
    """A prepaid platform's credit, or the cap set on it, is spent, with no known end: a person must add to it.
    Certainly nothing was posted."""

    retryable, certain = False, True
    waits_for = "budget"


class SessionLost(ReelwrightError):
    """The platform no longer has this upload session; its bytes are lost, and a new one may be begun.

    Raised by the call to post it means, as the others do, that certainly nothing was posted.
    """

    retryable, certain = False, True
    waits_for = "upload"


class OutcomeUnknown(ReelwrightError):
    """The irreversible call was made and no answer shows its outcome. Never a reason to make it again."""

    retryable, certain = False, False
    waits_for = "outcome"


class PlatformPaused(ReelwrightError):
    """A person has paused the platform or the account; nothing irreversible is done until it is resumed."""

    retryable, certain = False, True
    waits_for = "resume"
