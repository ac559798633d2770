"""A channel's look from a file, or one clear line."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from reelwright.domain.content.style import RenderStyle
from reelwright.domain.errors import InvalidInput
from starter.inputs import Asked, request_of
from starter.styles import read_style
from tests.workflow.fakes import MemoryMedia

STYLE = """
fps = 60
transition = "wipe"
lut = "warm.cube"
[captions]
style = "pop"
[brand]
accent = "#00AACC"
intro = "Sea stories"
logo = "logo.png"
"""


async def test_a_whole_style_with_its_files(tmp_path: Path) -> None:
    (tmp_path / "look.toml").write_text(STYLE)
    (tmp_path / "warm.cube").write_text("LUT_3D_SIZE 2\n" + "0.5 0.5 0.5\n" * 8)
    Image.new("RGB", (8, 8)).save(tmp_path / "logo.png")
    _, request = request_of(Asked(topic="a b", style=tmp_path / "look.toml", preset="draft"))
    assert (request.style.fps, request.style.preset, request.style.captions.style) == (60, "draft", "pop")
    assert request.style.lut is None
    media = MemoryMedia()
    stored = await read_style(tmp_path / "look.toml")[1].attach(request, media)
    assert stored.style.lut is not None
    assert stored.style.brand.logo is not None
    assert media.files[stored.style.brand.logo.sha256] == (tmp_path / "logo.png").read_bytes()
    assert stored.style.brand.intro == "Sea stories"


@pytest.mark.parametrize(
    ("text", "field", "said"),
    [
        ("fps = 29", "style.fps", "29 frames a second are not offered"),
        ("brand = 3", "style.brand", "it is not a valid table; write [brand]"),
        ("[brand]\naccent = 'red'", "style.brand.accent", "pattern"),
        ("colour = 'sepia'", "style.colour", "'none' or 'auto'"),
        ("nonsense", "style", "is not TOML"),
        ("typo = 1", "style.typo", "there is no such field"),
        ("lut = '../../etc/passwd'", "style.lut", "is not one of .cube"),
        ("lut = 'gone.cube'", "style.lut", "is missing"),
        ("brand.logo = 'dot.png'", "style.brand.logo", "1 x 1 pixels, which is too few; give one of at least 8"),
    ],
)
def test_bad_styles(tmp_path: Path, text: str, field: str, said: str) -> None:
    Image.new("RGB", (1, 1)).save(tmp_path / "dot.png")
    (tmp_path / "look.toml").write_text(text)
    with pytest.raises(InvalidInput) as caught:
        request_of(Asked(topic="a b", style=tmp_path / "look.toml"))
    assert caught.value.field == field
    assert said in str(caught.value)


def test_a_style_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        request_of(Asked(topic="a b", style=tmp_path / "none.toml"))
    with pytest.raises(InvalidInput, match="preset"):
        request_of(Asked(topic="a b", preset="best"))


def test_dash_is_over_hls_and_leaves_the_json_of_other_styles_alone() -> None:
    assert "dash" not in RenderStyle(hls=True).model_dump_json()
    assert '"dash":true' in RenderStyle(hls=True, dash=True).model_dump_json()
    with pytest.raises(ValueError, match="dash: its manifest is over the segments of HLS; set hls too"):
        RenderStyle(dash=True)
