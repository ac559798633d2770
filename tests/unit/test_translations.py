"""The script in other languages: asked for, cut like the script, and refused in one line where it does not fit."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from reelwright.domain.content.decision import ReviewDecision
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.story import Story, WriteTask
from reelwright.domain.errors import InvalidInput
from reelwright.domain.explain import explain
from reelwright.providers.moderation.rules import RulesModerator
from reelwright.providers.writing.script import ScriptWriter
from starter.inputs import Asked, request_of

SCRIPT = (
    "# Tides\n\nThe moon pulls at the sea.\n\n## Twice a day\n\nThe water *comes* and goes, and leaves shells behind."
)
GERMAN = "# Gezeiten\n\nDer Mond zieht am Meer.\n\n## Zweimal am Tag\n\nDas Wasser *kommt* und geht."


async def written(**request: object) -> Story:
    return await ScriptWriter().write(WriteTask(content_id="c", request=ContentRequest.model_validate(request)))


async def test_a_translation_is_cut_like_the_script() -> None:
    story = await written(script=SCRIPT, translations={"de": GERMAN, "ar": "القمر يجذب البحر.\n\nالماء يأتي ويذهب."})
    german, arabic = story.translations
    assert (german.language, german.scenes) == ("de", ("Der Mond zieht am Meer.", "Das Wasser kommt und geht."))
    assert len(arabic.scenes) == len(story.scenes) == 2
    judged = await RulesModerator(("Wasser",)).judge(story)
    assert any("scene 2 in de" in reason for reason in judged.reasons), "captions are published too"


async def test_a_translation_of_another_length_is_refused_with_the_numbers() -> None:
    with pytest.raises(InvalidInput) as caught:
        await written(script=SCRIPT, translations={"de": "Eins ist da.\n\nZwei ist da.\n\nDrei ist da."})
    assert caught.value.field == "translations.de" and "3 paragraphs, the script 2 scenes" in str(caught.value)


async def test_where_the_script_is_cut_otherwise_a_paragraph_is_a_scene() -> None:
    long = " ".join(f"Sentence number {n} has seven good words." for n in range(12))
    scenes = (await written(script=long)).scenes
    assert len(scenes) > 1, "one long paragraph, several scenes"
    short = "\n\n".join(f"Absatz {n}." for n in range(len(scenes)))
    [german] = (await written(script=long, translations={"de": short})).translations
    assert german.scenes == tuple(short.split("\n\n"))


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"topic": "Tides at sea", "translations": {"de": GERMAN}}, "translations: they go with a script"),
        ({"script": SCRIPT, "translations": {"en": GERMAN}}, "translations: en is the language that is spoken"),
        ({"script": SCRIPT, "translations": {"tlh": GERMAN}}, "unknown language 'tlh'"),
        ({"script": SCRIPT, "translations": {"de": ""}}, "0 words is too short"),
    ],
)
def test_impossible_requests_are_named(request_: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ContentRequest.model_validate(request_)
    assert said in str(explain(caught.value))


def test_from_the_command_line(tmp_path: Path) -> None:
    script, german = tmp_path / "talk.md", tmp_path / "talk=de.md"
    script.write_text(SCRIPT)
    german.write_text(GERMAN)
    _, request = request_of(Asked(script=script, translations=[f"de={german}"]))
    assert request.translations == {"de": GERMAN}
    for bad in (["de"], ["=x"], [f"de={german}", f"de={german}"], ["de="]):
        with pytest.raises(InvalidInput) as caught:
            request_of(Asked(script=script, translations=bad))
        assert caught.value.field == "translation" and "--translation de=" in caught.value.remedy
    with pytest.raises(InvalidInput) as caught:
        request_of(Asked(script=script, translations=["de=none.md"]))
    assert caught.value.field == "translations.de"


def test_another_script_leaves_its_old_translations_behind() -> None:
    request = ContentRequest(script=SCRIPT, translations={"de": GERMAN})
    task = WriteTask(content_id="c", request=request)
    story = Story(title="t", description="d", scenes=(), writer="t")
    noted = task.revised(ReviewDecision(decision="revise", reviewer="e", note="brighter"), story)
    assert noted.request.translations == request.translations
    other = task.revised(ReviewDecision(decision="revise", reviewer="e", script="Another script here."), story)
    assert other.request.translations == {}
