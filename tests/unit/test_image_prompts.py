"""What makers of pictures are given, the choice of an opening line, and what is made of a story's texts elsewhere."""

from __future__ import annotations

import pytest

from reelwright.domain.assets import AssetRef
from reelwright.domain.content.image_prompts import prompt_of, seen_in, style_of
from reelwright.domain.content.judging import ModerationContext
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.story import Character, Material, Music, PostText, Scene, Story, Translation
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform
from reelwright.drawn.reading import read_scene
from reelwright.providers.moderation.parts import parts_of
from workflows.publishing.distribution import draft_of

ADA = Character(name="Ada", look="a small orange octopus with one white arm")
TOM = Character(name="Tom", look="an old diver in a red suit")


def story(*scenes: Scene, **more: object) -> Story:
    values: dict[str, object] = {"look": "Ink, deep blue", "characters": (ADA, TOM), **more}
    return Story(title="Hearts", description="Why.", scenes=scenes, writer="openai:m", **values)


def scene(**more: object) -> Scene:
    return Scene(index=0, text="She has three hearts.", **more)


def test_a_character_looks_the_same_wherever_it_is_named() -> None:
    one, two = scene(image_prompt="Ada over a reef"), scene(image_prompt="Tom meets Ada.")
    told = story(one, two)
    style = "Style: Ink, deep blue, consistent characters and palette throughout."
    assert prompt_of(one, told) == f"{style}\nScene: Ada over a reef.\nAda: {ADA.look}."
    assert prompt_of(two, told) == f"{style}\nScene: Tom meets Ada.\nAda: {ADA.look}.\nTom: {TOM.look}."
    assert seen_in(scene(image_prompt="Tomatoes in a bowl"), told) == ()


def test_a_brief_goes_before_what_the_model_has_thought_of_and_a_wish_changes_it() -> None:
    told = story()
    wished = prompt_of(scene(image_prompt="A reef", wish="make it\nnight, with Tom"), told).splitlines()
    assert wished[1:] == ["Scene: A reef.", f"Tom: {TOM.look}.", "Change: make it night, with Tom."]
    assert "\nScene: a harbour." in prompt_of(scene(image_prompt="A reef", brief="a harbour"), told)
    assert prompt_of(scene(), told).endswith("\nScene: She has three hearts.")


def test_a_story_without_a_look_has_one_by_its_mood() -> None:
    calm, tense = (style_of(story(look="", mood=mood)) for mood in ("calm", "tense"))
    assert "soft natural light" in calm and "strong contrast" in tense
    assert style_of(story(look="Ink.\nBlue.")).startswith("Ink. Blue, ")


def test_a_prompt_has_a_largest_size() -> None:
    long = story(look="ink " * 900, characters=(Character(name="Ada", look="orange " * 900),))
    assert len(prompt_of(scene(image_prompt="Ada " * 900, wish="Ada " * 900), long)) < 4_500


def test_the_drawn_pictures_do_not_read_what_is_for_models() -> None:
    plain = Scene(index=0, text="A lighthouse stands on the coast.")
    prompted = plain.model_copy(update={"image_prompt": "a rocket over the moon", "search": ("rocket",)})
    readings = [read_scene(one, story=story(one, look="", characters=()), seed=3) for one in (plain, prompted)]
    assert readings[0] == readings[1] and readings[0].read


def test_another_hook_takes_the_first_ones_place() -> None:
    told = story(scene().model_copy(update={"text": "One. Then more."}), hooks=("One.", "Two?", "Three!"))
    chosen = told.opened_with(3)
    assert chosen.scenes[0].text == "Three! Then more." and chosen.hooks == ("Three!", "One.", "Two?")
    assert chosen.opened_with(2).scenes == told.scenes and told.opened_with(1) == told
    for number in (0, 4):
        with pytest.raises(InvalidInput, match="the story has 3"):
            told.opened_with(number)


def test_everything_that_is_posted_or_drawn_is_moderated() -> None:
    told = story(
        scene(image_prompt="PROMPT"),
        translations=(Translation(language="de", scenes=("Drei.",), title="TITEL", description="TEXT", tags=("TAG",)),),
        post_texts={Platform.X: PostText(title="XT", description="XD", tags=("XTAG",))},
    )
    judged = {part.place: part for part in parts_of(told, ModerationContext())}
    assert judged["title in de"].text == "TITEL" and judged["description in de"].language == "de"
    assert judged["title for x"].text == "XT" and judged["tags for x"].text == "XTAG"
    assert judged["the image prompt of scene 1"].text == "PROMPT"
    assert judged["the look of all pictures"].text == told.look and ADA.look in judged["the look of character 1"].text


def test_a_post_has_its_platforms_texts_and_the_users_options_win() -> None:
    told = story(scene(), tags=("hearts",), post_texts={Platform.X: PostText(title="XT", description="XD")})
    sound = AssetRef(key="k", sha256="0" * 64, size=1, media_type="audio/wav")
    music = Music(audio=sound, duration_s=1.0, mood="calm", provider="synth")
    material = Material(story=told, narrations=(), pictures=(), music=music)
    request = ContentRequest(topic="Hearts", platforms=["x", "youtube"], posts={"x": {"caption": "Mine."}})
    on_x, on_youtube = (draft_of(platform, "a", request, material) for platform in (Platform.X, Platform.YOUTUBE))
    assert (on_x.title, on_x.description, on_x.tags, on_x.caption) == ("XT", "XD", ("hearts",), "Mine.")
    assert (on_youtube.title, on_youtube.description) == ("Hearts", "Why.")


def test_what_nobody_asked_for_is_not_in_the_json() -> None:
    plain = Story(title="t", description="d", scenes=(scene(),), writer="composer")
    assert not {"hooks", "look", "characters", "post_texts", "prompt", "request_id", "call_to_action"} & set(
        plain.model_dump(mode="json")
    )
    assert plain.model_dump(mode="json")["scenes"] == [{"index": 0, "text": "She has three hearts.", "heading": ""}]
    asked = ContentRequest(topic="Tides").model_dump(mode="json")
    assert not {"tone", "call_to_action", "caption_languages"} & set(asked)
