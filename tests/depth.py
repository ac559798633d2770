"""Which tests `make test` runs, and which only `make test-deep`.

`make test` has seven minutes on two cores. It tries every kind of behaviour; further cases of a kind, long measurements
and large searches are left to `make test-deep`, which a release passes.
"""

from __future__ import annotations

import os
from collections import defaultdict

import pytest
from hypothesis import settings
from hypothesis.internal.conjecture import providers

OPTION = "--deep"
VARIABLE = "REELWRIGHT_TEST_DEEP"
"""Set for whoever is started by a run of everything (the processes of pytest-xdist)."""
SHARE = 5
"""`make test` tries one of so many examples of a search."""


def is_deep() -> bool:
    """Whether this run tries everything."""
    return bool(os.environ.get(VARIABLE))


def examples(count: int) -> settings:
    """So many examples of Hypothesis in a run of everything, and a fifth of them in `make test`."""
    return settings(max_examples=count if is_deep() else max(count // SHARE, 3), deadline=None)


def draw_without_constants() -> None:
    """Hypothesis reads the source of every module that is loaded, for constants that it draws now and then: ten seconds
    in a new clone, in each process. Few examples would draw one."""
    providers._get_local_constants = lambda: providers._local_constants


def some_of(count: int) -> int:
    """The same for a loop of our own: at least one."""
    return count if is_deep() else max(count // SHARE, 1)


def left_out(items: list[pytest.Item]) -> set[pytest.Item]:
    """The tests that are marked `deep`, and of each test that is marked `sample(n)` all cases but n, evenly spread."""
    out = {item for item in items if item.get_closest_marker("deep")}
    cases: dict[tuple[str, str, int], list[pytest.Item]] = defaultdict(list)
    for item in items:
        if (mark := item.get_closest_marker("sample")) and item not in out:
            name = getattr(item, "originalname", item.name)
            cases[item.nodeid.partition("::")[0], name, mark.args[0]].append(item)
    for (_, _, count), all_of_it in cases.items():
        kept = {all_of_it[round(n * (len(all_of_it) - 1) / max(count - 1, 1))] for n in range(count)}
        out |= set(all_of_it) - kept
    return out
