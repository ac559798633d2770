"""Which voice speaks, how fast and how high: choices of a request, of a scene, and of a speaker in a dialogue."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from ..base import Grown, Model, UserInput
from ..limits import Text
from ..text.incoming import one_line

SPEEDS = (0.6, 1.8)
"""Below, words fall apart; above, they are not understood."""
PITCHES = (-6.0, 6.0)
"""Semitones. Further off no voice sounds like a person."""
CAST = 20
SPEAKER_CHARS = 40
VOICE_CHARS = 100

ESPEAK = "espeak-ng"
"""The name of the voice that every language has."""


def _speaker(name: str) -> str:
    if ":" in name or not any(char.isalnum() for char in name):
        raise ValueError(
            "a speaker's name has letters or digits and no colon; it stands before the colon in the script"
        )
    return name


SpeakerName = Annotated[str, Text(one_line, SPEAKER_CHARS, least=1), AfterValidator(_speaker)]


class VoiceChoice(UserInput):
    """A voice by its name (`reelwright voices list`), its speed (1 is its own) and pitch in semitones (0 is its own).
    Without a name the language's own voice speaks."""

    voice: Annotated[str, Text(one_line, VOICE_CHARS, remedy="see `reelwright voices list`")] = ""
    speed: Annotated[float, Field(ge=SPEEDS[0], le=SPEEDS[1], allow_inf_nan=False)] = 1.0
    pitch: Annotated[float, Field(ge=PITCHES[0], le=PITCHES[1], allow_inf_nan=False)] = 0.0


UNCHANGED = VoiceChoice()


class Turn(Model):
    """From the token `first` of a scene's text on (counted from 0), `speaker` speaks; empty is the narrator."""

    first: int
    speaker: str = ""


class CastTurn(Model):
    """The same with the voice chosen for it."""

    first: int
    choice: VoiceChoice = VoiceChoice()


class Delivery(Grown, Model):
    """How a text is spoken: in one voice, or in turns, of which the first begins at token 0."""

    added: ClassVar[frozenset[str]] = frozenset({"turns"})

    choice: VoiceChoice = VoiceChoice()
    turns: tuple[CastTurn, ...] = ()

    @property
    def choices(self) -> tuple[VoiceChoice, ...]:
        """Every choice it has, each once."""
        return tuple(dict.fromkeys(turn.choice for turn in self.turns)) if self.turns else (self.choice,)

    def settled(self, voice: str) -> Delivery:
        """The same with this voice wherever none is named."""

        def named(choice: VoiceChoice) -> VoiceChoice:
            return choice if choice.voice or not voice else choice.model_copy(update={"voice": voice})

        turns = tuple(turn.model_copy(update={"choice": named(turn.choice)}) for turn in self.turns)
        return self.model_copy(update={"choice": named(self.choice), "turns": turns})

    def unnamed(self) -> Delivery:
        """The same in the language's own voice, at the speeds and pitches that were chosen."""

        def own(choice: VoiceChoice) -> VoiceChoice:
            return choice.model_copy(update={"voice": ""})

        turns = tuple(turn.model_copy(update={"choice": own(turn.choice)}) for turn in self.turns)
        return self.model_copy(update={"choice": own(self.choice), "turns": turns})

    def read_as(self, said: Sequence[str]) -> Delivery:
        """The same for the spoken form of a text; `said` has the spoken form of each written token, and the turns begin
        at their words in it."""
        if not self.turns:
            return self
        places = [0, *accumulate(len(words.split()) for words in said)]
        turns = [turn.model_copy(update={"first": places[min(turn.first, len(said))]}) for turn in self.turns]
        return self.model_copy(update={"turns": tuple(turns)})


PLAIN = Delivery()
"""The language's own voice at its own speed and pitch."""


def delivery_of(turns: tuple[Turn, ...], narrator: VoiceChoice, cast: dict[str, VoiceChoice]) -> Delivery:
    """The delivery of a scene whose `turns` are spoken by `cast` (by name, capitals aside); a speaker who is not
    in it, and the text before the first turn, is the narrator's."""
    by_name = {name.casefold(): choice for name, choice in cast.items()}
    spoken = [CastTurn(first=turn.first, choice=by_name.get(turn.speaker.casefold(), narrator)) for turn in turns]
    if spoken and spoken[0].first > 0:
        spoken.insert(0, CastTurn(first=0, choice=narrator))
    if len({turn.choice for turn in spoken}) < 2:
        return Delivery(choice=spoken[0].choice if spoken else narrator)
    return Delivery(choice=narrator, turns=tuple(spoken))
