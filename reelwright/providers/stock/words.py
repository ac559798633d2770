"""What to look for: the words of a scene, from the most to the least fitting."""

from __future__ import annotations

import re

from reelwright.domain.content.story import Scene, Story
from reelwright.domain.text.function_words import stop_words
from reelwright.domain.text.incoming import one_line

from ..moderation.normal import fold
from ..writing.terms import without_links, words_of

WORDS = 4
"""Words of one search: libraries look for all of them."""
READ_CHARS = 600
QUERY_CHARS = 100
"""Pixabay takes no more."""
_ENDING = re.compile(r"(?<=[^\W\d_]{3})(?:es|(?<!s)s|e)$")


def search_words(scene: Scene, story: Story) -> tuple[str, ...]:
    """Searches for a scene, from the narrowest to the broadest: the brief, the heading or the text, then two words of
    it, then the story's title. Never words that the story does not have."""
    given = tuple(one_line(str(words))[:QUERY_CHARS] for words in getattr(scene, "search", ()) or ())
    own = keywords(scene.wish or scene.brief or scene.heading or scene.text, story.language)
    if not own:
        own = keywords(scene.text, story.language)
    about = keywords(story.title, story.language)
    ladder = (*given, _query(own[:WORDS]), _query(own[:2]), _query(about[:2]) if set(about) & set(own) else "")
    return tuple(dict.fromkeys(query for query in ladder if query))


def query_words(prompt: str, language: str) -> tuple[str, ...]:
    """Searches for a prompt, as `search_words`."""
    own = keywords(prompt, language)
    return tuple(dict.fromkeys(query for query in (_query(own[:WORDS]), _query(own[:2])) if query))


def keywords(text: str, language: str) -> list[str]:
    """The words of a text that carry meaning, each once, in their order; the longer of many."""
    noise = stop_words(language)
    found = dict.fromkeys(
        word
        for word in words_of(without_links(one_line(text[:READ_CHARS])), language)
        if len(word) > 2 and word not in noise and not word.isdigit()
    )
    if len(found) <= 2 * WORDS:
        return list(found)
    # Of a long text the longest words say the most of what is seen.
    kept = set(sorted(found, key=len, reverse=True)[: 2 * WORDS])
    return [word for word in found if word in kept]


def stems(words: str) -> frozenset[str]:
    """What words are compared by: without case, accents and the ends of English plurals."""
    return frozenset(_ENDING.sub("", word) for word in re.findall(r"[^\W_]+", fold(words)) if len(word) > 1)


def _query(words: list[str]) -> str:
    return " ".join(words)[:QUERY_CHARS].strip()
