"""What reviews are made of: ranges, forms, texts as platforms show them, the order of the queue."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from starlette.datastructures import FormData

from console.review_form import decision_of, digest_of, given_in
from console.streaming import range_of
from control.review_queue import Waiting, page_after
from reelwright.domain.errors import InvalidInput
from reelwright.domain.platforms import Platform
from reelwright.domain.platforms.folds import FOLDS, cut_at

SHA = "ab" * 32


@pytest.mark.parametrize(
    "header, found",
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=10-", (10, 100)),
        ("bytes=-10", (90, 100)),
        ("bytes=-1000", (0, 100)),
        ("bytes=-0", (100, 100)),
        ("bytes=99-99", (99, 100)),
        ("bytes=100-", (100, 100)),
        ("bytes=90-500", (90, 100)),
        ("bytes=5-4", None),
        ("bytes=-", None),
        ("bytes=0-1,5-6", None),
        ("bytes=a-b", None),
        ("items=0-1", None),
    ],
)
def test_ranges(header: str, found: tuple[int, int] | None) -> None:
    assert range_of(header, 100) == found


def test_an_empty_file_has_no_range() -> None:
    assert range_of("bytes=0-", 0) == (0, 0)


def test_a_text_is_cut_between_words_or_at_a_line_and_nothing_is_lost() -> None:
    text = "word " * 50
    seen, rest = cut_at(text, 92, None)
    assert seen + rest == text and len(seen) <= 92 and rest.startswith(" word")
    assert cut_at("one\ntwo\nthree\nfour", 100, 2) == ("one\ntwo", "\nthree\nfour")
    assert cut_at("short", 100, 2) == ("short", "")
    assert cut_at("x" * 50, 10, None) == ("x" * 10, "x" * 40)
    assert set(FOLDS) == set(Platform)


def form(**fields: str) -> FormData:
    return FormData([("artifact", SHA), *fields.items()])


def test_what_came_back_as_it_was_is_no_change() -> None:
    given = given_in(
        form(**{
            "decision": "revise", "text-x": "One\r\nTwo", "was-text-x": digest_of("One\nTwo"),
            "title-youtube": "New", "was-title-youtube": digest_of("Old"),
            "script": "A\r\n\r\nB", "was-script": digest_of("A\n\nB"),
        })
    )  # fmt: skip
    assert given.texts == {"youtube": {"title": "New"}} and given.script is None
    decision = decision_of(given, by="ana", pictures={})
    assert decision.artifact_sha256 == SHA and decision.reviewer == "ana" and decision.script is None


def test_a_forms_reviewer_is_whoever_is_signed_in() -> None:
    given = given_in(form(decision="approve", reviewer="mallory", thumbnail="2"))
    decision = decision_of(given, by="ana", pictures={})
    assert (decision.reviewer, decision.thumbnail) == ("ana", 2)


@pytest.mark.parametrize(
    "fields, field",
    [
        ({"decision": "revise", "note": "  "}, "note"),
        ({"decision": "approve", "scene": "2"}, "scenes"),
        ({"decision": "reject", "text-x": "new"}, "texts"),
        ({"decision": "later"}, "decision"),
        ({"decision": "approve", "artifact": "nonsense"}, "artifact_sha256"),
        ({"decision": "revise", "note": "x" * 2_001}, "note"),
        ({"decision": "revise", "picture-1": "ftp://x"}, "pictures"),
    ],
)
def test_what_is_wrong_is_told_with_its_field(fields: dict[str, str], field: str) -> None:
    given = given_in(FormData({"artifact": SHA, **fields}))
    with pytest.raises(InvalidInput) as refused:
        decision_of(given, by="ana", pictures=given.pictures)
    assert refused.value.field.startswith(field)


def row(id: str, minutes: int) -> Waiting:
    at = datetime(2026, 11, 30, tzinfo=UTC) + timedelta(minutes=minutes)
    return Waiting(id, id, f"content-{id}", id, "default", 3, 0.0, at)


def test_pages_of_the_queue_go_on_after_the_last_row() -> None:
    rows = [row(str(number), number) for number in range(5)]
    first, more = page_after(rows, None, 2)
    assert ([one.id for one in first], more) == (["0", "1"], "1")
    last, more = page_after(rows, "2", 2)
    assert ([one.id for one in last], more) == (["3", "4"], None)
    again, _ = page_after(rows, "gone", 2)
    assert [one.id for one in again] == ["0", "1"]
