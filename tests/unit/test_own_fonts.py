"""A style's own fonts: families by name and font files, checked before anything is made, and drawn where they can."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pylopdf_fonts_he
import pytest

from control.channel_files import WrongInFile, parsed
from control.channels import as_toml
from reelwright.domain.assets import AssetRef
from reelwright.domain.channels.config import ChannelConfig
from reelwright.domain.content.picturing import PictureCard
from reelwright.domain.content.style import ASSET_BYTES, RenderStyle
from reelwright.domain.errors import InvalidInput, RenderFailed
from reelwright.domain.formats import VideoFormat
from reelwright.render.captions.burn import caption_track
from reelwright.render.captions.subtitles import write_all
from reelwright.render.encode.encoders import EncodeSettings
from reelwright.render.encode.segments import cut_format
from reelwright.render.picture.cards import _writing
from reelwright.render.picture.colour import palette_of
from reelwright.render.picture.compose import Composer
from reelwright.render.picture.overlay import Overlay
from reelwright.render.plan.layout import LAYOUTS, Layout
from reelwright.render.plan.preflight import check_style
from reelwright.render.plan.timeline import build_timeline
from reelwright.render.text import fonts
from reelwright.render.text.bitmaps import Style
from reelwright.render.text.card_art import card_parts
from reelwright.render.text.font_files import check_font
from reelwright.render.text.preferred import preferred_faces
from reelwright.render.text.titles import heading_overlay, lower_third_overlays, title_overlay, watermark_overlay
from starter.channels import apply
from starter.inputs import Asked, request_of
from starter.styles import read_style
from tests.workflow.fakes import MemoryMedia

from .scripts import SAMPLES, grey, plan_for

SERIF = Path(pylopdf_fonts_he.sans_path()).parent / "NotoSerifHebrew-Variable.ttf"
"""A variable serif with letters of Hebrew, and of Latin without those of Vietnamese."""
DATA = SERIF.read_bytes()
SHA = hashlib.sha256(DATA).hexdigest()
REF = AssetRef(key=f"{SHA[:2]}/{SHA}.ttf", sha256=SHA, size=len(DATA), media_type="font/ttf")
FILES: Mapping[str, Path] = {SHA: SERIF}
STYLE = RenderStyle(fonts=(REF,))
SMALL = VideoFormat("320x240")
PLAIN = LAYOUTS[SMALL]
OWN = replace(PLAIN, fonts=preferred_faces(STYLE, FILES))
PALETTE = palette_of(STYLE.brand)


def with_usage(fs_type: int) -> bytes:
    """The font with another `fsType`."""
    count = struct.unpack_from(">H", DATA, 4)[0]
    tables = [struct.unpack_from(">4sIII", DATA, 12 + 16 * at) for at in range(count)]
    at = next(first for tag, _, first, _ in tables if tag == b"OS/2") + 8
    return DATA[:at] + fs_type.to_bytes(2, "big") + DATA[at + 2 :]


# --- checked


async def test_families_and_files_keep_their_order(tmp_path: Path) -> None:
    (tmp_path / "own.TTF").write_bytes(with_usage(0x0004))
    (tmp_path / "look.toml").write_text('fonts = ["own.TTF", "noto sans thai"]')
    request = request_of(Asked(topic="a b", style=tmp_path / "look.toml"))[1]
    stored = (await read_style(tmp_path / "look.toml")[1].attach(request, MemoryMedia())).style
    file, family = stored.fonts
    assert isinstance(file, AssetRef) and file.media_type == "font/ttf" and family == "noto sans thai"
    assert '"fonts"' not in RenderStyle().model_dump_json() and '"fonts"' in stored.model_dump_json()


def test_an_exported_channel_has_its_fonts_in_order() -> None:
    config = ChannelConfig.model_validate({"name": "kids", "look": {"fonts": ["Noto Sans", REF.model_dump()]}})
    assert parsed(as_toml(config).encode(), "kids.toml").config() == config


BAD: list[tuple[bytes | None, str, str]] = [
    (b"", "own.ttf", "it is not a TrueType or OpenType font"),
    (b"no font at all" * 9, "own.ttf", "it is not a TrueType or OpenType font"),
    (b"wOF2" + DATA[4:], "own.otf", "it is not a TrueType or OpenType font"),
    (DATA[: len(DATA) // 2], "own.ttf", "the file is cut short"),
    (DATA[:9], "own.ttf", "the file is cut short"),
    (DATA[:4] + b"\xff\xff" + DATA[6:], "own.ttf", "it has 65535 tables"),
    (DATA.replace(b"cmap", b"none", 1), "own.ttf", "it maps no characters to glyphs"),
    (DATA.replace(b"head", b"none", 1), "own.ttf", "it cannot be opened"),
    (with_usage(0x0002), "own.ttf", "its licence forbids embedding"),
    (b"\0" * (ASSET_BYTES + 1), "own.ttf", "20,000,000"),
    (None, "own.ttf", "own.ttf is missing"),
    (None, "../../etc/font.ttf", ""),
    (None, "Noto Sens", "nearest: Noto Sans"),
    (None, "own.woff2", "there is no font family"),
]


@pytest.mark.parametrize(("data", "name", "said"), BAD, ids=[f"{said} {name}" for _, name, said in BAD])
async def test_a_font_that_cannot_be_used_is_one_line(tmp_path: Path, data: bytes | None, name: str, said: str) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    (tmp_path / "look.toml").write_text(f'fps = 25\nfonts = ["{name}"]')
    with pytest.raises(InvalidInput) as caught:
        request_of(Asked(topic="a b", style=tmp_path / "look.toml"))
    error = caught.value
    assert error.field == "style.fonts" and said in error.message and error.remedy and "\n" not in str(error)
    (tmp_path / "kids.toml").write_text(f'name = "kids"\n[look]\nfps = 25\nfonts = ["{name}"]')
    with pytest.raises(WrongInFile) as wrong:
        await apply([tmp_path / "kids.toml"], by="a test", as_json=True)
    assert str(wrong.value).startswith("kids.toml, line 4: look.fonts: ") and said in str(wrong.value)


@pytest.mark.parametrize("usage", [0x0000, 0x0004, 0x0008, 0x0100])
def test_a_licence_that_allows_it_is_accepted(usage: int) -> None:
    assert check_font(with_usage(usage)) == "font/ttf"


def test_a_worker_looks_at_fonts_again(tmp_path: Path) -> None:
    check_style(STYLE, FILES)
    cut = tmp_path / "cut.ttf"
    cut.write_bytes(DATA[:1000])
    for files, said in (({}, "not handed over"), ({SHA: cut}, "cut short")):
        with pytest.raises(RenderFailed, match=said) as caught:
            check_style(STYLE, files)
        assert caught.value.field == "style.fonts"


# --- drawn


def caption(language: str, layout: Layout, **style: object) -> np.ndarray:
    """The first caption of a sample on grey."""
    plan = plan_for(SAMPLES[language], language=language, **style)
    out = grey(layout.width, layout.height)
    found = caption_track(plan, build_timeline(plan), layout).at(20)
    assert found is not None
    found[0].blend(out)
    return out.y.copy()


@pytest.mark.parametrize(("language", "own"), [("en", True), ("he", True), ("uk", False), ("ja", False), ("hi", False)])
def test_captions_are_drawn_in_the_own_font_where_it_has_the_letters(language: str, own: bool) -> None:
    usual, drawn = caption(language, PLAIN), caption(language, OWN)
    assert (usual.shape == drawn.shape and np.array_equal(usual, drawn)) is not own


PARTS: dict[str, Callable[[Layout], Overlay | None]] = {
    "title": lambda layout: title_overlay("Three hearts", layout),
    "heading": lambda layout: heading_overlay("Three hearts", layout),
    "lower third": lambda layout: lower_third_overlays("Three hearts", layout, PALETTE)[0],
    "watermark": lambda layout: watermark_overlay("Three hearts", layout),
    "card of a scene": lambda layout: card_parts(
        PictureCard(kind="number", text="3 hearts", detail="and blue blood"), layout, PALETTE
    )[0].make(),
    "intro": lambda layout: _writing("Three hearts", "", PALETTE, layout, None)[0],
    "outro line": lambda layout: _writing("Bye", "Three hearts", PALETTE, layout, None)[2],
}


@pytest.mark.parametrize("part", PARTS)
def test_everything_that_is_written_is_in_the_own_font(part: str) -> None:
    usual, drawn = PARTS[part](PLAIN), PARTS[part](OWN)
    assert usual is not None and drawn is not None
    same = usual.layers[0].keep.shape == drawn.layers[0].keep.shape
    assert not (same and np.array_equal(usual.layers[0].keep, drawn.layers[0].keep))


def test_a_word_is_not_set_in_two_fonts_of_one_script() -> None:
    found = Style(40, fonts.BOLD, fonts=OWN.fonts).line(("Việt", " Nam", " (2024)", " 東京", " שלום")).runs
    faces = {run.text.strip(): run.face.name if run.face else "" for run in found}
    assert faces["Việt"] == "Noto Sans" and faces["Nam"] == SHA and faces["(2024)"] == SHA
    assert faces["東京"] == "Noto Sans CJK" and SHA in [run.face.name for run in found if run.rtl and run.face]


def test_a_sign_that_only_the_own_font_has_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "FACES", fonts.FACES[-1:])
    fonts.resolve.cache_clear()
    try:
        assert fonts.drawable("שלום") == "" and fonts.drawable("שלום", OWN.fonts) == "שלום"
        assert fonts.undrawable("ש", OWN.fonts) == []
    finally:
        fonts.resolve.cache_clear()


def test_a_variable_font_is_drawn_bold() -> None:
    def ink(weight: int) -> int:
        return sum(fonts.font(60, weight, OWN.fonts[0]).getmask("Hearts", mode="L"))

    assert ink(fonts.BOLD) > 1.2 * ink(400)


def test_a_font_is_drawn_in_other_sizes_when_its_folder_is_gone(tmp_path: Path) -> None:
    copy = tmp_path / "font.ttf"
    copy.write_bytes(DATA)
    faces = preferred_faces(STYLE, {SHA: copy})
    copy.unlink()
    assert fonts.font(37, 333, faces[0]).getlength("Hearts") > 0
    assert faces == OWN.fonts and hash(faces) == hash(OWN.fonts)


def test_a_video_is_composed_and_captioned_with_it(tmp_path: Path) -> None:
    usual, own = plan_for(SAMPLES["en"]), plan_for(SAMPLES["en"], fonts=[REF.model_dump()])
    with pytest.raises(RenderFailed, match="not handed over"):
        Composer(own, SMALL, {})
    assert Composer(own, SMALL, FILES)._layout.fonts == OWN.fonts
    settings = EncodeSettings()
    before, after = (
        {segment.digest for segment in cut_format(plan, SMALL, settings, FILES).segments} for plan in (usual, own)
    )
    assert not before & after
    assert write_all(own, tmp_path, FILES)[0].path.read_text("utf-8").count("hearts") == 1


def test_another_release_of_a_family_makes_other_segments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from reelwright.render.text import preferred

    plan = plan_for(SAMPLES["en"], fonts=["Noto Sans Thai"])
    before = cut_format(plan, SMALL, EncodeSettings()).toolchain
    assert before != cut_format(plan_for(SAMPLES["en"]), SMALL, EncodeSettings()).toolchain
    monkeypatch.setattr(preferred, "_digest", lambda path: "another")
    assert cut_format(plan, SMALL, EncodeSettings()).toolchain != before
