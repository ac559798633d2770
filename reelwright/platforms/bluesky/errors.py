"""Maps Bluesky's errors to the error classes that workflows decide by.

Source: docs/platforms/bluesky.md#errors. Every XRPC error is `{"error": "Name", "message": "text"}`; the name decides.
Bluesky reports an expired token as 400, so the HTTP status is not enough.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx

from reelwright.domain.errors import (
    NeedsAuthorization,
    PlatformTransient,
    PostRejected,
    QuotaExhausted,
    ReelwrightError,
    SessionLost,
)

from ..common.http import body_kind, json_body, readable, retry_after
from .post import text_in

DEAD_TOKEN = {"ExpiredToken", "InvalidToken", "AuthMissing", "AuthenticationRequired"}
_UNAUTHORISED = DEAD_TOKEN | {
    "AccountTakedown", "AccountDeactivated", "AccountSuspended", "AccountNotFound", "AuthFactorTokenRequired",
    "UploadForbidden", "Forbidden", "ScopeMissing", "unconfirmed_email",
}  # fmt: skip
_GONE = {"UploadNotFound", "UploadExpired", "UploadFailed", "UploadAborted", "JobNotFound", "BlobNotFound"}
_PASSING = {
    "ServiceOverloaded", "TooManyOpenUploads", "UploadNotReady", "MissingParts", "InternalServerError",
    "UpstreamFailure", "UpstreamTimeout", "NotEnoughResources", "PartSizeMismatch", "UploadAlreadyCompleted",
}  # fmt: skip
_VIDEO = {"VideoTooLarge", "VideoTooLong", "BadAspectRatio", "UnsupportedContentType", "InvalidMimeType", "InvalidSize"}
NEAR_S = 60.0
"""A limit that is over sooner than this is waited out as a passing refusal."""
DAILY_AGAIN = timedelta(hours=1)
"""The video service does not report when its daily limit resets; the next try is after this time."""
BUCKETS = {3_600: "points", 86_400: "points_day"}
"""The limits on writes by their length in seconds."""


@dataclass(frozen=True)
class Window:
    """One of Bluesky's counters from a response's headers; its window is `seconds` long, `resets_at` is aware."""

    limit: int
    remaining: int
    seconds: int
    resets_at: datetime


def window_of(response: httpx.Response) -> Window | None:
    """The counter in the headers: the one that is closest to its limit."""
    texts = [response.headers.get(f"ratelimit-{what}", "").strip() for what in ("limit", "remaining", "reset")]
    policy = re.search(r";\s*w=(\d{1,9})", response.headers.get("ratelimit-policy", ""))
    if policy is None or not all(re.fullmatch(r"\d{1,11}", text) for text in texts):
        return None
    limit, remaining, reset = map(int, texts)
    return Window(limit, remaining, int(policy[1]), datetime.fromtimestamp(reset, UTC))


def error_name(response: httpx.Response) -> str:
    """The error's name, or "" where the body is no XRPC error."""
    return text_in(json_body(response), "error", r"[A-Za-z_]{1,80}")


def dead_token(response: httpx.Response) -> bool:
    """Whether the access token is refused: an expired one comes as HTTP 400."""
    return response.status_code in (400, 401) and error_name(response) in DEAD_TOKEN


def bluesky_error(response: httpx.Response, now: datetime, *, doing: str, field: str = "post") -> ReelwrightError:
    """The typed error of an answer that is not a success. `doing` names the call for a person to read, `field` what is
    at fault when Bluesky finds it wrong."""
    name, status = error_name(response), response.status_code
    if not name:
        return _unreadable(response, now, doing)
    message = (json_body(response) or {}).get("message")
    told = readable(message) if isinstance(message, str) and message else "no reason given"
    why = f"{name}: {told} (HTTP {status})"
    if name == "RateLimitExceeded" or status == 429:
        return _limited(response, now, why)
    if name == "DailyLimitExceeded":
        return daily_limit(now, why)
    if name in _UNAUTHORISED:
        return NeedsAuthorization(
            f"Bluesky does not let the account do this: {why}",
            field="account",
            remedy="look at the account on Bluesky, confirm its e-mail address, and authorise it again",
        )
    if name in _GONE:
        return SessionLost(f"Bluesky no longer has the upload: {why}", field="upload", remedy="a new upload is begun")
    if name in _PASSING or status >= 500 or status == 408:
        return PlatformTransient(
            f"Bluesky is in trouble while {doing}: {why}",
            field="bluesky",
            remedy="it is tried again",
            retry_after_s=retry_after(response, now),
        )
    field = "video" if name in _VIDEO else field
    return PostRejected(f"Bluesky refused {doing}: {why}", field=field, remedy="change it and post it anew")


def daily_limit(now: datetime, why: str) -> QuotaExhausted:
    """The day's videos are used up."""
    return QuotaExhausted(
        f"Bluesky takes no more videos of the account today: {why}",
        field="quota",
        remedy="it is asked again in an hour",
        bucket="videos",
        resets_at=now + DAILY_AGAIN,
    )


def _limited(response: httpx.Response, now: datetime, why: str) -> ReelwrightError:
    """429: until the counter begins anew. Older servers send no `Retry-After`, and some no headers at all."""
    window, wait = window_of(response), retry_after(response, now)
    left = max(1.0, (window.resets_at - now).total_seconds(), wait or 0.0) if window else wait
    bucket = BUCKETS.get(window.seconds, "") if window else ""
    if not bucket or left is None or left <= NEAR_S:
        return PlatformTransient(
            f"Bluesky asks for patience: {why}", field="bluesky", remedy="it is tried again", retry_after_s=left
        )
    return QuotaExhausted(
        f"Bluesky takes no more for now: {why}",
        field="quota",
        remedy="it goes on when the window begins anew",
        bucket=bucket,
        resets_at=now.astimezone(UTC) + timedelta(seconds=left),
    )


def _unreadable(response: httpx.Response, now: datetime, doing: str) -> ReelwrightError:
    """An answer without an envelope: a proxy or an outage page more often than Bluesky itself."""
    return PlatformTransient(
        f"while {doing}, HTTP {response.status_code} came back with {body_kind(response)}",
        field="bluesky",
        remedy="it is tried again; if it stays, look at the network between here and Bluesky",
        retry_after_s=retry_after(response, now),
    )
