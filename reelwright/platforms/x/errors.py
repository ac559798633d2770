"""X's error envelopes, as the errors that workflows decide by.

Source: docs/platforms/x.md#quota, #errors. Two hosts answer in two ways: `{"title", "detail", "type", "status"}` with
`errors[{"message", "parameters"}]` from v2, `{"errors": [{"code", "message"}]}` or `{"error": "..."}` from the older
one; `type` names `api.x.com` or `api.twitter.com`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from reelwright.domain.errors import (
    NeedsAuthorization,
    NeedsBudget,
    PlatformTransient,
    PostRejected,
    QuotaExhausted,
    ReelwrightError,
    SessionLost,
)

from ..common.http import body_kind, json_body, readable, retry_after

_UNAUTHORISED = {"oauth1-permissions", "client-forbidden", "unsupported-authentication", "not-authorized-for-resource"}
_LOCKED = re.compile(r"account is (?:suspended|temporarily locked)|to protect our users from spam", re.IGNORECASE)
_NO_MEDIA = re.compile(
    r"media.{0,40}(?:not found|invalid|expired|does not exist|could not be found)|invalid media|segments do not add up"
    r"|could not find media",
    re.IGNORECASE | re.DOTALL,
)
_DUPLICATE = re.compile(r"duplicate content|status is a duplicate", re.IGNORECASE)
NEAR_S = 60.0
"""A limit that is over sooner than this is waited out as a passing refusal."""


@dataclass(frozen=True)
class Problem:
    """The parsed error. `slug` is the last part of `type` (`usage-capped`), `told` the whole text of the error."""

    title: str
    slug: str
    told: str
    code: int
    fields: tuple[str, ...] = ()


def read_problem(response: httpx.Response) -> Problem | None:
    """The problem, or None when the body holds none. Odd types inside are passed over, not tripped over."""
    body = json_body(response)
    if body is None or not body.keys() & {"title", "detail", "errors", "error"}:
        return None
    listed = body.get("errors")
    first: Any = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}
    parameters, code = first.get("parameters"), first.get("code")
    words = [body.get("detail"), first.get("message"), first.get("detail"), body.get("error"), body.get("title")]
    told = dict.fromkeys(readable(word) for word in words if isinstance(word, str) and word.strip())
    kind = body.get("type") if isinstance(body.get("type"), str) else first.get("type")
    return Problem(
        title=body["title"] if isinstance(body.get("title"), str) else "",
        slug=kind.rstrip("/").rpartition("/")[2] if isinstance(kind, str) and "/problems/" in kind else "",
        told="; ".join(told),
        code=code if isinstance(code, int) else 0,
        fields=tuple(parameters) if isinstance(parameters, dict) else (),
    )


def is_duplicate(response: httpx.Response) -> bool:
    """403 for a text that has been posted already; X does not name the post."""
    problem = read_problem(response)
    return (
        response.status_code == 403
        and problem is not None
        and (problem.code == 187 or bool(_DUPLICATE.search(problem.told)))
    )


def is_plain(response: httpx.Response) -> bool:
    """Whether it is a refusal that is certainly X's own: below 500, in its envelope, of the status it came with."""
    body = json_body(response) or {}
    agrees = body.get("status", response.status_code) == response.status_code
    return 400 <= response.status_code < 500 and read_problem(response) is not None and agrees


@dataclass(frozen=True)
class Window:
    """One of X's counters from a response's headers; `resets_at` is aware."""

    limit: int
    remaining: int
    resets_at: datetime


def windows_of(response: httpx.Response) -> dict[str, Window]:
    """The counters in the headers: `posts` (15 minutes), `app_posts` (24 hours, the app) and `user_day` (24 hours)."""
    prefixes = {
        "posts": "x-rate-limit",
        "app_posts": "x-app-limit-24hour",
        "user_day": "x-user-limit-24hour",
    }
    found = {}
    for name, prefix in prefixes.items():
        texts = [response.headers.get(f"{prefix}-{what}", "") for what in ("limit", "remaining", "reset")]
        if all(re.fullmatch(r"\d{1,11}", text) for text in texts):
            limit, remaining, reset = map(int, texts)
            found[name] = Window(limit, remaining, datetime.fromtimestamp(reset, UTC))
    return found


def x_error(
    response: httpx.Response, now: datetime, *, doing: str, upload: bool = False, posting: bool = False
) -> ReelwrightError:
    """The typed error of an answer that is not a success. `doing` names the call for people; `upload`: it concerns
    an upload that was begun; `posting`: its headers' limits are those of POST /2/tweets."""
    status, problem = response.status_code, read_problem(response)
    if problem is None:
        return _unreadable(response, now, doing)
    why = f"{problem.told or 'no reason given'} (HTTP {status})"
    if status == 402 or problem.title in ("CreditsDepleted", "UsageCapExceeded") or problem.slug in _BUDGETS:
        return NeedsBudget(
            f"X does nothing more for this app before its budget is raised: {why}",
            field="budget",
            remedy="buy credits or raise the cap in X's developer console",
        )
    if status == 429 or problem.code == 88:
        return _limited(response, now, why, posting)
    if status == 408 or status >= 500:
        return PlatformTransient(
            f"X is in trouble while {doing}: {why}",
            field="x",
            remedy="it is tried again",
            retry_after_s=retry_after(response, now),
        )
    if (
        status == 401
        or problem.slug in _UNAUTHORISED
        or problem.title == "Unsupported Authentication"
        or _LOCKED.search(problem.told)
    ):
        return NeedsAuthorization(
            f"X does not let the account do this: {why}",
            field="account",
            remedy="look at the account on X and authorise it again",
        )
    if (
        upload
        and status in (400, 403, 404, 410)
        and (_NO_MEDIA.search(problem.told) or "media.media_ids" in problem.fields)
    ):
        return SessionLost(f"X no longer knows the upload: {why}", field="upload", remedy="a new upload is begun")
    field = "thread" if "reply to this conversation" in problem.told.lower() else "post"
    return PostRejected(f"X refused {doing}: {why}", field=field, remedy="change it and post it anew")


_BUDGETS = {"credits", "credits-depleted", "usage-capped"}


def _limited(response: httpx.Response, now: datetime, why: str, posting: bool) -> ReelwrightError:
    """429: until the counter that is at zero begins anew."""
    spent = {name: window for name, window in windows_of(response).items() if window.remaining == 0}
    wait = retry_after(response, now)
    if not spent:
        return PlatformTransient(
            f"X asks for patience: {why}", field="x", remedy="it is tried again", retry_after_s=wait
        )
    name, window = max(spent.items(), key=lambda item: item[1].resets_at)
    left = max(1.0, (window.resets_at - now).total_seconds(), wait or 0.0)
    if left <= NEAR_S or (name == "posts" and not posting):
        return PlatformTransient(
            f"X asks for patience: {why}", field="x", remedy="it is tried again", retry_after_s=left
        )
    return QuotaExhausted(
        f"X takes no more for now: {why}",
        field="quota",
        remedy="it goes on when X's window begins anew",
        bucket=name if name != "user_day" else "posts",
        resets_at=now.astimezone(UTC) + timedelta(seconds=left),
    )


def _unreadable(response: httpx.Response, now: datetime, doing: str) -> ReelwrightError:
    """An answer without an envelope: a proxy or an outage page more often than X itself."""
    status = response.status_code
    if status == 401:
        return NeedsAuthorization(
            f"X answered HTTP 401 while {doing}", field="account", remedy="authorise the account again"
        )
    return PlatformTransient(
        f"while {doing}, HTTP {status} came back with {body_kind(response)}",
        field="x",
        remedy="it is tried again; if it stays, look at the network between here and X",
        retry_after_s=retry_after(response, now),
    )
