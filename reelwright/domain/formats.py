"""Picture formats and languages a video can be made in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

FPS = 30
"""Frames per second of a delivered video, unless its style says otherwise."""


FRAME_RATES = (24, 25, 30, 48, 50, 60)
"""The rates on offer: each divides 48,000, so that a frame is a whole number of audio samples."""
_CUSTOM = re.compile(r"([1-9][0-9]{2,3})x([1-9][0-9]{2,3})")


class VideoFormat(str):
    """A picture's shape, written the way people type it: `16:9`, `9:16`, `1:1`, or a size such as `1280x720`.

    A custom size has even sides of 240 to 3840 pixels (H.264 with 4:2:0 wants even ones).
    """

    WIDE: ClassVar[VideoFormat]
    TALL: ClassVar[VideoFormat]
    SQUARE: ClassVar[VideoFormat]
    _STANDARD: ClassVar[dict[str, tuple[int, int]]] = {"16:9": (1920, 1080), "9:16": (1080, 1920), "1:1": (1080, 1080)}

    def __new__(cls, value: str) -> VideoFormat:
        if value not in cls._STANDARD and not cls._custom(value):
            choices = ", ".join(cls._STANDARD)
            raise ValueError(
                f"unknown format {str(value)[:40]!r}; choose from {choices}, or give an even size such as 1280x720"
            )
        return super().__new__(cls, value)

    @staticmethod
    def _custom(value: str) -> tuple[int, int] | None:
        match = _CUSTOM.fullmatch(value)
        size = (int(match[1]), int(match[2])) if match else None
        return size if size and all(240 <= side <= 3840 and side % 2 == 0 for side in size) else None

    @property
    def value(self) -> str:
        """The plain text."""
        return str(self)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self._STANDARD.get(self) or self._custom(self) or (0, 0)

    @property
    def slug(self) -> str:
        """Fit for a file name: `16x9`."""
        return self.replace(":", "x")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema())


VideoFormat.WIDE, VideoFormat.TALL, VideoFormat.SQUARE = VideoFormat("16:9"), VideoFormat("9:16"), VideoFormat("1:1")
STANDARD_FORMATS = (VideoFormat.WIDE, VideoFormat.TALL, VideoFormat.SQUARE)


class Platform(StrEnum):
    """Where a video can be posted."""

    YOUTUBE = "youtube"
    INSTAGRAM = "instagram"
    TIKTOK = "tiktok"
    FACEBOOK = "facebook"
    X = "x"
    LINKEDIN = "linkedin"

    @property
    def label(self) -> str:
        """The platform's name as it writes it."""
        return {"youtube": "YouTube", "tiktok": "TikTok", "linkedin": "LinkedIn"}.get(
            self.value, self.value.capitalize()
        )


class PostKind(StrEnum):
    """The place on a platform where a video appears. `auto` lets the adapter choose by shape and length."""

    AUTO = "auto"
    VIDEO = "video"
    REEL = "reel"
    STORY = "story"
    ARTICLE = "article"


@dataclass(frozen=True)
class Language:
    """A language we can write captions in and speak offline."""

    code: str
    name: str
    espeak_voice: str


# Every voice was tried; the scripts are those `render.fonts` has faces for. espeak-ng reads Japanese from kana and only
# spells kanji out: Japanese wants another voice.
LANGUAGES: dict[str, Language] = {
    language.code: language
    for language in (
        Language("en", "English", "en-us"),
        Language("en-gb", "English (Britain)", "en"),
        Language("ar", "Arabic", "ar"),
        Language("bg", "Bulgarian", "bg"),
        Language("ca", "Catalan", "ca"),
        Language("cs", "Czech", "cs"),
        Language("da", "Danish", "da"),
        Language("de", "German", "de"),
        Language("el", "Greek", "el"),
        Language("es", "Spanish", "es"),
        Language("et", "Estonian", "et"),
        Language("fa", "Persian", "fa"),
        Language("fi", "Finnish", "fi"),
        Language("fr", "French", "fr"),
        Language("he", "Hebrew", "he"),
        Language("hi", "Hindi", "hi"),
        Language("hr", "Croatian", "hr"),
        Language("hu", "Hungarian", "hu"),
        Language("id", "Indonesian", "id"),
        Language("it", "Italian", "it"),
        Language("ja", "Japanese", "ja"),
        Language("ko", "Korean", "ko"),
        Language("lt", "Lithuanian", "lt"),
        Language("lv", "Latvian", "lv"),
        Language("mr", "Marathi", "mr"),
        Language("ms", "Malay", "ms"),
        Language("nb", "Norwegian", "nb"),
        Language("ne", "Nepali", "ne"),
        Language("nl", "Dutch", "nl"),
        Language("pl", "Polish", "pl"),
        Language("pt", "Portuguese", "pt"),
        Language("pt-br", "Portuguese (Brazil)", "pt-br"),
        Language("ro", "Romanian", "ro"),
        Language("ru", "Russian", "ru"),
        Language("sk", "Slovak", "sk"),
        Language("sl", "Slovenian", "sl"),
        Language("sr", "Serbian", "sr"),
        Language("sv", "Swedish", "sv"),
        Language("sw", "Swahili", "sw"),
        Language("th", "Thai", "th"),
        Language("tr", "Turkish", "tr"),
        Language("uk", "Ukrainian", "uk"),
        Language("ur", "Urdu", "ur"),
        Language("vi", "Vietnamese", "vi"),
        Language("zh", "Chinese", "cmn"),
    )
}
