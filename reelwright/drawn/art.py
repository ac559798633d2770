"""The subjects that OpenMoji has a drawing of and we have none (`openmoji.toml`), and the words that name them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import emoji

from reelwright.openmoji import drawing_of

if TYPE_CHECKING:
    from .subjects.kit import Habitat

_CLEAR_KINDS = frozenset({"animal", "sea", "plant", "vehicle", "food"})
"""What the short names of these kinds mean in the languages of `[decides]` was looked at, name by name."""
_PLURALS = {"de": "n en e er s", "fr": "s x", "es": "s es", "pt": "s es"}


@dataclass(frozen=True)
class Art:
    """A subject: its English name, the emoji that shows it, and as in `lexicon.toml` its kind and its home. `mass`:
    a number before its name counts something else ("two cloves of garlic")."""

    name: str
    sign: str
    drawing: Path
    kind: str
    home: str
    habitat: Habitat
    size: float
    mass: bool

    def words(self, language: str) -> str:
        """What names it in a language, in the notation of `lexicon.toml`."""
        table = _table()
        if language == "en":
            given: str = table["words"].get(self.sign, "")
            return given or " ".join(short_names(self.sign, language))
        names = (form for name in short_names(self.sign, language) for form in _numbers(name, language))
        decides = table["decides"].get(language)
        sure = self.kind in _CLEAR_KINDS and decides is not None and self.sign not in decides.split()
        return " ".join([*(name if sure else f"{name}?" for name in names), *_also(language).get(self.sign, ())])


@lru_cache(maxsize=1)
def arts() -> Mapping[str, Art]:
    """All of them by name; none where the extra `emoji` is not installed."""
    return {art.name: art for art in _read()}


def _read() -> Iterator[Art]:
    table = _table()
    for group in table["groups"].values():
        for sign in group["signs"].split():
            drawing = drawing_of(sign)
            if drawing is not None:
                yield Art(
                    name=next(iter(short_names(sign, "en"))).replace("_", " "),
                    sign=sign,
                    drawing=drawing,
                    kind=group["kind"],
                    home=group["home"],
                    habitat="hover" if sign in table["heads"].split() else group["habitat"],
                    size=group.get("size", 0.34),
                    mass=group.get("mass", False),
                )


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("openmoji.toml").read_text("utf-8"))


@cache
def _also(language: str) -> Mapping[str, tuple[str, ...]]:
    """Words beside the short names, by sign."""
    words: dict[str, tuple[str, ...]] = {}
    sign = ""
    for word in _table()["also"].get(language, "").split():
        if word[0].isalpha():
            words[sign] = (*words[sign], word)
        else:
            words[sign := word] = ()
    return words


def _numbers(name: str, language: str) -> Iterator[str]:
    """A name, and its regular plurals: those that are no word are found nowhere."""
    yield name
    if "_" in name or len(name) < 4:  # "ein" is no plural of "Ei"
        return
    yield from (name + ending for ending in _PLURALS.get(language, "").split())
    if language == "it" and name[-1] in "oae":
        yield name[:-1] + {"o": "i", "a": "e", "e": "i"}[name[-1]]


def short_names(signs: str, language: str) -> Iterator[str]:
    """The CLDR short names of the emoji in `signs`, in a language of the `emoji` package, their words joined by `_`."""
    if not signs or language not in emoji.LANGUAGES:
        return
    if language != "en":
        _load(language)
    for found in emoji.emoji_list(signs):
        name = emoji.EMOJI_DATA.get(found["emoji"], {}).get(language, "")
        if isinstance(name, str) and len(name := name.strip(":").casefold()) > 1:
            yield name


@cache
def _load(language: str) -> None:
    emoji.config.load_language(language)
