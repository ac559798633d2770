"""What to look for: the words of a scene, from the most to the least fitting."""

from __future__ import annotations

import re
from typing import NamedTuple

from reelwright.domain.content.story import Scene, Story
from reelwright.domain.text.function_words import stop_words
from reelwright.domain.text.incoming import one_line

from ..moderation.normal import fold
from ..writing.terms import without_links, words_of

SEARCHES = 5
"""For one scene at most."""
WORDS = 4
"""Words of one search: libraries look for all of them."""
READ_CHARS = 600
QUERY_CHARS = 100
"""Pixabay takes no more."""
_ENDING = re.compile(r"(?<=[^\W\d_]{3})(?:es|(?<!s)s|e)$")


class Search(NamedTuple):
    """Words to look for, and the language they are in."""

    words: str
    language: str


def search_words(scene: Scene, story: Story) -> tuple[Search, ...]:
    """Searches for a scene, from the narrowest to the broadest: a reviewer's wish, the writer's own (`search`,
    English), words of the brief, the heading or the text, two of them, the story's title where it is about the scene.
    Never words that the story does not have."""
    language = story.language
    own = keywords(scene.brief or scene.heading or scene.text, language) or keywords(scene.text, language)
    about = keywords(story.title, language)
    given = tuple(Search(_query(each.split()), "en") for each in scene.search)
    ladder = (
        Search(_query(keywords(scene.wish, language)[:WORDS]), language),
        *given,
        Search(_query(own[:WORDS]), language),
        Search(_query(own[:2]), language),
        Search(_query(about[:2]) if set(about) & set(own) else "", language),
    )
    return tuple(dict.fromkeys(search for search in ladder if search.words))[:SEARCHES]


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
