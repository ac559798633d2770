"""The types of fields that several of a person's inputs have: texts with their limits, and choices."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from ..formats import LANGUAGES, Platform
from ..ids import ACCOUNT
from ..limits import Text
from ..text.incoming import clean, one_line, words

SCRIPT_BYTES = 100_000
"""Upper limit of a script in bytes: about two hours of speech, far more than a short video needs."""
SCRIPT_WORDS = 1_600
"""Upper limit of a script in words: about ten minutes of speech at 160 words a minute."""
TOPIC_CHARS = 300


def _choice(kind: str, choices: list[str]) -> BeforeValidator:
    """Turns an unknown choice into a line that names the choices."""

    def check(value: Any) -> Any:
        given = str(value).strip().lower() if isinstance(value, str) else value
        if given not in choices:
            raise ValueError(f"unknown {kind} {str(value)[:40]!r}; choose from {', '.join(choices)}")
        return given

    return BeforeValidator(check)


_topic_text = Text(one_line, TOPIC_CHARS, remedy="give a long text as a script")


def _topic(value: str) -> str:
    value = _topic_text.check(value)
    if not words(value):
        raise ValueError("there are no words in it; say in a few words what the video is about")
    return value


def _in_bytes(value: str, remedy: str) -> str:
    """The text put in order, at most `SCRIPT_BYTES` long before and after: putting it in order may make it longer."""
    for tidy in (str, clean):
        value = tidy(value)
        if len(value) > SCRIPT_BYTES or len(value.encode("utf-8", "replace")) > SCRIPT_BYTES:
            raise ValueError(f"more than {SCRIPT_BYTES:,} bytes; {remedy}")
    return value


def _script(value: str) -> str:
    value = _in_bytes(value, "split it into several videos")
    count = len(words(value))
    if count < 2:
        raise ValueError(f"{count} words is too short to make a video of; write at least one sentence")
    if count > SCRIPT_WORDS:
        raise ValueError(f"{count:,} words is more than {SCRIPT_WORDS:,} (ten minutes); split it into several videos")
    return value


def _article(value: str) -> str:
    return _in_bytes(value, "shorten it: a short video tells a tenth of that")


Topic = Annotated[str, AfterValidator(_topic)]
Script = Annotated[str, AfterValidator(_script)]
Article = Annotated[str, AfterValidator(_article)]
PlatformName = Annotated[Platform, _choice("platform", [p.value for p in Platform])]
Tone = Annotated[str, Text(one_line, 200)]
CallToAction = Annotated[str, Text(one_line, 200)]
AccountName = Annotated[str, Field(pattern=ACCOUNT)]
LanguageName = Annotated[str, _choice("language", list(LANGUAGES))]
PublishAt = AwareDatetime | Literal["best"] | None
"""An instant with its time zone (`2026-12-24T18:00:00+01:00`), or `best`: the account's best time, once known."""


def bytes_of(text: str) -> int:
    """The length of a text as it travels, in UTF-8."""
    return len(text.encode("utf-8", "replace"))
