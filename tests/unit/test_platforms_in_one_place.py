"""What one platform is, is said in its own places: a new platform adds files and rows, and edits nothing else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from reelwright.domain.platforms import FACTS, Platform
from reelwright.domain.publishing.quota import BUCKETS
from reelwright.platforms.registry import SPECS
from sandbox.platforms import PLATFORMS as PLAYED
from starter.options import PLATFORMS
from workers.platform_settings import PlatformSettings
from workers.pools import WORKFLOWS
from workflows.publishing.distribution import PUBLISHERS
from workflows.publishing.platforms import PUBLICATIONS

ROOT = Path(__file__).parents[2]
ROOTS = ("reelwright", "workflows", "activities", "workers", "control", "starter", "sandbox")
OWN = ("reelwright/platforms/", "reelwright/domain/platforms/", *(f"sandbox/{name}/" for name in ("meta", *PLATFORMS)))
ELSEWHERE = {
    "workflows/publishing/platforms.py": "which workflow class posts to which platform",
    "reelwright/domain/content/request.py": "where a request is posted that does not say it",
    "reelwright/providers/writing/shapes.py": "which prompt describes which platform's narrations",
}
"""Where a platform is named outside its folders, and why."""
MEMBERS = {platform.name for platform in Platform}


def names_a_platform(node: ast.AST) -> bool:
    """`Platform.X`, `Platform["X"]`, `Platform("x")`, and a mapping or a list of platforms' plain names."""
    match node:
        case ast.Attribute(value=ast.Name(id="Platform"), attr=attr):
            return attr in MEMBERS
        case (
            ast.Subscript(value=ast.Name(id="Platform")) | ast.Call(func=ast.Name(id="Platform"), args=[ast.Constant()])
        ):
            return True
        case ast.Dict(keys=keys):
            return len({key.value for key in keys if isinstance(key, ast.Constant)} & set(PLATFORMS)) > 1
        case ast.Tuple(elts=elements) | ast.List(elts=elements) | ast.Set(elts=elements):
            return len({each.value for each in elements if isinstance(each, ast.Constant)} & set(PLATFORMS)) > 1
    return False


def named(source: str) -> Iterator[int]:
    """The lines that name a platform. Without its words in the source there are none, and nothing is to be parsed."""
    if "Platform" not in source and not any(name in source for name in PLATFORMS if len(name) > 1):
        return iter(())  # two names make a list, and one of them is longer than "x"
    return (node.lineno for node in ast.walk(ast.parse(source)) if names_a_platform(node))  # type: ignore[attr-defined]


@pytest.mark.lengthy
def test_no_platform_is_named_outside_its_places() -> None:
    found = {
        f"{path}:{line}"
        for root in ROOTS
        for file in (ROOT / root).rglob("*.py")
        if not (path := file.relative_to(ROOT).as_posix()).startswith(OWN) and path not in ELSEWHERE
        for line in named(file.read_text())
    }
    assert not found, "say it in the platform's facts (domain/platforms) or specification (platforms/<name>/spec.py)"


@pytest.mark.parametrize("path", ELSEWHERE)
def test_every_exception_is_still_needed(path: str) -> None:
    assert list(named((ROOT / path).read_text()))


@pytest.mark.parametrize(
    "source",
    ["TABLE = {Platform.X: 1}", 'Platform["X"]', 'Platform("x")', '{"x": 1, "tiktok": 2}', 'ALL = ("youtube", "x")'],
)
def test_a_table_would_be_found(source: str) -> None:
    assert list(named(source)) == [1]


def test_the_sandbox_plays_every_platform() -> None:
    assert set(Platform) <= {played.name for played in PLAYED if played.account}


def test_every_list_has_every_platform_in_the_same_order() -> None:
    assert list(FACTS) == list(SPECS) == list(PUBLICATIONS) == list(PUBLISHERS) == list(Platform)
    assert WORKFLOWS[-len(Platform) :] == tuple(PUBLICATIONS.values())


@pytest.mark.parametrize("platform", Platform)
def test_a_platforms_folders_bear_its_name(platform: Platform) -> None:
    assert FACTS[platform].name == platform.value and SPECS[platform].platform is platform
    for path in (f"reelwright/domain/platforms/{platform}.py", f"reelwright/platforms/{platform}/publisher.py"):
        assert (ROOT / path).exists(), path
    assert (ROOT / f"docs/platforms/{platform}.md").exists()


def test_the_ledger_counts_every_limit() -> None:
    limits = [(platform, limit.name) for platform, facts in FACTS.items() for limit in facts.limits]
    assert [(bucket.platform, bucket.name) for bucket in BUCKETS] == limits


@pytest.mark.parametrize("platform", Platform)
def test_every_setting_that_a_specification_names_is_there(platform: Platform) -> None:
    spec = SPECS[platform]
    named = {spec.client_id, spec.client_secret, *spec.tokens, *spec.access_tokens, *spec.api, *spec.pages}
    assert named | ({spec.external_id} - {""}) <= set(PlatformSettings.model_fields)
    assert set(spec.access_tokens) <= set(spec.tokens)
