"""The language of an entry: what its feed declares, unless the text is plainly of another."""

from __future__ import annotations

from reelwright.domain.text.function_words import STOP_WORDS, stop_words
from reelwright.domain.text.languages import detected, offered

LEAST_SHARE = 0.12
"""Of a text's words at least this share are function words of the language it is in."""
CLEAR_SHARE = 0.3
_LEAST_WORDS = 10
# Related languages that a short text does not distinguish: among them the declared one is used.
_ALIKE = (
    {"nb", "da", "no", "nn", "sv"}, {"hr", "sr", "sl", "bs"}, {"id", "ms"}, {"cs", "sk"}, {"hi", "mr", "ne"},
    {"fa", "ur", "ar"}, {"bg", "ru", "uk", "sr", "mk", "be"}, {"pt", "es", "ca", "gl"}, {"zh", "ja"}, {"et", "fi"},
    {"nl", "de", "af", "lb"},
)  # fmt: skip


def language_of(text: str, *declared: str) -> str:
    """The code of an offered language, else the language's own tag, else nothing where neither feed nor text shows it.

    `declared` has the declared tags, the nearest to the entry first. Feeds of many kinds declare `en-us` for any
    language: where the text is clearly in another offered language, the text decides.
    """
    said = next((tag for tag in declared if tag.strip()), "")
    code = offered(said)
    if code and _reads_like(text, code):
        return code
    found = _by_function_words(text) or detected(text)
    if not code:
        return offered(found) or said.strip()[:20] or found
    base = code.split("-")[0]
    if not found or found == base or any({found, base} <= alike for alike in _ALIKE):
        return code
    return offered(found) or code


def _reads_like(text: str, code: str) -> bool:
    words = _words(text)
    return len(words) >= _LEAST_WORDS and _share(words, stop_words(code)) >= LEAST_SHARE


def _by_function_words(text: str) -> str:
    """The language that a text is plainly in, without the detector, whose model takes a second to load."""
    words = _words(text)
    if len(words) < _LEAST_WORDS:
        return ""
    shares = sorted(((_share(words, known), code) for code, known in STOP_WORDS.items()), reverse=True)
    (best, code), (second, _) = shares[:2]
    return code if best >= CLEAR_SHARE and best >= 1.7 * second else ""


def _words(text: str) -> list[str]:
    return [word.strip(".,;:!?\"'()").lower() for word in text[:2_000].split()]


def _share(words: list[str], known: frozenset[str]) -> float:
    return sum(1 for word in words if word in known) / len(words)
