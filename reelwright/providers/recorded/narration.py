"""A recorded narration: cut at the pauses between its texts, levelled, and the time of each word in it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import scipy

from reelwright.domain.content.taking import LONGEST_NARRATION_S
from reelwright.domain.errors import InvalidInput
from reelwright.domain.ports.own_sound import RecordedScene, RecordedSpeech
from reelwright.domain.ports.rendering import Progress

from ..own.clips import SILENCE
from ..speech import sound
from ..speech.aligner import Alignment, aligned
from ..speech.espeak import EspeakSpeaker, RawSpeech
from ..speech.warping import RATE as ALIGN_RATE
from .cutting import Levels, Piece, cut, joined, shares
from .decoding import RATE, Note, Sound, decode

LEAST_SHARE, MOST_SHARE = 0.25, 6.0
"""A recording with less, or more, speech than this, for each second that its text takes, is of another text: the
fastest speakers take about half of the time."""
SPEECH_AT_ONCE = 4_000
"""Characters of text that espeak-ng speaks in one process: about five minutes, a few seconds of work."""
_TARGET_DB = sound.TARGET_RMS_DB
MOST_LIFT_DB = 40.0
QUIET_DB = 12.0
"""A recording that is lifted by more than this is reported: its noise comes up with it."""
SHORTEST_S = 0.25
"""A piece in which less than this is left is silent."""
_BLOCK_S = 10
_BORDER = 48
_FADE_S = 0.02


@dataclass(frozen=True)
class _Heard:
    """A decoded recording, its copy for the aligner (mono, `ALIGN_RATE` Hz), and what each sample is multiplied by."""

    source: Sound
    samples: sound.Samples
    gain: float


class NarrationTaker:
    """Lays texts along a recording. Costs about a tenth of its length in CPU."""

    def __init__(self, speaker: EspeakSpeaker | None = None) -> None:
        self._speaker = speaker or EspeakSpeaker()

    async def take(
        self, path: Path, texts: Sequence[str], *, language: str, field: str, workdir: Path, progress: Progress
    ) -> RecordedSpeech:
        """The pieces of a recording of all texts in their order. Raises `InvalidInput` naming `field`, also for a
        recording without sound and one that is far too short or too long for the texts."""
        notes: list[str] = []
        listen = asyncio.to_thread(_listen, path, workdir, field, notes.append, lambda share: progress(0.3 * share))
        heard = await listen
        references = await self._references(texts, language, lambda share: progress(0.3 + 0.1 * share))
        return await asyncio.to_thread(_taken, heard, references, texts, field, workdir, notes, progress)

    async def times(self, wav: bytes, text: str, *, language: str) -> Alignment:
        """The words of a text in a WAV file's bytes, as it is."""
        samples, rate = sound.read_wav(wav)
        reference = await self._references([text], language, lambda share: None)
        return await asyncio.to_thread(aligned, reference, samples, rate)

    async def _references(self, texts: Sequence[str], language: str, progress: Progress) -> RawSpeech:
        """All texts spoken one after the other, with the times of their words."""
        groups: list[list[str]] = []
        for text in texts:
            if groups and sum(map(len, groups[-1])) + len(text) <= SPEECH_AT_ONCE:
                groups[-1].append(text)
            else:
                groups.append([text])
        spoken: list[RawSpeech] = []
        for group in groups:
            spoken.append(await self._speaker.raw("\n\n".join(group), language=language))
            progress(len(spoken) / len(groups))
        return joined(spoken)


def _listen(path: Path, workdir: Path, field: str, note: Note, progress: Progress) -> _Heard:
    made = decode(
        path,
        workdir / "recording.f32",
        field=field,
        note=note,
        progress=progress,
        channels=1,
        most_s=LONGEST_NARRATION_S + 1,
    )
    if made.seconds > LONGEST_NARRATION_S:
        raise InvalidInput(
            f"the recording is longer than {LONGEST_NARRATION_S / 60:.0f} minutes",
            field=field,
            remedy="split it into videos",
        )
    if made.pick is not None:
        note(f"{field}: its two channels cancel each other out; only one of them is used")
    if made.peak < SILENCE:
        raise InvalidInput("the recording is silent", field=field, remedy="record it again, or leave it out")
    gain_db = min(_TARGET_DB - _spoken_level(made), MOST_LIFT_DB)
    if gain_db > QUIET_DB:
        note(f"{field}: the recording is {gain_db:.0f} dB too quiet and is lifted; its noise comes up with it")
    return _Heard(made, _for_the_aligner(made), 10 ** (gain_db / 20))


def _spoken_level(made: Sound) -> float:
    """The level of the spoken parts in dBFS: the mean power of the tenths of a second within 30 dB of the loud ones."""
    block = RATE // 10
    powers = np.array(
        [np.square(made.mono(at, at + block), dtype=np.float64).mean() for at in range(0, made.samples, block)]
    )
    heard = powers[powers > float(np.quantile(powers, 0.95)) * 1e-3]
    return float(10 * np.log10(heard.mean() + 1e-12))


def _for_the_aligner(made: Sound) -> sound.Samples:
    """The recording at the aligner's rate. Resampled in blocks that overlap by more than the filter's length."""
    ratio, block = RATE // ALIGN_RATE, _BLOCK_S * RATE
    parts = []
    for first in range(0, made.samples, block):
        border = min(first, _BORDER * ratio)
        part = scipy.signal.resample_poly(made.mono(first - border, first + block + _BORDER * ratio), 1, ratio)
        count = -(-min(block, made.samples - first) // ratio)
        parts.append(part[border // ratio : border // ratio + count].astype(np.float32))
    return np.concatenate(parts)


def _taken(
    heard: _Heard,
    reference: RawSpeech,
    texts: Sequence[str],
    field: str,
    workdir: Path,
    notes: list[str],
    progress: Progress,
) -> RecordedSpeech:
    expected, spoken = reference.samples.size / reference.rate, Levels.of(heard.samples).spoken_s
    if not LEAST_SHARE * expected < spoken < MOST_SHARE * expected + 10:
        raise InvalidInput(
            f"the recording has {spoken:.1f} s of speech, its text takes about {expected:.0f} s",
            field=field,
            remedy="give the recording of this text",
        )
    counts = [len(text.split()) for text in texts]
    pieces = cut(heard.samples, reference, counts)
    progress(0.6)
    scenes: list[RecordedScene] = []
    for number, (piece, own) in enumerate(zip(pieces, shares(reference, counts), strict=True)):
        scenes.append(_scene(heard, piece, own, workdir / f"scene-{number}.wav"))
        progress(0.6 + 0.4 * len(scenes) / len(pieces))
    return RecordedSpeech(tuple(scenes), tuple(notes))


def _scene(heard: _Heard, piece: Piece, reference: RawSpeech, path: Path) -> RecordedScene:
    first, last = round(piece.start * RATE), min(round(piece.end * RATE), heard.source.samples)
    if last - first < SHORTEST_S * RATE:
        # Nothing was said where this text should be: the renderer is given silence, and a person is asked.
        samples = np.zeros(round(SHORTEST_S * RATE))
        found = aligned(reference, samples, RATE)
    else:
        samples = _finished(heard.source.mono(first, last), heard.gain)
        begin = round(piece.start * ALIGN_RATE)
        part = heard.samples[begin : round(piece.end * ALIGN_RATE)].astype(np.float64)
        found = _within(aligned(reference, part, ALIGN_RATE), samples.size / RATE)
    path.write_bytes(sound.wav_bytes(samples))
    return RecordedScene(
        wav=path,
        duration_s=samples.size / RATE,
        words=found.words,
        timing=found.timing,
        certainty=found.certainty,
        began_s=piece.start,
        ended_s=piece.end,
    )


def _within(found: Alignment, duration: float) -> Alignment:
    """The two rates' lengths differ by less than a sample of the slower; no word may end behind the sound."""
    words = tuple(word.retimed(lambda second: min(second, duration)) for word in found.words)
    return replace(found, words=words)


def _finished(raw: np.ndarray, gain: float) -> sound.Samples:
    """As a voice is made fit to be mixed, but without what a recording has from its studio: rumble, level, peaks,
    edges."""
    voice = np.asarray(raw, np.float64)
    steep = scipy.signal.butter(2, sound.HIGH_PASS_HZ, "highpass", fs=RATE, output="sos")
    voice = sound.limited(scipy.signal.sosfiltfilt(steep, voice) * gain)
    ramp = min(int(_FADE_S * RATE), voice.size // 2)
    voice[:ramp] *= np.linspace(0.0, 1.0, ramp)
    voice[voice.size - ramp :] *= np.linspace(1.0, 0.0, ramp)
    return voice
