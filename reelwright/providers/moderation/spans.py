"""Where in a text the words stand that a view of it had."""

from __future__ import annotations

import re

from .normal import views

_TOKEN = re.compile(r"\S+")
_TOKENS = 4_000


def span_of(matched: str, text: str) -> tuple[int, int] | None:
    """The first place of the words as they are written in the text; None where they were taken apart, or where the text
    has very many words."""
    wanted = matched.split()
    words: list[tuple[frozenset[str], int, int]] = []
    for token in _TOKEN.finditer(text):
        if len(words) > _TOKENS:
            return None
        seen = [view.split() for view in views(token.group()).texts]
        for place in range(max(map(len, seen), default=0)):
            forms = frozenset(view[place] for view in seen if place < len(view))
            if forms != {"."}:
                words.append((forms, token.start(), token.end()))
    wanted = [word for word in wanted if word != "."]
    for first in range(len(words) - len(wanted) + 1):
        if all(word in words[first + place][0] for place, word in enumerate(wanted)):
            return words[first][1], words[first + len(wanted) - 1][2]
    return None
