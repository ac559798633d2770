"""Notices to a Discord channel through a webhook. Implements `domain.ports.publishing.Announcer`.

A webhook's address gives write access: it is a secret, checked once and never shown or logged. Discord has
no idempotency key for webhooks, so a message whose answer was lost is not sent again: `OutcomeUnknown`.

Source: docs/platforms/discord.md.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from reelwright.domain.errors import (
    InvalidInput,
    NeedsAuthorization,
    OutcomeUnknown,
    PlatformTransient,
    PostRejected,
    ReelwrightError,
)
from reelwright.domain.publishing.posting import Notice
from reelwright.domain.redaction import know

from ..common.http import (
    SOON_S,
    UNSENT,
    body_kind,
    json_body,
    keep_secrets_out_of_logs,
    readable,
    retry_after,
    unreachable,
)
from .discord_embed import message

HOSTS = ("discord.com", "ptb.discord.com", "canary.discord.com", "discordapp.com")
TIMEOUT = httpx.Timeout(connect=10, read=30, write=30, pool=30)
THROTTLED_TRIES = 4
BANNED_S = 600.0
"""How long to keep away when Discord refuses without saying for how long (its edge bans by address for minutes)."""
_FIELD = "discord webhook"
_RENEW = "make a new webhook in the channel's settings and set its address"
_PATH = re.compile(r"/api(?:/v\d{1,2})?/webhooks/(\d{1,20})/([A-Za-z0-9_-]{1,100})/?")


def webhook_address(given: str, *, also: tuple[str, ...] = ()) -> SecretStr:
    """The address to post to. Raises `InvalidInput`, which never repeats it, for anything but a webhook on one of
    Discord's hosts over HTTPS, or on one of the hosts in `also` (`http://127.0.0.1:8321` or `127.0.0.1:8321`, the
    sandbox)."""
    try:
        parts = urlsplit(given.strip())
        origin, port = f"{parts.scheme}://{parts.netloc}", parts.port
    except ValueError:
        raise _no_webhook() from None
    known = origin in {other.rstrip("/") for other in also} or parts.netloc in also
    discords = parts.scheme == "https" and parts.hostname in HOSTS and port in (None, 443) and "@" not in parts.netloc
    match = _PATH.fullmatch(parts.path)
    thread = re.fullmatch(r"(?:thread_id=(\d{1,20}))?", parts.query)
    if not (discords or (known and parts.scheme in ("http", "https"))) or not match or not thread or parts.fragment:
        raise _no_webhook()
    know(match[2], parts.password, lasting=True)
    query = "?wait=true" + (f"&thread_id={thread[1]}" if thread[1] else "")
    return SecretStr(f"{origin}/api/v10/webhooks/{match[1]}/{match[2]}{query}")


def _no_webhook() -> InvalidInput:
    return InvalidInput(
        "this is not the address of a Discord webhook",
        field=_FIELD,
        remedy="copy it from the channel's settings: https://discord.com/api/webhooks/<id>/<token>",
    )


class DiscordAnnouncer:
    """`client` is shared and closed by its owner. `also`: see `webhook_address`. A wait that Discord requests is
    slept here up to `longest_wait_s` seconds, and left to the workflow beyond."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        webhook: str,
        *,
        also: tuple[str, ...] = (),
        username: str = "Reelwright",
        longest_wait_s: float = SOON_S,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        keep_secrets_out_of_logs()
        self._client = client
        self._address = webhook_address(webhook, also=also)
        self._username = username
        self._longest_wait_s = longest_wait_s
        self._clock = clock

    async def announce(self, notice: Notice) -> None:
        """Posts the notice. Raises `PlatformTransient` (certainly not delivered), `OutcomeUnknown` (it may have been
        delivered), `NeedsAuthorization` (the webhook is gone) and `PostRejected`."""
        body = message(notice, self._username)
        for _ in range(THROTTLED_TRIES):
            response = await self._send(body)
            if response.status_code != 429:
                break
            wait = self._throttle(response)
            if wait > self._longest_wait_s:
                break
            await asyncio.sleep(wait)
        if error := self._error(response):
            raise error

    async def _send(self, body: dict[str, object]) -> httpx.Response:
        try:
            return await self._client.post(
                self._address.get_secret_value(), json=body, timeout=TIMEOUT, follow_redirects=False
            )
        except UNSENT as error:
            raise unreachable("Discord", error) from None
        except httpx.HTTPError as error:
            raise _unknown(f"Discord did not answer ({type(error).__name__})") from None

    def _throttle(self, response: httpx.Response) -> float:
        """Seconds to wait: the body's exact number, or the header's whole one."""
        exact = (json_body(response) or {}).get("retry_after")
        if isinstance(exact, int | float) and not isinstance(exact, bool) and 0 <= exact < 86_400:
            return float(exact)
        told = retry_after(response, self._clock())
        return BANNED_S if told is None else told

    def _error(self, response: httpx.Response) -> ReelwrightError | None:
        """None for a message that Discord shows to have made."""
        status, body = response.status_code, json_body(response)
        said = body.get("message") if body else None
        why = readable(said) if isinstance(said, str) else body_kind(response)
        if status == 200 and body and isinstance(body.get("id"), str):
            return None
        if status == 429:
            return PlatformTransient(
                f"Discord asks to wait: {why}",
                field=_FIELD,
                remedy="it is tried again",
                retry_after_s=self._throttle(response),
            )
        if status in (401, 403, 404) and body:
            return NeedsAuthorization(
                f"Discord does not know this webhook (any more): {why}", field=_FIELD, remedy=_RENEW
            )
        if status in (400, 405, 413, 415) and body:
            return PostRejected(f"Discord refused the message: {why}", field="notice", remedy="look at its text")
        if status in (401, 403, 404, 405, 407, 413) or 300 <= status < 400:  # without Discord's JSON: something between
            return PlatformTransient(
                f"HTTP {status} came back with {body_kind(response)}",
                field=_FIELD,
                remedy="it is tried again; if it stays, look at the network between here and Discord",
                retry_after_s=retry_after(response, self._clock()),
            )
        return _unknown(f"Discord answered HTTP {status} with {why}")


def _unknown(message: str) -> OutcomeUnknown:
    return OutcomeUnknown(message, field=_FIELD, remedy="look into the channel before sending it again")
