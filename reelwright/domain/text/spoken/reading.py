"""The spoken form of a text, for each of its written words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ...content.story import WordTiming
from ...errors import InvalidInput
from . import calendar, letters, online, quantities, ranks
from .line import MAX_CORE, Line, Said
from .mixed import mixed, symbol
from .pronunciation import Pronunciations, checked, resolved
from .times import brought_home
from .tongue import Tongue
from .tongues import tongue_of
from .tongues.en import TONGUE as ENGLISH

MAX_RUN = 40
"""A number of more digits than this is refused: it would be read digit by digit, which is not understood."""
MAX_WORDS = 3_200
"""Spoken words of a story: about twenty minutes. Numbers make more of them than are written."""
_RUN = re.compile(rf"\d{{{MAX_RUN + 1},}}")
_OVERRIDE = re.compile(r"\{\\[^{}]{0,300}\}")
"""A tag of a subtitle format, a backslash and a command in braces; captions leave it out too."""

Rule = Callable[[Line, int], list[Said] | None]
_RULES: tuple[Rule, ...] = (
    quantities.money,
    calendar.date,
    calendar.time,
    calendar.decade,
    ranks.ordinal,
    ranks.roman,
    quantities.measure,
    quantities.number,
    letters.abbreviation,
    letters.initialism,
    symbol,
    mixed,
)
"""The first that answers is followed."""


@dataclass(frozen=True)
class Reading:
    """Written words, and the spoken form of each: one word, several, or none."""

    source: str
    written: tuple[str, ...]
    said: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether any word is spoken differently than written."""
        return self.said != self.written

    @property
    def text(self) -> str:
        """What the voice is given: the source itself where nothing differs."""
        return " ".join(filter(None, self.said)) if self.differs else self.source

    def times(self, spoken: Sequence[WordTiming]) -> tuple[WordTiming, ...]:
        """One timing for each written word, out of a voice's timings for `text`."""
        return brought_home(self.written, self.said, spoken) if self.differs else tuple(spoken)


def read_aloud(text: str, language: str, pronunciations: Mapping[str, str] | None = None) -> Reading:
    """How a text in a language (BCP 47) is read. The list of pronunciations goes before all rules.

    Raises `InvalidInput` (field `script`) for a number that is too long to be read, and (field `pronunciations`) for a
    list that cannot be used.
    """
    require_short_numbers(text, field="script")
    written = tuple(text.split())
    tongue = tongue_of(language)
    plain = tuple(_OVERRIDE.sub("", token) for token in written) if "{\\" in text else written
    line = Line.of(plain, tongue or ENGLISH, language)
    said: list[str] = []
    own = _list(pronunciations or {})
    while len(said) < len(written):
        at = len(said)
        found = own.at(line, at)
        if found is None:
            found = _read(line, at, tongue)
        if found is None:
            said.append(plain[at])
        else:
            _take(line, at, found, said)
    if tongue and text and not any(said):
        said = [online.emoji_names(token.core, language) for token in line.tokens]
    return Reading(text, written, tuple(said))


def require_short_numbers(text: str, *, field: str) -> None:
    """Raises `InvalidInput` for a number of more than `MAX_RUN` digits."""
    if found := _RUN.search(text):
        raise InvalidInput(
            f"a number of {len(found[0]):,} digits cannot be followed by ear",
            field=field,
            remedy=f"use at most {MAX_RUN} digits, or say it in words",
        )


def require_readable(texts: Sequence[str], language: str, *, field: str) -> None:
    """Raises `InvalidInput` (naming `field`) where the scenes of a story cannot be read aloud in a sensible time."""
    for text in texts:
        require_short_numbers(text, field=field)
    count = sum(len(read_aloud(text, language).text.split()) for text in texts)
    if count > MAX_WORDS:
        raise InvalidInput(
            f"read aloud, with its numbers in words, it is {count:,} words long, more than {MAX_WORDS:,}",
            field=field,
            remedy="shorten it, or split it into several videos",
        )


def _list(given: Mapping[str, str]) -> Pronunciations:
    try:
        return resolved(checked(given))
    except ValueError as error:
        raise InvalidInput(str(error), field="pronunciations") from error


def _read(line: Line, at: int, tongue: Tongue | None) -> list[Said] | None:
    core = line.core(at)
    found = online.online(core, line.language, tongue)
    if found is not None:
        return [Said(found)]
    if not core.isascii() and (seen := online.pictures(line, at, tongue)) is not None:
        return [Said(seen)]
    if tongue is None or not core or len(core) > MAX_CORE:
        return None
    for rule in _RULES:
        if (answer := rule(line, at)) is not None:
            return answer
    return None


def _take(line: Line, at: int, found: Sequence[Said], said: list[str]) -> None:
    """Adds the spoken form, the marks around each token kept; those of a silent one go to the word before."""
    for offset, piece in enumerate(found):
        token = line[at + offset]
        eats = piece.eats_stop and token.after.startswith(".") and not line.ends(at + offset)
        after = token.after[1:] if eats else token.after
        text = " ".join(piece.text.split())
        if text:
            said.append(f"{token.before}{text}{after}")
        else:
            if said and said[-1] and after and not said[-1].endswith(after):
                said[-1] += after
            said.append("")
