"""LinkedIn's error envelope, as the errors that workflows decide by.

Source: docs/platforms/linkedin.md#errors (codes, throttling, the duplicate that names its post),
docs/platforms/README.md#retries (what to do about each).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from reelwright.domain.errors import (
    NeedsAuthorization,
    PlatformTransient,
    PostRejected,
    QuotaExhausted,
    ReelwrightError,
)

from ..common.http import body_kind, json_body, readable, retry_after
from .post import under

_THROTTLE = re.compile(r"\bthrottle\b.*\blimit\b", re.IGNORECASE | re.DOTALL)
_DAY = re.compile(r"\bDAY\b", re.IGNORECASE)
_DUPLICATE = re.compile(r"duplicate of (urn:li:(?:share|ugcPost|activity):\d{1,20})")
_SOON_S = 60.0
"""How long to wait after a throttle that is not a day's: LinkedIn sends no Retry-After."""
_FIELDS = {"FIELD_LENGTH_TOO_LONG": "caption", "MEDIA_ASSET_PROCESSING_FAILED": "video"}


class Denied(NeedsAuthorization):
    """HTTP 403: the token is good, and does not reach so far."""


@dataclass(frozen=True)
class Problem:
    """`{"status", "serviceErrorCode", "code", "message", "errorDetails": {"inputErrors": [{"code"}]}}`, as far as it
    was there. `codes` are all codes that it names."""

    status: int
    codes: frozenset[str]
    message: str
    duplicate_of: str = ""

    def has(self, start: str) -> bool:
        """Whether a code begins so."""
        return any(code.startswith(start) for code in self.codes)

    @property
    def duplicate(self) -> bool:
        """LinkedIn refused it as a duplicate."""
        return self.has("DUPLICATE_POST") or bool(self.duplicate_of)

    @property
    def throttled(self) -> bool:
        """LinkedIn's gateway turned the request away before anything else saw it: it certainly did nothing."""
        return self.status == 429 and bool(_THROTTLE.search(self.message))

    @property
    def certain(self) -> bool:
        """A plain no that is known to have done nothing, also where it answers a call that must not be repeated."""
        return self.throttled or (400 <= self.status < 500 and self.status not in (408, 409, 425, 429))


def read_problem(response: httpx.Response) -> Problem | None:
    """The envelope, or None when the body is not one. Odd types inside are passed over, not tripped over."""
    whole = json_body(response)
    if whole is None or not any(name in whole for name in ("message", "code", "serviceErrorCode", "errorDetails")):
        return None
    inputs = under(whole, "errorDetails", "inputErrors")
    details: list[Any] = inputs if isinstance(inputs, list) else []
    codes = [whole.get("code"), *(under(detail, "code") for detail in details)]
    message = whole.get("message")
    text = message if isinstance(message, str) else ""
    found = _DUPLICATE.search(text)
    return Problem(
        status=response.status_code,
        codes=frozenset(code for code in codes if isinstance(code, str)),
        message=readable(text),
        duplicate_of=found[1] if found else "",
    )


def next_utc_midnight(now: datetime) -> datetime:
    """The instant LinkedIn's daily limits begin anew; `now` is aware."""
    tomorrow = now.astimezone(UTC).date() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=UTC)


def linkedin_error(
    response: httpx.Response, now: datetime, *, doing: str, author: str = "", reading: bool = False
) -> ReelwrightError:
    """The typed error of an answer that is not a success. `doing` names the call for a person to read; `author` is the
    URN that posts, for which scopes differ. Limits are per kind of call: spent by `reading`, posts are still free."""
    status, problem = response.status_code, read_problem(response)
    wait = retry_after(response, now)
    if problem is None:
        return _unreadable(response, wait, doing)
    why = f"{problem.message or 'no reason given'} ({', '.join(sorted(problem.codes)) or f'HTTP {status}'})"
    if status == 426 or problem.has("NONEXISTENT_VERSION") or problem.has("VERSION_MISSING"):
        return PostRejected(
            f"LinkedIn no longer serves the API version that is asked for: {why}",
            field="linkedin_version",
            remedy="set it to one of the last twelve months (YYYYMM), then retry the post",
        )
    if status == 429 and _DAY.search(problem.message):
        resets_at = next_utc_midnight(now)
        if reading:
            return _transient(f"LinkedIn answers no more of this today: {why}", (resets_at - now).total_seconds())
        return QuotaExhausted(
            f"LinkedIn's quota for today is spent: {why}",
            field="quota",
            remedy="it goes on after midnight UTC",
            resets_at=resets_at,
            bucket="posts",
        )
    if status in (408, 425, 429) or status >= 500 or problem.has("MEDIA_ASSET_WAITING"):
        slow = _SOON_S if status == 429 else None
        return _transient(f"LinkedIn is busy while {doing}: {why}", wait if wait is not None else slow)
    if problem.has("MEDIA_ASSET_PROCESSING") and not problem.has("MEDIA_ASSET_PROCESSING_FAILED"):
        return _transient(f"LinkedIn has not processed the media yet: {why}", wait)
    if status == 401:
        return NeedsAuthorization(
            f"LinkedIn does not accept the account's token while {doing}: {why}",
            field="account",
            remedy="authorise the account again (LinkedIn renews tokens for approved partners only)",
        )
    if status == 403:
        return Denied(f"LinkedIn denies {doing}: {why}", field="account", remedy=f"authorise it with {_scope(author)}")
    field = next((field for code, field in _FIELDS.items() if problem.has(code)), "post")
    return PostRejected(f"LinkedIn refused {doing}: {why}", field=field, remedy="change it and post it anew")


def _scope(author: str) -> str:
    if author.startswith("urn:li:organization:"):
        return (
            "w_organization_social and r_organization_social (Community Management API), by an administrator or "
            "content administrator of the page"
        )
    return "w_member_social (Share on LinkedIn), by the member whose URN the account has"


def _transient(message: str, wait: float | None) -> PlatformTransient:
    return PlatformTransient(message, field="linkedin", remedy="it is tried again", retry_after_s=wait)


def _unreadable(response: httpx.Response, wait: float | None, doing: str) -> ReelwrightError:
    """An answer without the envelope: more often from a proxy or an outage page than from LinkedIn itself, so it
    decides nothing about the post."""
    status = response.status_code
    if status == 401:
        return NeedsAuthorization(
            f"LinkedIn answered HTTP 401 while {doing}", field="account", remedy="authorise the account again"
        )
    return PlatformTransient(
        f"while {doing}, HTTP {status} came back with {body_kind(response)}",
        field="linkedin",
        remedy="it is tried again; if it stays, look at the network between here and LinkedIn",
        retry_after_s=wait,
    )
