"""Decides about the entries of a source, one after the other, the newest first. Nothing is written here, so that a
harvest and a trial (`reelwright feeds test`) decide the same way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from ..errors import InvalidInput, ProviderUnavailable
from ..text.incoming import cut, words
from ..text.shared_runs import share_of
from . import rules
from .entries import FeedEntry
from .harvest import Duplicate, ItemState, Likeness, Verdict
from .source import SourceState

if TYPE_CHECKING:  # a list of sources loads no requests
    from ..ports.feeds import FeedHarvester, SeenEntries

FULL_WORDS = 60
"""An entry with fewer words of its own is a teaser; the article behind its link is read."""
MOST_ARTICLES = 10
"""Articles of one source that are read in one harvest."""
REASON_CHARS = 300
TITLE_CHARS = 200


@dataclass(frozen=True)
class _Read:
    """An entry's text, whatever it came from; `note` says what was done, `key` is its article's."""

    text: str
    note: str = ""
    key: str = ""
    later: str = ""


@dataclass
class Sifting:
    """One pass over a source's entries. `room` is how many may become contents."""

    feeds: FeedHarvester
    seen: SeenEntries
    source: SourceState
    likeness: Likeness
    now: datetime
    room: int
    known: int = 0
    left: int = 0
    undecided: int = 0
    _articles: int = 0
    _taken: list[Verdict] = field(default_factory=list)

    async def verdicts(self, entries: Sequence[FeedEntry]) -> AsyncIterator[Verdict]:
        """What is decided about each entry that was not decided before. Entries that are `left` were not looked at for
        want of room; those that are `undecided` may succeed later."""
        entries = [entry if entry.keys else replace(entry, keys=(_own_key(entry),)) for entry in entries]
        known = await self.seen.known(self.source.name, [key for entry in entries for key in entry.keys])
        first = self.source.source.only_new and self.source.harvested_at is None
        for entry in entries:
            if known.intersection(entry.keys):
                self.known += 1
                continue
            if first:
                yield self._verdict(entry, ItemState.FILTERED, "it was there when the source was added")
                continue
            if self.room <= 0:
                self.left += 1
                continue
            verdict = await self._judged(entry)
            if verdict.state is ItemState.NEW:
                self.room -= 1
                self._taken.append(verdict)
            self.undecided += verdict.retry
            yield verdict

    async def _judged(self, entry: FeedEntry) -> Verdict:
        source, own = self.source.source, f"{entry.title}\n{entry.text}"
        if entry.fault:
            return self._verdict(entry, ItemState.FAILED, entry.fault)
        if reason := rules.too_old(source, entry, self.now) or rules.excluded(source, own):
            return self._verdict(entry, ItemState.FILTERED, reason)
        early = self._verdict(entry, ItemState.NEW)
        if found := await self._duplicate(early):
            return _duplicate(early, found)
        read = await self._read(entry)
        if read.later:
            return replace(self._verdict(entry, ItemState.FAILED, read.later), retry=True)
        whole = f"{entry.title}\n{read.text}"
        reason = (
            rules.excluded(source, whole) or rules.not_included(source, whole) or rules.too_short(source, read.text)
        )
        if reason:
            return self._verdict(entry, ItemState.FILTERED, "; ".join(filter(None, (reason, read.note))))
        return await self._taken_or_not(entry, read)

    async def _taken_or_not(self, entry: FeedEntry, read: _Read) -> Verdict:
        keys = tuple(dict.fromkeys([*entry.keys, *filter(None, [read.key])]))
        notes = "; ".join(filter(None, (entry.note, read.note)))
        verdict = replace(
            self._verdict(entry, ItemState.NEW, notes),
            keys=keys,
            text_sha256=rules.text_sha256(read.text),
            runs=await self.feeds.runs(read.text),
        )
        if found := await self._duplicate(verdict):
            return _duplicate(verdict, found)
        try:
            item = await self.feeds.item(entry, read.text)
            request = self.source.source.request_for(item)
        except InvalidInput as error:
            return self._verdict(entry, ItemState.FAILED, f"no request can be made of it: {error}")
        return replace(
            verdict,
            title=cut(item.title, TITLE_CHARS),
            content_id=rules.content_id_of(self.source.source.channel, keys),
            # What is not set is left out: a channel may set it.
            request=request.model_dump(mode="json", exclude_unset=True),
        )

    async def _duplicate(self, verdict: Verdict) -> Duplicate | None:
        """What it repeats: an item that this pass has taken, or one on record."""
        for taken in self._taken:
            how = repeats(verdict, taken.keys, taken.text_sha256, taken.runs, self.likeness.share)
            if how:
                return Duplicate(taken.content_id, how)
        return await self.seen.duplicate(self.source, verdict, self.likeness, self.now)

    async def _read(self, entry: FeedEntry) -> _Read:
        """The entry's text, completed from its article where it is a teaser. Where the article cannot be read, the
        entry's own text stands, if that is enough."""
        if len(words(entry.text)) >= FULL_WORDS or not entry.url:
            return _Read(entry.text)
        enough = not rules.too_short(self.source.source, entry.text)
        if self._articles >= MOST_ARTICLES:
            why = f"more than {MOST_ARTICLES} articles to read in one harvest"
            return _Read(entry.text, why) if enough else _Read("", later=why)
        self._articles += 1
        try:
            article = await self.feeds.article(entry.url)
        except ProviderUnavailable as error:
            why = f"its article: {error.message}"
            return _Read(entry.text, f"{why}; its own text is used") if enough else _Read("", later=why)
        except InvalidInput as error:
            return _Read(entry.text, f"its article: {error.message}; its own text is used")
        if len(words(article.text)) > len(words(entry.text)):
            return _Read(article.text, "read from its article", article.key)
        why = article.reason or "its article has no more text"
        return _Read(entry.text, f"{why}; its own text is used", article.key)

    def _verdict(self, entry: FeedEntry, state: ItemState, reason: str = "") -> Verdict:
        return Verdict(
            state=state,
            title=cut(entry.title or entry.text, TITLE_CHARS),
            keys=entry.keys,
            url=entry.url,
            published=entry.published,
            reason=cut(reason, REASON_CHARS) if reason else "",
        )


def repeats(new: Verdict, keys: Sequence[str], text_sha256: str, runs: frozenset[int], least: float) -> str:
    """How an item repeats another one that has these keys and this text; empty where it does not."""
    if set(new.keys) & set(keys):
        return "the same entry"
    if new.text_sha256 and new.text_sha256 == text_sha256:
        return "the same text"
    share = share_of(new.runs, runs)
    return f"{share:.0%} of its text" if share >= least else ""


def _duplicate(verdict: Verdict, found: Duplicate) -> Verdict:
    reason = f"{found.how} as in {found.content_id}" if found.how else f"told in {found.content_id}"
    return replace(
        verdict, state=ItemState.DUPLICATE, reason=reason, duplicate_of=found.content_id, request=None, content_id=""
    )


def _own_key(entry: FeedEntry) -> str:
    return f"whole:{rules.text_sha256(chr(0).join((entry.title, entry.url, entry.published, entry.text)))[:32]}"
