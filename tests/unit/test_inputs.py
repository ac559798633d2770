"""What a person types becomes a request, or one clear line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from control.contents import title_of
from control.requests import destination
from reelwright.domain.content.request import ContentRequest, FeedItem
from reelwright.domain.errors import InvalidInput, OutOfSpace
from reelwright.domain.explain import explain
from reelwright.domain.ids import content_id_of_key, content_id_of_workflow, effect_key
from reelwright.domain.text.incoming import clean, decode, one_line
from starter.folders import need_space, need_writable
from starter.inputs import Asked, request_of


def refusal(asked: Asked) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        request_of(asked)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"   \n\n ", "is empty"),
        (b"Word", "1 words is too short"),
        (b"x" * 10_000_000, "10,000,000 bytes, more than the limit of 100,000"),
        (b"a\0b", "binary file"),
        (b"caf\xe9 au lait", "not UTF-8 text (byte 3)"),
        (b"word " * 1_601, "1,601 words is more than 1,600"),
        (b"--- *** ###", "0 words is too short"),
    ],
)
def test_bad_scripts(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "script.txt"
    path.write_bytes(content)
    error = refusal(Asked(script=path))
    assert error.field == "script"
    assert said in str(error)


def test_a_missing_script_and_a_folder(tmp_path: Path) -> None:
    assert "No such file" in str(refusal(Asked(script=tmp_path / "none.md")))
    assert "directory" in str(refusal(Asked(script=tmp_path)))


@pytest.mark.parametrize(
    "topic",
    [
        'it\'s "quoted"',
        "two\nlines",
        "octopus 🐙 party",
        "לב שלוש פעמים",
        "';:[]%{}\\ drop table",
        "\u202eevil\u202c",
        "a\0b",
        "$(rm -rf /) `id`",
    ],
)
def test_strange_topics_are_data(topic: str) -> None:
    content_id, request = request_of(Asked(topic=topic))
    assert request.topic == one_line(topic)
    assert "\0" not in (request.topic or "")
    assert "\n" not in (request.topic or "")
    assert content_id.replace("-", "").isalnum()


@pytest.mark.parametrize("topic", ["", "   ", "'\";:", "🐙🐙", "\0"])
def test_topics_without_words(topic: str) -> None:
    assert "no words" in str(refusal(Asked(topic=topic)))


@pytest.mark.parametrize(
    ("asked", "field", "said"),
    [
        (Asked(topic="a b", formats=["4:3"]), "formats", "choose from 16:9, 9:16, 1:1"),
        (Asked(topic="a b", formats=["16:9", "16:9"]), "request", "each may be named once"),
        (Asked(topic="a b", platforms=["myspace"]), "platforms", "choose from youtube"),
        (Asked(topic="a b", language="xx"), "language", "choose from en"),
        (Asked(topic="a b", privacy="secret"), "privacy", "public"),
        (Asked(topic="a b", account="../etc"), "account", "pattern"),
        (Asked(topic="a b", content_id="../etc"), "id", "is not an id"),
        (Asked(), "input", "none is given"),
        (Asked(topic="a", feed="b"), "input", "topic and feed are given"),
        (Asked(feed="ftp://example.test/feed"), "feed", "is not http or https"),
        (Asked(feed="no/such/file.xml"), "feed", "cannot be read"),
        (Asked(topic="x" * 301), "topic", "301 characters is more than 300"),
    ],
)
def test_bad_options(asked: Asked, field: str, said: str) -> None:
    error = refusal(asked)
    assert error.field == field
    assert said in str(error)


def test_a_video_that_is_posted_nowhere() -> None:
    _, request = request_of(Asked(topic="a b", platforms=["none"]))
    assert request.platforms == ()
    assert "exclude each other" in str(refusal(Asked(topic="a b", platforms=["none", "x"])))
    assert destination(request, chosen=True) == "it will be posted nowhere (--platform none)"


def test_where_it_is_posted_and_how_public_is_said_before() -> None:
    _, request = request_of(Asked(topic="a b"))
    said = destination(request, chosen=False)
    assert said.startswith("it will be posted to YouTube (account default, public); that is the default")
    _, request = request_of(
        Asked(topic="a b", platforms=["X", "linkedin"], privacy="private", account="news", publish_at="best")
    )
    assert destination(request, chosen=True) == (
        "it will be posted to X (account news, private, at the account's best time), "
        "LinkedIn (account news, private, at the account's best time)"
    )


def test_wishes_for_a_language_model_are_passed_on() -> None:
    _, plain = request_of(Asked(topic="a b"))
    assert not {"tone", "call_to_action", "caption_languages"} & plain.model_fields_set, "a channel may set them"
    _, asked = request_of(
        Asked(topic="a b", tone=" warm ", call_to_action="Follow us.", caption_languages=["DE", "fr", "en"])
    )
    assert (asked.tone, asked.call_to_action) == ("warm", "Follow us.")
    assert asked.caption_languages == ("de", "fr", "en") and asked.translated_into == ("de", "fr")


@pytest.mark.parametrize(
    ("asked", "field", "said"),
    [
        (Asked(topic="a b", caption_languages=["xx"]), "caption_languages", "choose from en"),
        (Asked(topic="a b", caption_languages=["de", "de"]), "caption_languages", "named twice"),
        (Asked(topic="a b", tone="x" * 201), "tone", "more than 200"),
        (Asked(topic="a b", call_to_action="x" * 201), "call_to_action", "more than 200"),
    ],
)
def test_bad_wishes_for_a_language_model(asked: Asked, field: str, said: str) -> None:
    error = refusal(asked)
    assert error.field.startswith(field) and said in error.message


def test_words_that_must_be_said_are_passed_on() -> None:
    _, plain = request_of(Asked(topic="a b"))
    _, said = request_of(Asked(topic="a b", allow_template=True, post_again=True))
    assert (plain.allow_template, plain.post_again) == (False, False)
    assert (said.allow_template, said.post_again) == (True, True)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"topic": "Tides"}, "Tides"),
        ({"script": "# Tides\n\nThe moon pulls at the sea."}, "Tides The moon pulls at the sea."),
        ({"script": "word " * 100}, " ".join(["word"] * 15) + "…"),
        ({"script": "A b.", "title": "Named"}, "Named"),
        ({"feed": "https://example.org/f"}, "https://example.org/f"),
        ({"item": FeedItem(title="An entry", text="a b")}, "An entry"),
    ],
)
def test_a_list_and_the_ui_name_a_content_by_its_words(fields: dict[str, object], said: str) -> None:
    assert title_of(ContentRequest.model_validate(fields)) == said


def test_ids() -> None:
    assert request_of(Asked(topic="a b", content_id="mine"))[0] == "mine"
    assert request_of(Asked(topic="a b", key="k"))[0] == request_of(Asked(topic="a b", key="k"))[0]
    assert request_of(Asked(topic="a b", key="k"))[0] == content_id_of_key("k")
    assert request_of(Asked(topic="Über Öl"))[0].startswith("uber-ol-")
    assert content_id_of_workflow("content-hello") == "hello"
    assert content_id_of_workflow("an id / with: things") != content_id_of_workflow("an id / with: thing")
    assert effect_key("c", "s", {"b": 1, "a": 2}) == effect_key("c", "s", {"a": 2, "b": 1})


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInput, match="file is a file"):
        need_writable(tmp_path / "file" / "out")
    need_writable(tmp_path / "new" / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_is_told_before_anything_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("starter.folders.FREE_BYTES", 1 << 60)
    with pytest.raises(OutOfSpace, match="MB are needed"):
        need_space(tmp_path / "out")
    assert not list(tmp_path.iterdir())


@given(st.text(max_size=200))
def test_clean_is_stable_and_harmless(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert not any(ord(c) < 32 and c not in "\n\t" for c in once)
    assert not any(c in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069" for c in once)


def test_decode_drops_the_byte_order_mark() -> None:
    assert decode("\ufeffhello".encode(), field="f", limit=100) == "hello"


def test_explain_names_the_field_and_counts_the_rest() -> None:
    with pytest.raises(ValidationError) as caught:
        ContentRequest.model_validate({"topic": "a b", "language": "xx", "typo": 1})
    assert str(explain(caught.value)).startswith("language: unknown language 'xx'")
    assert "1 more to mend" in str(explain(caught.value))


def test_a_foreign_field_is_cut_and_a_wrong_shape_is_told_in_plain_words() -> None:
    for data, said in [
        (json.dumps({"topic": "x", "y\u202e\n" * 1_000: 1}), "y y y"),
        ("null", "request: it is no JSON object; give"),
        ("[1]", "request: it is no JSON object; give"),
        (json.dumps({"topic": 5}), "topic: it is no text; give text in quotes"),
    ]:
        with pytest.raises(ValidationError) as caught:
            ContentRequest.model_validate_json(data)
        line = str(explain(caught.value))
        assert said in line
        assert len(line) < 200
        assert line.isprintable()
