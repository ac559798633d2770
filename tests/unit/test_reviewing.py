"""A decision from the command line carries the hash of what the person was shown."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from control.reviewing import open_question, what_is_judged
from control.view import ContentView
from reelwright.domain.content.status import ReviewWanted
from reelwright.domain.errors import InvalidInput
from starter.shown import FILE, KEPT, ShownReviews

NOW, BEFORE = "a1" * 32, "b2" * 32


def view(*, reasons: tuple[str, ...] = (), notes: tuple[str, ...] = ()) -> ContentView:
    review = ReviewWanted(artifact_sha256=NOW, revision=1, reasons=reasons)
    return ContentView(content_id="c", workflow_id="content-c", stage="review", percent=35, review=review, notes=notes)


def judged(view: ContentView, *, artifact: str | None = None, shown: str | None = None) -> str:
    return what_is_judged(view, open_question(view), artifact=artifact, shown=shown)


def refused(view: ContentView, *, artifact: str | None = None, shown: str | None = None) -> str:
    with pytest.raises(InvalidInput) as caught:
        judged(view, artifact=artifact, shown=shown)
    assert caught.value.field == "artifact" and "reelwright review show c" in caught.value.remedy
    return caught.value.message


def test_what_was_shown_is_what_is_judged() -> None:
    assert judged(view(), shown=NOW) == NOW
    assert judged(view(reasons=("violence",)), shown=NOW) == NOW
    assert "has changed since you looked at it" in refused(view(), shown=BEFORE)


def test_a_hash_may_be_named_by_its_beginning() -> None:
    assert judged(view(), artifact=NOW[:8]) == NOW == judged(view(), artifact=NOW, shown=BEFORE)
    assert "is not what is to be judged" in refused(view(), artifact=BEFORE[:8])
    for artifact in (NOW[:7], "", "approve!", NOW + "0", NOW.upper()):
        assert "not the beginning of a hash" in refused(view(), artifact=artifact)


def test_where_a_person_must_look_nothing_is_decided_unseen() -> None:
    assert judged(view()) == NOW
    assert "violence" in refused(view(reasons=("violence",)))
    assert "templates" in refused(
        view(notes=("Composed from templates without a language model; it states no facts.",))
    )
    assert judged(view(reasons=("violence",)), artifact=NOW[:10]) == NOW


def test_what_was_shown_is_kept_for_its_owner_only(tmp_path: Path) -> None:
    shown = ShownReviews(tmp_path / "state")
    assert shown.of("c") is None
    shown.remember("c", BEFORE)
    shown.remember("c", NOW)
    shown.remember("d", BEFORE)
    again = ShownReviews(tmp_path / "state")
    assert (again.of("c"), again.of("d"), again.of("e")) == (NOW, BEFORE, None)
    assert stat.S_IMODE(os.stat(tmp_path / "state" / FILE).st_mode) == 0o600


def test_the_file_stays_small_and_a_broken_one_counts_as_empty(tmp_path: Path) -> None:
    many = {f"c{number}": BEFORE for number in range(KEPT)}
    (tmp_path / FILE).write_text(json.dumps(many))
    shown = ShownReviews(tmp_path)
    shown.remember("new", NOW)
    assert (shown.of("c0"), shown.of("c1"), shown.of("new")) == (None, BEFORE, NOW)
    for broken in (b"\xff\xfe", b"[]", b"{", b""):
        (tmp_path / FILE).write_bytes(broken)
        assert shown.of("new") is None
    shown.remember("new", NOW)
    assert shown.of("new") == NOW


def test_a_state_folder_that_takes_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInput, match="--artifact"):
        ShownReviews(tmp_path / "file").remember("c", NOW)
