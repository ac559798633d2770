"""The tokens of a text, and how one of them is said."""

from __future__ import annotations

from dataclasses import dataclass

_OPENING = '([{«»"“‘„‚¿¡*_'
_CLOSING = '.,;:!?…)]}»«"”’“‘*_'


@dataclass(frozen=True)
class Token:
    """A run without white space: opening marks, what they enclose, closing marks."""

    before: str
    core: str
    after: str

    @classmethod
    def of(cls, written: str) -> Token:
        begin, end = 0, len(written)
        while begin < end and written[begin] in _OPENING:
            begin += 1
        while end > begin and written[end - 1] in _CLOSING:
            end -= 1
        return cls(written[:begin], written[begin:end], written[end:])

    @property
    def stopped(self) -> bool:
        """Whether a full stop follows at once: an abbreviation's, an ordinal's or a sentence's."""
        return self.after.startswith(".") and not self.after.startswith("..")

    @property
    def joins(self) -> bool:
        """Whether the next token may belong to the same expression: no mark but an abbreviation's stop is between."""
        return self.after in ("", ".")


NOTHING = Token("", "", "")


@dataclass(frozen=True)
class Said:
    """The spoken form of one token's core. `eats_stop`: the full stop behind it belongs to the expression."""

    text: str
    eats_stop: bool = False
