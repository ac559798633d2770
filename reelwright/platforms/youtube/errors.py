"""Google's error envelope, as the errors that workflows decide by.

Source: docs/platforms/youtube.md#quota, #errors, docs/platforms/README.md#retries (what to do about each).
"""

from __future__ import annotations

import re
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

from ..common.http import body_kind, json_body, readable, retry_after

PACIFIC = ZoneInfo("America/Los_Angeles")
"""Where YouTube's quota day begins, daylight saving time included."""

_SPENT = {"quotaExceeded", "dailyLimitExceeded", "dailyLimitExceededUnreg"}
_SLOW_DOWN = {"rateLimitExceeded", "userRateLimitExceeded", "uploadRateLimitExceeded", "concurrentLimitExceeded"}
_UNAUTHORISED = {
    "authError",
    "unauthorized",
    "youtubeSignupRequired",
    "accountDelegationForbidden",
    "authenticatedUserAccountSuspended",
    "authenticatedUserAccountClosed",
    "channelClosed",
    "channelSuspended",
    "accessNotConfigured",
}
_SCOPELESS = {"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}
_SCOPE_ROOT = "https://www.googleapis.com/auth/"
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
    "invalidImage": "thumbnail",
    "commentsDisabled": "first_comment",
    "commentTextTooLong": "first_comment",
    "commentTextRequired": "first_comment",
    "captionExists": "captions",
    "contentRequired": "captions",
    "nameTooLong": "captions",
}
_REMEDIES: dict[str | tuple[str, str], str] = {
    ("forbidden", "thumbnail"): "verify the channel by telephone (youtube.com/verify), or leave the thumbnail out",
    ("forbidden", "post_id"): "the account that posted it must delete it",
    "commentsDisabled": "leave the comment out; videos made for kids and private ones have none",
    "invalidImage": "give a JPEG or PNG picture",
}


@dataclass(frozen=True)
class Doing:
    """A call, for the errors that may come of it: `what` for a person to read, the `scope` its token needs (without
    Google's address in front), the `bucket` it is charged to, and the `field` of a post it is about.
    """

    what: str
    scope: str = ""
    bucket: str = "units"
    field: str = "post"


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


def video_unknown(response: httpx.Response) -> bool:
    """Whether YouTube answers that there is no such video: deleted, or too new for this part of YouTube."""
    envelope = read_envelope(response)
    return response.status_code == 404 and envelope is not None and envelope.reason == "videoNotFound"


def next_pacific_midnight(now: datetime) -> datetime:
    """The instant YouTube's quotas begin anew, in UTC; `now` is aware.

    The date is counted up in Pacific time and only then turned into an instant, so a day of 23 or 25 hours is right.
    """
    tomorrow = now.astimezone(PACIFIC).date() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=PACIFIC).astimezone(UTC)


def google_error(response: httpx.Response, now: datetime, doing: Doing) -> ReelwrightError:
    """The typed error of an answer that is not a success."""
    status, envelope = response.status_code, read_envelope(response)
    wait = retry_after(response, now)
    if envelope is None:
        return _unreadable(response, wait, doing.what)
    reason, why = envelope.reason, f"{envelope.message or 'no reason given'} ({envelope.reason or f'HTTP {status}'})"
    if spent := _spent(status, envelope, now, why, doing.bucket):
        return spent
    if status == 429 or reason in _SLOW_DOWN or status == 408 or status >= 500:
        return PlatformTransient(
            f"YouTube is busy while {doing.what}: {why}",
            field="youtube",
            remedy="it is tried again",
            retry_after_s=wait,
        )
    if reason in _SCOPELESS or "insufficient_scope" in response.headers.get("www-authenticate", ""):
        return _scopeless(response, doing)
    if status == 401 or reason in _UNAUTHORISED:
        return NeedsAuthorization(
            f"YouTube does not let the account do this: {why}", field="account", remedy="authorise the account again"
        )
    return PostRejected(
        f"YouTube refused {doing.what}: {why}",
        field=_FIELDS.get(reason, doing.field),
        remedy=_REMEDIES.get(reason) or _REMEDIES.get((reason, doing.field)) or "change it and post it anew",
    )


def _spent(status: int, envelope: Envelope, now: datetime, why: str, bucket: str) -> QuotaExhausted | None:
    """Whether a quota is gone for long, and until when. A method's own daily bucket answers 429 and
    `rateLimitExceeded`, just like a limit per minute; only its words differ."""
    reason = envelope.reason
    if reason in _SPENT or (envelope.per_day and (status == 429 or reason in _SLOW_DOWN)):
        return QuotaExhausted(
            f"YouTube's quota for today is spent: {why}",
            field="quota",
            remedy="it goes on after midnight Pacific time",
            resets_at=next_pacific_midnight(now),
            bucket="inserts" if "video uploads" in envelope.message.lower() else bucket,
        )
    if reason == "uploadLimitExceeded":  # the channel's own limit: none of the project's buckets
        return QuotaExhausted(
            f"the channel has reached its upload limit: {why}",
            field="quota",
            remedy="it goes on in 24 hours",
            resets_at=now.astimezone(UTC) + timedelta(hours=24),
        )
    return None


def _scopeless(response: httpx.Response, doing: Doing) -> NeedsAuthorization:
    """The account's consent does not cover the call; which scope would is in the call, or else in the answer."""
    told = re.search(r'scope="([^"]{1,500})"', response.headers.get("www-authenticate", ""))
    scope = doing.scope or (readable(told[1].split()[0].removeprefix(_SCOPE_ROOT)) if told and told[1].split() else "")
    return NeedsAuthorization(
        f"{doing.what} needs the scope {scope or 'that the account has not granted'}, which its authorisation does "
        "not cover",
        field="scope",
        remedy=f"authorise the account again with {scope or 'all scopes'}",
    )


def _unreadable(response: httpx.Response, wait: float | None, doing: str) -> ReelwrightError:
    """An answer without the envelope: more often from a proxy, a captive portal or an outage page than from YouTube
    itself, so it decides nothing about the post."""
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
