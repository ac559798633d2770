"""Files that a person names: read to the limit, waited for a while, and those of a style inside its folder only."""

from __future__ import annotations

import io
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform
from reelwright.render.picture.colour import read_cube
from starter import reading
from starter.accounts import read_token
from starter.inputs import Asked, request_of
from starter.reading import read_limited
from starter.styles import read_style
from tests.workflow.fakes import MemoryMedia

CUBE = "LUT_3D_SIZE 2\n" + "".join(f"{r} {g} {b}\n" for b in (0, 1) for g in (0, 1) for r in (0, 1))
SECRET = "root:x:0:0"


def png(width: int = 20, height: int = 10, mode: str = "RGBA") -> bytes:
    return picture("PNG", width, height, mode)


def picture(format: str, width: int = 20, height: int = 10, mode: str = "RGB", **more: object) -> bytes:
    file = io.BytesIO()
    colour = 200 if mode in ("L", "1", "P") else (200,) * len(Image.new(mode, (1, 1)).getbands())
    Image.new(mode, (width, height), colour).save(file, format, **more)  # type: ignore[arg-type]
    return file.getvalue()


def claiming(width: int, height: int) -> bytes:
    """A PNG whose header speaks of another size than its data; a picture is measured before it is decoded."""
    data = bytearray(png())
    data[16:24] = struct.pack(">II", width, height)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)


def refusal(asked: Asked) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        request_of(asked)
    assert "\n" not in str(caught.value) and str(caught.value).isprintable()
    return caught.value


ASKED: dict[str, Callable[[Path], Asked]] = {
    "script": lambda path: Asked(script=path),
    "style": lambda path: Asked(topic="a b", style=path),
    "posts": lambda path: Asked(topic="a b", posts=path),
    "feed": lambda path: Asked(feed=str(path)),
    "translations.de": lambda path: Asked(topic="a b", translations=[f"de={path}"]),
}


@pytest.mark.parametrize("field", ASKED)
def test_what_has_no_end_is_read_to_its_limit(field: str) -> None:
    error = refusal(ASKED[field](Path("/dev/zero")))
    assert error.field == field and "goes on after the limit of" in str(error) and "shorten it" in error.remedy


@pytest.mark.parametrize("field", ASKED)
def test_a_pipe_that_never_ends_is_read_to_its_limit(field: str, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = subprocess.Popen(["sh", "-c", 'exec yes words of a script that never ends > "$0"', str(fifo)])
    try:
        error = refusal(ASKED[field](fifo))
    finally:
        writer.kill()
        writer.wait()
    assert error.field == field and "goes on after the limit of" in str(error)


@pytest.mark.parametrize("field", ASKED)
def test_nobody_waits_for_ever_for_a_fifo_without_a_writer(
    field: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "IDLE_S", 0.2)
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    error = refusal(ASKED[field](fifo))
    assert error.field == field and "has given nothing for 0 seconds" in str(error)
    assert "check what writes to it" in error.remedy


def test_a_pipe_that_only_trickles_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "WHOLE_S", 0.5)
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = subprocess.Popen(["sh", "-c", 'exec > "$0"; while :; do echo x; sleep 0.05; done', str(fifo)])
    try:
        assert "is not at its end" in str(refusal(Asked(script=fifo)))
    finally:
        writer.kill()
        writer.wait()


@pytest.mark.lengthy
def test_a_pipe_with_a_text_is_read_to_its_end(tmp_path: Path) -> None:
    text = "One sentence of a script. " * 3_000
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = threading.Thread(target=fifo.write_text, args=(text,))
    writer.start()
    assert read_limited(fifo, field="script", limit=100_000).decode() == text
    writer.join()
    shell = (
        "import sys, pathlib; from starter.inputs import read_script;"
        "print(read_script(pathlib.Path(sys.argv[1])), end='')"
    )
    for command in (
        f"exec {sys.executable} -c \"$0\" <(sleep 0.2; printf 'late words')",
        f"printf 'late words' | {sys.executable} -c \"$0\" -",
        f"printf 'late words' | {sys.executable} -c \"$0\" /dev/stdin",
    ):
        done = subprocess.run(["bash", "-c", command, shell], capture_output=True, text=True, timeout=600)
        assert done.stdout == "late words", done.stderr


def test_files_of_the_kernel_tell_no_size_and_are_read_to_the_limit(tmp_path: Path) -> None:
    maps = Path("/proc/self/maps")
    assert maps.stat().st_size == 0
    assert len(read_limited(maps, field="script", limit=10_000_000)) > 1_000
    with pytest.raises(InvalidInput, match="goes on after the limit of 100 bytes"):
        read_limited(maps, field="script", limit=100)
    edge = tmp_path / "edge"
    edge.write_bytes(b"x" * 100)
    assert len(read_limited(edge, field="script", limit=100)) == 100
    with pytest.raises(InvalidInput, match="has 100 bytes, more than the limit of 99"):
        read_limited(edge, field="script", limit=99)


@pytest.mark.parametrize("field", ASKED)
def test_what_is_no_file_is_told(field: str, tmp_path: Path) -> None:
    here = socket.socket(socket.AF_UNIX)
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    here.bind(str(tmp_path / "s"))
    for name, said in (("folder", "directory"), ("loop", "cannot be read"), ("none", "No such file"), ("s", "cannot")):
        error = refusal(ASKED[field](tmp_path / name))
        assert error.field == field and said in str(error)
    here.close()
    assert "not a file name" in str(refusal(ASKED[field](Path("a\0b"))))


def test_a_name_with_control_signs_does_not_reach_the_terminal(tmp_path: Path) -> None:
    evil = tmp_path / "a\x1b]0;owned\x07\x1b[31mred\nline"
    assert "\x1b" not in str(refusal(Asked(script=evil)))
    evil.write_text("")
    assert "is empty" in str(refusal(Asked(script=evil)))
    evil.write_bytes(b"x" * 200_000)
    assert "more than the limit" in str(refusal(Asked(script=evil)))
    evil.write_text("lut = 'a\\u001b[31m.png'")
    assert "\x1b" not in str(refusal(Asked(topic="a b", style=evil)))
    evil.write_text('lut = "a\\u001b[31m.cube"')
    assert "is missing" in str(refusal(Asked(topic="a b", style=evil)))
    assert len(str(refusal(Asked(script=Path("x" * 5_000))))) < 600


@pytest.mark.parametrize("field", ["style", "posts"])
def test_tables_nested_too_deeply_are_told(field: str, tmp_path: Path) -> None:
    (tmp_path / "deep.toml").write_text("x = " + "[" * 40_000)
    assert "is not TOML" in str(refusal(ASKED[field](tmp_path / "deep.toml")))


def test_a_token_file_does_not_hang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "IDLE_S", 0.2)
    os.mkfifo(tmp_path / "fifo")
    for name in (str(tmp_path / "fifo"), "/dev/zero", str(tmp_path)):
        with pytest.raises(InvalidInput) as caught:
            read_token(Platform.X, name)
        assert caught.value.field == "--token-file"
    (tmp_path / "token").write_text(json.dumps({"access_token": "abc"}))
    assert read_token(Platform.X, str(tmp_path / "token")).access_token.get_secret_value() == "abc"


# --- the files of a style --------------------------------------------------------------------------------------------


def style(folder: Path, *, lut: str | None = None, logo: str | None = None) -> Path:
    path = folder / "look.toml"
    brand = f"[brand]\nlogo = {json.dumps(logo)}\n" if logo else ""
    path.write_text((f"lut = {json.dumps(lut)}\n" if lut else "") + brand)
    return path


@pytest.mark.parametrize("name", ["logo.png", "inner/logo.png", "./inner/../logo.png", "link.png"])
async def test_files_inside_the_styles_folder_are_taken(tmp_path: Path, name: str) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "logo.png").write_bytes(png())
    (tmp_path / "inner" / "logo.png").write_bytes(png())
    (tmp_path / "link.png").symlink_to("inner/logo.png")
    (tmp_path / "a.cube").write_text(CUBE)
    asked = Asked(topic="a b", style=style(tmp_path, lut="a.cube", logo=name))
    request = request_of(asked)[1]
    media = MemoryMedia()
    stored = await asked.files.attach(request, media)
    assert stored.style.brand.logo and media.files[stored.style.brand.logo.sha256] == png()
    assert stored.style.lut and media.files[stored.style.lut.sha256] == CUBE.encode()
    type(stored).model_validate_json(stored.model_dump_json())


@pytest.mark.parametrize("field", ["style.lut", "style.brand.logo"])
def test_nothing_outside_the_styles_folder_is_read(tmp_path: Path, field: str) -> None:
    folder = tmp_path / "style"
    folder.mkdir()
    ending = ".cube" if field == "style.lut" else ".png"
    for place in (tmp_path / f"secret{ending}", tmp_path / "secret"):
        place.write_text(CUBE if ending == ".cube" else SECRET)
    (tmp_path / f"good{ending}").write_bytes(CUBE.encode() if ending == ".cube" else png())
    (folder / f"link{ending}").symlink_to(tmp_path / "secret")
    (folder / f"good{ending}").symlink_to(tmp_path / f"good{ending}")
    (folder / f"passwd{ending}").symlink_to("/etc/passwd")
    (folder / "way").symlink_to(tmp_path)
    for name in (
        f"link{ending}", f"good{ending}", f"passwd{ending}", f"way/good{ending}", f"../good{ending}",
        str(tmp_path / f"good{ending}"), f"inner/../../good{ending}",
    ):  # fmt: skip
        asked = {"lut": name} if field == "style.lut" else {"logo": name}
        error = refusal(Asked(topic="a b", style=style(folder, **asked)))
        assert error.field == field and ("outside the style's folder" in str(error) or "is missing" in str(error)), name
        assert SECRET not in str(error)


@pytest.mark.parametrize("ending", [".cube", ".png"])
def test_only_plain_files_of_a_style_are_read(tmp_path: Path, ending: str) -> None:
    os.mkfifo(tmp_path / f"fifo{ending}")
    (tmp_path / f"folder{ending}").mkdir()
    (tmp_path / f"big{ending}").write_bytes(b"x" * 20_000_001)
    for name, said in (("fifo", "not a plain file"), ("folder", "not a plain file"), ("big", "more than the limit")):
        asked = {"lut": f"{name}.cube"} if ending == ".cube" else {"logo": f"{name}.png"}
        assert said in str(refusal(Asked(topic="a b", style=style(tmp_path, **asked))))


async def test_what_was_looked_at_is_what_is_stored(tmp_path: Path) -> None:
    """Between the look and the storing the name may come to stand for something else."""
    (tmp_path / "logo.png").write_bytes(png())
    asked = Asked(topic="a b", style=style(tmp_path, logo="logo.png"))
    request = request_of(asked)[1]
    (tmp_path / "logo.png").unlink()
    (tmp_path / "logo.png").symlink_to("/etc/passwd")
    media = MemoryMedia()
    await asked.files.attach(request, media)
    assert list(media.files.values()) == [png()]


def deep() -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.full((10, 10), 40_000, np.uint16)).save(file, "PNG")
    return file.getvalue()


def animated() -> bytes:
    frames = [Image.new("RGB", (9, 9), (n, 90, 90)) for n in (10, 200)]
    file = io.BytesIO()
    frames[0].save(file, "PNG", save_all=True, append_images=frames[1:])
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.png", png()),
        ("a.PNG", png(mode="L")),
        ("a.png", png(mode="P")),
        ("a.png", deep()),
        ("a.png", animated()),
        ("a.jpg", picture("JPEG")),
        ("a.jpeg", picture("JPEG", mode="CMYK")),
    ],
)
def test_pictures_of_every_usual_kind_make_a_logo(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    files = read_style(style(tmp_path, logo=name))[1]
    assert files.logo and files.logo.data == data and files.logo.media_type in ("image/png", "image/jpeg")


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.png", claiming(12_000, 12_000), "too large (12000x12000); give one of at most 50 megapixels"),
        ("a.png", claiming(30_000, 20_000), "too large"),
        ("a.png", png()[:60], "broken"),
        ("a.jpg", picture("JPEG", 400, 400)[:700], "broken"),
        ("a.png", SECRET.encode(), "not a PNG or JPEG file"),
        ("a.png", b"", "not a PNG or JPEG file"),
        ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a PNG or JPEG file"),
        ("a.png", picture("JPEG"), "is of the type image/jpeg"),
        ("a.jpg", png(), "is of the type image/png"),
        ("a.png", picture("WEBP"), "is of the type image/webp"),
        ("a.png", picture("GIF"), "is of the type image/gif"),
        ("a.png", picture("BMP"), "not a PNG or JPEG file"),
    ],
)
def test_a_logo_that_cannot_be_used_is_told_at_once(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(data)
    error = refusal(Asked(topic="a b", style=style(tmp_path, logo=name)))
    assert error.field == "style.brand.logo" and said in str(error) and error.remedy


def test_a_logo_without_anything_to_see_is_told(tmp_path: Path) -> None:
    Image.new("RGBA", (9, 9), (0, 0, 0, 0)).save(tmp_path / "a.png")
    assert "transparent all over" in str(refusal(Asked(topic="a b", style=style(tmp_path, logo="a.png"))))


ROWS = "".join(f"{r}\t{g}\t{b}\n" for b in (0, 1) for g in (0, 1) for r in (0, 1))


@pytest.mark.parametrize(
    "data",
    [
        f"# c\n\nLUT_3D_SIZE\t2\n{ROWS}\n".encode(),
        b"\xef\xbb\xbf" + CUBE.encode(),
        CUBE.replace("\n", "\r\n").encode(),
        CUBE.replace("\n", "\r").encode(),
        CUBE.encode("utf-16"),
        CUBE.lower().encode(),
        CUBE.replace("\n", "  \t\n").encode(),
        ('TITLE "Größe # 1"\n' + CUBE).encode(),
        ('TITLE "Größe"\n' + CUBE).encode("latin-1"),
        CUBE.replace("0 0 0", "0 0 0 # black").replace("SIZE 2", "SIZE 2 # points").encode(),
        ("DOMAIN_MIN 0 0 0\nDOMAIN_MAX\t1.0 1.0 1.0\n" + CUBE).encode(),
        ("LUT_3D_INPUT_RANGE 0.0 1.0\n" + CUBE).encode(),
        (CUBE + "DOMAIN_MIN 0 0 0\n\n# end\n").encode(),
        ("\n\n  LUT_3D_SIZE   2  \n" + ROWS.replace("1", "+1.0e0")).encode(),
        ("LUT_IN_VIDEO_RANGE\n" + CUBE).encode(),
        CUBE.replace("1 1 1", "1.5 -0.25 1").encode(),
        ("LUT_3D_SIZE 65\n" + "0.5 0.5 0.5\n" * 65**3).encode(),
    ],
)
@pytest.mark.lengthy
def test_cubes_of_every_editor_are_taken(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.cube").write_bytes(data)
    files = read_style(style(tmp_path, lut="a.cube"))[1]
    assert files.lut and files.lut.data == data


def test_the_range_of_a_cube_is_heeded(tmp_path: Path) -> None:
    grey = np.full((1, 1, 3), 100, np.uint8)
    for head in ("LUT_3D_INPUT_RANGE 0 0.5\n", "\ufeffdomain_max\t0.5 0.5 0.5\r\n"):
        (tmp_path / "a.cube").write_text(head + CUBE, encoding="utf-8")
        assert abs(int(read_cube(tmp_path / "a.cube").apply(grey)[0, 0, 0]) - 200) <= 1
    (tmp_path / "a.cube").write_text(CUBE)
    assert abs(int(read_cube(tmp_path / "a.cube").apply(grey)[0, 0, 0]) - 100) <= 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no line LUT_3D_SIZE"),
        ("LUT_1D_SIZE 2\n0 0 0\n1 1 1\n", "it is a 1D table (LUT_1D_SIZE), and only a 3D one is taken"),
        ("LUT_1D_SIZE 2\nLUT_3D_SIZE 2\n0 0 0\n1 1 1\n" + CUBE, "there is a 1D table in it too"),
        ("LUT_3D_SIZE 129\n", "LUT_3D_SIZE is '129', not 2 to 65; export it with 33 or 65 points"),
        ("LUT_3D_SIZE 1\n0 0 0\n", "not 2 to 65"),
        ("LUT_3D_SIZE two\n", "LUT_3D_SIZE is 'two'"),
        (CUBE + "0 0 0\n", "it has 9 colours, not 2^3 = 8"),
        (CUBE.replace("1 1 1", "1 1"), "not three numbers"),
        (CUBE.replace("1 1 1", "1 1 1 1"), "not three numbers"),
        (CUBE.replace("1 1 1", "1 1 1e999"), "not three numbers"),
        (CUBE.replace(" ", ";").replace("SIZE;", "SIZE "), "not three numbers"),
        ("LUT_3D_SIZE 2\n" + "0,5 0,5 0,5\n" * 8, "decimal comma"),
        ("LUT_3D_INPUT_RANGE 1 0\n" + CUBE, "DOMAIN_MIN is not below"),
        ("LUT_3D_INPUT_RANGE 1\n" + CUBE, "LUT_3D_INPUT_RANGE is not two numbers"),
        ("DOMAIN_MAX 1 1 x\n" + CUBE, "DOMAIN_MAX is not three numbers"),
        ("<html>not a table</html>", "no line LUT_3D_SIZE"),
    ],
)
def test_a_cube_that_cannot_be_used_is_told_at_once(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "a.cube").write_text(text)
    error = refusal(Asked(topic="a b", style=style(tmp_path, lut="a.cube")))
    assert error.field == "style.lut" and said in str(error) and error.remedy
