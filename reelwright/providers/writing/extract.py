"""A feed entry cut down to its most central sentences, each kept whole and in its place.

Method: sentences as TF-IDF vectors, centrality by PageRank over their cosine similarity (TextRank, Mihalcea & Tarau
2004; LexRank, Erkan & Radev 2004) with a teleport vector that favours early sentences, as news does, and a choice by
maximal marginal relevance (Carbonell & Goldstein 1998), so that nothing is repeated.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from reelwright.domain.content.request import FeedItem
from reelwright.domain.content.story import Scene, Story, WriteTask
from reelwright.domain.errors import InvalidInput
from reelwright.domain.ids import seed_of
from reelwright.domain.text.function_words import stop_words
from reelwright.domain.text.incoming import clean, one_line, words
from reelwright.domain.text.marks import CLOSERS, ENDS

from .finish import credit_url, fit_description, fit_title, mood_of, tags_of, title_from
from .sentences import breakable, joined, scene_texts, split_sentences
from .terms import compared_terms

Floats: TypeAlias = npt.NDArray[np.float64]

MIN_WORDS = 90
ENOUGH_WORDS = 115
MAX_WORDS = 150
"""A summary has 90 to 150 words, about 35 to 55 s of speech; no more is added once it has 115."""
MAX_SENTENCES = 400
"""Sentences looked at: the similarity matrix grows with their square, and news puts what matters first."""
DAMPING = 0.7
"""Below PageRank's usual 0.85: in a short text the position and the title are more informative than the graph."""
TITLE_PULL = 3.0
RELEVANCE = 0.7
"""The weight of centrality against novelty in the choice (lambda of maximal marginal relevance)."""
SAME = 0.7
"""Two sentences at least this similar (cosine) have the same content; only one of them is taken."""
STEM_CHARS = 6
"""Words are compared by their first letters, less a plural s: the crudest stemmer, and one that needs no language."""

_BOILERPLATE = re.compile(
    r"\b(?:read more|continue reading|keep reading|click here|sign up|subscribe|appeared first on|all rights reserved"
    r"|follow us|share this|cookies?|newsletter|advertisement|photo credit|image credit|weiterlesen|mehr lesen"
    r"|leer más|seguir leyendo|lire la suite|continua a leggere|lees meer|czytaj dalej|leia mais|читать далее)\b",
    re.IGNORECASE,
)
BOILERPLATE_MAX_WORDS = 25
"""A sentence longer than this is never taken for boilerplate, whatever it mentions."""


def item_of(task: WriteTask) -> FeedItem:
    """The entry a task is about. Raises `InvalidInput` (field `feed`) when it has none or one without words."""
    item = task.item or task.request.item
    if item is None or not words(clean(item.text)):
        raise InvalidInput("the entry has no text", field="feed", remedy="choose a feed whose entries have text")
    return item


class FeedWriter:
    """Summarises a feed entry by its own sentences. A revision prefers sentences that were not chosen before."""

    name = "extract"

    async def write(self, task: WriteTask) -> Story:
        """The story. Raises `InvalidInput` (field `feed`) when there is no entry or no text in it."""
        item = item_of(task)
        language = task.request.language
        used = frozenset(split_sentences(task.previous.text, language)) if task.previous else frozenset[str]()
        seed = seed_of(task.content_id, task.revision) if task.revision else None
        chosen = await asyncio.to_thread(summarise, item.text, language, title=item.title, used=used, seed=seed)
        scenes = tuple(Scene(index=i, text=text) for i, text in enumerate(scene_texts([chosen])))
        text = joined(chosen)
        title = fit_title(task.request.title or item.title) or title_from(text, language)
        return Story(
            title=title,
            description=fit_description(chosen[0], source_credit(item)),
            tags=tags_of(title, text, language),
            language=language,
            mood=mood_of(f"{title}\n{text}"),
            scenes=scenes,
            writer=self.name,
            notice="Shortened from the feed entry: its own sentences, chosen by a program. No language model was used.",
        )


def source_credit(item: FeedItem) -> str:
    """A line for the description that names the source: its title and, if it has a web address, that."""
    title, url = fit_title(item.title), credit_url(item.url)
    named = " — ".join(part for part in (title, url) if part)
    return f"Source: {named}" if named else ""


def summarise(
    text: str, language: str, *, title: str = "", used: frozenset[str] = frozenset(), seed: int | None = None
) -> list[str]:
    """The chosen sentences in original order, 90 to 150 words in all where the text has them.

    With a `seed` it is another take: chance takes part in the choice, and sentences `used` before count a third.
    """
    sentences = _candidates(text, language, title)
    counts = np.array([len(words(sentence)) for sentence in sentences])
    if counts.sum() <= MAX_WORDS:
        return sentences
    vectors = _tfidf([title, *sentences], language)
    titled, vectors = vectors[1:] @ vectors[0], vectors[1:]
    similarity = vectors @ vectors.T
    relevance = _centrality(similarity, titled)
    if seed is not None:
        noise = np.random.default_rng(seed).uniform(0.6, 1.4, len(sentences))
        relevance *= noise * np.where([sentence in used for sentence in sentences], 1 / 3, 1.0)
    chosen = _choose(relevance / relevance.max(), similarity, counts)
    return [sentences[index] for index in sorted(chosen)]


def _candidates(text: str, language: str, title: str) -> list[str]:
    """Sentences worth saying: no boilerplate, no stray headings, no repetition of the title or of each other."""
    lines = [line for line in clean(text).split("\n") if words(line)]
    # A text without a mark in it is cut like a scene, so that a summary has parts to choose from.
    everything = [p for line in lines for s in split_sentences(line, language) for p in breakable(s) if words(p)]
    seen = {one_line(title).rstrip(ENDS).lower()}
    kept = []
    for sentence in everything:
        key = sentence.rstrip(ENDS).lower()
        boilerplate = len(words(sentence)) <= BOILERPLATE_MAX_WORDS and bool(_BOILERPLATE.search(sentence))
        heading = len(words(sentence)) < 5 and not sentence.rstrip(CLOSERS).endswith(tuple(ENDS))
        if key not in seen and not boilerplate and not heading:
            kept.append(sentence)
        seen.add(key)
    return (kept or everything)[:MAX_SENTENCES]


def _tfidf(texts: Sequence[str], language: str) -> Floats:
    """Unit vectors, one row per text; a text without a content word is the zero vector."""
    stops = stop_words(language)
    documents = [
        [word[:STEM_CHARS].rstrip("s") for word in compared_terms(text) if word not in stops] for text in texts
    ]
    vocabulary = {word: column for column, word in enumerate(sorted({word for doc in documents for word in doc}))}
    counts = np.zeros((len(texts), max(1, len(vocabulary))))
    for row, document in enumerate(documents):
        for word in document:
            counts[row, vocabulary[word]] += 1
    weights = counts * (np.log((1 + len(texts)) / (1 + (counts > 0).sum(axis=0))) + 1)
    norms = np.linalg.norm(weights, axis=1, keepdims=True)
    return np.asarray(weights / np.where(norms == 0, 1, norms), dtype=np.float64)


def _centrality(similarity: Floats, titled: Floats) -> Floats:
    """PageRank over the similarity graph.

    The chance to start anew at sentence i falls as 1/sqrt(i + 1) and grows with its likeness to the title.
    """
    count = len(similarity)
    start = (1 + TITLE_PULL * titled) / np.sqrt(np.arange(1, count + 1))
    start /= start.sum()
    links = similarity.copy()
    np.fill_diagonal(links, 0)
    sums = links.sum(axis=1, keepdims=True)
    transition = np.where(sums > 0, links / np.where(sums > 0, sums, 1), start)
    rank: Floats = start.copy()
    for _ in range(100):
        following = (1 - DAMPING) * start + DAMPING * (rank @ transition)
        if np.abs(following - rank).sum() < 1e-9:
            break
        rank = following
    return rank


def _choose(relevance: Floats, similarity: Floats, counts: npt.NDArray[np.int_]) -> list[int]:
    """Greedy maximal marginal relevance within the word budget; indices in order of choice.

    What repeats another sentence is passed over, unless the summary would be too short without it.
    """
    chosen: list[int] = []
    repeated: list[int] = []
    total = 0
    left = set(range(len(relevance)))
    while left and total < ENOUGH_WORDS:
        likeness = {i: max((float(similarity[i, j]) for j in chosen), default=0.0) for i in left}
        best = max(left, key=lambda i: (RELEVANCE * relevance[i] - (1 - RELEVANCE) * likeness[i], -i))
        left.discard(best)
        if likeness[best] >= SAME:
            repeated.append(best)
            continue
        # Sentences are kept whole: one that overflows the budget is passed over, unless there would be too little.
        if total + counts[best] <= MAX_WORDS or (total == 0 and not any(counts[i] <= MAX_WORDS for i in left)):
            chosen.append(best)
            total += int(counts[best])
    for index in repeated:
        if total < MIN_WORDS and total + counts[index] <= MAX_WORDS:
            chosen.append(index)
            total += int(counts[index])
    return chosen
