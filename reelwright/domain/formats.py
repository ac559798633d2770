"""Picture formats, platforms and languages a video can be made for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .picture import FPS as FPS
from .picture import FRAME_RATES as FRAME_RATES
from .picture import MAX_SIDE as MAX_SIDE
from .picture import MIN_SIDE as MIN_SIDE
from .picture import STANDARD_FORMATS as STANDARD_FORMATS
from .picture import VideoFormat as VideoFormat
from .picture import within_limits as within_limits
from .platforms import Platform as Platform


class PostKind(StrEnum):
    """The place on a platform where a video appears. `auto` lets the adapter choose by shape and length. `pictures` is
    no video: one picture, or several in one post."""

    AUTO = "auto"
    VIDEO = "video"
    REEL = "reel"
    STORY = "story"
    ARTICLE = "article"
    PICTURES = "pictures"


@dataclass(frozen=True)
class Language:
    """A language we can write captions in and speak offline."""

    code: str
    name: str
    espeak_voice: str


# Every voice was tried; the scripts are those `render.fonts` has faces for. espeak-ng reads Japanese from kana and only
# spells kanji out: Japanese needs another voice.
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
