"""TikTok's error envelope and fail reasons, as the errors that workflows decide by.

Source: docs/platforms/tiktok.md#processing (fail_reason), #errors, docs/platforms/README.md#retries. The envelope is
`{"data": {}, "error": {"code", "message", "log_id"}}`, and `code` counts even in an answer with HTTP 200.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

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

POSTS_WINDOW = timedelta(hours=24)
"""The limits on posts and users count over a rolling 24 hours; TikTok does not report when the oldest one expires."""
RATE_WAIT_S = 60.0
"""Rate limits slide over one minute, and no Retry-After is documented: after a minute there is room for certain."""
DEAD_TOKEN = "access_token_invalid"  # noqa: S105

_BUSY = {"internal_error", "internal", "server_error", "timeout"}
_UNAUTHORISED = {
    DEAD_TOKEN: "authorise the account again",
    "scope_not_authorized": "authorise the account again and grant what is asked for (video.publish, video.upload)",
    "scope_permission_missed": "authorise the account again and grant what is asked for (video.publish, video.upload)",
    "token_not_authorized_for_specified_publish_id": "authorise the account that began this upload",
    "auth_removed": "the creator has withdrawn the permission; authorise the account again",
}
_SPENT = {
    "spam_risk_too_many_posts": "the creator has posted as much as TikTok allows through all apps in 24 hours",
    "spam_risk_too_many_pending_share": "too many drafts wait in the creator's inbox; post or discard some in the app",
    "reached_active_user_cap": "the application has reached its number of users for 24 hours",
}
_REFUSED: dict[str, tuple[str, str]] = {
    "spam_risk_user_banned_from_posting": ("account", "TikTok has banned the creator from posting; see the app"),
    "spam_risk_text": ("caption", "change the text"),
    "spam_risk": ("post", "TikTok takes it for spam; change it, or post it in the app"),
    "privacy_level_option_mismatch": ("privacy", "choose a privacy that TikTok offers this creator"),
    "unaudited_client_can_only_post_to_private_accounts": (
        "privacy",
        "TikTok has not audited the application: make the account private and post with privacy 'private', or set the "
        "account's option flow=inbox",
    ),
    "url_ownership_unverified": ("video", "upload the file instead"),
    "file_format_check_failed": ("video", "render it again as H.264 in MP4"),
    "duration_check_failed": ("video", "shorten it to what the creator may post"),
    "frame_rate_check_failed": ("video", "render it at 30 frames per second"),
    "picture_size_check_failed": ("video", "render it with sides of 360 to 4096 pixels"),
    "publish_cancelled": ("post", "it was cancelled; start it anew if that was a mistake"),
}


def read_envelope(response: httpx.Response) -> tuple[str, str, dict[str, Any]] | None:
    """(code, message, data), or None when the body is no envelope."""
    body = json_body(response)
    error = body.get("error") if body else None
    if not isinstance(error, dict) or not isinstance(code := error.get("code"), str) or not code:
        return None
    message, data = error.get("message"), body.get("data") if body else None
    return code, readable(message) if isinstance(message, str) else "", data if isinstance(data, dict) else {}


def token_refused(response: httpx.Response) -> bool:
    """Whether the answer means that the token is invalid. A missing scope is a 401 too, which a new token does not
    fix."""
    envelope = read_envelope(response)
    return envelope[0] == DEAD_TOKEN if envelope else response.status_code == 401


def tiktok_error(response: httpx.Response, now: datetime, *, doing: str) -> ReelwrightError:
    """The typed error of an answer that is not `ok`. `doing` names the call for a person to read."""
    status, envelope = response.status_code, read_envelope(response)
    wait = retry_after(response, now)
    if envelope is None:
        return _unreadable(response, wait, doing)
    code, message, _ = envelope
    why = f"{message or 'no reason given'} ({code})"
    if code == "rate_limit_exceeded" or status == 429:
        return PlatformTransient(
            f"TikTok's rate limit is reached while {doing}: {why}",
            field="tiktok",
            remedy="it is tried again",
            retry_after_s=RATE_WAIT_S if wait is None else wait,
        )
    if code in _BUSY or status >= 500:
        return PlatformTransient(
            f"TikTok is busy while {doing}: {why}", field="tiktok", remedy="it is tried again", retry_after_s=wait
        )
    if code == "invalid_publish_id":
        return SessionLost(f"TikTok does not know the upload any more: {why}", field="upload")
    return known_error(code, why, now) or (
        NeedsAuthorization(
            f"TikTok does not let the account do this: {why}", field="account", remedy="authorise the account again"
        )
        if status == 401
        else PostRejected(f"TikTok refused {doing}: {why}", field="post", remedy="change it and post it anew")
    )


def known_error(code: str, why: str, now: datetime) -> ReelwrightError | None:
    """The error of a code that both answers and fail reasons use, or None."""
    if code in _UNAUTHORISED:
        return NeedsAuthorization(
            f"TikTok does not let the account do this: {why}", field="account", remedy=_UNAUTHORISED[code]
        )
    if code in _SPENT:
        return QuotaExhausted(
            f"{_SPENT[code]}: {why}",
            bucket="posts",
            field="quota",
            remedy="it goes on in 24 hours",
            resets_at=now.astimezone(UTC) + POSTS_WINDOW,
        )
    if code in _REFUSED:
        field, remedy = _REFUSED[code]
        return PostRejected(f"TikTok refused it: {why}", field=field, remedy=remedy)
    return None


def failure(fail_reason: str, now: datetime) -> ReelwrightError:
    """The error for a FAILED publish_id: it certainly posted nothing and never will. `internal` is a failure of TikTok
    itself, the only reason after which a new upload may succeed (docs/platforms/tiktok.md#processing)."""
    why = f"the upload ended as FAILED ({fail_reason or 'no reason given'})"
    if fail_reason == "internal":
        return SessionLost(f"TikTok could not process it: {why}", field="upload", remedy="a new upload is begun")
    return known_error(fail_reason, why, now) or PostRejected(
        f"TikTok did not accept the video: {why}", field="video", remedy="change it and post it anew"
    )


def _unreadable(response: httpx.Response, wait: float | None, doing: str) -> ReelwrightError:
    """An answer without the envelope: a proxy or an outage page more often than TikTok itself."""
    status = response.status_code
    if status == 401:
        return NeedsAuthorization(
            f"TikTok answered HTTP 401 while {doing}", field="account", remedy="authorise the account again"
        )
    return PlatformTransient(
        f"while {doing}, HTTP {status} came back with {body_kind(response)}",
        field="tiktok",
        remedy="it is tried again; if it stays, look at the network between here and TikTok",
        retry_after_s=wait,
    )
