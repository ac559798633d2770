"""How sure it is that a text is about a thing: senses of its name, denials, and what kind of script it stands in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from reelwright.domain.content.story import Scene, Story

from .focus import leads, located, stands_alone
from .lexicon import Lexicon, Names
from .words import Mention, Word, denied, has_any, mentions, sentences_of, words_of

CONFIDENT = 0.7
"""From here on a scene is drawn; below it becomes a card."""
_SURE, _UNSURE = 0.8, 0.4
_NEAR, _AGAIN, _IN_TITLE, _ELSEWHERE = 0.35, 0.05, 0.1, 0.35
_MODIFIER = 0.5
"""What a name loses that is part of another ("fish sauce"), or that is counted and cannot be."""
_MOST_DRAWN = 5
"""No more of a thing are drawn side by side; a text that counts more is not shown with fewer."""
_PARTS = frozenset({"tooth", "egg", "bone", "ear", "eye", "eyes", "nose", "foot", "leg", "paw prints"})
"""What is drawn as a person's or a kitchen's, and is an animal's in a story about one."""
_STEM = 4
"""Forms of one word begin with as many letters alike."""
_QUOTES = "\"”“»«'’ "
_ALIVE = frozenset({"animal", "sea", "person", "plant", "vehicle", "food"})
_LAST_YEAR = 2099
_DOMAIN_WORDS, _SCENE_WORDS = 3.0, 2.0
"""Words of a domain that make a script, or one scene of any script, one of it."""
_DOMAIN_LEAD = 1.3
_OF_THEM = frozenset(
    [
        "of",
        "the",
        "these",
        "those",
        "its",
        "their",
        "our",
        "my",
        "his",
        "her",
        "your",
        "de",
        "los",
        "las",
        "les",
        "des",
        "der",
        "die",
        "das",
    ]
)


@dataclass(frozen=True)
class Candidate:
    """A subject that a text may be about: how sure that is (0..1), how many of it, and the reasons for people."""

    name: str
    score: float
    count: int
    at: int
    why: str


@dataclass(frozen=True)
class Text:
    """A text's words, and what else is known when its words are weighed."""

    words: tuple[Word, ...]
    title: tuple[Word, ...]
    domains: frozenset[str]
    first: int = 0
    """Its first sentence behind the heading."""
    asks: bool = False
    """Whether that is a question."""


def domains_of(words: Sequence[Word], lexicon: Lexicon, enough: float) -> frozenset[str]:
    """What kinds of script the words speak for: those with enough words, and hardly fewer than the first of them."""
    counted: Counter[str] = Counter()
    # One word over and over is a topic: whales sleep, too.
    for name, _, sure in {(m.name, m.word[:5], m.sure) for m in mentions(words, lexicon.domains, lexicon)}:
        counted[name] += 2 if sure else 1
    most = max(counted.values(), default=0)
    return frozenset(name for name, count in counted.items() if count / 2 >= enough and count * _DOMAIN_LEAD >= most)


def figure_of(word: str) -> int:
    """The number that a word is; 0 for a year and for what is none."""
    plain = re.sub(r"(?<=\d)[.,'’](?=\d{3})", "", word)
    if not plain.isdecimal() or len(plain) > 12 or (plain == word and year_of(word)):
        return 0
    return int(plain)


def year_of(word: str) -> int:
    """The year that a word is; 0 for what is none."""
    return int(word) if word.isdecimal() and len(word) == 4 and 1000 <= int(word) <= _LAST_YEAR else 0


def _alike(one: str, other: str) -> bool:
    """Whether two names are forms of one word."""
    return one[:_STEM] == other[:_STEM] or one.startswith(other) or other.startswith(one)


class Judge:
    """Weighs what the scenes of one story name. `domains` are those of the whole script."""

    def __init__(self, story: Story, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.title = tuple(words_of(story.title, lexicon))
        whole = [*self.title, *words_of(story.text, lexicon)]
        self.domains = domains_of(whole, lexicon, _DOMAIN_WORDS)
        self._known: frozenset[str] = frozenset()
        scenes = [self.scene(scene) for scene in story.scenes]
        found = [c for text in scenes for c in self._weighed(text)]
        self._known = frozenset(c.name for c in found if c.score >= CONFIDENT)

    def scene(self, scene: Scene) -> Text:
        """A scene's words, heading included; but not the title, which stands over the first scene of many scripts and
        is no word of that scene."""
        heading = tuple(words_of(scene.heading, self.lexicon)) if scene.heading else ()
        own = heading and heading != self.title
        words = words_of(f"{scene.heading}. {scene.text}" if own else scene.text, self.lexicon)
        first = heading[-1].sentence + 1 if own else 0
        sentences = sentences_of(scene.text, self.lexicon.language)
        asks = bool(sentences) and sentences[0].rstrip(_QUOTES).endswith(("?", "？", "؟"))
        domains = self.domains | domains_of(words, self.lexicon, _SCENE_WORDS)
        return Text(tuple(words), self.title, domains, first, asks)

    def subjects(self, text: Text) -> list[Candidate]:
        """Everything the words name that can be drawn, the surest first."""
        return sorted(self._weighed(text), key=lambda c: (-c.score, c.at))

    def subject(self, text: Text) -> Candidate | None:
        """What the first sentence of a scene is about, or what the title and a clause of the scene are about."""
        if text.asks:
            return None
        cold = has_any(text.words, self.lexicon.cold, self.lexicon)
        found = [
            c
            for c in self._weighed(text, about=True)
            if c.score >= CONFIDENT and not (cold and self.lexicon.entries[c.name].kind == "plant")
        ]
        return min(found, key=lambda c: c.at, default=None)

    def allowed(self, kind: str, text: Text) -> bool:
        """Whether scripts of these domains show such things."""
        return kind != "never" and all(kind in self.lexicon.shows[domain] for domain in text.domains)

    def named(self, text: Text, names: Names, *, placed: bool = False) -> dict[str, bool]:
        """Settings, hours or weathers that the words name and do not deny; whether one of the words decides. `placed`:
        only where the first sentence says that something is there."""
        found: dict[str, bool] = {}
        for mention in mentions(text.words, names, self.lexicon):
            if placed and (
                text.words[mention.at].sentence != text.first or not located(text.words, mention, self.lexicon)
            ):
                continue
            if not denied(text.words, mention, self.lexicon):
                sure = mention.sure and not has_any(text.words, self.lexicon.altered, self.lexicon)
                found[mention.name] = found.get(mention.name, False) or sure
        return found

    def refused(self, text: Text) -> frozenset[str]:
        """The subjects a text names only to say that they are not there."""
        lexicon = self.lexicon
        found = list(mentions(text.words, lexicon.subjects, lexicon))
        return frozenset(m.name for m in found if denied(text.words, m, lexicon))

    def year(self, text: Text) -> int:
        """The latest year that a text names, or one of the age that it names; 0 where it names none."""
        ages = (mention.name for mention in mentions(text.words, self.lexicon.ages, self.lexicon))
        return max((*map(int, ages), *(year_of(word.text) for word in text.words)), default=0)

    def too_early(self, name: str, text: Text, before: Sequence[Text]) -> bool:
        """Whether the drawing of a subject or a setting is of a later time than the text is about."""
        told = (text, *before) if name in self.lexicon.older else (text,)
        year = next((found for one in told if (found := self.year(one))), 0)
        return 0 < year < self.lexicon.since.get(name, 0)

    def _weighed(self, text: Text, *, about: bool = False) -> list[Candidate]:
        groups: dict[str, list[Mention]] = {}
        for mention in mentions(text.words, self.lexicon.subjects, self.lexicon):
            groups.setdefault(mention.name, []).append(mention)
        found = []
        for name, group in groups.items():
            if about:
                group = [
                    m
                    for m in group
                    if leads(text.words, m, self.lexicon, titled=self.in_title(name, m.word), first=text.first)
                ]
            if group and (weighed := self._weigh(name, group, text)) is not None:
                found.append(weighed)
        return found

    def _weigh(self, name: str, group: list[Mention], text: Text) -> Candidate | None:
        entry, lexicon = self.lexicon.entries[name], self.lexicon
        around = (*text.words, *text.title)
        if not self.allowed(entry.kind, text) or has_any(around, entry.never, lexicon):
            return None
        if has_any(text.words, lexicon.undone, lexicon) or self._of_another(name, text):
            return None
        seen = [m for m in group if not denied(text.words, m, lexicon)]
        if entry.kind in _ALIVE:
            seen = [m for m in seen if not self._made(text, m)]
        if not seen or len(seen) < len(group) - len(seen):
            return None
        best = max(seen, key=lambda m: m.sure)
        why = [best.word]
        score = _SURE if best.sure else _UNSURE
        others = [word for at, word in enumerate(text.words) if not best.at <= at < best.at + best.length]
        near = has_any((*others, *text.title), entry.near - {best.word}, lexicon)
        if near and near != best.word:
            score += _NEAR if not best.sure else _AGAIN
            why.append(near)
        if not best.sure and name in self._known:
            score += _ELSEWHERE
        score += _AGAIN * (len(seen) > 1) + _IN_TITLE * self.in_title(name)
        if not stands_alone(text.words, best, lexicon, loosely=True):
            score -= _MODIFIER
        count = 1 if entry.mass else max((self._counted(text.words, m) for m in seen), default=1)
        if count > _MOST_DRAWN:
            score -= _MODIFIER
            count = 1
        return Candidate(name, round(min(score, 0.99), 2), count, best.at, " + ".join(why))

    def in_title(self, name: str, word: str = "") -> bool:
        """Whether the title names a subject; by this word or another form of it, if one is given."""
        found = mentions(self.title, self.lexicon.subjects, self.lexicon)
        return any(m.name == name and (not word or _alike(m.word, word)) for m in found)

    def _of_another(self, name: str, text: Text) -> bool:
        """Whether a name stands for something of an animal that is drawn otherwise: the brain of a crow, or "the birds"
        for crows."""
        kind, lexicon = self.lexicon.entries[name].kind, self.lexicon
        if self.in_title(name):
            return False
        creatures = any(mentions((*text.words, *text.title), lexicon.undrawn, lexicon))
        if kind == "body" or name in _PARTS:
            named = {m.name for m in mentions((*text.words, *text.title), lexicon.subjects, lexicon)} | self._known
            return creatures or any(lexicon.entries[one].kind in ("animal", "sea") for one in named - {name})
        return name == "bird" and creatures

    def _made(self, text: Text, mention: Mention) -> bool:
        """Whether it is only a figure of the thing: what it is made of stands right before or behind it."""
        if self.lexicon.unspaced:
            return any(sign in text.words[mention.at].text for sign in self.lexicon.made_of.whole)
        end, made_of = mention.at + mention.length, self.lexicon.made_of
        clause = text.words[mention.at].clause
        before = [w.text for w in text.words[max(mention.at - 2, 0) : mention.at] if w.clause == clause]
        after = [w.text for w in text.words[end : end + 2] if w.clause == clause]
        return any(made_of.of(word) for word in (*before, *after[:1], "_".join(after)))

    def _counted(self, words: Sequence[Word], mention: Mention) -> int:
        """How many: a number word or figure right before the noun, with one word or "of the" between."""
        counts = self.lexicon.counts
        between = 0
        for word in reversed(words[max(mention.at - 5, 0) : mention.at]):
            if word.clause != words[mention.at].clause:
                break
            number = counts.get(word.text) or figure_of(word.text)
            if number:
                return number
            between += word.text not in _OF_THEM
            if between > 1:
                break
        return 1
