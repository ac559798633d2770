"""Pure rules: which entries a source takes, and when it is read next."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import datetime, timedelta
from functools import lru_cache

from ..text.incoming import words
from .entries import FeedEntry
from .source import FeedSource

SLACK = timedelta(minutes=1)
"""A schedule's runs come a little early or late: who is due within so much is due."""
MOST_DOUBLINGS = 6
LONGEST_PAUSE = timedelta(days=1)
# Chinese, Japanese, Thai and their neighbours: no spaces between words.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


def too_old(source: FeedSource, entry: FeedEntry, now: datetime) -> str:
    """Why the entry's date excludes it, or nothing. An entry without a date is not excluded by it."""
    if not entry.published:
        return ""
    age = now - datetime.fromisoformat(entry.published)
    if age <= timedelta(days=source.max_age_days):
        return ""
    return f"published {entry.published[:10]}, more than {source.max_age_days} days ago"


def excluded(source: FeedSource, text: str) -> str:
    """Why words of the text exclude it, or nothing."""
    found = next((word for word in source.exclude if has_word(text, word)), "")
    return f"it has {found!r}, which the source excludes" if found else ""


def not_included(source: FeedSource, text: str) -> str:
    """Why the text is none that the source includes, or nothing."""
    if not source.include or any(has_word(text, word) for word in source.include):
        return ""
    return "it has none of the words that the source includes"


def too_short(source: FeedSource, text: str) -> str:
    """Why the text has too few words, or nothing."""
    count = len(words(text))
    return f"{count} words, fewer than {source.least_words}" if count < source.least_words else ""


def has_word(text: str, word: str) -> bool:
    """Whether a word or phrase occurs as whole words, whatever its capitals; `word*` is the beginning of one. In
    scripts without spaces it occurs anywhere."""
    return _pattern(word).search(_folded(text)) is not None


@lru_cache(maxsize=1_000)
def _pattern(word: str) -> re.Pattern[str]:
    plain = _folded(word)
    begins = plain.endswith("*")
    parts = [re.escape(part) for part in plain.rstrip("*").split()]
    middle = r"\s+".join(parts) or re.escape(plain)
    if _UNSPACED.search(plain):
        return re.compile(middle)
    return re.compile(rf"(?<!\w){middle}" + ("" if begins else r"(?!\w)"))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def text_sha256(text: str) -> str:
    """Of the letters and digits alone: spaces, capitals and punctuation make no other text."""
    letters = "".join(char for char in _folded(text) if char.isalnum())
    return hashlib.sha256(letters.encode("utf-8", "replace")).hexdigest()


def content_id_of(channel: str, keys: tuple[str, ...]) -> str:
    """The id of the content of an item in a channel."""
    return "feed-" + hashlib.sha256("\0".join([channel, keys[0]]).encode()).hexdigest()[:20]


def next_due(source: FeedSource, now: datetime) -> datetime:
    """When a source is read again that was read now."""
    return now + timedelta(minutes=source.every_minutes)


def due_after_failure(
    source: FeedSource, now: datetime, failures: int, retry_after: timedelta = timedelta(0)
) -> datetime:
    """When a source is tried again that has failed so many times in a row: twice as late each time, a day at most
    (unless it is read even less often), and not before the server itself has asked for."""
    every = timedelta(minutes=source.every_minutes)
    pause = min(every * (1 << min(failures, MOST_DOUBLINGS)), max(every, LONGEST_PAUSE))
    return now + max(pause, min(retry_after, LONGEST_PAUSE))
