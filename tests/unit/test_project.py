"""What the project says of itself: licence files, typed packages, a changelog with today's version."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = [name.rstrip("*") for name in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]]
"""The packages that are installed, by the names at the top of the tree."""


@pytest.mark.parametrize("name", PACKAGES)
def test_every_package_says_that_it_is_typed(name: str) -> None:
    assert (ROOT / name / "py.typed").exists(), "strict mypy is of no use to others without it"
    assert "py.typed" in PROJECT["tool"]["setuptools"]["package-data"]["*"]


def test_the_licence_is_there_and_named() -> None:
    assert PROJECT["project"]["license"] == "Apache-2.0"
    assert "Apache License\n                           Version 2.0" in (ROOT / "LICENSE").read_text()
    copied = (ROOT / "Dockerfile").read_text()
    for name in PROJECT["project"]["license-files"]:
        assert (ROOT / name).exists() and name in copied, f"{name} is missing, or not in the image"


def test_the_changelog_has_this_version_and_what_comes() -> None:
    sections = re.findall(r"^## \[([^\]]+)\]", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert sections[0] == "Unreleased" and PROJECT["project"]["version"] in sections


def test_hooks_fetch_nothing() -> None:
    repositories = re.findall(r"^ *- repo: *(\S+)", (ROOT / ".pre-commit-config.yaml").read_text(), re.M)
    assert repositories and set(repositories) == {"local"}


def test_every_decision_is_in_the_list_and_has_its_parts() -> None:
    folder = ROOT / "docs" / "adr"
    pages = sorted(folder.glob("0*.md"))
    assert [page.name[:4] for page in pages] == [f"{n:04}" for n in range(1, len(pages) + 1)]
    for page in pages:
        headings = re.findall(r"^## (.+)$", page.read_text(), re.M)
        assert headings == ["Context", "Decision", "Options refused", "Consequences"], page.name
        assert f"({page.name})" in (folder / "README.md").read_text(), page.name
