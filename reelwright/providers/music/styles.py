"""The sound of each mood, as data: tempo, harmony, the parts and their instruments, the room.

Figures and beats are written on a grid of sixteenths, sixteen characters a bar. In a figure a digit is a tone of the
chord counted from below and `.` is nothing; in a bass 0 is the root, 1 the fifth and 2 the octave; in a beat `X`, `x`
and `o` are strokes from strong to soft. `from_level` is how full the arrangement must be for the part to play:
every four-bar phrase has a level from 0 (thin) to 2 (full). Gains are in dB on top of the level that its kind of part
has at the desk (`synth.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

from reelwright.domain.content.story import Mood

from .theory import ModeName


@dataclass(frozen=True)
class Progression:
    """Four bars of harmony, and up to three bars that lead from anywhere back to the first."""

    mode: ModeName
    bars: str
    turn: str


@dataclass(frozen=True)
class Pad:
    """Held chords."""

    tone: str
    low: int = 50
    high: int = 72
    voices: int = 4


@dataclass(frozen=True)
class Figure:
    """A broken chord or an ostinato. `length` of each note in beats, `octave` against the pad's voicing."""

    tone: str
    gain_db: float
    patterns: tuple[str, ...]
    length: float
    octave: int = 0
    from_level: int = 0


@dataclass(frozen=True)
class Bass:
    """The lowest part; its notes last until the next one."""

    tone: str
    gain_db: float
    patterns: tuple[str, ...]


@dataclass(frozen=True)
class Beat:
    """One percussion sound."""

    sound: str
    gain_db: float
    patterns: tuple[str, ...]
    from_level: int = 1
    pan: float = 0.0


@dataclass(frozen=True)
class Melody:
    """A sparse tune. `rhythms` are (start, length) in beats over two bars."""

    tone: str
    gain_db: float
    low: int
    high: int
    rhythms: tuple[tuple[tuple[float, float], ...], ...]
    from_level: int = 2


@dataclass(frozen=True)
class Room:
    """Reverberation: seconds to fall by 60 dB, and how loud against the dry sound (factor on each part's send)."""

    seconds: float
    wet: float


@dataclass(frozen=True)
class Style:
    """Everything that makes one mood. `tempo` in beats a minute; `tilt_db` brightens (or darkens) above 3 kHz."""

    tempo: tuple[float, float]
    tonics: tuple[int, ...]
    progressions: tuple[Progression, ...]
    pad: Pad
    bass: Bass
    figures: tuple[Figure, ...]
    melody: Melody
    beats: tuple[Beat, ...]
    room: Room
    tilt_db: float


_SLOW_TUNES = (
    ((0.0, 2.0), (2.0, 1.0), (3.0, 1.0), (4.0, 3.0)),
    ((1.0, 1.0), (2.0, 2.0), (4.0, 1.0), (5.0, 3.0)),
    ((0.0, 3.0), (3.0, 1.0), (4.0, 2.0), (6.0, 2.0)),
)
_LIVELY_TUNES = (
    ((0.0, 0.5), (0.5, 0.5), (1.5, 1.5), (4.0, 0.5), (4.5, 1.5)),
    ((0.5, 0.5), (1.0, 1.0), (2.5, 1.5), (5.0, 1.0), (6.0, 1.0)),
    ((0.0, 1.0), (1.5, 0.5), (2.0, 1.0), (4.5, 0.5), (5.0, 2.0)),
)
_FAR_TUNES = (
    ((0.0, 3.0), (4.0, 3.0)),
    ((2.0, 2.0), (4.0, 3.5)),
)

STYLES: dict[Mood, Style] = {
    "calm": Style(
        tempo=(66, 76),
        tonics=(0, 2, 5, 7, 9),
        progressions=(
            Progression("ionian", "1.add9 6.7 4.7 5.sus4", "2.7 4.add9 5.sus4"),
            Progression("ionian", "1.add9 4.7 6.7 4.add9", "6.7 2.7 5.sus4"),
            Progression("lydian", "1.add9 5 6.7 1.7", "6.7 1.7 5"),
        ),
        pad=Pad("warm"),
        bass=Bass("sub", -1, ("0...............", "0.........1.....")),
        figures=(
            Figure("felt", -3, ("0...1...2...1...", "0...2...1...3...", "0...1...2...3..."), 1.5),
            Figure("felt", -4, ("..3.......2.....", "......3.......2."), 1.5, octave=1, from_level=1),
        ),
        melody=Melody("felt", -3, 67, 81, _SLOW_TUNES),
        beats=(),
        room=Room(3.2, 0.5),
        tilt_db=-2,
    ),
    "curious": Style(
        tempo=(94, 106),
        tonics=(2, 4, 7, 9),
        progressions=(
            Progression("dorian", "1.7 4 1.7 7", "3 7 4"),
            Progression("dorian", "1.add9 4 3 7", "3 4 7"),
            Progression("lydian", "1.add9 2 6.7 5", "6.7 5 2"),
        ),
        pad=Pad("airy"),
        bass=Bass("round", -1, ("0.....0...1.....", "0.......1.....0.", "0..0......1.....")),
        figures=(
            Figure("kalimba", -1, ("0..1..2..1..3.2.", "0.2..1..3..2.1..", "0..2.1..0..2.3.."), 0.75, octave=1),
            Figure("pizzicato", 0, ("....1.......2...", "..1...2...1...2."), 0.5, from_level=1),
        ),
        melody=Melody("glass", -3, 74, 88, _LIVELY_TUNES),
        beats=(
            Beat("kick", -3, ("x.........o.....", "x.......o.......")),
            Beat("rim", -9, ("....x.......x...", "....x..o....x..."), 1, -0.25),
            Beat("shaker", -13, ("o.x.o.x.o.x.o.x.", "..x...x...x...xo"), 1, 0.3),
        ),
        room=Room(1.8, 0.32),
        tilt_db=0,
    ),
    "bright": Style(
        tempo=(110, 122),
        tonics=(0, 2, 4, 7, 9),
        progressions=(
            Progression("ionian", "1 5 6.7 4.add9", "2.7 4 5.sus4"),
            Progression("ionian", "1.add9 4 6.7 5", "6.7 4 5"),
            Progression("ionian", "1 6.7 4.add9 5", "4 2.7 5.sus4"),
        ),
        pad=Pad("airy", low=52, high=74),
        bass=Bass("round", 0, ("0..0..0.0.....1.", "0.....0.1.....0.", "0...0...1...0...")),
        figures=(
            Figure("guitar", -1, ("0.2.1.3.2.1.3.2.", "0.1.2.3.0.1.3.2.", "0..2..3.1..2..3."), 0.75),
            Figure("glass", -7, ("2.....3.....2...", "..3...2...3....."), 0.75, octave=1, from_level=2),
        ),
        melody=Melody("glass", -3, 72, 86, _LIVELY_TUNES),
        beats=(
            Beat("kick", -3, ("X.......x.......", "X.....o.x.......", "x...x...x...x...")),
            Beat("clap", -9, ("....x.......x...",), 2),
            Beat("shaker", -9, ("x.o.x.o.x.o.x.o.", "xoxoxoxoxoxoxoxo"), 1, 0.3),
            Beat("hat", -11, ("..x...x...x...x.",), 2, -0.3),
        ),
        room=Room(1.5, 0.26),
        tilt_db=3,
    ),
    "tense": Style(
        tempo=(122, 136),
        tonics=(0, 2, 4, 5),
        progressions=(
            Progression("aeolian", "1 1 6.7 4", "6.7 4 5"),
            Progression("aeolian", "1.sus2 1 6 7", "4 6 7"),
            Progression("phrygian", "1 1 2 7", "6 2 7"),
        ),
        pad=Pad("dark", low=48, high=71),
        bass=Bass("sub", 1, ("0...............", "0.......0......0", "0.....0.........")),
        figures=(
            Figure("spiccato", -2, ("0.0.1.0.0.0.1.0.", "0.1.0.2.0.1.0.2.", "0.0.0.1.0.0.2.1."), 0.4),
            Figure("pizzicato", 1, ("......2.......1.", "...2.....2....1."), 0.5, from_level=1),
        ),
        melody=Melody("glass", -7, 74, 86, _FAR_TUNES),
        beats=(
            Beat("heart", -3, ("X..o............", "X..o....x..o....")),
            Beat("tick", -7, ("..o...o...o...o.", "o.o.o.o.o.o.o.o."), 1, 0.2),
            Beat("tom", -7, ("............x.x.", "..............x."), 2, -0.2),
        ),
        room=Room(2.6, 0.36),
        tilt_db=-1,
    ),
    "sad": Style(
        tempo=(53, 61),
        tonics=(0, 2, 4, 7, 9),
        progressions=(
            Progression("aeolian", "1.add9 6.7 3 7", "6.7 4.7 5"),
            Progression("aeolian", "1.add9 6.7 4.7 5", "3 6.7 7"),
            Progression("aeolian", "1.add9 3 6.7 4.add9", "6.7 4.7 7"),
        ),
        pad=Pad("strings", low=48, high=72),
        bass=Bass("sub", -1, ("0...............", "0.......1.......")),
        figures=(Figure("felt", -2, ("0...1...2...1...", "0...2...1...2...", "0...1...3...2..."), 2.0),),
        melody=Melody("felt", -1, 64, 79, _SLOW_TUNES, from_level=1),
        beats=(),
        room=Room(3.6, 0.52),
        tilt_db=-5,
    ),
    "epic": Style(
        tempo=(80, 90),
        tonics=(0, 2, 4, 7, 9),
        progressions=(
            Progression("aeolian", "1 6 3 7", "4 6 7"),
            Progression("aeolian", "1 3 7 4.add9", "6 3 7"),
            Progression("aeolian", "1 7 6 7", "3 4 7"),
        ),
        pad=Pad("strings", low=50, high=74),
        bass=Bass("bowed", 1, ("0.......0.......", "0...........1...", "0.....0.0.......")),
        figures=(
            Figure("spiccato", -3, ("0.1.2.1.0.1.2.1.", "0.00101.0.00202.", "001.002.001.003."), 0.35),
            Figure("spiccato", -5, ("0...2...1...2...", "2...1...2...3..."), 0.5, octave=1, from_level=2),
        ),
        melody=Melody("horn", -1, 60, 76, _SLOW_TUNES),
        beats=(
            Beat("taiko", -2, ("X.......x.....o.", "X..o....x..o..o.", "X.....x.x.....oo")),
            Beat("tom", -5, ("....x.......x...", "..........o.x.o."), 2, -0.25),
            Beat("hat", -12, ("..o...o...o...o.",), 2, 0.3),
        ),
        room=Room(2.8, 0.42),
        tilt_db=1,
    ),
}
