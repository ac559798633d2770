"""THIRD_PARTY.md names every installed package whose licence is not one of the short permissive ones."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PAGE = Path(__file__).parents[2] / "THIRD_PARTY.md"
PLAIN = re.compile(
    r"^(MIT(-0|-CMU)?|0?BSD(-[23]-Clause)?|Apache(-| |, version )?2(\.0)?|ISC|PSF(-2\.0|L)?|Zlib|CC0-1\.0|Unlicense"
    r"|Python Software Foundation License)$",
    re.I,
)
"""Licences that ask for their text to be kept, and nothing more."""
SAID_OTHERWISE = re.compile(
    r"^(The )?((\d-Clause )?BSD([ -](\d-Clause )?License)?|BSD \d-Clause License|The BSD 2-Clause License|MIT License"
    r"|The MIT License \(MIT\)|Apache (Software License|License 2\.0)|BSD 3-Clause|ISC License( \(ISCL\))?)$",
    re.I,
)
"""The same in the words of older metadata."""


def licences(found: metadata.Distribution) -> list[str]:
    """What a package says of its licence: the SPDX expression, else the classifiers, else the field's first line."""
    known = found.metadata
    if expression := known.get("License-Expression"):
        return expression.split(" AND ")
    classified = [c.split(" :: ")[-1] for c in known.get_all("Classifier") or [] if c.startswith("License")]
    classified = [name for name in classified if name not in ("OSI Approved", "DFSG approved")]
    return classified or [(known.get("License") or "none").splitlines()[0]]


def plain(name: str) -> bool:
    """Whether a licence, or one of those it may be taken under, is one of the short permissive ones."""
    choices = [name.strip(), *(choice.strip("() ") for choice in name.split(" OR "))]
    return any(PLAIN.match(choice) or SAID_OTHERWISE.match(choice) for choice in choices)


def installed(requirements: list[str]) -> dict[str, metadata.Distribution]:
    """The distributions that are installed for some requirements, and for theirs."""
    wanted, found = [Requirement(line) for line in requirements], dict[str, metadata.Distribution]()
    while wanted:
        one = wanted.pop()
        name = canonicalize_name(one.name)
        if name in found:
            continue
        try:
            found[name] = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # another platform's, or an extra that nobody asked for
        wanted += [Requirement(line) for line in found[name].requires or []]
    return found


def test_every_licence_that_obliges_is_named() -> None:
    page, everything = PAGE.read_text(), installed(metadata.requires("reelwright") or [])
    assert len(everything) > 50, "the project's requirements were not read"
    wrong = [
        f"{name}: {', '.join(said)}"
        for name, found in sorted(everything.items())
        if not all(map(plain, said := licences(found))) and f"`{name}" not in page
    ]
    assert not wrong, "not named in THIRD_PARTY.md: " + "; ".join(wrong)


@pytest.mark.parametrize("name", ["GPL-3.0-or-later", "LGPL-2.1-only", "MPL-2.0", "OFL-1.1", "none", "Proprietary"])
def test_a_licence_that_obliges_is_not_plain(name: str) -> None:
    assert not plain(name)


@pytest.mark.parametrize(
    "name", ["MIT", "MPL-2.0 OR MIT", "BSD-3-Clause", "Apache-2.0", "MIT License", "Apache Software License"]
)
def test_a_short_permissive_one_is(name: str) -> None:
    assert plain(name)
