"""docker-compose.yml decides as the workers do which platforms are real."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from reelwright.domain.formats import Platform
from reelwright.domain.origins import Origin
from workers.platform_settings import PlatformSettings
from workers.sandboxing import sites

from .kit import (
    HOSTS,
    OF_SANDBOX,
    REAL_TOKENS,
    Vault,
    Wire,
    settings_of,
    token_variable,
    variable,
    worker_sends,
)

COMPOSE = Path(__file__).parents[3] / "docker-compose.yml"


def composed(person: dict[str, str]) -> PlatformSettings:
    """The settings of the cpu service for what a person has in `.env`, as Docker Compose puts them together."""
    service = yaml.safe_load(COMPOSE.read_text())["services"]["cpu"]

    def filled(match: re.Match[str]) -> str:
        name, sign, default = match[1], match[2] or "", match[3] or ""
        given = person.get(name)
        return default if given is None or (given == "" and sign == ":-") else given

    pattern = re.compile(r"\$\{(\w+)(:-|-|:\?)?([^}]*)\}")
    given = {name: pattern.sub(filled, str(value)) for name, value in service["environment"].items()}
    names = {variable(name) for name in PlatformSettings.model_fields}
    return settings_of(**{name: value for name, value in {**person, **given}.items() if name in names})


@pytest.mark.parametrize("platform", Platform)
async def test_compose_sends_a_real_account_to_the_real_platform_alone(platform: Platform, wire: Wire) -> None:
    await worker_sends(composed({token_variable(platform): REAL_TOKENS[platform]}), platform, Vault())
    assert wire.hosts and wire.hosts <= HOSTS[platform]
    assert not OF_SANDBOX.search(wire.text)


@pytest.mark.parametrize("platform", Platform)
async def test_compose_without_keys_is_the_sandbox(platform: Platform, wire: Wire) -> None:
    await worker_sends(composed({}), platform, Vault())
    assert wire.hosts == {"sandbox"}


def test_compose_can_do_without_the_sandbox() -> None:
    places = sites(composed({"REELWRIGHT_SANDBOX_URL": "", "REELWRIGHT_SANDBOX_SITE_URL": ""}))
    assert {site.origin for site in places.values()} == {Origin.REAL}
