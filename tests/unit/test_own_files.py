"""The user's own media on the command line and in scripts: which files are named, and which never are."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from reelwright.domain.content.media_lines import media_lines
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.story import Scene, Story, WriteTask
from reelwright.domain.content.taken import NamedMedia
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform
from reelwright.providers.own.limits import Limits
from reelwright.providers.own.names import check_name
from reelwright.providers.writing.script import ScriptWriter
from starter.inputs import Asked, request_of
from tests import own_samples as samples
from tests.workflow.fakes import MemoryMedia, own_intake

WEB = "https://example.org/a.mp4"
A, B, C = ("media:" + letter * 64 for letter in "abc")


def address(path: Path) -> str:
    return "media:" + hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pictures whose names are scenes' numbers, a script that names others, and a file outside of all that."""
    inside = tmp_path / "inside"
    (inside / "footage").mkdir(parents=True)
    for name in ("footage/02.png", "footage/Scene-11.PNG", "footage/boat.png", "footage/2024.png", "cat.png"):
        (inside / name).write_bytes(samples.saved(samples.picture(), "PNG") + name.encode())
    (inside / "footage/notes.txt").write_text("no media")
    (tmp_path / "secret.png").write_bytes(b"outside")
    return inside


def script(folder: Path, *lines: str) -> Path:
    path = folder / "talk.md"
    path.write_text("\n\n".join(["Cats sleep for most of the day.", *lines, "And that is all there is."]))
    return path


def test_what_is_named_becomes_addresses(folder: Path) -> None:
    asked = Asked(
        script=script(folder, "![A cat](cat.png)", "![](<boat.png>)", f"![Web]({WEB})", "see ![this](cat.png) here"),
        media=folder / "footage",
        music=WEB,
        intro=str(folder / "cat.png"),
        narration=str(folder / "footage"),
    )
    _, request = request_of(asked)
    two, eleven = address(folder / "footage/02.png"), address(folder / "footage/Scene-11.PNG")
    cat, boat = address(folder / "cat.png"), address(folder / "footage/boat.png")
    assert {n: use.file for n, use in request.media.items()} == {2: two, 11: eleven}
    assert NamedMedia.of(request).lines == (cat, boat, WEB)
    assert "see ![this](cat.png) here" in str(request.script), "in running text it is an image of Markdown"
    assert request.music and request.music.file == WEB and request.intro and request.intro.file == cat
    assert request.narration and request.narration.scenes == {2: two, 11: eleven}
    assert asked.own.unused == ("2024.png",)
    assert {file.name for file in asked.own.files.values()} == {"02.png", "Scene-11.PNG", "boat.png", "cat.png"}


def posts_file(folder: Path, *pictures: str) -> Path:
    path = folder / "posts.toml"
    listed = ", ".join(f'{{ file = "{name}", alt = "a cat" }}' for name in pictures)
    path.write_text(f'[x]\nkind = "pictures"\npictures = [{listed}]\n')
    return path


def test_pictures_of_a_post_are_files_beside_the_file_that_names_them(folder: Path) -> None:
    asked = Asked(topic="cats", platforms=["x"], posts=posts_file(folder, "cat.png", "footage/boat.png", A))
    _, request = request_of(asked)
    files = [picture.file for picture in request.posts[Platform.X].pictures]
    assert files == [address(folder / "cat.png"), address(folder / "footage/boat.png"), A]
    assert {file.field for file in asked.own.files.values()} == {f"posts.x.pictures.{n}.file" for n in (1, 2)}
    assert [field for field, _ in NamedMedia.of(request).addresses()] == [
        f"posts.x.pictures.{n}.file" for n in (1, 2, 3)
    ]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "../secret.png",
            r"^posts\.x\.pictures\.1\.file: \.\./secret\.png lies outside the folder of the posts' file; put",
        ),
        ("none.png", r"^posts\.x\.pictures\.1\.file: none\.png is missing; check the file"),
        ("http://x/a.png", r"^posts\.x\.pictures\..*'http://x/a\.png' is no address of media; give `media:`"),
    ],
)
def test_pictures_of_a_post_that_cannot_be_named(folder: Path, name: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        request_of(Asked(topic="cats", platforms=["x"], posts=posts_file(folder, name)))


def test_a_request_that_names_nothing_is_as_it_was(folder: Path) -> None:
    path = folder / "plain.md"
    path.write_text("Nothing here. ![a brief] It is all words.")
    asked = Asked(script=path)
    _, request = request_of(asked)
    assert request.script == path.read_text() and not asked.own.files and not NamedMedia.of(request)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("![A](none.png)", r"^script, line 3: there is no file 'none\.png' in the script's folder; check the name"),
        (
            "![A](../secret.png)",
            r"^script, line 3: \.\./secret\.png lies outside the script's folder; put a copy there",
        ),
        ("![A](link.png)", r"^script, line 3: link\.png lies outside"),
        ("![A](linked/secret.png)", r"^script, line 3: linked/secret\.png lies outside"),
        ("![A](%2e%2e/secret.png)", r"^script, line 3: \.\./secret\.png lies outside"),
        ("![A](footage)", r"^script, line 3: footage is not a plain file"),
        ("![A](file:///etc/passwd)", r"^script, line 3: 'file:///etc/passwd' is no address"),
        ("![A](http://example.org/a.png)", r"^script, line 3: 'http://example\.org/a\.png' is no address"),
        ("![A](/etc/passwd)", r"^script, line 3: there is no file '/etc/passwd'"),
    ],
)
def test_a_script_names_nothing_outside_its_folder(folder: Path, line: str, reason: str) -> None:
    (folder / "link.png").symlink_to(folder.parent / "secret.png")
    (folder / "linked").symlink_to(folder.parent)
    with pytest.raises(InvalidInput, match=reason):
        request_of(Asked(script=script(folder, line)))


def test_what_a_folder_may_not_hold(folder: Path) -> None:
    footage = folder / "footage"
    (footage / "scene_7.png").symlink_to(folder.parent / "secret.png")
    with pytest.raises(InvalidInput, match=r"^media\.7: scene_7\.png lies outside the folder"):
        request_of(Asked(topic="cats", media=footage))
    (footage / "scene_7.png").unlink()
    (footage / "2.jpg").write_bytes(b"another")
    with pytest.raises(InvalidInput, match=r"^media\.2: 02\.png and 2\.jpg are both for scene 2; leave one"):
        request_of(Asked(topic="cats", media=footage))
    with pytest.raises(InvalidInput, match=r"^media: .* cannot be read \(No such file"):
        request_of(Asked(topic="cats", media=folder / "none"))
    with pytest.raises(InvalidInput, match=r"^music: none\.mp3 is missing; check the file"):
        request_of(Asked(topic="cats", music=str(folder / "none.mp3")))
    with pytest.raises(InvalidInput, match=r"^music: 'http://x/a\.mp3' is no address of media; give an https://"):
        request_of(Asked(topic="cats", music="http://x/a.mp3"))
    with pytest.raises(InvalidInput, match=r"^narration: .* has no recording that is called by a scene's number"):
        request_of(Asked(topic="cats", narration=str(folder)))


@pytest.mark.lengthy
async def test_files_are_taken_in_and_refused_where_they_cannot_serve(folder: Path, tmp_path: Path) -> None:
    media = MemoryMedia()
    asked = Asked(topic="cats", intro=str(samples.clip(folder / "a.mp4")))
    _, request = request_of(asked)
    await asked.own.take_in(NamedMedia.of(request), own_intake(media))
    assert set(asked.own.files) <= media.files.keys()
    wrong = Asked(topic="cats", intro=str(folder / "cat.png"))
    _, request = request_of(wrong)
    with pytest.raises(InvalidInput, match=r"^intro: cat\.png is a picture; give a video clip"):
        await wrong.own.take_in(NamedMedia.of(request), own_intake(media))
    (folder / "cat.png").write_bytes(samples.saved(samples.picture((200, 200)), "PNG"))
    with pytest.raises(InvalidInput, match=r"^intro: cat\.png has just been changed; try again"):
        await wrong.own.take_in(NamedMedia.of(request), own_intake(media))
    big = own_intake(media)
    with pytest.raises(InvalidInput, match=r"^f: a\.mp4 has [\d,]+ bytes, more than 100; give a smaller"):
        await type(big)(big.book, media, {}, Limits(bytes=100)).add(
            folder / "a.mp4", name="a.mp4", field="f", workdir=tmp_path, progress=lambda share: None
        )


@pytest.mark.parametrize(
    ("name", "kind", "media_type", "fits"),
    [
        ("a.png", "picture", "image/png", True),
        ("a.JPEG", "picture", "image/jpeg", True),
        ("a.jpg", "picture", "image/png", False),
        ("a.png", "sound", "audio/mpeg", False),
        ("a.mp3", "clip", "video/mp4", False),
        ("a.mp4", "sound", "audio/mp4", True),
        ("a.gif", "clip", "image/gif", True),
        ("a.bin", "clip", "video/mp4", True),
        ("a", "picture", "image/png", True),
    ],
)
def test_a_file_is_called_what_it_is(name: str, kind: str, media_type: str, fits: bool) -> None:
    try:
        check_name(name, kind, media_type, field="f")  # type: ignore[arg-type]
        assert fits
    except InvalidInput as error:
        assert not fits and "name it after what it is" in str(error)


SEVERAL = f"""---
title: Cats and dogs
---
![A cat]({A})
Cats sleep.

Dogs bark all night long in the village, and nobody knows why they do.
![A dog]({B})

Dogs too.

## The end

![]({C})

And that was it, ![a brief] for all of us who came here to see them.

---
Last words are spoken here, and they are enough for one scene of its own.

![Closing]({A})
"""


async def written(text: str, media: bool = True) -> Story:
    request = ContentRequest(script=text)
    return await ScriptWriter().write(WriteTask(content_id="x", request=request, media_lines=media))


async def test_each_media_line_begins_a_scene() -> None:
    story = await written(SEVERAL)
    assert [(scene.media, scene.shows, scene.heading, scene.brief) for scene in story.scenes] == [
        (A, "A cat", "", ""),
        (B, "A dog", "", ""),
        (C, "", "The end", "a brief"),
        (A, "Closing", "", ""),
    ]
    assert story.scenes[1].text == "Dogs too." and "cat" not in story.text.lower().replace("cats", "")
    assert story.title == "Cats and dogs"


async def test_contents_begun_before_speak_what_they_spoke() -> None:
    story = await written(SEVERAL, media=False)
    assert all(not scene.media for scene in story.scenes) and "A dog" in story.text


async def test_two_of_them_for_one_scene_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"^script: scene 1 has 2 pictures or clips, the second is media:b"):
        await written(f"![a]({A})\n![b]({B})\nThere is one scene for both of them.")


def test_media_lines_are_told_from_images_in_text() -> None:
    text = 'x ![a](b.png)\n![c](d.png "a title")\n    ![code](e.png)\n![f]\n![g](<h i.png>)\n![j](k.png) l'
    assert [(line.shows, line.target, line.number) for line in media_lines(text)] == [
        ("c", "d.png", 2),
        ("g", "h i.png", 5),
    ]


def test_an_asset_ref_names_a_stored_file() -> None:
    ref = {"key": f"aa/{'a' * 64}.png", "sha256": "a" * 64, "size": 1, "media_type": "image/png"}
    request = ContentRequest.model_validate({"topic": "cats", "media": {"1": {"file": ref}}})
    assert request.media[1].file == A


def test_scenes_of_earlier_releases_are_unchanged_as_json() -> None:
    assert Scene(index=0, text="t").model_dump() == {"index": 0, "text": "t", "heading": ""}
