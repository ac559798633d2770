"""A dialogue: its text by speakers, and what they said as one speech."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from reelwright.domain.content.story import WordTiming
from reelwright.domain.content.voice import Delivery, VoiceChoice
from reelwright.domain.ports.making import Speech

from .sound import SAMPLE_RATE, Samples, read_wav, wav_bytes

TURN_PAUSE_S = 0.3
"""Between two speakers of a dialogue, besides the breath that each leaves at its ends."""


def turns_of(text: str, delivery: Delivery) -> list[tuple[str, VoiceChoice]]:
    """The text of each turn and who speaks it; all of it where there are no turns."""
    if not delivery.turns:
        return [(text, delivery.choice)]
    tokens = text.split()
    begins = [turn.first for turn in delivery.turns]
    return [
        (" ".join(tokens[begin:end]), turn.choice)
        for turn, begin, end in zip(delivery.turns, begins, [*begins[1:], len(tokens)], strict=True)
        if tokens[begin:end]
    ]


def joined(parts: Sequence[Speech]) -> Speech:
    """Several speeches as one, with a pause between them. Each is faded at its ends already."""
    if len(parts) == 1:
        return parts[0]
    pause = np.zeros(int(TURN_PAUSE_S * SAMPLE_RATE))
    pieces: list[Samples] = []
    words: list[WordTiming] = []
    at = 0
    for part in parts:
        if pieces:
            pieces.append(pause)
            at += pause.size
        samples, _ = read_wav(part.wav)
        words += [word.retimed(partial(_later, at / SAMPLE_RATE)) for word in part.words]
        pieces.append(samples)
        at += samples.size
    certainties = [part.certainty for part in parts if part.certainty is not None]
    timings = {part.timing for part in parts}
    return Speech(
        wav=wav_bytes(np.concatenate(pieces)),
        duration_s=at / SAMPLE_RATE,
        words=tuple(words),
        usd=sum(part.usd for part in parts),
        timing=timings.pop() if len(timings) == 1 else ("aligned" if certainties else "espeak"),
        certainty=min(certainties, default=None),
        request_id=", ".join(part.request_id for part in parts if part.request_id),
    )


def _later(by: float, second: float) -> float:
    return round(second + by, 4)
