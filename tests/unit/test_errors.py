"""Every error says itself what is to be done about it; nothing decides by its name."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from temporalio.exceptions import ActivityError, ApplicationError

import activities
import reelwright
import workers
import workflows
from reelwright.domain import errors
from reelwright.domain.channels.versions import ChannelMoved
from reelwright.domain.errors import WAITS, BudgetSpent, PlatformTransient, QuotaExhausted, ReelwrightError, WrongInFile
from reelwright.platforms.linkedin.errors import Denied
from workflows.failures import BY_NAME, read, translate

ATTRIBUTES = {"retryable", "certain", "waits_for"}
IN_NO_WORKFLOW = ("workers.local.", "reelwright.domain.people")
"""The stack's own troubles and refusals of callers: they end a command or a request and never reach a workflow."""


def every_module() -> Iterator[str]:
    for package in (reelwright, activities, workflows, workers):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.startswith((*IN_NO_WORKFLOW, "sandbox", "reelwright.storage.migrations")):
                yield found.name


def derived(cls: type) -> Iterator[type]:
    for sub in cls.__subclasses__():
        yield sub
        yield from derived(sub)


def lacking(cls: type[ReelwrightError]) -> set[str]:
    """What a class that derives from the base itself does not state in its own body."""
    return ATTRIBUTES - set(vars(cls)) if ReelwrightError in cls.__bases__ else set()


@functools.cache
def foreseen() -> list[type[ReelwrightError]]:
    """Imports all modules, so only the process that runs these tests asks, and not while tests are collected."""
    for name in every_module():
        if name.rpartition(".")[2] not in ("__main__", "cpu", "render", "gpu", "migrate", "espeak_worker", "_pixels"):
            importlib.import_module(name)
    tops = tuple(package.__name__ for package in (reelwright, activities, workflows, workers))
    return [
        cls
        for cls in derived(ReelwrightError)
        if cls.__module__.startswith(tops) and not cls.__module__.startswith(IN_NO_WORKFLOW)
    ]


@pytest.mark.lengthy
def test_every_error_states_what_is_to_be_done() -> None:
    classes = foreseen()
    assert len(classes) >= 16
    assert {cls.__name__: missing for cls in classes if (missing := lacking(cls))} == {}


def test_a_class_that_states_nothing_is_noticed() -> None:
    careless = type("Careless", (ReelwrightError,), {"__module__": "tests.careless"})
    assert lacking(careless) == ATTRIBUTES


@pytest.mark.lengthy
def test_the_attributes_agree_with_each_other() -> None:
    for cls in foreseen():
        assert cls.waits_for in WAITS, cls
        assert cls.retryable == (cls.waits_for == "time"), f"{cls}: what is tried again by itself waits for time alone"


def test_the_tree_is_drawn_as_it_is() -> None:
    drawn = {
        words[0]: (words[1] == "yes", words[2] == "yes", words[3].replace("-", ""))
        for line in (errors.__doc__ or "").splitlines()
        if (words := line.strip(" ├─└").split()) and line.strip().startswith(("├─", "└─"))
    }
    stated = {
        cls.__name__: (cls.retryable, cls.certain, cls.waits_for)
        for cls in ReelwrightError.__subclasses__()
        if cls.__module__ == errors.__name__
    }
    assert drawn == stated


def wrapped(failure: ApplicationError) -> ActivityError:
    error = ActivityError(
        "", scheduled_event_id=1, started_event_id=2, identity="", activity_type="", activity_id="", retry_state=None
    )
    error.__cause__ = failure
    return error


@pytest.mark.lengthy
def test_a_workflow_reads_what_the_class_states() -> None:
    for cls in foreseen():
        until = {"resets_at": datetime.now(UTC)} if issubclass(cls, QuotaExhausted | BudgetSpent) else {}
        if cls is ChannelMoved:  # it says itself what has happened
            continue
        said = ("kids.toml, line 1", "no") if issubclass(cls, WrongInFile) else ("no",)
        error = cls(*said, **until, **({"channel": "kids"} if issubclass(cls, BudgetSpent) else {}))
        told = read(wrapped(translate(error)))
        assert (told.certain, told.waits_for, told.message) == (cls.certain, cls.waits_for, ": ".join(said)), cls
        assert told.final == (cls.certain and not cls.waits_for), cls


def test_an_adapters_own_class_is_what_it_is_derived_from() -> None:
    told = read(wrapped(translate(Denied("not yours"))))
    assert (told.kind, told.waits_for) == ("NeedsAuthorization", "authorization")


def test_a_class_that_nobody_here_knows_is_read_by_what_it_states() -> None:
    class Embargoed(ReelwrightError):
        retryable, certain, waits_for = False, True, ""

    told = read(wrapped(translate(Embargoed("until Monday"))))
    assert told.final and told.kind == "Embargoed"


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_failures_of_older_releases_mean_what_they_meant(name: str) -> None:
    old = ApplicationError("no", {"field": "x", "remedy": ""}, type=name, non_retryable=True)
    told, cls = read(wrapped(old)), getattr(errors, name)
    assert (told.certain, told.waits_for) == (cls.certain, cls.waits_for)
    assert told.final == (name in ("InvalidInput", "PostRejected", "AssetCorrupt"))
    assert read(wrapped(ApplicationError("no", type=name))).final == told.final, "some had no details at all"


def test_what_nobody_foresaw_is_not_certain() -> None:
    told = read(wrapped(ApplicationError("boom", type="KeyError")))
    assert not told.certain and not told.final and told.waits_for == ""
    assert read(RuntimeError("boom")).message == "boom"


def test_the_named_pause_is_read() -> None:
    told = read(wrapped(translate(PlatformTransient("busy", retry_after_s=7))))
    assert told.retry_after is not None and told.retry_after.total_seconds() == 7
