"""Picture formats and languages a video can be made in."""

from dataclasses import dataclass
from enum import StrEnum

FPS = 30
"""Frames per second of every delivered video."""


class VideoFormat(StrEnum):
    """An aspect ratio, written the way people type it."""

    WIDE = "16:9"
    TALL = "9:16"
    SQUARE = "1:1"

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return {"16:9": (1920, 1080), "9:16": (1080, 1920), "1:1": (1080, 1080)}[self.value]

    @property
    def slug(self) -> str:
        """Fit for a file name: `16x9`."""
        return self.value.replace(":", "x")


class Platform(StrEnum):
    """Where a video can be posted."""

    YOUTUBE = "youtube"


@dataclass(frozen=True)
class Language:
    """A language we can write captions in and speak offline."""

    code: str
    name: str
    espeak_voice: str


# The voices were tried one by one (ai_providers.md 2.6); the scripts are the ones Noto Sans draws by itself.
LANGUAGES: dict[str, Language] = {
    language.code: language
    for language in (
        Language("en", "English", "en-us"),
        Language("en-gb", "English (Britain)", "en"),
        Language("de", "German", "de"),
        Language("es", "Spanish", "es"),
        Language("fr", "French", "fr"),
        Language("id", "Indonesian", "id"),
        Language("it", "Italian", "it"),
        Language("nl", "Dutch", "nl"),
        Language("pl", "Polish", "pl"),
        Language("pt", "Portuguese", "pt"),
        Language("pt-br", "Portuguese (Brazil)", "pt-br"),
        Language("ru", "Russian", "ru"),
        Language("tr", "Turkish", "tr"),
        Language("vi", "Vietnamese", "vi"),
    )
}
