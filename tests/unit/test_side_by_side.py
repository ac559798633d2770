"""Contents of `make providers` at the same time: never two that meet the same provider."""

from __future__ import annotations

import threading
from functools import partial

import pytest

from tests.faults.providers.side_by_side import Job, side_by_side
from tests.faults.providers.vendors import Place

OPENAI: Place = ("writing", "openai")
MUBERT: Place = ("music", "mubert")


def test_two_run_at_once_unless_they_meet_the_same_provider() -> None:
    lock, under_way, met = threading.Lock(), set[str](), list[set[str]]()
    both = threading.Barrier(2, timeout=60)

    def run(name: str) -> None:
        with lock:
            under_way.add(name)
            met.append(set(under_way))
        if name in ("first", "third"):
            both.wait()  # neither ends before the other has begun
        with lock:
            under_way.remove(name)

    names = {"first": OPENAI, "second": OPENAI, "third": MUBERT}
    side_by_side([Job(frozenset({place}), partial(run, name)) for name, place in names.items()])
    assert len(met) == 3 and {"first", "third"} in met
    assert not any({"first", "second"} <= names for names in met)


def test_an_error_is_raised() -> None:
    def broken() -> None:
        raise AssertionError("no content")

    with pytest.raises(AssertionError, match="no content"):
        side_by_side([Job(frozenset({OPENAI}), broken)])
