"""The language of an entry: what its feed declares, unless the text is plainly of another."""

from __future__ import annotations

from reelwright.domain.languages import detected, offered
from reelwright.providers.writing.lexicon import stop_words

LEAST_SHARE = 0.12
"""Of a text's words at least this share are function words of the language it is in."""
# Neighbours that a short text does not tell apart: what was declared is believed among them.
_ALIKE = (
    {"nb", "da", "no", "nn", "sv"}, {"hr", "sr", "sl", "bs"}, {"id", "ms"}, {"cs", "sk"}, {"hi", "mr", "ne"},
    {"fa", "ur", "ar"}, {"bg", "ru", "uk", "sr", "mk", "be"}, {"pt", "es", "ca", "gl"}, {"zh", "ja"}, {"et", "fi"},
    {"nl", "de", "af", "lb"},
)  # fmt: skip


def language_of(text: str, *declared: str) -> str:
    """The code of a language on offer, else the language's own tag, else nothing where neither feed nor text tells.

    `declared` has what was said, the nearest to the entry first. Feeds of many kinds say `en-us` whatever they are
    written in: where the text is plainly of another language on offer, it is believed.
    """
    said = next((tag for tag in declared if tag.strip()), "")
    code = offered(said)
    if code and _reads_like(text, code):
        return code
    found = detected(text)
    if not code:
        return offered(found) or said.strip()[:20] or found
    base = code.split("-")[0]
    if not found or found == base or any({found, base} <= alike for alike in _ALIKE):
        return code
    return offered(found) or code


def _reads_like(text: str, code: str) -> bool:
    words = [word.strip(".,;:!?\"'()").lower() for word in text[:2_000].split()]
    known = stop_words(code)
    return len(words) >= 10 and sum(1 for word in words if word in known) >= LEAST_SHARE * len(words)
