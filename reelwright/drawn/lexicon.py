"""The words that name what can be drawn, by language, out of `lexicon.toml` and the CLDR short names of emoji."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any

from .art import arts, short_names

_UNSPACED = frozenset({"zh", "ja", "th"})
_CLEAR_KINDS = frozenset({"animal", "sea", "plant", "vehicle", "space", "place"})
"""An emoji's name alone is taken for one of these; what others are called has other senses in most languages."""
_PLURALS = re.compile(r"(?:ies|es|s)$")
_ARABIC_JOINED = "وبلكف"


def base_of(language: str) -> str:
    """The language of a BCP 47 tag: `de` of `de-AT`."""
    return language.lower().replace("_", "-").split("-")[0]


@dataclass(frozen=True)
class Names:
    """Words of one language for one kind of thing: exact ones and beginnings, each with (name, whether it decides)."""

    language: str
    whole: dict[str, dict[str, bool]] = field(default_factory=dict)
    begins: dict[str, dict[str, bool]] = field(default_factory=dict)

    def add(self, name: str, words: str) -> None:
        """`words` in the notation of `lexicon.toml`. A word that is there already keeps what it says."""
        for word in words.split():
            sure = not word.endswith("?")
            word = word.rstrip("?")
            into = self.begins if word.endswith("*") else self.whole
            into.setdefault(word.rstrip("*").casefold(), {}).setdefault(name, sure)

    def of(self, token: str) -> dict[str, bool]:
        """What a word (or words joined by `_`), in lower case, names."""
        found: dict[str, bool] = {}
        for form in forms_of(token, self.language):
            for name, sure in self.whole.get(form, {}).items():
                found.setdefault(name, sure)
        for end in range(2, len(token) + 1) if self.begins else ():
            if "_" in token[end:]:
                continue  # a beginning is one of a word and not of a row of words
            for name, sure in self.begins.get(token[:end], {}).items():
                found.setdefault(name, sure)
        return found


def forms_of(token: str, language: str) -> Iterator[str]:
    """The word as it may stand in the lexicon: without a plural in English, without joined particles in Arabic."""
    yield token
    if language == "en" and len(token) > 3 and token.endswith("s") and not token.endswith("ss"):
        yield token[:-1]
        if token.endswith("es"):
            yield token[:-2]
        if token.endswith("ies"):
            yield token[:-3] + "y"
    if language == "ar" and len(token) > 3:
        if token[0] in _ARABIC_JOINED:
            yield token[1:]
        if token.startswith("لل"):
            yield "ال" + token[2:]


@dataclass(frozen=True)
class Entry:
    """A subject: what kind of thing it is, where it is at home, and the words for and against it."""

    kind: str
    home: str
    near: frozenset[str]
    never: frozenset[str]
    art: bool = False
    mass: bool = False
    """Of a subject of OpenMoji (`art.Art`)."""


@dataclass(frozen=True)
class Lexicon:
    """Everything known in one language."""

    language: str
    subjects: Names
    settings: Names
    times: Names
    weathers: Names
    domains: Names
    counts: dict[str, int]
    denials: Names
    likenesses: Names
    told: Names
    ages: Names
    made_of: Names
    undone: frozenset[str]
    cold: frozenset[str]
    altered: frozenset[str]
    undrawn: Names
    idioms: re.Pattern[str] | None
    entries: dict[str, Entry]
    shows: dict[str, frozenset[str]]
    since: dict[str, int]
    older: frozenset[str]

    @property
    def unspaced(self) -> bool:
        """Whether words are looked for anywhere in the text: there are no spaces between them."""
        return self.language in _UNSPACED


@lru_cache(maxsize=1)
def table() -> dict[str, Any]:
    """The lexicon's file."""
    return tomllib.loads(resources.files(__package__).joinpath("lexicon.toml").read_text("utf-8"))


def subject_names() -> tuple[str, ...]:
    """All subjects that have a drawing of ours."""
    return tuple(table()["subjects"])


@lru_cache(maxsize=8)
def lexicon_of(language: str, openmoji: bool = True) -> Lexicon:
    """The lexicon of a language (BCP 47), with or without what only OpenMoji draws. A language that nothing is known of
    has an empty one: its scenes become cards."""
    language, data = base_of(language), table()

    def names(section: dict[str, Any]) -> Names:
        made = Names(language)
        for name, words in section.items():
            made.add(name, words.get(language, ""))
        return made

    def single(words: dict[str, str]) -> Names:
        made = Names(language)
        made.add("", words.get(language, ""))
        return made

    subjects = names(data["subjects"])
    for name, entry in data["subjects"].items():
        for word in short_names(entry.get("emoji", ""), language):
            decides = entry["kind"] in _CLEAR_KINDS and language != "en"
            subjects.add(name, word if decides else f"{word}?")
    extra = arts() if openmoji else {}
    for name, art in extra.items():
        for word in art.words(language).split():
            # A drawing of its own is better than one of the like ("wolf", which was shown as a fox).
            if not word.endswith("?"):
                subjects.whole.pop(word.casefold(), None)
            if word.rstrip("?").casefold() not in subjects.whole:
                subjects.add(name, word)
    undrawn = single(data["undrawn"])
    undrawn.add("", " ".join(short_names(data["undrawn"]["emoji"], language)))
    sayings = sorted((saying.strip() for saying in data["idioms"].get(language, "").split(";")), key=len, reverse=True)
    written = "|".join(re.escape(saying).replace(r"\ ", r"\s+") for saying in sayings if saying)
    border = "" if language in _UNSPACED else r"\b"
    return Lexicon(
        language=language,
        subjects=subjects,
        settings=names(data["settings"]),
        times=names(data["times"]),
        weathers=names(data["weathers"]),
        domains=names(data["domains"]),
        counts=_counts(data["counts"].get(language, "")),
        denials=single(data["denials"]),
        likenesses=single(data["likenesses"]),
        told=single(data["told"]),
        ages=names(data["ages"]),
        made_of=single(data["made_of"]),
        undone=frozenset(data["undone"].get(language, "").casefold().split()),
        cold=frozenset(data["cold"].get(language, "").casefold().split()),
        altered=frozenset(data["altered"].get(language, "").casefold().split()),
        undrawn=undrawn,
        idioms=re.compile(f"{border}(?:{written}){border}", re.IGNORECASE) if written else None,
        entries={
            **{name: _entry(entry) for name, entry in data["subjects"].items()},
            **{name: Entry(a.kind, a.home, frozenset(), frozenset(), True, a.mass) for name, a in extra.items()},
        },
        shows={name: frozenset(entry["shows"].split()) for name, entry in data["domains"].items()},
        since={name: year for name, year in data["since"].items() if name != "words"},
        older=frozenset(data["since"]["words"].split()),
    )


def _entry(entry: dict[str, str]) -> Entry:
    near, never = (frozenset(entry.get(key, "").casefold().split()) for key in ("near", "never"))
    return Entry(entry["kind"], entry["home"], near, never)


def _counts(words: str) -> dict[str, int]:
    counts = {}
    for group in words.split(";"):
        number, *names = group.split() or ["0"]
        counts.update({name.rstrip("*"): int(number) for name in names})
    return counts
