"""What every platform's adapter needs of HTTP: bodies one can trust, text fit to show, retries, secrets kept quiet."""

from __future__ import annotations

import html
import json
import logging
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from reelwright.domain.attempt import attempt_is_over
from reelwright.domain.errors import PlatformTransient
from reelwright.domain.redaction import MARK, redact
from reelwright.domain.text.incoming import CUT_MARGIN, foreign

T = TypeVar("T")
HTML_CHARS = 12_000
"""How much of a web page is read for its words."""
SOON_S = 5.0
"""A `Retry-After` up to this many seconds is still a pause within one call."""
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""Failures before the first byte of a request left: nothing can have come of it."""
_TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)


def readable(text: str) -> str:
    """A platform's words as one short plain line: no HTML, no control characters, no secrets."""
    beginning = redact(text[:HTML_CHARS])  # before the tags go: they may stand inside a secret, or look like a part
    if len(text) > HTML_CHARS:
        beginning = beginning[:-CUT_MARGIN]
    return foreign(html.unescape(_TAGS.sub(" ", beginning)))


def json_body(response: httpx.Response) -> dict[str, Any] | None:
    """The body as a JSON object, or None when it is anything else: HTML, empty, a list, cut off."""
    try:
        value = json.loads(response.content)
    except (ValueError, RecursionError):  # the latter for what is nested too deeply
        return None
    return value if isinstance(value, dict) else None


def body_kind(response: httpx.Response) -> str:
    """What came instead of the JSON one had hoped for, in a person's words."""
    if not response.content.strip():
        return "an empty answer"
    start = response.content[:200].lstrip().lower()
    if "html" in response.headers.get("content-type", "") or start.startswith((b"<!doctype", b"<html")):
        return f"a web page instead of data ({readable(response.text) or 'no text'})"
    return "something other than the data it documents"


def retry_after(response: httpx.Response, now: datetime) -> float | None:
    """`Retry-After` in seconds, whether given as a number or as a date; at most a day."""
    text = response.headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}", text):
        return min(86_400.0, float(text))
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(86_400.0, max(0.0, (until - now).total_seconds()))


def unreachable(platform: str, error: httpx.HTTPError) -> PlatformTransient:
    """A connection that could not be made, broke, or took too long."""
    return PlatformTransient(
        f"{platform} could not be reached ({type(error).__name__})",
        field=platform.lower(),
        remedy="check the network; it is tried again",
    )


class TooLate(httpx.ConnectError):
    """Not sent, since the attempt it belongs to is over: another may be at work by now. One of `UNSENT`."""


def guarded_client(**options: Any) -> httpx.AsyncClient:
    """The client for the adapters: as `httpx.AsyncClient(**options)`, but sends nothing for an attempt that is over
    (`domain.attempt`). Raises `TooLate` for a request of which nothing has left, and `httpx.WriteError` for one whose
    head has left and whose body has not, as other broken connections do."""
    return httpx.AsyncClient(event_hooks={"request": [_guard]}, **options)


async def _guard(request: httpx.Request) -> None:
    if attempt_is_over():
        raise TooLate("the attempt is over", request=request)

    # Between here and the wire lie the wait for a free connection and the making of one: so it looks once more there.
    async def trace(event: str, _: dict[str, Any]) -> None:
        if event.endswith(".send_request_headers.started") and attempt_is_over():
            raise TooLate("the attempt is over", request=request)
        if event.endswith(".send_request_body.started") and attempt_is_over():
            raise httpx.WriteError("the attempt is over", request=request)

    request.extensions = {**request.extensions, "trace": trace}


def _soon(error: BaseException) -> bool:
    passing = isinstance(error, PlatformTransient) and (error.retry_after_s or 0) <= SOON_S
    return passing and not attempt_is_over()  # one that is over stays so


async def again(call: Callable[[], Awaitable[T]], *, attempts: int, wait_s: float) -> T:
    """Makes the call up to `attempts` times while it raises `PlatformTransient`, waiting `wait_s`, then twice that and
    so on with jitter. Only for calls that may be repeated. A longer wait that the platform itself named is left to the
    workflow, which can sleep durably."""
    async for attempt in AsyncRetrying(
        stop=stop_after_attempt(attempts),
        wait=wait_exponential_jitter(multiplier=wait_s, max=max(wait_s, 20.0), jitter=wait_s),
        retry=retry_if_exception(_soon),
        reraise=True,
    ):
        with attempt:
            return await call()
    raise AssertionError("tenacity either returns or raises")


class _Quiet(logging.Filter):
    """Strikes secrets out of the addresses and headers that HTTP libraries log."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        quiet = redact(message).replace(MARK, "…")  # these lines are long enough
        if quiet != message:
            record.msg, record.args = quiet, ()
        return True


def keep_secrets_out_of_logs() -> None:
    """httpx logs every address at INFO, and upload addresses are as good as credentials. Safe to call again."""
    for name in ("httpx", "httpcore.http11", "httpcore.http2", "httpcore.connection", "httpcore.proxy"):
        logger = logging.getLogger(name)
        if not any(isinstance(known, _Quiet) for known in logger.filters):
            logger.addFilter(_Quiet())
