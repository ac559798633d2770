"""What every story ends with: a title, a description and tags that any platform takes, and a mood.

The limits are those of YouTube, the strictest of the platforms here (docs/platforms/youtube.md#limits): no angle
brackets in title or description, tags of at most 500 characters together, descriptions of at most 5,000 bytes. Ours are
lower, since the publisher adds hashtags and a marker.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from reelwright.domain.content.story import Mood
from reelwright.domain.text.addresses import addresses
from reelwright.domain.text.function_words import stop_words
from reelwright.domain.text.incoming import clean, one_line, words

from .lexicon import MOOD_STEMS
from .phrases import cut_point, is_unspaced
from .sentences import split_sentences
from .terms import WORD, without_links, words_of

TITLE_CHARS = 90
ADDRESS_CHARS = 40
"""A longer web address is shortened in a title that is too long."""
DESCRIPTION_BYTES = 4_000
TAG_CHARS = 30
TAGS = 12
TAGS_TOTAL_CHARS = 400
"""All tags together, with two quotes and a comma counted for each, as YouTube counts them."""
URL_CHARS = 500

_ANGLES = str.maketrans({"<": "‹", ">": "›"})
# A stem of four letters or fewer stands for itself and its plural only: `war` is not `warm`.
_MOOD_WORDS = {m: frozenset(w for s in stems if len(s) <= 4 for w in (s, s + "s")) for m, stems in MOOD_STEMS.items()}
_MOOD_PREFIXES = {mood: tuple(s for s in stems if len(s) > 4) for mood, stems in MOOD_STEMS.items()}
_TITLE_TRAILERS = " .,;:–—-、，；：。．।॥۔،؛"
UNSPACED_TITLE_CHARS = 40
"""Chinese, Japanese and Thai write in this many signs what takes 90 letters in other scripts."""


def fit_title(text: str) -> str:
    """`text` on one line of at most 90 characters, cut between words, without angle brackets."""
    return _cut_title(one_line(text).translate(_ANGLES), TITLE_CHARS)


def _cut_title(line: str, limit: int, *, clause: bool = False) -> str:
    if len(line) <= limit:
        return line
    # A cut address does not work; its host is enough here. The description keeps the whole address.
    line = _with_hosts(line)
    if len(line) <= limit:
        return line
    end = cut_point(line, limit - 1, clause=clause) or limit - 1
    while end > 1 and unicodedata.category(line[end])[0] == "M":  # a sign that belongs to the letter before it
        end -= 1
    return line[:end].rstrip(_TITLE_TRAILERS) + "…"


def title_from(text: str, language: str) -> str:
    """A title made from the first sentence that has words, in scripts without spaces from its first clauses."""
    first = next((s for s in split_sentences(text, language) if words(s)), text)
    line = one_line(first)
    if not line.endswith(("...", "…")):
        line = line.rstrip(_TITLE_TRAILERS)
    if is_unspaced(line) and len(line) > UNSPACED_TITLE_CHARS:
        line = _cut_title(line, UNSPACED_TITLE_CHARS, clause=True)
    return fit_title(line)


def _with_hosts(line: str) -> str:
    """Long web addresses by their hosts, for where there is no room for more."""
    pieces, at = [], 0
    for address in addresses(line):
        if not address.mail and address.end - address.start > ADDRESS_CHARS:
            pieces += [line[at : address.start], f"{address.host}/…"]
            at = address.end
    return "".join([*pieces, line[at:]])


def fit_description(lead: str, *credits: str) -> str:
    """`lead`, then each credit as a paragraph of its own, in at most 4,000 bytes of UTF-8 without angle brackets.

    The lead is shortened first, so that a credit is never lost to a long text.
    """
    tail = "\n\n".join(clean(credit).translate(_ANGLES) for credit in credits if credit)
    tail = _cut_bytes(tail, DESCRIPTION_BYTES)
    room = DESCRIPTION_BYTES - len(tail.encode()) - 2
    head = _cut_bytes(clean(lead).translate(_ANGLES), room) if room > 8 else ""
    return "\n\n".join(part for part in (head, tail) if part)


def _cut_bytes(text: str, limit: int) -> str:
    data = text.encode()
    if len(data) <= limit:
        return text
    cut = data[: limit - len("…".encode())].decode(errors="ignore")
    return cut[: cut_point(f"{cut} …", len(cut) - 1) or len(cut)].rstrip() + "…"


def credit_url(url: str) -> str:
    """The URL if it is a plain web address of reasonable length that can be printed as it is; otherwise nothing."""
    printable = len(url) <= URL_CHARS and not re.search(r"[\s<>\"]", url) and url == clean(url)
    return url if printable and url.lower().startswith(("https://", "http://")) else ""


def tags_of(title: str, text: str, language: str) -> tuple[str, ...]:
    """Up to 12 salient words and word pairs, most salient first, lower case, under 400 characters together.

    A word counts once for each occurrence and three times more when the title has it; a pair of neighbours has to
    occur at least twice, or in the title. Chinese and Thai have none: their words are not segmented here.
    """
    stops = stop_words(language)
    counts: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    for sentence, weight in [(title, 4), *((s, 1) for s in split_sentences(text, language))]:
        run: list[str] = []
        for word in [*words_of(without_links(clean(sentence)), language), ""]:
            if _is_telling(word) and word not in stops:
                counts[word] += weight
                if run and run[-1] != word:
                    pairs[f"{run[-1]} {word}"] += weight
                run.append(word)
            else:
                run.clear()
    scored = [(float(n), tag) for tag, n in counts.items()]
    scored += [(1.5 * n, tag) for tag, n in pairs.items() if n >= 2]
    return fit_tags([tag for _, tag in sorted(scored, key=lambda pair: (-pair[0], pair[1]))])


def _is_telling(word: str) -> bool:
    """Whether a word may be a tag: it has letters, three signs of an alphabet or two of Chinese writing."""
    return any(char.isalpha() for char in word) and (len(word) >= 3 or (len(word) == 2 and is_unspaced(word)))


def fit_tags(candidates: Sequence[str]) -> tuple[str, ...]:
    """The first candidates that fit: plain words, no doubles, at most 30 characters each and 400 together."""
    kept: list[str] = []
    total = 0
    for candidate in candidates:
        tag = " ".join(WORD.findall(without_links(one_line(candidate)))).lower()
        if not tag or len(tag) > TAG_CHARS or tag in kept:
            continue
        if len(kept) == TAGS or total + len(tag) + 3 >= TAGS_TOTAL_CHARS:
            break
        kept.append(tag)
        total += len(tag) + 3
    return tuple(kept)


def mood_of(text: str) -> Mood:
    """The mood that most words speak for; `curious` when none does, or in doubt."""
    scores: Counter[Mood] = Counter()
    for word in WORD.findall(text.lower()):
        for mood in MOOD_STEMS:
            if word in _MOOD_WORDS[mood] or word.startswith(_MOOD_PREFIXES[mood]):
                scores[mood] += 1
    scores["curious"] += min(2, text.count("?"))
    best: Mood = max(MOOD_STEMS, key=lambda mood: scores[mood])  # the first of equals: curious comes first
    return best
