"""Which language a text is in: what was declared, mapped to what is on offer, and what the text itself looks like."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from ..formats import LANGUAGES

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

MIN_WORDS = 8
"""With fewer words than this a text's language is not detected."""
MIN_PROBABILITY = 0.8
_SAMPLE_CHARS = 3_000
# ISO 639 codes that are withdrawn, wider or narrower than ours.
_ALIASES = {
    "no": "nb", "nn": "nb", "nob": "nb", "iw": "he", "in": "id", "sh": "hr", "bs": "hr", "cmn": "zh", "yue": "zh",
    "prs": "fa", "zsm": "ms", "pes": "fa",
}  # fmt: skip
_TAG = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8})*")


def offered(tag: str) -> str:
    """The code of `LANGUAGES` for a language tag (`de-AT` is `de`, `pt_BR` is `pt-br`), or nothing."""
    if not _TAG.fullmatch(tag.strip()):
        return ""
    code = tag.strip().replace("_", "-").lower()
    if code in LANGUAGES:
        return code
    base = code.split("-")[0]
    base = _ALIASES.get(base, base)
    if base == "en" and code.split("-")[-1] in ("au", "ie", "nz", "za", "uk"):
        return "en-gb"
    return base if base in LANGUAGES else ""


def detected(text: str) -> str:
    """The likeliest language of a text as an ISO 639-1 code, or nothing when it is too short."""
    sample = text[:_SAMPLE_CHARS]
    if len(sample) < 20 or (len(sample.split()) < MIN_WORDS and sample.isascii()):
        return ""
    code, probability = _identifier().classify(sample)
    return _ALIASES.get(code, str(code)) if probability >= MIN_PROBABILITY else ""


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
