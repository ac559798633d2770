"""From espeak-ng's events to one time span per token.

Word events are not tokens: `of the` may give one event for both, `1969` gives several, `well-known` gives one or two.
So each event is brought home to the token whose characters it points at; a token without an event shares the span of
the one before it, in proportion to length; a token that says nothing gets an empty span where the last word ended.
A word ends where the pause after it begins, so that a caption does not hang over a silence.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from .spoken import Chunk


@dataclass(frozen=True)
class Event:
    """`kind` is `w` (word) or `p` (phoneme); `position` in characters of the chunk, `sample` from the chunk's start."""

    kind: str
    position: int
    sample: int
    phoneme: str = ""

    @property
    def is_pause(self) -> bool:
        """espeak-ng's pause phonemes are `_`, `_:`, `_!` and the like."""
        return self.kind == "p" and self.phoneme.startswith("_")


@dataclass(frozen=True)
class Span:
    """`start` and `end` in samples."""

    start: int
    end: int


def token_spans(chunk: Chunk, events: list[Event], samples: int) -> list[Span]:
    """One span per token of the chunk, in order, not overlapping, within `0..samples`."""
    firsts = _first_events(chunk, events)
    if not firsts:
        return [Span(0, 0)] * len(chunk.spans)
    tokens = sorted(firsts)
    early = tokens[0] > 0
    if early:
        # Tokens before the first event are spoken before it; the audio's start is theirs.
        firsts[0] = 0
        tokens.insert(0, 0)
    spans: list[Span] = []
    for token, following in zip(tokens, [*tokens[1:], len(chunk.spans)], strict=True):
        begin = firsts[token]
        stop = firsts[following] if following in firsts else len(events)
        start = 0 if early and token == 0 else min(events[begin].sample, samples)
        limit = min(events[stop].sample, samples) if stop < len(events) else samples
        start = max(start, spans[-1].end if spans else 0)
        end = max(start, min(_speech_end(events, begin, stop, limit), samples))
        spans += _shared(chunk, token, following, start, end)
    return spans


def _first_events(chunk: Chunk, events: list[Event]) -> dict[int, int]:
    """Token index to the index of its first word event. Positions that run backwards are drift, and are left out."""
    starts = [start for start, _ in chunk.spans]
    firsts: dict[int, int] = {}
    latest = -1
    for index, event in enumerate(events):
        if event.kind != "w":
            continue
        # Several tokens may begin at one position (silent ones are empty); the one that says something is the last.
        token = bisect_right(starts, event.position) - 1
        while token > latest + 1 and chunk.spans[token][0] == chunk.spans[token][1]:
            token -= 1
        if token > latest:
            firsts[token] = index
            latest = token
    return firsts


def _speech_end(events: list[Event], begin: int, stop: int, limit: int) -> int:
    """Where the pause that leads up to `limit` begins, or `limit` when the next word follows at once."""
    end = limit
    for event in reversed(events[begin:stop]):
        if event.kind != "p":
            continue
        if not event.is_pause:
            break
        end = min(end, event.sample)
    return end


def _shared(chunk: Chunk, token: int, following: int, start: int, end: int) -> list[Span]:
    """The span from `start` to `end`, dealt out to the tokens `token` up to `following` by what they say."""
    weights = [chunk.spans[index][1] - chunk.spans[index][0] for index in range(token, following)]
    # A dash or a bracket is not said. Were nothing else there, the first token would have it all.
    weights = [
        weight if any(char.isalnum() for char in chunk.text[slice(*chunk.spans[token + offset])]) else 0
        for offset, weight in enumerate(weights)
    ]
    if not any(weights):
        weights[0] = 1
    total, gone, spans = sum(weights), 0, []
    for weight in weights:
        left = start + (end - start) * gone // total
        gone += weight
        spans.append(Span(left, start + (end - start) * gone // total))
    return spans
