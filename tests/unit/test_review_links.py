"""Signed links: what opens a review, and what no longer does."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from control.links import Claims, made, opened, signed, span
from reelwright.domain.errors import InvalidInput
from reelwright.storage.links import ReviewLink

KEY = SecretStr("k" * 32)
NOW = datetime.now(UTC)


class Book:
    """The links in a dictionary."""

    def __init__(self) -> None:
        self.rows: dict[str, ReviewLink] = {}

    async def add(self, link: ReviewLink) -> None:
        self.rows[link.id] = link

    async def find(self, id: str) -> ReviewLink | None:
        return self.rows.get(id)


async def link(book: Book, scope: Any = "decide", life: timedelta = timedelta(days=3)) -> tuple[str, Claims]:
    return await made(KEY, book, content_id="c", artifact_sha256="a" * 64, scope=scope, life=life, by="ana")


async def test_a_link_opens_what_it_was_made_for() -> None:
    book = Book()
    token, claims = await link(book)
    assert await opened(token, KEY, book, content_id="c", wants="decide") == claims
    assert claims.artifact_sha256 == "a" * 64 and book.rows[claims.id].made_by == "ana"
    looking, _ = await link(book, "view")
    assert (await opened(looking, KEY, book, content_id="c", wants="view")).scope == "view"
    assert KEY.get_secret_value() not in token


def altered(token: str) -> str:
    body, _, signature = token.partition(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    claims["scope"], claims["expires"] = "decide", claims["expires"] + 10_000
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=") + "." + signature


@pytest.mark.parametrize(
    ("change", "given", "why"),
    [
        (altered, {}, "altered"),
        (lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"), {}, "altered"),
        (lambda token: token + "=", {}, "altered"),
        (lambda token: "é" + token, {}, "altered"),
        (lambda token: token.partition(".")[0], {}, "altered"),
        (lambda token: "", {}, "altered"),
        (lambda token: "a" * 100_000, {}, "altered"),
        (str, {"key": SecretStr("j" * 32)}, "another key"),
        (str, {"content_id": "d"}, "another content"),
        (str, {"now": NOW + timedelta(days=4)}, "expired"),
        (str, {"wants": "decide"}, "looking only"),
        (str, {"key": None}, "REELWRIGHT_LINK_KEY: it is not set"),
        (str, {"key": SecretStr("short")}, "fewer than 32"),
    ],
)
async def test_what_opens_nothing(change: Any, given: dict[str, Any], why: str) -> None:
    book = Book()
    token, _ = await link(book, "view")
    asked = {"key": KEY, "content_id": "c", "wants": "view", **given}
    with pytest.raises(InvalidInput, match=why):
        await opened(change(token), asked.pop("key"), book, **asked)


async def test_a_revoked_link_and_one_that_was_never_made_open_nothing() -> None:
    book = Book()
    token, claims = await link(book)
    book.rows[claims.id] = book.rows[claims.id].model_copy(update={"revoked_at": NOW})
    with pytest.raises(InvalidInput, match="revoked"):
        await opened(token, KEY, book, content_id="c", wants="view")
    forged = claims.model_copy(update={"id": "0" * 16})
    with pytest.raises(InvalidInput, match="revoked"):
        await opened(signed(forged, KEY), KEY, book, content_id="c", wants="view")
    wider, lesser = claims.model_copy(update={"artifact_sha256": "b" * 64}), Book()
    lesser.rows = {claims.id: book.rows[claims.id].model_copy(update={"revoked_at": None})}
    with pytest.raises(InvalidInput, match="not the link that is on record"):
        await opened(signed(wider, KEY), KEY, lesser, content_id="c", wants="view")


@pytest.mark.parametrize("text", ["", "3", "0d", "-1h", "91d", "3 weeks"])
def test_how_long_a_link_lives(text: str) -> None:
    assert span("12h") == timedelta(hours=12)
    with pytest.raises(InvalidInput, match="expires"):
        span(text)
