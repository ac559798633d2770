"""What a workflow's code can do only changes behind a patch; the branches that no recorded run took included."""

from __future__ import annotations

from typing import Any

import pytest
from temporalio.workflow import NondeterminismError

from workers.pools import WORKFLOWS

from .edits import Example, OnlyRenamed, WaitsBehindPatch, WaitsUnversioned
from .fingerprints import FINGERPRINTS, difference, fingerprint, name_of, recorded, releases, unreleased
from .outline import patches_in
from .reordered import Reordered
from .test_replay import HISTORIES, recorded_type, replay

LAST = releases(FINGERPRINTS)[-1]
RELEASED = [cls for cls in WORKFLOWS if not unreleased(cls)]
RENDERS = [path for path in HISTORIES if recorded_type(path) == "RenderVideo"]


@pytest.mark.parametrize("cls", RELEASED, ids=name_of)
def test_the_code_still_does_what_the_last_release_did(cls: type) -> None:
    text = recorded(LAST, cls)
    assert text, f"{name_of(cls)} has no fingerprint: give the release its own version, then `make histories`"
    assert not (wrong := difference(cls, LAST, text)), wrong


def test_every_recorded_fingerprint_is_of_a_workflow_that_is_there() -> None:
    there = {path.stem for path in (FINGERPRINTS / LAST).glob("*.txt")}
    assert there == {name_of(cls) for cls in RELEASED}
    assert {"ContentPipeline", "RenderVideo"} < there


def test_an_unversioned_edit_fails_though_no_history_reaches_it_and_is_told_what_to_do() -> None:
    wrong = difference(WaitsUnversioned, LAST, recorded(LAST, WaitsUnversioned))
    assert "+            timer" in wrong
    assert f"RenderVideo no longer does what release {LAST} does" in wrong
    assert "`workflow.patched(" in wrong and "make fingerprints UNVERSIONED=" in wrong


@pytest.mark.parametrize("path", RENDERS[:1] + RENDERS[-1:], ids=lambda path: f"{path.parent.name}/{path.stem}")
@pytest.mark.parametrize("edited", [WaitsUnversioned, WaitsBehindPatch], ids=lambda cls: cls.__name__)
async def test_the_histories_do_not_see_that_edit(path: Any, edited: type) -> None:
    await replay(path, [edited])


@pytest.mark.parametrize("edited", [WaitsBehindPatch, OnlyRenamed], ids=lambda cls: cls.__name__)
def test_an_edit_behind_a_patch_passes_and_so_does_a_new_name(edited: type) -> None:
    assert difference(edited, LAST, recorded(LAST, edited)) == ""
    assert ("wait-before-planning-anew" in patches_in(fingerprint(edited))) is (edited is WaitsBehindPatch)


def test_a_patch_that_a_release_knew_may_not_change() -> None:
    known = fingerprint(WaitsBehindPatch)
    assert difference(WaitsBehindPatch, "next", known) == ""
    assert "patched('wait-before-planning-anew')" in difference(OnlyRenamed, "next", known)


async def test_another_order_fails_both() -> None:
    assert "activity open_content" in difference(Reordered, LAST, recorded(LAST, Reordered))
    with pytest.raises(NondeterminismError):
        await replay(next(path for path in HISTORIES if recorded_type(path) == "ContentPipeline"), [Reordered])


def test_a_message_that_is_no_longer_taken_fails() -> None:
    pipeline = next(cls for cls in WORKFLOWS if name_of(cls) == "ContentPipeline")
    text = recorded(LAST, pipeline).replace("takes: ", "takes: signal applaud, ")
    assert "- takes: signal applaud" in difference(pipeline, LAST, text)


def test_a_fingerprint_says_what_a_reader_of_the_code_sees() -> None:
    """The commands by name, in their order; conditions; loops; what runs side by side; patches; other workflows."""
    assert fingerprint(Example).splitlines() == [
        "takes: ",
        "",
        "start:",
        "  for range(_):",
        "    if _ > 3 and patched('example'):",
        "      try:",
        "        activity again",
        "      finally:",
        "        wait, with a timer",
        "  signal hello to another workflow",
    ]
