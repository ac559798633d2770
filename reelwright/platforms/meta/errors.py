"""Maps Meta's error envelopes to the error classes that workflows decide by.

Sources: docs/platforms/instagram.md#upload (rupload's `debug_info`), #quota (throttling), #errors (Instagram's codes),
docs/platforms/facebook.md#errors (Facebook's), docs/platforms/README.md#retries. Almost every error comes as HTTP 400;
only the codes identify it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
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

_TOKEN_REASONS = {
    458: "the app was removed from the account",
    459: "Meta wants the account to pass a security check",
    460: "the password was changed",
    463: "the token has expired",
    464: "the account is not confirmed",
    467: "the token is no longer valid",
}
_RENEWABLE = {0, 463, 467}
_TOKEN = {102, 190}
_TOKEN_KINDS = {"NotAuthorizedError", "AuthenticationError"}
"""rupload's own types of it: UNVERIFIED."""
_PERMISSION = {3, 10, *range(200, 300)}
_PERSON = {
    2207050: "the account is restricted",
    1404078: "it must confirm who may publish",
    4854002: "confirm who you are",
}
_THROTTLES = {4, 17, 32, 341, 368, 613, *range(80_000, 80_015)}
_PASSING = {-2, -1, 1, 2, 6000, 6001, 1363047, 1609010}
_CAP = 2207042
_NOT_READY = 2207027
_HANDS_OFF = {2207051, 368}
"""Taken for spam: writing again soon makes it worse."""
_MISSING = 33
FRESH_UPLOAD = {2207006, 2207008, 2207020, 2207032, 2207053, 2207076, 2207077, 2207082}
"""Subcodes that a new container or upload may mend."""
FIELDS = {
    2207057: "thumb_offset",
    2207010: "caption",
    2207040: "caption",
    1346003: "caption",
    1404102: "caption",
    1609008: "caption",
    **dict.fromkeys(
        (2207004, 2207005, 2207009, 2207023, 2207026, 2207028, 2207035, 2207036, 2207037, 2207081), "video"
    ),
    **dict.fromkeys((351, 352, 382, 1363040, 1363127, 1363128, 1363129, 36_000, 36_001, 36_003), "video"),
    36_004: "caption",
    1366046: "pictures",
}
"""Codes and subcodes of what Meta will never take, and the field each is about."""
CAP_WAIT_S = 3_600.0
"""A rolling window frees its slots one by one; the next free time is not reported, so the retry is after this."""
SPAM_WAIT_S = 3_600.0


class Missing(PlatformTransient):
    """100/33: there is no such object, or it cannot be seen just now."""


@dataclass(frozen=True)
class Envelope:
    """`{"error": {...}}` or `{"debug_info": {...}}`, as far as it was there. `kind` is rupload's type."""

    code: int = 0
    subcode: int = 0
    message: str = ""
    transient: bool = False
    kind: str = ""
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def why(self) -> str:
        """For a person."""
        number = f"{self.code}/{self.subcode}" if self.subcode else str(self.code)
        return f"{self.message or 'no reason given'} ({self.kind or f'code {number}'})"

    @property
    def missing(self) -> bool:
        """100/33: there is no such object, or it cannot be seen just now."""
        return self.code == 100 and self.subcode == _MISSING

    @property
    def dead_token(self) -> bool:
        """The token does not work, and another one of the same account may."""
        return (self.code in _TOKEN and self.subcode in _RENEWABLE) or self.kind in _TOKEN_KINDS

    @property
    def nothing_posted(self) -> bool:
        """Whether this answer to a publishing call makes it certain that nothing was posted: a refusal that happens
        before the work. Throttling and Meta's own failures are not: 4/2207051 came with the post live
        (docs/platforms/README.md#differences)."""
        codes = {self.code, self.subcode}
        if self.code in {9, *_TOKEN, *_PERMISSION} or codes & {_CAP, _NOT_READY, *_PERSON, *FIELDS}:
            return True
        return self.code == 100 and not self.missing and not self.transient and not codes & FRESH_UPLOAD


def read_envelope(response: httpx.Response) -> Envelope | None:
    """The envelope, or None when the body holds none. Odd types inside are passed over, not tripped over."""
    body = json_body(response) or {}
    error, debug = body.get("error"), body.get("debug_info")
    if isinstance(error, dict):
        data = error.get("error_data")
        text = error.get("error_user_msg") or error.get("message")
        return Envelope(
            code=number(error.get("code")) or 0,
            subcode=number(error.get("error_subcode")) or 0,
            message=readable(text) if isinstance(text, str) else "",
            transient=error.get("is_transient") is True,
            data=data if isinstance(data, dict) else {},
        )
    if isinstance(debug, dict):
        kind, text = debug.get("type"), debug.get("message")
        return Envelope(
            message=readable(text) if isinstance(text, str) else "",
            transient=debug.get("retriable") is True,
            kind=readable(kind) if isinstance(kind, str) and kind else "debug_info",
        )
    return None


def number(value: Any) -> int | None:
    """An integer, also one that Meta wrote as text; None for anything else."""
    if isinstance(value, str) and value.lstrip("-").isascii() and value.lstrip("-").isdigit() and len(value) < 20:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def regain_s(response: httpx.Response, now: datetime) -> float | None:
    """Seconds until Meta accepts the account's requests again: `X-Business-Use-Case-Usage` gives minutes, and there is
    no `Retry-After` (docs/platforms/instagram.md#quota); if there is one, it is used as well."""
    waits = [retry_after(response, now) or 0.0]
    try:
        usage = json.loads(response.headers.get("x-business-use-case-usage", "{}"))
    except (ValueError, RecursionError):
        usage = {}
    for entries in usage.values() if isinstance(usage, dict) else ():
        for entry in entries if isinstance(entries, list) else ():
            minutes = entry.get("estimated_time_to_regain_access") if isinstance(entry, dict) else None
            waits.append(60.0 * max(0, number(minutes) or 0))
    return min(86_400.0, max(waits)) or None


def meta_error(
    response: httpx.Response,
    now: datetime,
    *,
    platform: str,
    doing: str,
    cap_wait_s: float = CAP_WAIT_S,
    writing: bool = True,
) -> ReelwrightError:
    """The typed error of an answer that is not a success. `doing` names the call for people; `writing`: the call
    creates something; reading and sending bytes do not."""
    envelope, wait = read_envelope(response), regain_s(response, now)
    if envelope is None:
        return _unreadable(response, wait, platform, doing)
    why, codes = envelope.why, {envelope.code, envelope.subcode}
    if authorise := _authorisation(envelope, platform):
        return authorise
    if envelope.subcode == _CAP or envelope.code == 9:
        return QuotaExhausted(
            f"{platform} takes no more posts of this account today: {why}",
            field="quota",
            remedy="it goes on as soon as the rolling 24 hours have room",
            resets_at=now.astimezone(UTC) + timedelta(seconds=cap_wait_s),
        )
    if codes & FRESH_UPLOAD:
        return SessionLost(f"{platform} has lost the upload: {why}", field="upload", remedy="a new upload is begun")
    field_ = next((FIELDS[code] for code in (envelope.subcode, envelope.code) if code in FIELDS), "")
    passing = envelope.transient or envelope.code in _THROTTLES or codes & {*_PASSING, _NOT_READY, 9007}
    if not field_ and (passing or envelope.missing or envelope.kind or response.status_code >= 500):
        kind = Missing if envelope.missing else PlatformTransient
        return kind(
            f"{platform} is busy while {doing}: {why}",
            field=platform.lower(),
            remedy="it is tried again",
            retry_after_s=max(wait or 0.0, SPAM_WAIT_S) if codes & _HANDS_OFF and writing else wait,
        )
    return PostRejected(
        f"{platform} refused {doing}: {why}", field=field_ or "post", remedy="change it and post it anew"
    )


def _authorisation(envelope: Envelope, platform: str) -> NeedsAuthorization | None:
    """What only a person can mend: tokens, permissions, restricted accounts."""
    if envelope.code in _TOKEN or envelope.kind in _TOKEN_KINDS:
        why = _TOKEN_REASONS.get(envelope.subcode) or envelope.message or "the token does not work"
        number_ = envelope.kind or f"code {envelope.code}/{envelope.subcode}"
        return NeedsAuthorization(
            f"{platform} no longer lets the account in: {why} ({number_})",
            field="account",
            remedy="authorise the account again",
        )
    if (person := _PERSON.get(envelope.subcode) or _PERSON.get(envelope.code)) is not None:
        return NeedsAuthorization(
            f"{platform} lets the account post nothing for now: {person}: {envelope.why}",
            field="account",
            remedy=f"open {platform} with this account and settle it there",
        )
    if envelope.code in _PERMISSION:
        return NeedsAuthorization(
            f"{platform} does not let the account do this: {envelope.why}",
            field="account",
            remedy="authorise it again, with every permission that is asked for",
        )
    return None


def _unreadable(response: httpx.Response, wait: float | None, platform: str, doing: str) -> ReelwrightError:
    """An answer without an envelope: more often from a proxy or an outage page than from Meta itself, so it decides
    nothing about the post. `{"success": false}` is a refusal that gives no reason."""
    if (json_body(response) or {}).get("success") is False:
        return PostRejected(f"{platform} refused {doing} and gave no reason", field="post", remedy="try it by hand")
    if response.status_code == 401:
        return NeedsAuthorization(
            f"{platform} answered HTTP 401 while {doing}", field="account", remedy="authorise the account again"
        )
    return PlatformTransient(
        f"while {doing}, HTTP {response.status_code} came back with {body_kind(response)}",
        field=platform.lower(),
        remedy="it is tried again; if it stays, look at the network between here and Meta",
        retry_after_s=wait,
    )
