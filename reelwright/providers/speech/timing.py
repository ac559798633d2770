"""From espeak-ng's events to one time span per piece of a text.

Word events are not pieces: `of the` may give one event for both, `1969` gives several, `well-known` gives one or two,
and a Japanese or Thai clause one for all its phrases. So each event is assigned to the piece whose characters it
points at; pieces without an event share the span of the one before them, each from its first phoneme on; a silent one
gets an empty span where the last word ended.
A word ends where the pause after it begins, so that a caption does not hang over a silence.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .phonemes import Span, phoneme_spans
from .pieces import Chunk

_SILENCE = " "
_STRESS = "',%=|_"
_VARIANTS = "0123456789:-#"


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
        return self.kind == "p" and self.phoneme.startswith("_") and not any(map(str.isalpha, self.phoneme))


def token_spans(
    chunk: Chunk, events: Sequence[Event], samples: int, phonemes: Sequence[Sequence[str]] = ()
) -> list[Span]:
    """One span per piece of the chunk, in order, not overlapping, within `0..samples`. `phonemes` has those of each
    piece spoken alone, where they are known."""
    firsts = _first_events(chunk, events, exact=any(phonemes))
    if not firsts:
        return [Span(0, 0)] * len(chunk.spans)
    tokens = sorted(firsts)
    early = tokens[0] > 0
    if early:
        # Pieces before the first event are spoken before it; the audio's start is theirs.
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
        if following - token > 1 and (own := phonemes[token:following]) and sum(map(bool, own)) > 1:
            spans += _laid(events[begin:stop], own, start, end)
        else:
            spans += _shared(chunk, token, following, start, end)
    return spans


def _laid(events: Sequence[Event], own: Sequence[Sequence[str]], start: int, end: int) -> list[Span]:
    """The span from `start` to `end`, divided among pieces by their phonemes in the sound."""
    heard = [event for event in events if event.kind == "p"]
    begins = [min(max(event.sample, start), end) for event in heard] + [end]
    lengths = [after - begin for begin, after in pairwise(begins)]
    found = phoneme_spans(
        [
            (_SILENCE if one.is_pause else sound(one.phoneme), length)
            for one, length in zip(heard, lengths, strict=True)
        ],
        [[sound(phoneme) for phoneme in piece] for piece in own],
    )
    at = begins[0]
    spans = [Span(at + span.start, at + span.end) for span in found]
    # The sound before the first phoneme belongs to the first piece.
    return [Span(start, max(start, spans[0].end)), *spans[1:]]


def sound(phoneme: str) -> str:
    """An espeak-ng phoneme without stress, length and tone, which depend on what stands beside it."""
    return phoneme.strip(_STRESS).rstrip(_VARIANTS) or phoneme


def _first_events(chunk: Chunk, events: Sequence[Event], *, exact: bool) -> dict[int, int]:
    """Piece index to the index of the word event that it begins with. Positions that run backwards are drift, and are
    left out; with `exact` so are those inside of a piece: in Thai a word event stands behind each vowel sign."""
    starts = [start for start, _ in chunk.spans]
    firsts: dict[int, int] = {}
    latest = -1
    for index, event in enumerate(events):
        if event.kind != "w":
            continue
        # Several pieces may begin at one position (silent ones are empty); the spoken one is the last.
        piece = bisect_right(starts, event.position) - 1
        if exact and any(map(str.isalnum, chunk.text[starts[piece] : event.position])):
            continue
        while piece > latest + 1 and chunk.spans[piece][0] == chunk.spans[piece][1]:
            piece -= 1
        if piece > latest:
            firsts[piece] = index
            latest = piece
    return firsts


def _speech_end(events: Sequence[Event], begin: int, stop: int, limit: int) -> int:
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
    """The span from `start` to `end`, divided among the pieces `token` up to `following` by the lengths of their spoken
    forms."""
    weights = [chunk.spans[index][1] - chunk.spans[index][0] for index in range(token, following)]
    # A dash or a bracket is silent. If there is nothing else, the first token gets the whole span.
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
