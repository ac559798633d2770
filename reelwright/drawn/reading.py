"""From a scene's words to what its picture shows. Pure: words in, a `SceneReading` out, the same each time."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Literal, cast, get_args

import numpy as np

from reelwright.domain.content.story import Scene, Story

Setting = Literal[
    "undersea",
    "sea",
    "coast",
    "lake",
    "mountains",
    "forest",
    "desert",
    "snow",
    "farmland",
    "meadow",
    "village",
    "city",
    "road",
    "space",
    "sky",
    "room",
    "library",
    "laboratory",
    "hall",
    "abstract",
]
Time = Literal["dawn", "day", "sunset", "night"]
Weather = Literal["clear", "cloud", "rain", "snow", "storm", "fog"]

SETTINGS: tuple[Setting, ...] = get_args(Setting)
TIMES: tuple[Time, ...] = get_args(Time)

_MAX_SUBJECTS = 3
_ENOUGH = 0.9  # a stray word somewhere in the text is not a place
_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_ENDINGS = ("'s", "’s", "s", "es", "ed", "d", "ing", "er", "ers")

# A scene without a word about the place is set somewhere that suits anything.
_NEUTRAL_SETTINGS: tuple[Setting, ...] = ("mountains", "lake", "meadow", "coast", "abstract", "sky", "desert", "road")
_NEUTRAL_SUBJECTS: Mapping[Setting, tuple[str, ...]] = {
    "undersea": ("fish", "jellyfish", "turtle"),
    "sea": ("boat", "bird"),
    "coast": ("person", "boat", "lighthouse", "bird"),
    "lake": ("boat", "person", "deer", "tree"),
    "mountains": ("person", "deer", "tree", "tent"),
    "forest": ("deer", "fox", "person", "owl"),
    "desert": ("person", "cactus", "balloon"),
    "snow": ("fox", "house", "person", "penguin"),
    "farmland": ("windmill", "tree", "house", "horse"),
    "meadow": ("tree", "butterfly", "flower", "horse"),
    "village": ("house", "person", "tree"),
    "city": ("person", "tower", "car"),
    "road": ("car", "person", "bicycle"),
    "space": ("planet", "astronaut", "satellite", "comet"),
    "sky": ("balloon", "bird", "plane"),
    "room": ("coffee", "book", "lamp", "cat"),
    "library": ("book", "lamp", "hourglass"),
    "laboratory": ("bottle", "microscope", "atom"),
    "hall": ("temple", "person", "crown"),
    "abstract": ("bulb", "gears", "tree", "key"),
}


# Places where a thing of the other is not out of place.
_KIN: Mapping[str, frozenset[str]] = {
    "sea": frozenset({"coast", "undersea"}),
    "coast": frozenset({"sea", "village"}),
    "lake": frozenset({"sea", "meadow", "forest"}),
    "village": frozenset({"farmland", "meadow", "city"}),
    "farmland": frozenset({"meadow", "village"}),
    "meadow": frozenset({"farmland", "forest"}),
    "forest": frozenset({"meadow"}),
    "library": frozenset({"room"}),
    "laboratory": frozenset({"room", "abstract"}),
    "room": frozenset({"library", "laboratory"}),
    "abstract": frozenset({"room", "laboratory", "library", "hall"}),
    "city": frozenset({"road"}),
    "road": frozenset({"city"}),
}


@dataclass(frozen=True)
class Subject:
    """Something to draw, and how many of it."""

    name: str
    count: int = 1


@dataclass(frozen=True)
class SceneReading:
    """What a scene's picture shows. `read` says whether any of it came from the words, rather than from the seed."""

    setting: Setting
    time: Time
    weather: Weather
    subjects: tuple[Subject, ...]
    read: bool


@dataclass(frozen=True)
class _Table:
    """Words of one kind: whole ones, and beginnings."""

    whole: dict[str, list[str]] = field(default_factory=dict)
    begins: dict[str, list[str]] = field(default_factory=dict)

    def add(self, name: str, words: str) -> None:
        for word in words.split():
            into = self.begins if word.endswith("*") else self.whole
            into.setdefault(fold(word.rstrip("*")), []).append(name)

    def names(self, term: str) -> set[str]:
        """All names that a folded word stands for."""
        found = {name for form in _stems(term) for name in self.whole.get(form, ())}
        for end in range(3, len(term) + 1):
            found.update(self.begins.get(term[:end], ()))
        return found


@dataclass(frozen=True)
class _Lexicon:
    settings: _Table
    times: _Table
    weathers: _Table
    counts: _Table
    subjects: _Table
    homes: dict[str, str]


def fold(word: str) -> str:
    """Lower case, accents dropped."""
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


def _stems(term: str) -> Iterator[str]:
    """The word itself and what may be left of it without an English ending."""
    yield term
    for ending in _ENDINGS:
        if term.endswith(ending) and len(term) - len(ending) >= 3:
            stem = term[: -len(ending)]
            yield stem
            if ending in ("ing", "ed", "er"):
                yield stem + "e"
    if term.endswith("ies") and len(term) > 4:
        yield term[:-3] + "y"


@lru_cache(maxsize=1)
def _lexicon() -> _Lexicon:
    data = tomllib.loads(resources.files(__package__).joinpath("lexicon.toml").read_text("utf-8"))
    tables = {kind: _Table() for kind in ("settings", "times", "weathers", "counts", "subjects")}
    for kind in ("settings", "times", "weathers", "counts"):
        for name, words in data[kind].items():
            tables[kind].add(name, words)
    for name, entry in data["subjects"].items():
        tables["subjects"].add(name, entry["words"])
    homes = {name: entry["home"] for name, entry in data["subjects"].items()}
    return _Lexicon(homes=homes, **tables)


def subject_names() -> tuple[str, ...]:
    """All subjects that words can name."""
    return tuple(_lexicon().homes)


@dataclass(frozen=True)
class _Finds:
    """What a text says, each with how often; subjects keep the order in which they are first named."""

    settings: Counter[str]
    times: Counter[str]
    weathers: Counter[str]
    subjects: dict[str, int]
    counts: dict[str, int]


def _find(text: str) -> _Finds:
    lexicon = _lexicon()
    tokens = [fold(token) for token in _TOKEN.findall(text)]
    finds = _Finds(Counter(), Counter(), Counter(), {}, {})
    number = 0  # the last number word, good for itself and the next two words
    reach = 0
    skip = False  # the second word of a pair that has already been understood
    for i, token in enumerate(tokens):
        counted = lexicon.counts.names(token)
        if counted or (token.isdigit() and 1 <= int(token) <= 99):
            number = min(5, int(min(counted)) if counted else int(token))
            reach = 3
        reach -= 1
        pair = f"{token}_{tokens[i + 1]}" if i + 1 < len(tokens) else ""
        paired = bool(pair and lexicon.subjects.names(pair))
        terms = (pair,) if paired else () if skip else (token, pair)
        skip = paired
        for term in terms:
            finds.settings.update(lexicon.settings.names(term))
            finds.times.update(lexicon.times.names(term))
            finds.weathers.update(lexicon.weathers.names(term))
            for name in sorted(lexicon.subjects.names(term)):
                finds.subjects[name] = finds.subjects.get(name, 0) + 1
                if number and reach >= 0:
                    finds.counts.setdefault(name, number)
    return finds


def read_scene(scene: Scene, *, story: Story, seed: int) -> SceneReading:
    """Reads one scene: its own words first, then those of the scenes just before it, the title, and the whole text."""
    own = _find(f"{scene.heading}. {scene.text}")
    before = [_find(s.text) for s in sorted(story.scenes, key=lambda s: -s.index) if s.index < scene.index]
    title = _find(story.title)
    whole = _find(story.text)
    chance = np.random.default_rng([seed, scene.index])

    setting = _setting(own, before[:1], title, whole)
    subjects = _subjects(own, title, setting)
    read = bool(setting or subjects)
    if not setting:
        setting = str(_NEUTRAL_SETTINGS[(seed + scene.index) % len(_NEUTRAL_SETTINGS)])
    place = cast(Setting, setting)
    if not subjects:
        choice = _NEUTRAL_SUBJECTS[place]
        subjects = [choice[(seed // 7 + scene.index) % len(choice)]]
    found = tuple(Subject(name, own.counts.get(name, 1)) for name in subjects)
    return SceneReading(
        setting=place,
        time=_time([own, *before[:2], title], place, scene.index, seed),
        weather=_weather([own, *before[:1], title], subjects, place, chance),
        subjects=found,
        read=read,
    )


def _subjects(own: _Finds, title: _Finds, setting: str) -> list[str]:
    """The scene's subjects, things one can meet here before signs for ideas, then one of the title's that fits."""
    homes = _lexicon().homes
    near = {setting, *_KIN.get(setting, ())}

    def weight(finds: _Finds, name: str) -> float:
        real = bool(homes[name]) or name in ("person", "crowd")
        said = 0.5 * min(finds.subjects[name], 2) + 0.4 * (name in title.subjects)
        fits = 0.5 * (homes[name] in near)
        return said + 0.6 * real + fits - 1.0 * (name == "mountain")  # the land shows mountains anyway

    names = sorted(own.subjects, key=lambda name: -weight(own, name))[:_MAX_SUBJECTS]
    if len(names) < 2:
        # What stands on a table can be put down anywhere on land.
        near |= {""} if setting in ("undersea", "sea", "space", "sky") else {"", "room"}
        context = sorted(title.subjects, key=lambda name: -weight(title, name))
        names += [name for name in context if name not in names and homes[name] in near][:1]
    return names


def _setting(own: _Finds, before: list[_Finds], title: _Finds, whole: _Finds) -> str:
    """The place with the most said for it, or an empty string."""
    homes = _lexicon().homes
    score: defaultdict[str, float] = defaultdict(float)
    sources = [(own, 3.0, 1.6), *((finds, 1.0, 0.5) for finds in before), (title, 1.8, 1.3), (whole, 0.2, 0.15)]
    for finds, said, implied in sources:
        for name, times in finds.settings.items():
            # Nearly every outdoor scene has a sky: the word alone does not take us up into it.
            score[name] += said * min(times, 2) * (0.45 if name == "sky" else 1.0)
        for name, times in finds.subjects.items():
            if homes[name]:
                score[homes[name]] += implied * min(times, 2)
    best = max(score.values(), default=0.0)
    if best < _ENOUGH:
        return ""
    place = next(name for name in SETTINGS if score[name] == best)
    if place == "sea" and _swims(own):
        return "undersea"
    return place


def _swims(finds: _Finds) -> bool:
    """Whether a text is about what lives in the sea and not about who sails on it."""
    homes = {_lexicon().homes[name] for name in finds.subjects}
    return "undersea" in homes and "sea" not in homes


def _time(sources: list[_Finds], setting: Setting, index: int, seed: int) -> Time:
    """The hour last spoken of."""
    if setting == "space":
        return "night"
    for finds in sources:
        if finds.times:
            return max(TIMES, key=finds.times.__getitem__)
    # A story without a word about the hour lives through one day, beginning somewhere in it.
    course: tuple[Time, ...] = ("day", "sunset", "dawn", "day", "night", "sunset", "day", "dawn")
    return course[(seed // 3 + index) % len(course)]


def _weather(sources: list[_Finds], subjects: list[str], setting: Setting, chance: np.random.Generator) -> Weather:
    """The weather last spoken of; lightning brings its own."""
    order: tuple[Weather, ...] = ("storm", "rain", "snow", "fog", "cloud", "clear")
    if "lightning" in subjects[:1]:
        return "storm"
    for finds in sources:
        if finds.weathers:
            return max(order, key=finds.weathers.__getitem__)
    if setting == "snow" and chance.random() < 0.5:
        return "snow"
    return "clear" if chance.random() < 0.6 else "cloud"
