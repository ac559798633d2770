"""`doctor`: checks every part that a studio needs, and prints for each what is wrong and what to do."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

from control.doctor import Check, Finding, Note, Seen, State, database, look_at, model_ends, queue_of, wrong
from control.studio import NoStudio
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform
from workers.local.services import find_temporal
from workers.local.stack import external_temporal
from workers.media import media_store
from workers.settings import Settings, load_platforms, load_settings
from workflows import policies

from .console import EXIT_FAILURE, EXIT_OK, err, print_json
from .folders import existing_above, need_space, need_writable
from .reach import studio
from .tables import Record, print_records

MODELS = "models"


def need_parts() -> None:
    """Raises the first thing without which no video can be made here."""
    for check in (_temporal_cli, _ffmpeg, _fonts, lambda: _speech(load_settings())):
        check()


async def doctor(*, as_json: bool) -> int:
    """Prints the findings; exit code 1 when something is wrong."""
    settings = load_settings()
    findings = [await look_at(part, check) for part, check in _local_checks(settings)]
    findings += await _studio_findings()
    if all(finding.part != MODELS for finding in findings):
        findings.append(await look_at(MODELS, lambda: _models(settings)))
    wrong = any(finding.state is State.WRONG for finding in findings)
    if as_json:
        print_json({"ok": not wrong, "findings": [asdict(finding) for finding in findings]})
    else:
        print_records(("", "part", "found"), _fields(findings), nothing="nothing was looked at", to=err())
    return EXIT_FAILURE if wrong else EXIT_OK


def _local_checks(settings: Settings) -> list[tuple[str, Check]]:
    return [
        ("Python", _python),
        ("Temporal CLI", _temporal_cli),
        ("FFmpeg", _ffmpeg),
        ("fonts", _fonts),
        ("speech", lambda: _speech(settings)),
        ("state folder", lambda: _state_folder(settings)),
        ("media store", lambda: _media(settings)),
        ("writer", lambda: _writer(settings)),
        ("marking", lambda: _marking(settings)),
        ("platforms", lambda: _platforms(settings)),
    ]


async def _studio_findings() -> list[Finding]:
    try:
        async with studio() as found:
            connected = (await found.client.sdk()).connected
            findings = [Finding("studio", State.OK, f"Temporal at {connected.service_client.config.target_host}")]
            for queue in (policies.MAIN_QUEUE, policies.RENDER_QUEUE):
                findings.append(await queue_of(connected, queue))
            findings.append(await look_at("database", lambda: _database(found.settings)))
            findings.append(await look_at(MODELS, lambda: _models(found.settings)))
            return findings
    except Exception as error:  # noqa: BLE001 - the same
        found_out = wrong("studio", error)
        findings = [replace(found_out, state=State.NOTE) if isinstance(error, NoStudio) else found_out]
        if load_settings().database_url:
            findings.append(await look_at("database", lambda: _database(load_settings())))
        return findings


def _python() -> str:
    return sys.version.split()[0]


def _temporal_cli() -> str:
    """Only a local stack needs it; where Temporal runs as a service, it is not required."""
    try:
        return find_temporal()
    except InvalidInput:
        if external_temporal():
            return "note: not installed, and not needed: Temporal's server is named in the environment"
        raise


def _ffmpeg() -> str:
    from imageio_ffmpeg import get_ffmpeg_exe

    remedy = "pip install imageio-ffmpeg"
    try:
        done = subprocess.run([get_ffmpeg_exe(), "-version"], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        raise InvalidInput(f"it does not run ({error})", field="ffmpeg", remedy=remedy) from error
    return " ".join(done.stdout.split()[:3])


def _fonts() -> str:
    try:
        import fontpkg

        return Path(str(fontpkg.path("Noto Sans"))).name
    except Exception as error:
        raise InvalidInput(
            f"Noto Sans is not installed ({type(error).__name__})",
            field="fonts",
            remedy="pip install fontpkg fontpkg-noto-sans",
        ) from error


def _speech(settings: Settings) -> str:
    """espeak-ng, which every language needs, and the Piper voices."""
    from reelwright.providers.speech.voices import Shelf

    library = _espeak()
    voices = Shelf.of(settings.voices).voices
    names = ", ".join(voice.name for voice in voices)
    return f"{library}; {names}" if names else f"{library}; no Piper voice (pip install 'reelwright[voice]')"


def _espeak() -> str:
    try:
        import espeakng_loader

        library = Path(espeakng_loader.get_library_path())
    except ImportError as error:
        raise InvalidInput("it is not installed", field="espeak-ng", remedy="pip install espeakng-loader") from error
    if not library.exists():
        raise InvalidInput("its library is missing", field="espeak-ng", remedy="reinstall espeakng-loader")
    return library.name


def _state_folder(settings: Settings) -> str:
    need_writable(settings.state_dir, field="REELWRIGHT_STATE_DIR")
    need_space(settings.state_dir)
    free = shutil.disk_usage(existing_above(settings.state_dir)).free // 1_000_000_000
    return f"{settings.state_dir.resolve()}, {free} GB free"


async def _media(settings: Settings) -> str:
    store = media_store(settings)
    probe = await store.put_bytes(b"reelwright doctor\n", "text/plain")
    if not await store.exists(probe):
        raise InvalidInput("what was written is not there", field="REELWRIGHT_MEDIA_URL", remedy="check the bucket")
    return settings.media_location


def _writer(settings: Settings) -> Seen:
    from workers.making import provider_list, tools_of
    from workers.settings import load_providers

    chain = provider_list("writing", settings, load_providers(), tools_of(settings)).chain()
    names = ", then ".join(link.name for link in chain)
    return names or Note("no language model key; topics are written by the template composer")


async def _models(settings: Settings) -> Seen:
    """The ends of the models that are configured."""
    from reelwright.providers.common.lifecycles import shipped
    from workers.model_watch import configured_models
    from workers.settings import load_providers

    return await model_ends(_dsn(settings), configured_models(settings, load_providers()), shipped())


def _marking(settings: Settings) -> Seen:
    """What signs the files. Nothing is made here: a studio's own certificate comes with its first render."""
    from workers.marking import known_identity

    identity = known_identity(settings)
    if identity is not None:
        identity.require_valid(datetime.now(UTC))
    if identity is not None and not identity.own:
        return f"files are signed by {identity.name}, valid until {identity.until:%Y-%m-%d}"
    here = f"in {settings.marking_folder}" if identity else "made with the first render"
    return Note(
        f"files are signed with a certificate of the studio's own ({here}): they say that machines made them, and a"
        " change shows, but readers name the signer as unknown; REELWRIGHT_C2PA_CERTIFICATE and REELWRIGHT_C2PA_KEY"
        " name one that a listed authority issued (docs/marking.md)"
    )


def _platforms(_: Settings) -> Seen:
    from workers.sandboxing import without_credentials

    here = without_credentials(load_platforms())
    real = [platform.label for platform in Platform if platform not in here]
    if not here:
        return f"posts go to the real {', '.join(real)}"
    told = f"the real {', '.join(real)}; " if real else ""
    return Note(f"{told}no keys for {', '.join(platform.label for platform in here)}: posts go to the sandbox")


async def _database(settings: Settings) -> str:
    return await database(_dsn(settings))


def _dsn(settings: Settings) -> str | None:
    return settings.database_url.get_secret_value() if settings.database_url else None


def _fields(findings: list[Finding]) -> list[Record]:
    return [
        Record((finding.state, finding.part, "; ".join(filter(None, (finding.seen, finding.remedy)))))
        for finding in findings
    ]
