"""What `reelwright voices` does at a provider: its voices, and a voice made of a person's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from control import consents as control
from reelwright.domain.costs.prices import PriceTable
from reelwright.domain.errors import InvalidInput
from reelwright.domain.explain import explain
from reelwright.providers.common.spec import ProviderSpec, Tools
from reelwright.providers.speech.specs import SPECS
from workers.environment import environment

from .books import books
from .console import EXIT_OK, plain, print_json, say
from .tables import Record, print_records

CLOUD = tuple(spec.name for spec in SPECS if not spec.offline)
CLONES = "elevenlabs"


async def list_voices(provider: str, *, as_json: bool) -> int:
    """Every voice of the account; costs nothing."""
    found = await _speaker(provider).voices()
    rows = [
        {
            "voice": f"{provider}:{one.name if one.cloned else one.id}",
            "name": one.name,
            "languages": list(one.languages),
        }
        | ({"cloned": True} if one.cloned else {})
        for one in found
    ]
    if as_json:
        print_json({"voices": rows})
        return EXIT_OK
    print_records(
        ("voice", "name", "languages"),
        [Record((plain(str(row["voice"])), plain(str(row["name"])), _few(row["languages"])), ()) for row in rows],
        nothing=f"the account at {provider} has no voices",
    )
    return EXIT_OK


async def clone(number: int, recordings: Sequence[Path], *, by: str, as_json: bool) -> int:
    """Makes a voice of a person's. The consent is looked at, and the audit written, before anything is sent."""
    from reelwright.providers.speech.cloud.cloning import clone as make
    from reelwright.providers.speech.cloud.cloning import need_no_voice
    from reelwright.providers.speech.cloud.cloning import recordings as read

    engine = _speaker(CLONES).engine
    samples = read(recordings)
    async with books() as opened:
        known = next((one for one in await control.consents(opened) if one.id == number), None)
        if known is not None and known.voice:
            await need_no_voice(engine, known.voice)
        consent = await control.clone_begins(opened, number, provider=CLONES, by=by)
        made = await make(engine, consent, samples, datetime.now(UTC))
        await control.cloned(opened, number, provider=CLONES, id=made.id, by=by)
    if as_json:
        print_json({"voice": f"{CLONES}:{made.name}", "id": made.id, "needs_proof": made.needs_proof})
    else:
        say(f"{CLONES}:{plain(made.name)} is there" + (", and has to be verified there first" * made.needs_proof))
    return EXIT_OK


def _speaker(provider: str) -> Any:
    """The speaker of a provider by this machine's settings. Raises `InvalidInput` for an unknown one, and naming the
    variable that is missing or wrong."""
    spec: ProviderSpec[Any] | None = next((one for one in SPECS if one.name == provider and not one.offline), None)
    if spec is None:
        raise InvalidInput(
            f"there is no provider {provider[:40]!r} of voices",
            field="provider",
            remedy=f"choose from {', '.join(CLOUD)}",
        )
    given = environment()
    names = {str(field.validation_alias): name for name, field in spec.settings.model_fields.items()}
    try:
        settings = spec.settings.model_validate({name: given[name] for name in names if given.get(name)})
    except ValidationError as error:
        raise explain(error) from error
    if missing := spec.missing(settings):
        raise InvalidInput(f"{spec.label} needs it", field=missing[0], remedy="set it in the environment or in .env")
    return spec.build(settings, Tools(PriceTable()))


def _few(languages: object, most: int = 4) -> str:
    listed = [str(one) for one in languages] if isinstance(languages, list) else []
    return ", ".join(listed[:most]) + (f" and {len(listed) - most} more" if len(listed) > most else "")
