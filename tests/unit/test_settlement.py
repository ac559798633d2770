"""A person's word on an open post: read exactly, or refused with the field."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import from_json
from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

from reelwright.domain.errors import InvalidInput
from reelwright.domain.publishing.posting import Settlement
from reelwright.domain.publishing.settlement import read_settlement, read_settlement_0_1
from tests.depth import examples
from workers.converter import ReadablePayloadConverter
from workflows.messages import MESSAGE_BYTES, TakesMessages, noted
from workflows.notes import Notes
from workflows.publishing.inbox import READ_BY_RULES
from workflows.publishing.publication import Publication

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["post_id", "url", "by", "id"]) | st.text(), inner),
    max_leaves=10,
)


@given(st.integers(min_value=1, max_value=10**200 - 1))
def test_a_whole_number_is_its_digits(number: int) -> None:
    for text in (str(number), json.dumps({"post_id": number})):
        assert read_settlement(from_json(text), posted=True).post_id == str(number)


@given(ANY, st.booleans())
@pytest.mark.lengthy
def test_anything_is_read_or_refused_with_one_line(told: Any, posted: bool) -> None:
    try:
        word = read_settlement(told, posted=posted)
    except InvalidInput as error:
        assert "\n" not in str(error)
        assert error.remedy.startswith("give ")
        return
    assert word.posted is posted
    assert bool(word.post_id) is posted
    assert word.post_id.isprintable()
    assert " " not in word.post_id


@given(
    st.binary(max_size=200), st.sampled_from(["json/plain", "binary/plain", "binary/encrypted", "json/protobuf", ""])
)
def test_any_payload_is_read_or_left_raw(data: bytes, encoding: str) -> None:
    payload = Payload(metadata={"encoding": encoding.encode()}, data=data)
    [value] = ReadablePayloadConverter().from_payloads([payload])
    if encoding in ("binary/encrypted", ""):
        assert value == RawValue(payload)


class Heard(TakesMessages):
    """Something with one signal handler, as the workflows have them."""

    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.notes: list[str] = []

    def ignored(self, text: str) -> None:
        self.notes.append(text)

    @noted(wants="a name")
    def hello(self, name: str) -> None:
        self.taken.append(name)


@examples(100)
@given(st.lists(ANY | st.binary(max_size=20) | st.builds(RawValue, st.builds(Payload)), max_size=3))
def test_a_handler_is_called_with_what_it_takes_or_not_at_all(given: list[Any]) -> None:
    heard = Heard()
    Heard.hello(heard, *given)
    assert heard.taken == (given if len(given) == 1 and isinstance(given[0], str) else [])
    assert len(heard.notes) == (0 if heard.taken else 1)
    assert all("cannot take it" not in note and "give a name" in note for note in heard.notes)


def test_a_message_above_the_limit_is_not_taken() -> None:
    heard = Heard()
    heard.hello("x" * (MESSAGE_BYTES - 2))
    heard.hello("y" * (MESSAGE_BYTES - 1))
    assert [name[0] for name in heard.taken] == ["x"]
    assert heard.notes == ["signal hello: ignored: input: 16,001 bytes is more than the limit of 16,000; give a name"]


def test_a_message_is_one_model() -> None:
    def two(self: Any, one: str, other: str) -> None:
        pass

    with pytest.raises(TypeError, match="one model"):
        noted()(two)


@pytest.mark.parametrize("patched", [True, False])
def test_where_release_0_1_decided_otherwise_its_runs_do_as_they_did(
    monkeypatch: pytest.MonkeyPatch, patched: bool
) -> None:
    asked = []

    def answer(name: str) -> bool:
        asked.append(name)
        return patched

    monkeypatch.setattr(workflow, "patched", answer)
    publication = object.__new__(Publication)
    newly_taken = [(7, True), ({"post_id": 7}, True), ("ana", False)]
    newly_refused: list[tuple[Any, bool]] = [({"post_id": "v"}, False), ("https://a.test/v", True), ("v" * 300, True)]
    for told, posted in newly_taken if patched else newly_refused:
        assert publication._word(told, posted=posted).posted is posted
    for told, posted in newly_refused if patched else newly_taken:
        with pytest.raises(InvalidInput):
            publication._word(told, posted=posted)
    assert asked == [READ_BY_RULES] * 6
    for told, posted in [("v1", True), ({"post_id": "v1", "by": "a"}, True), (None, False), ({"by": "a"}, False)]:
        assert publication._word(told, posted=posted) == read_settlement_0_1(told, posted=posted)
    assert asked == [READ_BY_RULES] * 6, "what both read alike needs no mark in the history"


def test_release_0_1_read_text_only() -> None:
    assert read_settlement_0_1({"by": "a", "post_id": "v"}, posted=False) == Settlement(posted=False, by="a")
    for told in (7, None, {"post_id": ""}, {}, [], True):
        assert read_settlement_0_1(told, posted=True) is None


@given(st.lists(st.sampled_from("abcdefg"), max_size=200), st.integers(min_value=1, max_value=5))
def test_notes_stay_few_and_count_what_is_repeated(texts: list[str], kept: int) -> None:
    notes = Notes(kept)
    for text in texts:
        notes.add(text)
    told = notes.lines()
    assert len(told) <= kept
    assert [line[0] for line in told] == list(dict.fromkeys(reversed(texts)))[:kept][::-1]
