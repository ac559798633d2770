"""The identity provider, as the environment sets it for the console's process."""

from __future__ import annotations

import pytest

from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import Role
from workers.console_parts import provider
from workers.console_settings import ConsoleEnvironment

ISSUER = "https://login.example.org/realms/studio"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("REELWRIGHT_OIDC_ISSUER", ISSUER)
    monkeypatch.setenv("REELWRIGHT_OIDC_CLIENT_SECRET", "a-secret-of-the-client")
    monkeypatch.setenv("REELWRIGHT_OIDC_ROLES", "admins=admin")
    return monkeypatch


def test_without_an_issuer_there_is_none(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("REELWRIGHT_OIDC_ISSUER")
    assert provider(ConsoleEnvironment()) is None


def test_it_is_what_the_environment_says_and_shows_no_secret(environment: pytest.MonkeyPatch) -> None:
    made = provider(ConsoleEnvironment())
    assert made is not None
    assert (made.settings.issuer, made.settings.roles, made.label) == (
        ISSUER,
        {"admins": Role.ADMIN},
        "login.example.org",
    )
    assert made.settings.client_secret is not None
    assert made.settings.client_secret.get_secret_value() == "a-secret-of-the-client"
    assert "a-secret" not in repr(made.settings)


@pytest.mark.parametrize(
    "name, value",
    [
        ("REELWRIGHT_OIDC_ISSUER", "http://login.example.org"),
        ("REELWRIGHT_OIDC_ROLES", ""),
        ("REELWRIGHT_OIDC_ROLES", "admins=king"),
    ],
)
def test_what_could_let_nobody_in_or_be_read_is_refused(environment: pytest.MonkeyPatch, name: str, value: str) -> None:
    environment.setenv(name, value)
    with pytest.raises(InvalidInput) as raised:
        provider(ConsoleEnvironment())
    assert raised.value.field == name
