"""The stories, and a stand-in for OpenAI that answers with the one in the language that is asked for."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reelwright.domain.formats import LANGUAGES
from tests.unit.model_wires import WIRES, Reply, Stub

_FILE = Path(__file__).with_name("stories.toml")
READ = tomllib.loads(_FILE.read_text(encoding="utf-8"))
STORIES: dict[str, dict[str, Any]] = {code: told for code, told in READ.items() if isinstance(told, dict)}
"""By the language's code."""


def draft(code: str) -> dict[str, Any]:
    """A story in the form that the writer asks for."""
    told = STORIES[code]
    return {
        **{name: told[name] for name in ("title", "description", "tags", "hooks")},
        "mood": "curious",
        "scenes": [
            {"heading": "", "text": text, "image_prompt": picture, "search": READ["search"]}
            for text, picture in zip(told["scenes"], READ["pictures"], strict=True)
        ],
        "call_to_action": told["call"],
        "look": "Soft watercolour, deep blue and warm sand, calm.",
        "characters": [],
        "posts": [],
    }


@contextmanager
def writing() -> Iterator[tuple[str, Stub]]:
    """The stand-in's address and its books, until the end of the block."""
    stub = Stub()
    wire = WIRES["openai"]

    def answer(body: dict[str, Any]) -> Reply:
        [(_, instructions), *_] = wire.turns(body)
        code = next((code for code in STORIES if f"Write in {LANGUAGES[code].name};" in instructions), "")
        if not code:
            return wire.failure(400, "language", "no story in this language")
        return wire.good(draft(code))

    stub.answer = answer
    try:
        yield f"{stub.url}/v1", stub
    finally:
        stub.close()
