"""What a mark says, what signs it, and `reelwright inspect`."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from PIL import Image

from control.doctor import Note
from reelwright.domain.assets import AssetRef
from reelwright.domain.content.media import ClipFacts, SceneClip
from reelwright.domain.content.story import OWN, Material, Music, Narration, Picture, Scene, Story
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform, PostKind
from reelwright.domain.marking import Ingredient, Mark, SourceType, picture_mark, thumbnail_mark, video_mark
from reelwright.domain.ports.marking import MARK_BYTES
from reelwright.domain.publishing.accounts import AccountInfo
from reelwright.domain.publishing.posting import PostDraft
from reelwright.marking import identity
from reelwright.marking.identity import Identity, own_or_new, signing
from reelwright.marking.marker import C2paMarker
from reelwright.marking.reading import read_mark
from reelwright.marking.xmp import source_in, with_source
from reelwright.platforms.bluesky import post as bluesky
from reelwright.platforms.facebook import post as facebook
from reelwright.platforms.instagram import post as instagram
from reelwright.platforms.tiktok import post as tiktok
from reelwright.platforms.x import post as x
from reelwright.platforms.youtube import post as youtube
from starter import doctor, inspecting
from workers.settings import Settings

NOW = datetime.now(UTC)
MARK = Mark(title="Tides", source=SourceType.ALGORITHMIC, ingredients=(Ingredient(title="voice", format="audio/wav"),))
S = SourceType


def asset(name: str) -> AssetRef:
    return AssetRef(key=name, sha256=name * 64, size=1, media_type="x/y")


def material(pictures: tuple[str, ...], voice: str, music: str, *, writer: str = "script") -> Material:
    """A content with a scene for each of `pictures`; each is a provider."""
    scenes = tuple(Scene(index=index, text="One.") for index in range(len(pictures)))
    return Material(
        story=Story(title="Tides", description="", scenes=scenes, writer=writer),
        narrations=tuple(
            Narration(scene=s.index, audio=asset("a"), duration_s=1, words=(), provider=voice) for s in scenes
        ),
        pictures=tuple(
            Picture(scene=index, image=asset("bcdef"[index % 5]), provider=name) for index, name in enumerate(pictures)
        ),
        music=Music(audio=asset("a"), duration_s=1, mood="calm", provider=music),
    )


@pytest.mark.parametrize(
    ("pictures", "voice", "music", "source"),
    [
        (("drawn", "drawn-own-512"), "espeak-ng", "synth", S.ALGORITHMIC),
        (("drawn",), "piper joe", "synth", S.COMPOSITE_TRAINED),
        (("drawn",), "espeak-ng, piper joe", "synth", S.COMPOSITE_TRAINED),
        (("openai:gpt-image",), "piper joe", "suno", S.TRAINED),
        (("somebody new",), "espeak-ng", "synth", S.COMPOSITE_TRAINED),
        ((OWN,), "espeak-ng", OWN, S.COMPOSITE_SYNTHETIC),
        ((OWN,), OWN, "synth", S.COMPOSITE_SYNTHETIC),
        ((OWN,), OWN, OWN, S.COMPOSITE),
        ((OWN, "dall-e"), OWN, OWN, S.COMPOSITE_TRAINED),
    ],
)
def test_the_source_type_follows_from_who_made_the_parts(
    pictures: tuple[str, ...], voice: str, music: str, source: SourceType
) -> None:
    assert video_mark(material(pictures, voice, music)).source is source


def test_the_ingredients_are_what_it_is_made_of() -> None:
    made = material(("drawn", OWN, "drawn"), "espeak-ng", "synth", writer="anthropic:claude")
    mark = video_mark(made)
    assert [(part.title, part.source, part.relationship) for part in mark.ingredients] == [
        ("own picture (picture, scene 2)", None, "componentOf"),
        ("picture: 2 by drawn", S.ALGORITHMIC, "componentOf"),
        ("narration: 3 by espeak-ng", S.ALGORITHMIC, "componentOf"),
        ("music by synth", S.ALGORITHMIC, "componentOf"),
        ("words by anthropic:claude", S.TRAINED, "inputTo"),
    ]
    assert mark.ingredients[0].sha256 == "c" * 64 and len(mark.material_sha256) == 64
    # Thumbnails keep their mark when only what is said or heard changes.
    other = material(("drawn", OWN, "drawn"), "piper joe", OWN)
    assert thumbnail_mark(other) == thumbnail_mark(made) and video_mark(other) != mark
    # In a picture of the user's own nothing was made by a machine.
    assert picture_mark(made, 1) is None
    drawn = picture_mark(made, 2)
    assert drawn is not None and drawn.source is S.ALGORITHMIC
    clip = SceneClip(file=asset("d"), facts=ClipFacts.model_construct(), sound="mute")
    filmed = made.model_copy(update={"intro": clip})
    assert "own clip (intro)" in [part.title for part in video_mark(filmed).ingredients]


async def test_a_manifest_of_many_own_files_stays_small(tmp_path: Path) -> None:
    pictures = [
        Picture(scene=n, image=AssetRef(key="k", sha256=f"{n:064x}", size=1, media_type="x/y"), provider=OWN)
        for n in range(200)
    ]
    many = material((OWN,), OWN, OWN).model_copy(update={"pictures": tuple(pictures)})
    path = jpeg(tmp_path)
    marked = await marker(tmp_path).mark(path, "image/jpeg", video_mark(many))
    assert marked.stat().st_size - path.stat().st_size < MARK_BYTES
    assert read_mark(marked).ingredients[10].title == "own picture: 190 more"


def test_xmp_is_read_whoever_wrote_it(tmp_path: Path) -> None:
    plain = jpeg(tmp_path).read_bytes()
    told = with_source(plain, S.TRAINED)
    (tmp_path / "b.jpg").write_bytes(told)
    with Image.open(tmp_path / "b.jpg") as image, Image.open(tmp_path / "a.jpg") as before:
        assert image.tobytes() == before.tobytes() and source_in(image.info["xmp"]) == S.TRAINED
    begin = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    space = b'xmlns:i="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
    attribute = begin + b"<r:Description " + space + b' i:DigitalSourceType="x"/></r:RDF></x:xmpmeta>'
    assert (source_in(attribute), source_in(b"<x:xmpmeta>"), source_in(attribute[:-20])) == ("x", "", "")


# --- what signs ------------------------------------------------------------------------------------------------------


def jpeg(folder: Path, name: str = "a.jpg") -> Path:
    Image.new("RGB", (64, 48), "teal").save(folder / name)
    return folder / name


def marker(folder: Path) -> C2paMarker:
    return C2paMarker(lambda: signing(None, None, folder / "marking"))


def test_a_studios_own_is_made_once_and_is_nobody_elses_to_read(tmp_path: Path) -> None:
    folder = tmp_path / "marking"
    made = own_or_new(folder, NOW)
    assert own_or_new(folder, NOW).chain == made.chain == identity.own(folder).chain  # type: ignore[union-attr]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert "PRIVATE" not in repr(made) and "PRIVATE" in made.key.decode()
    late = NOW + timedelta(days=366 * identity.OWN_YEARS)
    with pytest.raises(InvalidInput, match="valid from"):
        made.require_valid(late)
    assert own_or_new(folder, late).until > late, "made anew when its time is over"


def operators(folder: Path, key: object, *, days: int = 30) -> tuple[Path, Path, str]:
    """Files of a chain for a key, as an authority would issue them, and the authority's certificate."""
    issuer, name = ec.generate_private_key(ec.SECP256R1()), identity._name("An authority")
    root = (
        identity._begun(name, name, issuer.public_key(), NOW)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(identity._usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(issuer.public_key()), critical=False)
        .sign(issuer, SHA256())
    )
    leaf = (
        x509.CertificateBuilder()
        .subject_name(identity._name("Harbour TV"))
        .issuer_name(name)
        .public_key(key.public_key())  # type: ignore[attr-defined]
        .serial_number(77)
        .not_valid_before(NOW - timedelta(days=40))
        .not_valid_after(NOW + timedelta(days=days))
        .add_extension(identity._usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key()), critical=False)
        .sign(issuer, SHA256())
    )
    pem = serialization.Encoding.PEM
    certificate, secret = folder / "chain.pem", folder / "key.pem"
    certificate.write_bytes(leaf.public_bytes(pem) + root.public_bytes(pem))
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    secret.write_bytes(key.private_bytes(pem, *plain))  # type: ignore[attr-defined]
    return certificate, secret, root.public_bytes(pem).decode()


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (lambda: ec.generate_private_key(ec.SECP384R1()), "Es384"),
        (ed25519.Ed25519PrivateKey.generate, "Ed25519"),
        (lambda: rsa.generate_private_key(65_537, 2048), "Ps256"),
    ],
)
async def test_the_operators_certificate_signs_and_its_issuer_can_be_checked(
    key: object, algorithm: str, tmp_path: Path
) -> None:
    certificate, secret, root = operators(tmp_path, key())  # type: ignore[operator]
    marked = await C2paMarker(lambda: signing(certificate, secret, tmp_path / "none")).mark(
        jpeg(tmp_path), "image/jpeg", MARK
    )
    found = read_mark(marked, anchors=root)
    assert (found.state, found.trusted, found.reasons) == ("valid", True, ())
    assert found.signer is not None
    assert (found.signer.name, found.signer.serial, found.signer.algorithm) == ("Harbour TV", "77", algorithm)
    assert read_mark(marked).trusted is None and not (tmp_path / "none").exists()
    stranger = own_or_new(tmp_path / "other", NOW).chain
    assert (read_mark(marked, anchors=stranger).trusted, read_mark(marked, anchors=stranger).state) == (False, "valid")


@pytest.mark.parametrize(
    ("spoil", "field", "told"),
    [
        ("key alone", identity.CERTIFICATE, "REELWRIGHT_C2PA_KEY is set alone"),
        ("certificate alone", identity.KEY, "is set alone"),
        ("no file", identity.CERTIFICATE, "cannot be read"),
        ("no certificate", identity.CERTIFICATE, "no certificate in PEM"),
        ("no key", identity.KEY, "no private key in PEM"),
        ("another key", identity.KEY, "not the key of"),
        ("expired", identity.CERTIFICATE, "valid from"),
    ],
)
def test_a_certificate_that_cannot_sign_is_refused_by_its_setting(
    spoil: str, field: str, told: str, tmp_path: Path
) -> None:
    days = -1 if spoil == "expired" else 30
    certificate, key, _ = operators(tmp_path, ec.generate_private_key(ec.SECP256R1()), days=days)
    given: dict[str, tuple[Path | None, Path | None]] = {
        "key alone": (None, key),
        "certificate alone": (certificate, None),
        "no file": (tmp_path / "absent", key),
        "no certificate": (key, key),
        "no key": (certificate, certificate),
        "another key": (certificate, tmp_path / "other.pem"),
    }
    if spoil == "another key":
        (tmp_path / "other.pem").write_bytes(own_or_new(tmp_path / "own", NOW).key)
    with pytest.raises(InvalidInput, match=told) as caught:
        signing(*given.get(spoil, (certificate, key)), tmp_path / "none")
    assert caught.value.field == field and caught.value.remedy
    assert "PRIVATE" not in str(caught.value)


async def test_a_certificate_that_c2pa_refuses_is_named(tmp_path: Path) -> None:
    good = own_or_new(tmp_path / "marking", NOW)
    authority = good.chain[good.chain.index("-----END") :].partition("\n")[2]
    with pytest.raises(InvalidInput) as caught:
        await C2paMarker(lambda: Identity(authority, good.key, "ES256", own=False)).mark(
            jpeg(tmp_path), "image/jpeg", MARK
        )
    assert caught.value.field == identity.CERTIFICATE


def test_doctor_says_what_the_studios_own_means(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, REELWRIGHT_STATE_DIR=tmp_path)  # type: ignore[call-arg]
    told = doctor._marking(settings)
    assert isinstance(told, Note) and "made with the first render" in told.text and not settings.marking_folder.exists()
    own_or_new(settings.marking_folder, NOW)
    told = doctor._marking(settings)
    assert isinstance(told, Note) and str(settings.marking_folder) in told.text and "signer as unknown" in told.text
    certificate, key, _ = operators(tmp_path, ec.generate_private_key(ec.SECP256R1()))
    theirs = Settings(  # type: ignore[call-arg]
        _env_file=None, REELWRIGHT_C2PA_CERTIFICATE=certificate, REELWRIGHT_C2PA_KEY=key
    )
    assert "Harbour TV" in str(doctor._marking(theirs))


# --- the platforms' flags --------------------------------------------------------------------------------------------


CREATOR = tiktok.Creator("ada", ("SELF_ONLY",), None, False, False, False)


@pytest.mark.parametrize("made_with_ai", [True, False])
@pytest.mark.parametrize(
    ("platform", "field", "said"),
    [
        (Platform.YOUTUBE, "containsSyntheticMedia", lambda draft: youtube.metadata(draft)["status"]),
        (Platform.TIKTOK, "is_aigc", lambda draft: tiktok.post_info(draft, "SELF_ONLY", CREATOR, {})),
        (Platform.X, "made_with_ai", lambda draft: x.post_body(draft, "t", ["1"])),
        (Platform.FACEBOOK, "is_ai_generated", lambda draft: facebook.texts_of(draft, PostKind.REEL, facebook.LIMITS)),
        (Platform.FACEBOOK, "is_ai_generated", lambda draft: facebook.texts_of(draft, PostKind.STORY, facebook.LIMITS)),
        (
            Platform.INSTAGRAM,
            "is_ai_generated",
            lambda draft: instagram.container(draft, AccountInfo(platform=draft.platform)),
        ),
        (Platform.INSTAGRAM, "is_ai_generated", instagram.shared_fields),
        (Platform.BLUESKY, "said", lambda draft: {"said": bluesky.AI_NOTE in bluesky.text_of(draft)}),
    ],
)
def test_each_platform_that_has_a_flag_is_told(
    platform: Platform, field: str, said: Callable[[PostDraft], dict[str, Any]], made_with_ai: bool
) -> None:
    draft = PostDraft(
        platform=platform, account="a", title="T", description="D", marker="m", synthetic_media=made_with_ai
    )
    assert said(draft).get(field, False) in ((True, "true") if made_with_ai else (False, "false"))


# --- the command -----------------------------------------------------------------------------------------------------


async def test_inspect_says_who_signed_and_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "state"
    here = Settings(_env_file=None, REELWRIGHT_STATE_DIR=state)  # type: ignore[call-arg]
    monkeypatch.setattr(inspecting, "load_settings", lambda: here)
    ours = await marker(state).mark(jpeg(tmp_path), "image/jpeg", MARK)
    theirs = await marker(tmp_path / "other").mark(
        jpeg(tmp_path, "theirs.jpg"), "image/jpeg", MARK.model_copy(update={"title": "[red]\x1b[31mTides"})
    )
    broken = bytearray(ours.read_bytes())
    broken[-9] ^= 1
    (tmp_path / "broken.jpg").write_bytes(broken)
    (tmp_path / "cut.jpg").write_bytes(ours.read_bytes()[:400])
    (tmp_path / "words.txt").write_text("words")

    async def inspect(path: Path, trust: Path | None = None) -> tuple[int, dict[str, str]]:
        code = await inspecting.inspect(path, trust=trust, as_json=False)
        return code, dict(line.split("\t") for line in capsys.readouterr().out.splitlines())

    code, told = await inspect(ours)
    assert code == 0 and told["mark"].startswith("valid") and told["how it was made"] == "algorithmicMedia"
    assert told["IPTC source type"] == "algorithmicMedia" and told["made of"] == "voice (componentOf)"
    assert "this studio" in told["signed by"] and told["issuer"].startswith("not checked")

    code, told = await inspect(theirs)
    assert code == 0 and told["title"] == "[red][31mTides" and "this studio" not in told["signed by"]
    assert await inspecting.inspect(theirs, trust=None, as_json=True) == 0
    as_json = json.loads(capsys.readouterr().out)
    assert (as_json["state"], as_json["signed_by_this_studio"], as_json["trusted"]) == ("valid", False, None)
    chain = state / "marking" / "chain.pem"
    assert "not one of the trusted" in (await inspect(theirs, chain))[1]["issuer"]
    assert (await inspect(ours, chain))[1]["issuer"] == "trusted"

    code, told = await inspect(tmp_path / "a.jpg")
    assert code == 1 and told["mark"] == "it has no C2PA manifest" and "signed by" not in told
    code, told = await inspect(tmp_path / "broken.jpg")
    assert code == 1 and told["mark"] == "not valid" and "assertion.dataHash.mismatch" in told["why"]
    code, told = await inspect(tmp_path / "cut.jpg")
    assert code == 1 and not told["mark"].startswith("valid")
    refused = (
        ("words.txt", None, "file"),
        ("absent.mp4", None, "file"),
        (ours.name, "no.pem", "--trust"),
        (ours.name, "words.txt", "--trust"),
    )
    for path, trust, field in refused:
        with pytest.raises(InvalidInput) as caught:
            await inspecting.inspect(tmp_path / path, trust=tmp_path / trust if trust else None, as_json=False)
        assert caught.value.field == field and caught.value.remedy
