"""Google's error envelope, as the errors that workflows decide by.

Source: platform_apis.md 1.4 (quota model since 2026-06-01, error shapes, reasons) and 8 (what to do about each).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from reelwright.domain.errors import (
    NeedsAuthorization,
    PlatformTransient,
    PostRejected,
    QuotaExhausted,
    ReelwrightError,
)

from .http import body_kind, json_body, readable, retry_after

PACIFIC = ZoneInfo("America/Los_Angeles")
"""Where YouTube's quota day begins, daylight saving time included."""

_SPENT = {"quotaExceeded", "dailyLimitExceeded", "dailyLimitExceededUnreg"}
_SLOW_DOWN = {"rateLimitExceeded", "userRateLimitExceeded", "uploadRateLimitExceeded", "concurrentLimitExceeded"}
_UNAUTHORISED = {
    "authError",
    "unauthorized",
    "youtubeSignupRequired",
    "insufficientPermissions",
    "accountDelegationForbidden",
    "authenticatedUserAccountSuspended",
    "authenticatedUserAccountClosed",
    "channelClosed",
    "channelSuspended",
    "accessNotConfigured",
}
_FIELDS = {
    "invalidTitle": "title",
    "invalidDescription": "description",
    "invalidTags": "tags",
    "invalidCategoryId": "category",
    "defaultLanguageNotSet": "language",
    "forbiddenPrivacySetting": "privacy",
    "invalidPublishAt": "privacy",
    "mediaBodyRequired": "video",
    "invalidFilename": "video",
    "invalidVideoMetadata": "title",
}


@dataclass(frozen=True)
class Envelope:
    """`{"error": {"code", "message", "errors": [{"reason", "domain", "message"}]}}`, as far as it was there."""

    reason: str
    message: str
    per_day: bool


def read_envelope(response: httpx.Response) -> Envelope | None:
    """The envelope, or None when the body is not one. Odd types inside are passed over, not tripped over."""
    body = json_body(response)
    error: Any = body.get("error") if body else None
    if not isinstance(error, dict):
        return None
    details = error.get("errors")
    first: Any = details[0] if isinstance(details, list) and details and isinstance(details[0], dict) else {}
    message, reason = error.get("message"), first.get("reason") or error.get("status")
    text = readable(message) if isinstance(message, str) else ""
    return Envelope(
        reason=reason if isinstance(reason, str) else "",
        message=text,
        per_day=isinstance(message, str) and "per day" in message.lower(),
    )


def next_pacific_midnight(now: datetime) -> datetime:
    """The instant YouTube's quotas begin anew, in UTC; `now` is aware.

    The date is counted up in Pacific time and only then turned into an instant, so a day of 23 or 25 hours is right.
    """
    tomorrow = now.astimezone(PACIFIC).date() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=PACIFIC).astimezone(UTC)


def google_error(response: httpx.Response, now: datetime, *, doing: str) -> ReelwrightError:
    """The typed error of an answer that is not a success. `doing` names the call for a person to read."""
    status, envelope = response.status_code, read_envelope(response)
    wait = retry_after(response, now)
    if envelope is None:
        return _unreadable(response, wait, doing)
    why = f"{envelope.message or 'no reason given'} ({envelope.reason or f'HTTP {status}'})"
    reason = envelope.reason
    if reason in _SPENT or (envelope.per_day and (status == 429 or reason in _SLOW_DOWN)):
        return QuotaExhausted(
            f"YouTube's quota for today is spent: {why}",
            field="quota",
            remedy="it goes on after midnight Pacific time",
            resets_at=next_pacific_midnight(now),
        )
    if reason == "uploadLimitExceeded":
        return QuotaExhausted(
            f"the channel has reached its upload limit: {why}",
            field="quota",
            remedy="it goes on in 24 hours",
            resets_at=now.astimezone(UTC) + timedelta(hours=24),
        )
    if status == 429 or reason in _SLOW_DOWN or status == 408 or status >= 500:
        return PlatformTransient(
            f"YouTube is busy while {doing}: {why}", field="youtube", remedy="it is tried again", retry_after_s=wait
        )
    if status == 401 or reason in _UNAUTHORISED:
        return NeedsAuthorization(
            f"YouTube does not let the account do this: {why}", field="account", remedy="authorise the account again"
        )
    return PostRejected(
        f"YouTube refused {doing}: {why}", field=_FIELDS.get(reason, "post"), remedy="change it and post it anew"
    )


def _unreadable(response: httpx.Response, wait: float | None, doing: str) -> ReelwrightError:
    """An answer without the envelope: a proxy, a captive portal or an outage page more often than YouTube itself, so
    it says nothing final about the post."""
    status = response.status_code
    if status == 401:
        return NeedsAuthorization(
            f"YouTube answered HTTP 401 while {doing}", field="account", remedy="authorise the account again"
        )
    return PlatformTransient(
        f"while {doing}, HTTP {status} came back with {body_kind(response)}",
        field="youtube",
        remedy="it is tried again; if it stays, look at the network between here and YouTube",
        retry_after_s=wait,
    )
