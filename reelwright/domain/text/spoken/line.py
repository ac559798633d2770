"""A text as its tokens, each without the marks around it, for the rules that read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ..sentence_ends import sentence_ends
from .tokens import NOTHING as NOTHING
from .tokens import Said as Said
from .tokens import Token as Token
from .tongue import Tongue

_SHOUTED = 4
"""Fewer words in capitals are initialisms."""
MAX_CORE = 60
"""A token longer than this is no number, date or abbreviation; no pattern is tried on it."""


@dataclass(frozen=True)
class Line:
    """The tokens of one text, and the language they are read in."""

    tokens: tuple[Token, ...]
    written: tuple[str, ...]
    tongue: Tongue
    language: str

    @classmethod
    def of(cls, written: Sequence[str], tongue: Tongue, language: str) -> Line:
        return cls(tuple(map(Token.of, written)), tuple(written), tongue, language)

    def __getitem__(self, at: int) -> Token:
        """The token at an index, or `NOTHING` outside the text."""
        return self.tokens[at] if 0 <= at < len(self.tokens) else NOTHING

    def core(self, at: int) -> str:
        return self[at].core

    def before(self, at: int) -> str:
        """The word before, in lower case, or nothing where a mark stands between."""
        token = self[at - 1]
        return token.core.lower() if token.joins and not self[at].before else ""

    def after(self, at: int) -> str:
        """The word after, as written, or nothing where a mark stands between."""
        return self[at + 1].core if self[at].joins and not self.ends(at) and not self[at + 1].before else ""

    def ends(self, at: int) -> bool:
        """Whether a sentence ends with the token."""
        return 0 <= at < len(self._ends) and self._ends[at]

    @cached_property
    def _ends(self) -> list[bool]:
        return sentence_ends(self.written, self.language)

    @cached_property
    def shouts(self) -> bool:
        """Whether most of it is in capitals, so that capitals mean nothing."""
        words = [token.core for token in self.tokens if len(token.core) > 1 and token.core.isalpha()]
        loud = sum(map(str.isupper, words))
        return loud >= _SHOUTED and loud * 5 > len(words) * 3
