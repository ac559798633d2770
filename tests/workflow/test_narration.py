"""How a scene is spoken: by whom, under which key, and when a person has to listen."""

from __future__ import annotations

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.testing import ActivityEnvironment

from activities.content.material import SpeakScene, Voices
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.status import Stage
from reelwright.domain.content.story import Narration, Scene, Turn, WordTiming
from reelwright.domain.content.voice import PLAIN, CastTurn, Delivery, VoiceChoice
from reelwright.domain.errors import InvalidInput
from reelwright.domain.ids import effect_key
from reelwright.domain.ports.making import Speech, SpokenBy

from .conftest import FakeStudio
from .fakes import Makers, MemoryCatalog, MemoryMedia
from .test_content_pipeline import SCRIPT, question


class Cast(Makers):
    """Has one voice besides its own, and tells how certain it is."""

    certainty: float | None = None

    def spoken_by(self, language: str, delivery: Delivery = PLAIN) -> SpokenBy:
        named = delivery.choice.voice
        return SpokenBy(named or self.name, (named,) if named else ())

    async def ready(self, language: str, delivery: Delivery = PLAIN) -> None:
        if delivery.choice.voice not in ("", "joe"):
            raise InvalidInput("there is no such voice", field="voice", remedy="choose joe")
        await super().ready(language, delivery)

    async def speak(self, text: str, *, language: str, delivery: Delivery = PLAIN) -> Speech:
        self.calls["speak"] += 1
        words = (WordTiming(text=text, start=0, end=1),)
        return Speech(text.encode(), 1.0, words, timing="aligned", certainty=self.certainty)


async def test_the_voice_is_part_of_the_key_and_what_was_spoken_before_voices_keeps_its_own() -> None:
    makers, catalog, env = Cast(), MemoryCatalog(), ActivityEnvironment()
    voices = Voices(catalog, MemoryMedia(), makers)
    scene = Scene(index=0, text="Hello there.")
    plain = SpeakScene(content_id="c", scene=scene, language="en")
    assert "delivery" not in plain.model_dump() and "turns" not in plain.model_dump_json()
    first = await env.run(voices.speak_scene, plain)
    assert list(catalog.results) == [effect_key("c", "speech", makers.name, "Hello there.", "en")]
    with_voice = plain.model_copy(update={"delivery": Delivery(choice=VoiceChoice(voice="joe"))})
    second, again = await env.run(voices.speak_scene, with_voice), await env.run(voices.speak_scene, with_voice)
    assert (makers.calls["speak"], len(catalog.results)) == (2, 2)
    assert (first.provider, second.provider, again.audio) == (makers.name, "joe", second.audio)
    assert (first.timing, first.certainty) == ("aligned", None)


async def test_all_scenes_have_one_voice_though_another_becomes_the_languages_own(studio: FakeStudio) -> None:
    own = iter(["joe", "nils"])
    spoken: list[str] = []

    def spoken_by(language: str, delivery: Delivery = PLAIN) -> SpokenBy:
        if delivery.choice.voice == "gone":
            raise InvalidInput("there is no such voice", field="voice", remedy="choose joe")
        return SpokenBy(delivery.choice.voice or "unsettled", (delivery.choice.voice,))

    async def speak(text: str, *, language: str, delivery: Delivery = PLAIN) -> Speech:
        spoken.append(delivery.choice.voice)
        return Speech(text.encode(), 1.0, (WordTiming(text=text, start=0, end=1),), timing="espeak")

    studio.makers.own_voice = lambda language: next(own)  # type: ignore[method-assign]
    studio.makers.spoken_by = spoken_by  # type: ignore[method-assign]
    studio.makers.speak = speak  # type: ignore[method-assign]
    request = ContentRequest(script=SCRIPT, auto_approve=True, scene_voices={2: VoiceChoice(voice="anna")})
    assert (await (await studio.start(request)).result()).status is Stage.DONE
    assert spoken.count("anna") == 1 and set(spoken) == {"joe", "anna"}
    scene = SpeakScene(content_id="c", scene=Scene(index=0, text="Hello."), language="en", settled="gone")
    spoken.clear()
    narration = await ActivityEnvironment().run(
        Voices(MemoryCatalog(), MemoryMedia(), studio.makers).speak_scene, scene
    )
    assert spoken == [""] and narration.provider == "unsettled", "a voice that is not there any more is replaced"


def test_a_narration_of_an_earlier_release_has_the_same_json() -> None:
    old = {
        "usd": 0.0, "scene": 0, "duration_s": 1.0, "words": [], "provider": "espeak-ng",
        "audio": {"key": "a.wav", "sha256": "0" * 64, "size": 1, "media_type": "audio/wav"},
    }  # fmt: skip
    narration = Narration.model_validate(old)
    assert narration.model_dump(mode="json").keys() == old.keys() and not narration.doubt


async def test_a_narration_that_may_say_something_else_is_looked_at(studio: FakeStudio) -> None:
    studio.makers.speak = Cast().speak  # type: ignore[method-assign]
    sure = await (await studio.start(ContentRequest(script=SCRIPT, auto_approve=True))).result()
    assert sure.status is Stage.DONE
    unsure = Cast()
    unsure.certainty = 0.2
    studio.makers.speak = unsure.speak  # type: ignore[method-assign]
    handle = await studio.start(ContentRequest(script=SCRIPT, auto_approve=True))
    wanted = await question(handle)
    assert any("scene 1: what is heard may not be its text (certainty 0.20)" in reason for reason in wanted.reasons)
    decision = {"decision": "approve", "reviewer": "Ada", "artifact_sha256": wanted.artifact_sha256}
    await handle.signal("review", decision)
    assert (await handle.result()).status is Stage.DONE


async def test_a_voice_that_is_not_there_ends_it_before_anything_is_made(studio: FakeStudio) -> None:
    studio.makers.ready = Cast().ready  # type: ignore[method-assign]
    script = "ANNA: The harbour wakes before the sun does, every day of the year, without a sound."
    request = ContentRequest(script=script, voices={"ANNA": VoiceChoice(voice="nobody")})
    with pytest.raises(WorkflowFailureError) as caught:
        await (await studio.start(request)).result()
    assert "voices.ANNA: there is no such voice; choose joe" in str(caught.value.cause)
    assert not {"write", "speak", "draw"} & set(studio.makers.calls)


def test_a_scene_and_a_speaker_have_voices_of_their_own() -> None:
    joe, high = VoiceChoice(voice="joe"), VoiceChoice(pitch=3)
    request = ContentRequest(script=SCRIPT, voice=joe, voices={"Anna": high}, scene_voices={2: VoiceChoice(speed=0.9)})
    anna = (Turn(first=2, speaker="ANNA"),)
    assert request.delivery(0, ()) == Delivery(choice=joe)
    assert request.delivery(1, ()) == Delivery(choice=VoiceChoice(speed=0.9))
    assert [(turn.first, turn.choice) for turn in request.delivery(0, anna).turns] == [(0, joe), (2, high)]
    assert request.delivery(0, (Turn(first=0, speaker="anna"),)) == Delivery(choice=high)


def test_turns_begin_where_their_words_are_read() -> None:
    turns = (CastTurn(first=0), CastTurn(first=2, choice=VoiceChoice(pitch=2)))
    delivery = Delivery(turns=turns)
    read = delivery.read_as(["nineteen sixty nine", "", "I", "did."])
    assert [turn.first for turn in read.turns] == [0, 3]
    assert delivery.read_as(["Two", "words", "I", "did."]) == delivery
