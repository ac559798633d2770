"""Every field of a request has a limit, checked first and told with the field, the limit and what to do."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from reelwright.domain.content.decision import ReviewDecision
from reelwright.domain.content.fields import SCRIPT_BYTES
from reelwright.domain.content.request import REQUEST_BYTES, ContentRequest
from reelwright.domain.content.story import Scene, Story, Translation, require_size
from reelwright.domain.errors import InvalidInput
from reelwright.domain.explain import explain
from reelwright.domain.limits import Text
from reelwright.domain.platforms import Platform

HUGE = "a\u0301b \n" * 380_000  # 1.9 million characters, all of which `clean` has to look at
MANY = 100_000
REF = {"key": "ab/" + "ab" * 32 + ".png", "sha256": "ab" * 32, "size": 10, "media_type": "image/png"}


def refused(model: type[BaseModel], given: dict[str, Any]) -> InvalidInput:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(given)
    error = explain(caught.value)
    assert "\n" not in str(error) and len(str(error)) < 600
    return error


@pytest.mark.parametrize(
    ("field", "given", "said"),
    [
        ("topic", {"topic": HUGE}, "more than 300; give a long text as a script"),
        ("script", {"script": HUGE}, "more than 100,000 bytes; split it"),
        ("feed", {"feed": HUGE}, "more than 2,000; give the address"),
        ("item.title", {"item": {"title": HUGE, "text": "a b"}}, "more than 1,000; shorten it"),
        ("item.text", {"item": {"title": "a", "text": HUGE}}, "more than 100,000 bytes; shorten it"),
        ("item.text", {"item": {"title": "a", "text": "x " * 50_001}}, "more than 100,000 bytes"),
        ("item.text", {"item": {"title": "a", "text": "\u0958" * 20_000}}, "more than 100,000 bytes"),
        ("item.url", {"item": {"title": "a", "text": "b", "url": HUGE}}, "more than 20,000"),
        ("item.published", {"item": {"title": "a", "text": "b", "published": HUGE}}, "more than 100"),
        ("title", {"topic": "a b", "title": HUGE}, "more than 100; shorten it"),
        (
            "formats",
            {"topic": "a b", "formats": [f"{240 + 2 * n}x240" for n in range(500)]},
            "500 formats is more than 6",
        ),
        ("formats", {"topic": "a b", "formats": ["x"] * MANY}, "100,000 formats is more than 6"),
        (
            "platforms",
            {"topic": "a b", "platforms": ["youtube"] * MANY},
            f"100,000 platforms is more than {len(Platform)}",
        ),
        (
            "posts",
            {"topic": "a b", "posts": {f"p{n}": {} for n in range(MANY)}},
            f"100,000 platforms is more than {len(Platform)}",
        ),
        ("posts.youtube.caption", {"topic": "a b", "posts": {"youtube": {"caption": HUGE}}}, "more than 63,000"),
        ("posts.youtube.first_comment", {"topic": "a b", "posts": {"youtube": {"first_comment": HUGE}}}, "10,000"),
        (
            "posts.youtube.thread",
            {"topic": "a b", "posts": {"youtube": {"thread": ["x"] * 26}}},
            "26 replies is more than 25",
        ),
        ("posts.youtube.thread", {"topic": "a b", "posts": {"youtube": {"thread": [HUGE]}}}, "more than 25,000"),
        ("posts.youtube.thread", {"topic": "a b", "posts": {"youtube": {"thread": [" "]}}}, "it is empty"),
        ("posts.youtube.link", {"topic": "a b", "posts": {"youtube": {"link": "https://" + HUGE}}}, "more than 2,000"),
        ("translations", {"script": "a b", "translations": {f"l{n}": "a b" for n in range(MANY)}}, "more than 20"),
        ("translations.de", {"script": "a b", "translations": {"de": HUGE}}, "more than 100,000 bytes"),
        ("language", {"topic": "a b", "language": HUGE}, "unknown language"),
        ("account", {"topic": "a b", "account": HUGE}, "pattern"),
        (
            "posts.x",
            {"topic": "a b", "platforms": ["x"], "posts": {"x": {"account": "a", "accounts": ["b"]}}},
            "either account or accounts",
        ),
        (
            "posts.x",
            {"topic": "a b", "platforms": ["x"], "posts": {"x": {"accounts": ["b", "b"]}}},
            "each may be named once",
        ),
        (
            "posts.x.accounts",
            {"topic": "a b", "platforms": ["x"], "posts": {"x": {"accounts": [f"a{n}" for n in range(21)]}}},
            "more than 20",
        ),
        ("channel", {"topic": "a b", "channel": HUGE}, "pattern"),
        ("request_key", {"topic": "a b", "request_key": HUGE}, "more than 200"),
        ("privacy", {"topic": "a b", "privacy": HUGE}, "'public', 'unlisted' or 'private'"),
        ("style.brand.watermark", {"topic": "a b", "style": {"brand": {"watermark": HUGE}}}, "more than 60"),
        ("style.brand.intro", {"topic": "a b", "style": {"brand": {"intro": HUGE}}}, "more than 80"),
        (
            "style.brand.outro",
            {"topic": "a b", "style": {"brand": {"outro": "x" * 81}}},
            "81 characters is more than 80",
        ),
        ("style.brand.lower_third", {"topic": "a b", "style": {"brand": {"lower_third": HUGE}}}, "more than 80"),
        ("style.brand.accent", {"topic": "a b", "style": {"brand": {"accent": HUGE}}}, "pattern"),
        ("style.brand.logo", {"topic": "a b", "style": {"brand": {"logo": {**REF, "key": HUGE}}}}, "no reference"),
        ("style.brand.logo", {"topic": "a b", "style": {"brand": {"logo": {**REF, "sha256": "../x"}}}}, "no reference"),
        ("style.brand.logo", {"topic": "a b", "style": {"brand": {"logo": {**REF, "size": 10**9}}}}, "smaller file"),
        ("style.lut", {"topic": "a b", "style": {"lut": {**REF, "media_type": HUGE}}}, "no reference"),
    ],
)
def test_each_field_has_its_limit(field: str, given: dict[str, Any], said: str) -> None:
    error = refused(ContentRequest, given)
    assert error.field == field and said in str(error)


@pytest.mark.parametrize(
    ("field", "given", "said"),
    [
        ("reviewer", {"decision": "approve", "reviewer": HUGE}, "more than 100"),
        ("reviewer", {"decision": "approve", "reviewer": " "}, "it is empty"),
        ("note", {"decision": "approve", "reviewer": "e", "note": HUGE}, "more than 2,000"),
        ("script", {"decision": "revise", "reviewer": "e", "script": HUGE}, "more than 100,000 bytes"),
        ("artifact_sha256", {"decision": "approve", "reviewer": "e", "artifact_sha256": HUGE}, "pattern"),
        ("decision", {"decision": HUGE, "reviewer": "e"}, "'approve', 'reject' or 'revise'"),
    ],
)
def test_each_field_of_a_decision_has_its_limit(field: str, given: dict[str, Any], said: str) -> None:
    error = refused(ReviewDecision, given)
    assert error.field == field and said in str(error)


def test_a_text_far_too_long_is_refused_before_it_is_put_in_order() -> None:
    def tidy(text: str) -> str:
        raise AssertionError("cleaning megabytes takes seconds")

    with pytest.raises(ValueError, match=r"1,900,000 characters is more than 300; shorten it"):
        Text(tidy, 300).check("x" * 1_900_000)
    assert Text(str.strip, 3).check(" " * 900 + "abc") == "abc", "spaces do not count"


def test_all_texts_together_stay_far_below_what_temporal_takes() -> None:
    thread = ["x" * 24_000] * 25
    error = refused(ContentRequest, {"topic": "a b", "posts": {"youtube": {"thread": thread}}})
    assert "posts: the texts of the request are 600,000 bytes together, more than 500,000; shorten posts" in str(error)
    scripts = dict.fromkeys(("de", "fr", "es", "it", "pt", "nl", "pl", "ru", "uk", "cs"), "слово " * 1500)
    whole = ContentRequest.model_validate({"script": "a b c. " * 400, "translations": scripts})
    assert len(whole.model_dump_json()) < REQUEST_BYTES
    far = dict.fromkeys([*scripts, *("sv", "da", "nb", "fi", "hu", "ro", "tr", "el", "bg", "sr")], "слово " * 1600)
    far = {code: text.replace("слово", "слововсловаре") for code, text in far.items()}
    assert "translations: the texts" in str(refused(ContentRequest, {"script": "a b", "translations": far}))


@pytest.mark.parametrize("text", ["\u0958 " * 1_000, "x" * 300 + " " * 900, "a  b", "e\u0301" * 150, "\ufb2c " * 99])
def test_what_is_taken_once_is_taken_again(text: str) -> None:
    """A request is read anew by each step: putting a text in order must not make it too long for the next reading."""
    for fields in (
        {"topic": text[:110] + " x"},
        {"script": text + " x y"},
        {"item": {"title": text[:333], "text": text}},
    ):
        request = ContentRequest.model_validate(fields)
        assert ContentRequest.model_validate_json(request.model_dump_json()) == request


def test_limits_are_in_the_schema() -> None:
    schema = TypeAdapter(ContentRequest).json_schema()
    assert schema["properties"]["title"]["maxLength"] == 100
    assert SCRIPT_BYTES == 100_000


def story(count: int, length: int, **more: Any) -> Story:
    scenes = tuple(Scene(index=n, text="x" * length) for n in range(count))
    return Story(title="t", description="d", writer="script", scenes=scenes, **more)


def test_a_story_has_no_more_scenes_and_text_than_a_workflow_carries() -> None:
    assert require_size(story(133, 60), field="script").scenes
    translated = story(57, 200, translations=(Translation(language="de", scenes=("y" * 50_000,) * 57),))
    assert require_size(translated, field="script").translations
    with pytest.raises(InvalidInput, match=r"script: 201 scenes is more than 200; use fewer headings"):
        require_size(story(201, 1), field="script")
    with pytest.raises(InvalidInput, match=r"script: .* bytes of text are too much for 57 scenes; split it"):
        require_size(story(57, 1_700), field="script")
