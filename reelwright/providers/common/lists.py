"""What the providers themselves say of their models' ends: OpenAI's `shutdown_date`, Anthropic's `retires_at`, from
`GET /v1/models`, which costs nothing. Sources: docs/providers.md."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import httpx
from pydantic import SecretStr

from reelwright.domain.errors import ProviderRefused, ProviderUnavailable
from reelwright.domain.lifecycles import Life
from reelwright.domain.redaction import know
from reelwright.domain.text.incoming import foreign

from .answers import BadAnswer, error_for

OPENAI_URL = "https://api.openai.com/v1"
ANTHROPIC_URL = "https://api.anthropic.com"
ANTHROPIC_VERSION = "2026-10-21"
TIMEOUT = httpx.Timeout(15.0, connect=5.0)
ANSWER_BYTES = 5_000_000
PAGES = 20
"""Of a thousand models each: more are none of a list, but of a server that repeats itself."""


@dataclass(frozen=True)
class ModelList:
    """One provider's list: who is asked, where, and with which key."""

    provider: str
    key: SecretStr
    base_url: str | None = None

    async def ends(self) -> tuple[Life, ...]:
        """The models with a known end. Raises `ProviderUnavailable` and `ProviderRefused`."""
        know(self.key, lasting=True)
        async with httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False) as client:
            return tuple(await _READERS[self.provider](self, client))


async def _openai(asked: ModelList, client: httpx.AsyncClient) -> list[Life]:
    url = f"{(asked.base_url or OPENAI_URL).rstrip('/')}/models"
    answer = await _get(asked, client, url, {}, {})
    return _lives(asked, answer, "shutdown_date", lambda row: False)


async def _anthropic(asked: ModelList, client: httpx.AsyncClient) -> list[Life]:
    url = f"{(asked.base_url or ANTHROPIC_URL).rstrip('/')}/v1/models"
    headers, found, after = {"anthropic-version": ANTHROPIC_VERSION}, list[Life](), ""
    for _ in range(PAGES):
        query = {"limit": "1000"} | ({"after_id": after} if after else {})
        answer = await _get(asked, client, url, headers, query)
        # Of a retired model the day is that of its retirement; of a deprecated one with a past day it is overdue, and
        # the model is still there.
        found += _lives(asked, answer, "retires_at", lambda row: row.get("lifecycle") == "deprecated")
        after = str(answer.get("last_id") or "")
        if not (answer.get("has_more") is True and after):
            return found
    raise ProviderUnavailable(f"its list of models has more than {PAGES} pages", field=asked.provider)


_READERS: Mapping[str, Callable[[ModelList, httpx.AsyncClient], Awaitable[list[Life]]]] = {
    "openai": _openai,
    "anthropic": _anthropic,
}
LISTED = tuple(_READERS)
"""The providers whose lists tell the ends of models."""


def _lives(
    asked: ModelList, answer: Mapping[str, Any], field: str, still_there: Callable[[Mapping[str, Any]], bool]
) -> list[Life]:
    rows = answer.get("data")
    if not isinstance(rows, list):
        raise ProviderUnavailable("its list of models is none", field=asked.provider)
    today, lives = datetime.now(UTC).date(), list[Life]()
    for row in rows:
        if not isinstance(row, dict) or not isinstance(row.get("id"), str) or row.get(field) is None:
            continue
        ends = _day(row[field])
        if ends is None or (ends < today and still_there(row)):
            continue
        lives.append(Life(asked.provider, foreign(row["id"], 200), ends, told=f"{asked.provider}'s list of models"))
    return lives


def _day(value: object) -> date | None:
    """A day or a moment as text (RFC 3339), or seconds since 1970; None for anything else: that warns of nothing."""
    try:
        if isinstance(value, bool):
            return None
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC).date()
        moment = datetime.fromisoformat(str(value))
    except (ValueError, OverflowError, OSError):
        return None
    return moment.date() if moment.tzinfo is None else moment.astimezone(UTC).date()


async def _get(
    asked: ModelList, client: httpx.AsyncClient, url: str, headers: Mapping[str, str], query: Mapping[str, str]
) -> dict[str, Any]:
    sent = {"authorization": f"Bearer {asked.key.get_secret_value()}", **headers}
    data = bytearray()
    try:
        async with client.stream("GET", url, headers=sent, params=query) as response:
            async for chunk in response.aiter_bytes():
                data += chunk
                if len(data) > ANSWER_BYTES:
                    raise ProviderUnavailable(f"its answer has more than {ANSWER_BYTES:,} bytes", field=asked.provider)
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise ProviderRefused(f"its address is no use ({error})", field=asked.provider) from None
    except (httpx.TransportError, httpx.DecodingError) as error:
        raise ProviderUnavailable(f"no answer ({type(error).__name__})", field=asked.provider) from None
    answer = _object(bytes(data))
    if response.status_code != 200:
        told = (answer or {}).get("error")
        said = told if isinstance(told, dict) else {}
        codes = tuple(str(said[key]) for key in ("code", "type") if said.get(key))
        message = str(said.get("message") or "")
        raise error_for(BadAnswer(asked.provider, response.status_code, codes, message, response.headers))
    if answer is None:
        raise ProviderUnavailable("its answer is no JSON object", field=asked.provider)
    return answer


def _object(data: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
