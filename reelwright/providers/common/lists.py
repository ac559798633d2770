"""What the providers themselves say of their models' ends: OpenAI's `shutdown_date`, Anthropic's `retires_at`, from
`GET /v1/models`, which costs nothing. Sources: docs/providers.md."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from pydantic import SecretStr

from reelwright.domain.lifecycles import Life
from reelwright.domain.redaction import know
from reelwright.domain.text.incoming import foreign

from .answers import no_use
from .http import Service, get_json

OPENAI_URL = "https://api.openai.com/v1"
ANTHROPIC_URL = "https://api.anthropic.com"
ANTHROPIC_VERSION = "2026-10-21"
TIMEOUT_S, CONNECT_S = 15.0, 5.0
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
        return tuple(await _READERS[self.provider](self))

    def service(self, usual: str, **headers: str) -> Service:
        """Where the list is; `usual` is the provider's own address."""
        return Service(
            self.provider,
            self.base_url or usual,
            {"authorization": f"Bearer {self.key.get_secret_value()}", **headers},
            timeout_s=TIMEOUT_S,
            connect_s=CONNECT_S,
            most_bytes=ANSWER_BYTES,
        )


async def _openai(asked: ModelList) -> list[Life]:
    answer = await get_json(asked.service(OPENAI_URL), "models")
    return _lives(asked, answer, "shutdown_date", lambda row: False)


async def _anthropic(asked: ModelList) -> list[Life]:
    service = asked.service(ANTHROPIC_URL, **{"anthropic-version": ANTHROPIC_VERSION})
    found, after = list[Life](), ""
    for _ in range(PAGES):
        query = {"limit": "1000"} | ({"after_id": after} if after else {})
        answer = await get_json(service, "v1/models", query)
        # Of a retired model the day is that of its retirement; of a deprecated one with a past day it is overdue, and
        # the model is still there.
        found += _lives(asked, answer, "retires_at", lambda row: row.get("lifecycle") == "deprecated")
        after = str(answer.get("last_id") or "")
        if not (answer.get("has_more") is True and after):
            return found
    raise no_use(asked.provider, f"its list of models has more than {PAGES} pages")


_READERS: Mapping[str, Callable[[ModelList], Awaitable[list[Life]]]] = {
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
        raise no_use(asked.provider, "its list of models is none")
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
