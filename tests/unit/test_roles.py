"""Every operation of `control` says what it needs of its caller, and front ends use nothing else of it."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import control
from control.operations import Question, decide
from control.resolve import Content
from control.view import ContentView
from reelwright.domain.content.decision import ReviewDecision
from reelwright.domain.content.status import ReviewWanted
from reelwright.domain.people import HERE, Caller, NotAllowed, Role
from starter.stack_commands import _first_start
from tests.handed import studio_of

ROOT = Path(__file__).parents[2]

INNER = {
    # What operations are made of: they take a client or a store, have no caller, and front ends do not call them.
    "background.background_of",
    "contents.start",
    "contents.status_of",
    "contents.submit_review",
    "contents.cancel",
    "contents.result_of",
    "contents.ended",
    "contents.result_filed",
    "deliver.deliver",
    "links.made",
    "listing.contents_listed",
    "listing.reviews_listed",
    "listing.newest_runs",
    "posts_listing.posts_listed",
    "posts_listing.status_of",
    "paging.page_of",
    "passwords.hashed",
    "passwords.fits",
    "publications.find",
    "publications.wake_publications",
    "publications.status_of",
    "publications.settle",
    "publications.retry",
    "publications.outcome",
    "publications.up_to_date",
    "publications.as_they_are",
    "resolve.resolve",
    "resolve.described",
    "retrying.retry_all",
    "retrying.outcomes",
    "view.view_of",
    "watching.rendering_of",
}
WITHOUT_CALLER = {
    # They find out who the caller is, or serve somebody who is nobody yet.
    "signing_in.first_link",  # whoever can run it has the database
    "signing_in.anybody",
    "signing_in.begin",
    "signing_in.use_password_link",
    "signing_in.sign_in",
    "signing_in.sign_out",
    "signing_in.open_session",
    "signing_in.oidc_begun",
    "signing_in.oidc_back",
    "signing_in.signed_in_elsewhere",
    "signing_in.caller_of_session",
    "signing_in.caller_of_token",
    "signing_in.still_open",
    "signing_in.slow_down",
    "signing_in.count_write",
    "exchange.caller_of_jwt",
    "board.use_stream_ticket",
    "links.opened",  # a client outside, with a signed link
    # This machine's own settings, by whoever has them: no studio is needed, and none may be there.
    "doctor.look_at",
    "doctor.queue_of",
    "doctor.model_ends",
    "doctor.database",
    # Only looks, again and again, at a content or a drain that an operation has handed out.
    "watching.watched",
    "deployments.draining",
}
MOST = {  # the operations that more than a viewer's role must stand before: what they need, by name
    "operations.start": Role.OPERATOR,
    "operations.cancel": Role.OPERATOR,
    "operations.decide": Role.REVIEWER,
    "operations.settle": Role.OPERATOR,
    "operations.retry": Role.OPERATOR,
    "pauses.pause": Role.OPERATOR,
    "channels.apply": Role.ADMIN,
    "channels.rollback": Role.ADMIN,
    "costs.set_budget": Role.ADMIN,
    "accounts.add": Role.ADMIN,
    "accounts.reseal": Role.ADMIN,
    "quotas.set_limit": Role.ADMIN,
    "people.add": Role.ADMIN,
    "people.set_role": Role.ADMIN,
    "deployments.promote": Role.ADMIN,
}


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(control.__path__, "control."):
        if not found.name.startswith("control.temporal"):  # the client itself
            yield importlib.import_module(found.name)


def operations() -> dict[str, Any]:
    """The public coroutine functions of `control` by `module.name`, and what yields asynchronously."""
    return {
        f"{module.__name__.removeprefix('control.')}.{name}": found
        for module in modules()
        for name, found in vars(module).items()
        if not name.startswith("_")
        and getattr(found, "__module__", "") == module.__name__
        and (inspect.iscoroutinefunction(inspect.unwrap(found)) or inspect.isasyncgenfunction(found))
    }


def test_every_operation_names_a_role() -> None:
    without = {name for name, found in operations().items() if not hasattr(found, "needs")}
    assert without <= INNER | WITHOUT_CALLER, "decorate it with @allowed, or say here why it needs no role"
    assert without >= INNER | WITHOUT_CALLER, "this list is of another time"


@pytest.mark.parametrize("name", MOST)
def test_what_changes_something_needs_more_than_a_viewer(name: str) -> None:
    assert operations()[name].needs is MOST[name]


def test_what_says_who_does_it_is_for_nobody_but_the_caller() -> None:
    """Every operation that records somebody takes the name as `by`, which `allowed` sets to the caller's."""
    for name, found in operations().items():
        if hasattr(found, "needs"):
            given = inspect.signature(found).parameters
            assert not {"reviewer", "who", "user", "person_by"} & given.keys(), name
            if "by" in given and given["by"].kind is not inspect.Parameter.KEYWORD_ONLY:
                assert name == "costs.costs", f"{name}: `by` must be given by name"  # there it is what costs are by


@pytest.mark.parametrize("folder", ["starter", "console"])
def test_front_ends_call_operations_alone(folder: str) -> None:
    """No front end imports, or reaches through a module, what operations are made of."""
    inner = {tuple(name.split(".")) for name in INNER}
    for path in (ROOT / folder).rglob("*.py"):
        tree = ast.parse(path.read_text())
        as_named: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("control"):
                below = (node.module or "").removeprefix("control").removeprefix(".")
                for one in node.names:
                    assert (below, one.name) not in inner, f"{path}:{node.lineno} imports {below}.{one.name}"
                    if not below:
                        as_named[one.asname or one.name] = one.name
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in as_named:
                reached = (as_named[node.value.id], node.attr)
                assert reached not in inner, f"{path}:{node.lineno} calls {'.'.join(reached)}"


def question() -> Question:
    review = ReviewWanted(artifact_sha256="a" * 64, revision=1)
    view = ContentView(content_id="c", workflow_id="content-c", stage="review", percent=35, review=review)
    return Question(Content("c", "content-c", None, None), view)


async def test_a_decision_is_its_callers_whatever_the_form_says(monkeypatch: pytest.MonkeyPatch) -> None:
    handed_in: list[ReviewDecision] = []

    async def submitted(handle: object, decision: ReviewDecision) -> None:
        handed_in.append(decision)

    monkeypatch.setattr("control.contents.submit_review", submitted)
    monkeypatch.setattr("control.contents.handle_of", lambda client, content: None)
    decision = ReviewDecision(decision="approve", reviewer="somebody else")
    ana, root = Caller(name="ana", role=Role.REVIEWER, way="session", key="s"), HERE.model_copy(update={"name": "root"})
    for caller in (ana, HERE, root):
        await decide(studio_of(None, caller=caller), question(), decision, artifact="a" * 8, shown=None)
    unnamed = decision.model_copy(update={"reviewer": ""})
    await decide(studio_of(None, caller=root), question(), unnamed, artifact="a" * 8, shown=None)
    assert [one.reviewer for one in handed_in] == ["ana", "somebody else", "somebody else", "root"]
    viewer = studio_of(None, caller=Caller(name="bo", role=Role.VIEWER, way="session", key="s"))
    with pytest.raises(NotAllowed, match="decide needs the role reviewer"):
        await decide(viewer, question(), decision, artifact="a" * 8, shown=None)
    assert len(handed_in) == 4


@pytest.mark.parametrize("terminal", [True, False])
async def test_up_prints_the_first_link_to_a_person_and_into_no_log(
    terminal: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def link() -> str:
        return "http://127.0.0.1:8088/first#s3cret"

    async def nobody() -> bool:
        return True

    monkeypatch.setattr("starter.people.first_start", link)
    monkeypatch.setattr("starter.people.nobody_yet", nobody)
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal)
    await _first_start()
    said = capsys.readouterr().err
    assert ("s3cret" in said) == terminal
    assert ("reelwright people first" in said) != terminal
