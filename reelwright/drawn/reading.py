"""From a scene's words to what its picture shows. Pure: words in, a `SceneReading` out, the same each time.

A scene is drawn only where its reading is confident (`evidence.CONFIDENT`); else `SceneReading.read` is False and its
picture is a card. What the title is about goes on through scenes that name nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast, get_args

import numpy as np

from reelwright.domain.content.story import Scene, Story

from .evidence import CONFIDENT, Candidate, Judge, Text
from .lexicon import lexicon_of, subject_names
from .words import denied, has_any, mentions

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

__all__ = ["SETTINGS", "TIMES", "SceneReading", "Setting", "Subject", "Time", "Weather", "read_scene", "subject_names"]

_MAX_SUBJECTS = 3
_PLACE_ALONE = 0.75
_THEME = 0.72
"""How sure a scene that names nothing is to be about what the title names."""
_SPREAD = frozenset({"news"})
"""Domains in which a place alone may be shown; in the others a landscape says nothing of what is told."""
_ANYWHERE: Mapping[str, Setting] = {"body": "abstract", "nature": "meadow", "person": "meadow", "thing": "abstract"}
"""Where a subject stands that is at home nowhere, when no place is named."""
_GREEN = frozenset({"meadow", "farmland", "lake", "road", "village"})
"""What is drawn in leaf and in flower."""
_SUNNY = frozenset({"sun"})

_DOING = frozenset({"animal", "sea", "person", "vehicle"})
_EARLIER: Mapping[str, Setting] = {"city": "village", "road": "meadow", "laboratory": "room"}
"""Where things are in a time that had no such places as are drawn."""
_ELSEWHERE = frozenset({"space", "undersea"})
_LANDSCAPES = frozenset({"lake", "sea", "coast", "mountains", "forest", "snow"})
_INDOORS = frozenset({"room", "library", "laboratory", "hall", "abstract"})
_WATERS = frozenset({"undersea", "sea", "lake"})
_SHORES = frozenset({"coast"})
_DRY = frozenset({"desert", "space", "sky", "room", "library", "laboratory", "hall", "road", "mountains", "forest"})
# Places where a thing of the other is not out of place.
_KIN: Mapping[str, frozenset[str]] = {
    "sea": frozenset({"coast", "undersea"}),
    "coast": frozenset({"sea", "village"}),
    "lake": frozenset({"sea", "meadow", "forest"}),
    "village": frozenset({"farmland", "meadow", "city"}),
    "farmland": frozenset({"meadow", "village"}),
    "meadow": frozenset({"farmland", "forest"}),
    "forest": frozenset({"meadow", "mountains"}),
    "mountains": frozenset({"forest", "meadow"}),
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
    """What a scene's picture shows. `read` says that it comes from the words and is sure enough to be drawn; `sure` is
    how sure, `why` the words that decided; `own`: from the scene's words, and not from what the title is about."""

    setting: Setting
    time: Time
    weather: Weather
    subjects: tuple[Subject, ...]
    read: bool
    sure: float = 0.0
    why: tuple[str, ...] = ()
    own: bool = True


_BRIEFED: Mapping[str, Any] = {"title": "", "description": "", "writer": ""}


def _brief_scene(scene: Scene) -> Scene:
    return Scene(index=scene.index, text=scene.brief)


def read_scene(scene: Scene, *, story: Story, seed: int, openmoji: bool = True) -> SceneReading:
    """Reads one scene: its own words first; where they name nothing, what the title is about."""
    return StoryReader(story, openmoji=openmoji).read(scene, seed=seed)


class StoryReader:
    """Reads the scenes of one story; with `openmoji` also what has a drawing of OpenMoji's only."""

    def __init__(self, story: Story, *, openmoji: bool = True) -> None:
        self._story, self._openmoji = story, openmoji
        self._lexicon = lexicon_of(story.language, openmoji)
        self._judge = Judge(story, self._lexicon)

    @property
    def domains(self) -> frozenset[str]:
        """What kind of script it is."""
        return self._judge.domains

    def read(self, scene: Scene, *, seed: int) -> SceneReading:
        """What the scene's picture shows, and whether that is sure enough to be drawn. A brief is read in place of the
        text; where it cannot be drawn, the text is read without what the brief does not want."""
        if not scene.brief:
            return self._read(scene, seed)
        wanted = self._brief_reader(scene, self._story.language)
        found = wanted.read(_brief_scene(scene), seed=seed)
        if not found.read and self._lexicon.language != "en":
            # Briefs are often in English whatever is spoken.
            wanted = self._brief_reader(scene, "en")
            found = wanted.read(_brief_scene(scene), seed=seed)
        if found.read:
            return replace(found, why=tuple(f"brief, {why}" for why in found.why))
        unwanted = wanted._judge.refused(wanted._judge.scene(_brief_scene(scene)))
        return self._read(scene, seed, unwanted)

    def _brief_reader(self, scene: Scene, language: str) -> StoryReader:
        story = Story(**_BRIEFED, language=language, scenes=(_brief_scene(scene),))
        return StoryReader(story, openmoji=self._openmoji)

    def _read(self, scene: Scene, seed: int, unwanted: frozenset[str] = frozenset()) -> SceneReading:
        judge, lexicon = self._judge, self._lexicon
        text = judge.scene(scene)
        before = [judge.scene(s) for s in sorted(self._story.scenes, key=lambda s: -s.index) if s.index < scene.index]
        title = Text(judge.title, judge.title, judge.domains)
        earlier = (*before, title)
        named = judge.named(text, lexicon.settings)
        places = {name: sure for name, sure in named.items() if not judge.too_early(name, text, earlier)}

        def fits(c: Candidate) -> bool:
            out = judge.too_early(c.name, text, earlier) or self._out_of_place(c.name, places)
            return c.score >= CONFIDENT and c.name not in unwanted and not out

        own = [c for c in judge.subjects(text) if fits(c)]
        titled = [c for c in judge.title_subjects() if fits(c) and not self._is_art(c.name)]
        about = frozenset(c.name for c in titled)
        theme = [c for c in titled if self._continues(c, text, about, named, beside=bool(own))]
        if any(self._lexicon.entries[name].home in _ELSEWHERE for name in about):
            # On another world, or under water: what is named without its subject is another sense of the word.
            places = {name: sure for name, sure in places.items() if own or name in _ELSEWHERE}
        chosen, sure, why, from_title = self._choose(own, theme, places, text)
        setting = self._setting(chosen, places, before, title)
        if judge.too_early(setting, text, earlier):
            setting = _EARLIER[setting]
        wintry = setting in _GREEN and has_any(text.words, lexicon.cold, lexicon)
        read = (bool(chosen) or sure >= CONFIDENT) and not wintry
        chance = np.random.default_rng([seed, scene.index])
        names = [c.name for c in chosen]
        context = [text, *before[:2], title]
        return SceneReading(
            setting=setting,
            time=self._time(context, setting, scene.index, seed, names),
            weather=self._weather(context, names, setting, chance, going_on=not own and not places),
            subjects=tuple(Subject(c.name, c.count) for c in chosen),
            read=read,
            sure=sure if read else 0.0,
            why=why if read else (),
            own=not from_title,
        )

    def _is_art(self, name: str) -> bool:
        """Of OpenMoji's things only what a scene itself names is shown: they are too plain to be looked at again."""
        return self._lexicon.entries[name].art

    def _out_of_place(self, name: str, places: Mapping[str, bool]) -> bool:
        """Whether what is at home in water is named with a place that has none (a figure of speech, a dead thing), or
        what is drawn indoors with one that is outside."""
        dry = [place for place, sure in places.items() if sure and place in _DRY]
        home = self._lexicon.entries[name].home
        if home in _INDOORS and any(place not in _INDOORS for place in places):
            return True
        wet = [place for place, sure in places.items() if sure and place in _WATERS | _SHORES]
        return home in _WATERS and bool(dry) and not wet

    def _continues(
        self, candidate: Candidate, text: Text, about: frozenset[str], places: Mapping[str, bool], *, beside: bool
    ) -> bool:
        """Whether a scene shows what the title names: `beside` a thing of its own, or alone where something in it goes
        on about that and nothing speaks of another thing or place."""
        lexicon, judge = self._lexicon, self._judge
        entry = lexicon.entries[candidate.name]
        found = [m for m in mentions(text.words, lexicon.subjects, lexicon) if not denied(text.words, m, lexicon)]
        itself = any(m.name == candidate.name for m in found)
        home = {entry.home, *_KIN.get(entry.home, ())}
        elsewhere = bool(entry.home) and any(place not in home for place in places)
        if not judge.allowed(entry.kind, text) or judge.rules_out(candidate.name, text) or elsewhere:
            return False
        if not itself and any(mentions(text.words, lexicon.undrawn, lexicon)):
            return False
        if itself or beside:
            return True
        if any(m.name not in about for m in found):
            return False
        # What an animal or a person does next is done somewhere else, and in another way than it stands there.
        goes_on = judge.goes_on(text) and entry.kind not in _DOING
        return goes_on or bool(places) or bool(has_any(text.words, entry.near, lexicon))

    def _choose(
        self, own: list[Candidate], theme: list[Candidate], places: dict[str, bool], text: Text
    ) -> tuple[list[Candidate], float, tuple[str, ...], bool]:
        """The subjects, how sure the reading is, why, and whether it is the title's."""
        homes = {name: entry.home for name, entry in self._lexicon.entries.items()}
        if own:
            own = sorted(
                own[: _MAX_SUBJECTS + 1], key=lambda c: (c.name == "mountain", not homes[c.name], -c.score, c.at)
            )
            chosen = [own[0]]
            near = {homes[own[0].name], *_KIN.get(homes[own[0].name], ())}
            for c in own[1:]:
                if homes[c.name] in near or not homes[c.name] or not homes[own[0].name]:
                    chosen.append(c)
            for c in theme:
                if len(chosen) < 2 and c.name != own[0].name and (homes[c.name] in near or not homes[own[0].name]):
                    chosen.append(c)
            chosen = chosen[:_MAX_SUBJECTS]
            return chosen, min(c.score for c in chosen[:1]), tuple(f"{c.name}: {c.why}" for c in chosen), False
        strong = [name for name, sure in places.items() if sure]
        if strong and not text.domains - _SPREAD:
            return [], _PLACE_ALONE, (f"place: {strong[0]}",), False
        if theme:
            return theme[:2], _THEME, tuple(f"{c.name}: {c.why} in the title" for c in theme[:2]), True
        return [], 0.0, (), False

    def _setting(
        self, chosen: Sequence[Candidate], places: dict[str, bool], before: Sequence[Text], title: Text
    ) -> Setting:
        """Where it is: the place the scene names, or where its first subject is at home."""
        settings = self._lexicon.settings
        home = self._lexicon.entries[chosen[0].name].home if chosen else ""
        if chosen and self._lexicon.entries[chosen[0].name].kind == "body":
            return "abstract"
        strong = [name for name, sure in places.items() if sure and name != "abstract"]
        kind = self._lexicon.entries[chosen[0].name].kind if chosen else ""
        carried = kind in ("thing", "person")
        if home and not strong and kind in ("animal", "thing", "person") and home not in _WATERS:
            if earlier := self._where(chosen[0].name, before):
                return earlier
            # An animal's home is a guess, and a water or a height that is named a better one.
            near = [name for name in places if name in _LANDSCAPES]
            if near and kind == "animal":
                return cast(Setting, near[0])
        if home and carried and not places:
            # What people take along is where the whole story is.
            wide = [name for name, sure in self._judge.named(title, settings).items() if sure]
            if wide and wide[0] not in ("undersea", "space", "sky"):
                return cast(Setting, wide[0])
        if home in _WATERS and not set(strong) & (_WATERS | _SHORES | {"city", "village"}):
            return cast(Setting, home)  # never a water of its own on land
        if home and (home in places or not strong):
            return cast(Setting, home)
        if home and home in ("undersea", "space"):
            return cast(Setting, home)  # in another element it would need one of its own
        if strong:
            return cast(Setting, strong[0])
        if chosen:
            for text in (title, *before[:1]):
                for c in self._judge.subjects(text):
                    if c.score >= CONFIDENT and (found := self._lexicon.entries[c.name].home):
                        return cast(Setting, found)
                for name, sure in self._judge.named(text, settings).items():
                    if sure:
                        return cast(Setting, name)
            return _ANYWHERE.get(self._lexicon.entries[chosen[0].name].kind, "meadow")
        return "abstract"

    def _where(self, name: str, before: Sequence[Text]) -> Setting | None:
        """The place where an earlier scene has shown a subject, if its words decided it."""
        for text in before:
            if any(m.name == name for m in mentions(text.words, self._lexicon.subjects, self._lexicon)):
                sure = [place for place, sure in self._judge.named(text, self._lexicon.settings).items() if sure]
                if sure and sure[0] not in ("undersea", "space", "sky", "abstract"):
                    return cast(Setting, sure[0])
        return None

    def _time(self, sources: Sequence[Text], setting: Setting, index: int, seed: int, names: Sequence[str]) -> Time:
        """The hour last spoken of."""
        if setting == "space":
            return "night"
        for text in sources:
            if found := self._judge.named(text, self._lexicon.times):
                said = cast(Time, next(iter(found)))
                # A sun at midnight is a low one.
                return "sunset" if said == "night" and _SUNNY & set(names) else said
        if {"moon", "star", "galaxy", "comet", "owl"} & set(names):
            return "night"
        if _SUNNY & set(names):
            return "day"
        # Without a word about the hour it is some time of the day: a night would be a statement of its own.
        course: tuple[Time, ...] = ("day", "sunset", "dawn", "day", "sunset", "day", "dawn")
        return course[(seed // 3 + index) % len(course)]

    def _weather(
        self,
        sources: Sequence[Text],
        subjects: Sequence[str],
        setting: Setting,
        chance: np.random.Generator,
        going_on: bool,
    ) -> Weather:
        """The weather last spoken of; lightning brings its own."""
        order: tuple[Weather, ...] = ("storm", "rain", "snow", "fog", "cloud", "clear")
        if "lightning" in subjects[:1]:
            return "storm"
        if _SUNNY & set(subjects):
            return "clear"
        # What the scene before said goes on only where this one names no thing of its own.
        for text in (sources[0], *(sources[1:2] if going_on else ()), sources[-1]):
            found = [name for name, sure in self._judge.named(text, self._lexicon.weathers).items() if sure]
            if found:
                return min((cast(Weather, name) for name in found), key=order.index)
        if setting == "snow" and chance.random() < 0.5:
            return "snow"
        return "clear" if chance.random() < 0.6 else "cloud"
