"""What sets the segments of two builds apart: every library that decides a pixel is in the toolchain's digest."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import av
import cv2
import numpy
import PIL
import PIL.features
import pytest

import reelwright.render
from reelwright import openmoji
from reelwright.domain.text import phrases
from reelwright.render.encode.encoders import EncodeSettings
from reelwright.render.encode.segments import toolchain
from reelwright.render.text.fonts import FACES, PACKAGES, SHAPERS

MODULES = (av, cv2, numpy, PIL)
"""These tell their version themselves."""
PICTURES = {"av", "opencv-python-headless", "numpy", "pillow", *PACKAGES}
NO_PIXELS = {"babel", "ffmpeg-python", "imageio-ffmpeg", "pydantic", "filelock"}
"""Numbers, sound, measuring, streaming packages, models and locks: none of them draws or encodes a segment."""
BY_NAME = {"emosvg", "resvg-py", "noto-cjk-sans-jp-bold", "pylopdf-fonts-he"}
"""Found by name and not by an import statement."""


def digest() -> str:
    toolchain.cache_clear()
    return toolchain(EncodeSettings())


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    yield
    toolchain.cache_clear()


@pytest.mark.parametrize("package", sorted({face.package for face in FACES} | set(PACKAGES)))
def test_another_version_of_a_text_package_makes_other_segments(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before, real = digest(), metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "9999" if name == package else real(name))
    assert digest() != before


@pytest.mark.parametrize("package", ["emosvg", "resvg-py"])
def test_a_build_without_emoji_makes_other_segments(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = metadata.version

    def version(name: str, given: str | None) -> str:
        if name != package:
            return real(name)
        if given is None:
            raise metadata.PackageNotFoundError(name)
        return given

    monkeypatch.setattr(metadata, "version", lambda name: version(name, "1.0"))
    present = digest()
    monkeypatch.setattr(metadata, "version", lambda name: version(name, None))
    assert digest() != present


@pytest.mark.parametrize("shaper", SHAPERS)
def test_another_shaping_library_in_pillow_makes_other_segments(shaper: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before, real = digest(), PIL.features.version
    monkeypatch.setattr(PIL.features, "version", lambda name: "9999" if name == shaper else real(name))
    assert digest() != before


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.__name__))
def test_another_version_of_a_picture_library_makes_other_segments(
    module: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = digest()
    monkeypatch.setattr(module, "__version__", "9999")
    assert digest() != before


@pytest.mark.lengthy
def test_every_package_that_the_renderer_imports_is_in_the_digest_or_draws_nothing() -> None:
    owners = metadata.packages_distributions()
    used: set[str] = set()
    beside = (Path(phrases.__file__), Path(openmoji.__file__))
    for path in (*Path(reelwright.render.__file__).parent.rglob("*.py"), *beside):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                used |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                used.add(node.module.partition(".")[0])
    packages = {owner.lower() for name in used for owner in owners.get(name, ()) if owner != "reelwright"}
    assert packages | BY_NAME <= {package.lower() for package in PICTURES | NO_PIXELS}
    assert {"pillow", "regex", "budoux", "icu4py", "python-bidi"} <= packages, "the imports are read at all"
