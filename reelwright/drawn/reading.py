"""From a scene's words to what its picture shows. Pure: words in, a `SceneReading` out, the same each time.

A scene is drawn only where its first sentence is about one thing that can be drawn (`focus.leads`), and that surely
(`evidence.CONFIDENT`); else `SceneReading.read` is False and its picture is a card. Place, hour and weather are shown
only where the sentence says them; else the thing stands on a plain ground.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast, get_args

from reelwright.domain.content.story import Scene, Story

from .evidence import CONFIDENT, Candidate, Judge, Text
from .lexicon import lexicon_of, subject_names
from .words import has_any

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
_ANYWHERE: Mapping[str, Setting] = {"nature": "meadow", "person": "meadow"}
"""Where the subject of a brief stands that is at home nowhere, when no place is named."""
_SUNNY = frozenset({"sun"})
_NIGHTLY = frozenset({"moon", "star", "galaxy", "comet"})
_GREEN = frozenset({"meadow", "farmland", "lake", "road", "village", "forest"})
"""What is drawn in leaf and in flower."""
# Places where a thing of the other is not out of place.
_KIN: Mapping[str, frozenset[str]] = {
    "undersea": frozenset({"sea"}),
    "sea": frozenset({"coast", "undersea"}),
    "coast": frozenset({"sea", "village"}),
    "lake": frozenset({"sea", "meadow", "forest"}),
    "village": frozenset({"farmland", "meadow", "city"}),
    "farmland": frozenset({"meadow", "village"}),
    "meadow": frozenset({"farmland", "forest", "mountains", "village", "city", "lake", "snow"}),
    "forest": frozenset({"meadow", "mountains", "lake", "snow"}),
    "mountains": frozenset({"forest", "meadow"}),
    "library": frozenset({"room"}),
    "laboratory": frozenset({"room"}),
    "room": frozenset({"library", "laboratory"}),
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
    how sure, `why` the words that decided."""

    setting: Setting
    time: Time
    weather: Weather
    subjects: tuple[Subject, ...]
    read: bool
    sure: float = 0.0
    why: tuple[str, ...] = ()


_BRIEFED: Mapping[str, Any] = {"title": "", "description": "", "writer": ""}


def _brief_scene(scene: Scene) -> Scene:
    return Scene(index=scene.index, text=scene.brief)


def is_of_brief(found: SceneReading) -> bool:
    """Whether it shows what a brief or a wish names."""
    return found.read and any(why.startswith("brief") for why in found.why)


def read_scene(scene: Scene, *, story: Story, seed: int, openmoji: bool = True) -> SceneReading:
    """Reads one scene: its brief; where there is none that can be drawn, what its first sentence is about."""
    return StoryReader(story, openmoji=openmoji).read(scene, seed=seed)


class StoryReader:
    """Reads the scenes of one story; with `openmoji` also what has a drawing of OpenMoji's only."""

    def __init__(self, story: Story, *, openmoji: bool = True) -> None:
        self._story, self._openmoji = story, openmoji
        self._lexicon = lexicon_of(story.language, openmoji)
        self._judge = Judge(story, self._lexicon)

    def read(self, scene: Scene, *, seed: int) -> SceneReading:
        """What the scene's picture shows, and whether that is sure enough to be drawn. A reviewer's wish is read in
        place of all else if it names what is to be seen; otherwise it changes the hour and the weather."""
        if not scene.wish:
            return self._as_written(scene, seed)
        wish = scene.model_copy(update={"brief": scene.wish})
        found = self._as_written(wish, seed)
        if is_of_brief(found):
            return found
        found = self._as_written(scene, seed)
        if not found.read:
            return found
        for language in dict.fromkeys((self._story.language, "en")):
            found = self._brief_reader(wish, language)._changed(found, _brief_scene(wish))
        return found

    def _as_written(self, scene: Scene, seed: int) -> SceneReading:
        """By the brief, which is read in place of the text; where it cannot be drawn, by the text, without what the
        brief does not want."""
        if not scene.brief:
            return self._read(scene, seed)
        wanted = self._brief_reader(scene, self._story.language)
        found = wanted._read_brief(_brief_scene(scene))
        if not found.read and self._lexicon.language != "en":
            # Briefs are often in English whatever is spoken.
            wanted = self._brief_reader(scene, "en")
            found = wanted._read_brief(_brief_scene(scene))
        if found.read:
            return found
        unwanted = wanted._judge.refused(wanted._judge.scene(_brief_scene(scene)))
        return self._read(scene, seed, unwanted)

    def _changed(self, found: SceneReading, wish: Scene) -> SceneReading:
        """What was read, at the hour and in the weather that a wish names."""
        text, names = self._judge.scene(wish), [subject.name for subject in found.subjects]
        times, weathers = (self._judge.named(text, known) for known in (self._lexicon.times, self._lexicon.weathers))
        return replace(
            found,
            time=self._time(text, found.setting, names) if any(times.values()) else found.time,
            weather=self._weather(text, names, found.setting) if any(weathers.values()) else found.weather,
        )

    def _brief_reader(self, scene: Scene, language: str) -> StoryReader:
        story = Story(**_BRIEFED, language=language, scenes=(_brief_scene(scene),))
        return StoryReader(story, openmoji=self._openmoji)

    def _read(self, scene: Scene, seed: int, unwanted: frozenset[str] = frozenset()) -> SceneReading:
        judge, text = self._judge, self._judge.scene(scene)
        before = [judge.scene(s) for s in sorted(self._story.scenes, key=lambda s: -s.index) if s.index < scene.index]
        earlier = (*before, Text(judge.title, judge.title, judge.domains))
        found = judge.subject(text)
        if found is None or found.name in unwanted or judge.too_early(found.name, text, earlier):
            return self._shown((), "abstract", self._course(scene.index, seed), "clear")
        setting = self._place(found, text)
        if judge.too_early(setting, text, earlier):
            setting = "abstract"
        neutral = setting == "abstract"
        starry = self._lexicon.entries[found.name].home == "space"
        plain: Time = "night" if starry else self._course(scene.index, seed)
        time = plain if neutral else self._time(text, setting, [found.name])
        return self._shown((found,), setting, time, "clear" if neutral else self._weather(text, [found.name], setting))

    def _place(self, found: Candidate, text: Text) -> Setting:
        """The place that the sentence names with a preposition of place, if the subject may be there in the season that
        is drawn; else none at all, a plain ground."""
        entry, lexicon = self._lexicon.entries[found.name], self._lexicon
        places = [name for name, sure in self._judge.named(text, lexicon.settings, placed=True).items() if sure]
        if len(places) != 1 or entry.kind == "body":
            return "abstract"
        place = cast(Setting, places[0])
        at_home = not entry.home or place in (entry.home, *_KIN.get(entry.home, ()))
        if at_home and entry.home == "undersea":
            return "undersea"
        wintry = place in _GREEN and has_any(text.words, lexicon.cold, lexicon)
        return place if at_home and not wintry else "abstract"

    def _read_brief(self, scene: Scene) -> SceneReading:
        """What a brief names: all subjects that belong together, or a place alone."""
        judge, lexicon = self._judge, self._lexicon
        text = judge.scene(scene)
        places = judge.named(text, lexicon.settings)
        strong = [cast(Setting, name) for name, sure in places.items() if sure]
        own = [c for c in judge.subjects(text) if c.score >= CONFIDENT][: _MAX_SUBJECTS + 1]
        homes = {name: entry.home for name, entry in lexicon.entries.items()}
        own.sort(key=lambda c: (c.name == "mountain", not homes[c.name], -c.score, c.at))
        chosen: list[Candidate] = []
        for c in own[:]:
            first = homes[chosen[0].name] if chosen else ""
            if not first or not homes[c.name] or homes[c.name] in {first, *_KIN.get(first, ())}:
                chosen.append(c)
        chosen = chosen[:_MAX_SUBJECTS]
        if not chosen and not strong:
            return self._shown((), "abstract", "day", "clear")
        entry = lexicon.entries[chosen[0].name] if chosen else None
        home = cast(Setting, entry.home) if entry else ""
        if entry and entry.kind == "body":
            setting: Setting = "abstract"
        elif home and (home in places or not strong or home in ("undersea", "space")):
            setting = home
        elif strong:
            setting = strong[0]
        else:
            setting = _ANYWHERE.get(entry.kind, "abstract") if entry else "abstract"
        names = [c.name for c in chosen]
        time, weather = self._time(text, setting, names), self._weather(text, names, setting)
        shown = self._shown(tuple(chosen), setting, time, weather)
        why = shown.why or (f"place: {strong[0]}",)
        return replace(shown, read=True, sure=shown.sure or CONFIDENT, why=tuple(f"brief, {reason}" for reason in why))

    def _shown(self, chosen: Sequence[Candidate], setting: Setting, time: Time, weather: Weather) -> SceneReading:
        return SceneReading(
            setting=setting,
            time=time,
            weather=weather,
            subjects=tuple(Subject(c.name, c.count) for c in chosen),
            read=bool(chosen),
            sure=chosen[0].score if chosen else 0.0,
            why=tuple(f"{c.name}: {c.why}" for c in chosen),
        )

    @staticmethod
    def _course(index: int, seed: int) -> Time:
        """The colours of a ground that is no place, which go through the hours as the scenes do; never night's."""
        course: tuple[Time, ...] = ("day", "sunset", "dawn", "day", "sunset", "day", "dawn")
        return course[(seed // 3 + index) % len(course)]

    def _time(self, text: Text, setting: Setting, names: Sequence[str]) -> Time:
        """The hour that the words name; in space and round the moon it is night, else day."""
        if setting == "space" or _NIGHTLY & set(names):
            return "night"
        found = self._judge.named(text, self._lexicon.times)
        said = cast(Time, next((name for name, sure in found.items() if sure), "day"))
        # A sun at midnight is a low one.
        return "sunset" if said == "night" and _SUNNY & set(names) else said

    def _weather(self, text: Text, names: Sequence[str], setting: Setting) -> Weather:
        """The weather that the words name; lightning brings its own."""
        order: tuple[Weather, ...] = ("storm", "rain", "snow", "fog", "cloud", "clear")
        if "lightning" in names[:1]:
            return "storm"
        if _SUNNY & set(names):
            return "clear"
        found = [name for name, sure in self._judge.named(text, self._lexicon.weathers).items() if sure]
        return min((cast(Weather, name) for name in found), key=order.index, default="clear")
