"""With real tokens nothing goes to the sandbox, and with the sandbox's tokens nothing leaves: looked at on the wire."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from reelwright.domain.errors import NeedsAuthorization
from reelwright.domain.formats import Platform
from reelwright.domain.origins import Origin
from reelwright.domain.publishing.accounts import AccountInfo, StoredToken
from reelwright.platforms.registry import SPECS
from workers.publishers import build_tokens, seed_accounts, token_of
from workers.sandboxing import clients, sites, without_credentials

from .kit import (
    HOSTS,
    OF_SANDBOX,
    REAL_TOKENS,
    SANDBOX,
    Vault,
    Wire,
    settings_of,
    token_variable,
    variable,
    worker_sends,
)


@pytest.mark.parametrize("platform", Platform)
@pytest.mark.parametrize("real", [True, False], ids=["real token", "no token"])
@pytest.mark.parametrize("sandbox", [True, False], ids=["sandbox", "no sandbox"])
async def test_what_a_worker_sends_where(platform: Platform, real: bool, sandbox: bool, wire: Wire) -> None:
    given = {token_variable(platform): REAL_TOKENS[platform]} if real else {}
    given |= {"REELWRIGHT_SANDBOX_URL": SANDBOX} if sandbox else {}
    errors = await worker_sends(settings_of(**given), platform, Vault())
    if real:
        assert wire.hosts and wire.hosts <= HOSTS[platform]
        assert REAL_TOKENS[platform].rpartition(":")[2] in wire.text
        assert not OF_SANDBOX.search(wire.text)
    elif sandbox:
        assert wire.hosts == {"sandbox"}
        assert OF_SANDBOX.search(wire.text)
        assert "real-" not in wire.text
    else:
        assert not wire.sent
        assert isinstance(errors[0], NeedsAuthorization)


@pytest.mark.parametrize("platform", Platform)
async def test_an_applications_credentials_alone_make_a_platform_real(platform: Platform, wire: Wire) -> None:
    """Accounts are then added with `reelwright account add`."""
    vault = Vault()
    await vault.put(AccountInfo(platform=platform), token_of(platform, SecretStr(REAL_TOKENS[platform])))
    settings = settings_of(**{variable(SPECS[platform].client_id): "123", "REELWRIGHT_SANDBOX_URL": SANDBOX})
    assert platform not in without_credentials(settings)
    await worker_sends(settings, platform, vault)
    assert wire.hosts and wire.hosts <= HOSTS[platform]
    assert REAL_TOKENS[platform].rpartition(":")[2] in wire.text


@pytest.mark.parametrize("platform", Platform)
async def test_a_real_account_is_not_shown_to_the_sandbox_and_not_overwritten(
    platform: Platform, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    vault = Vault()
    real = token_of(platform, SecretStr(REAL_TOKENS[platform]))
    await vault.put(AccountInfo(platform=platform), real)
    errors = await worker_sends(settings_of(REELWRIGHT_SANDBOX_URL=SANDBOX), platform, vault)
    assert not wire.sent
    assert "played by the sandbox here" in str(errors[0])
    assert vault.tokens[platform, "default"] == real
    assert f"account remove {platform.value}" in caplog.text


@pytest.mark.parametrize("platform", Platform)
async def test_an_account_of_the_sandbox_is_not_used_on_the_real_platform(platform: Platform, wire: Wire) -> None:
    vault = Vault()
    await seed_accounts(sites(settings_of(REELWRIGHT_SANDBOX_URL=SANDBOX)), vault)
    assert vault.tokens[platform, "default"].origin is Origin.SANDBOX
    only_application = settings_of(**{variable(SPECS[platform].client_id): "123"})
    errors = await worker_sends(only_application, platform, vault)
    assert not wire.sent
    assert "its token is the sandbox's" in str(errors[0])
    with_token = settings_of(**{token_variable(platform): REAL_TOKENS[platform]})
    await worker_sends(with_token, platform, vault)
    assert wire.hosts <= HOSTS[platform] and REAL_TOKENS[platform].rpartition(":")[2] in wire.text
    assert vault.tokens[platform, "default"].origin is Origin.REAL


async def test_instagrams_own_login_is_renewed_where_the_account_is(wire: Wire) -> None:
    vault = Vault()
    token = StoredToken(
        access_token=SecretStr("EAAsandbox-second"), flow="instagram", origin=Origin.SANDBOX,
        obtained_at=_days_ago(50), expires_at=_days_ago(-1),
    )  # fmt: skip
    await vault.put(AccountInfo(platform=Platform.INSTAGRAM, name="second"), token)
    settings = settings_of(REELWRIGHT_SANDBOX_URL=SANDBOX)
    async with clients(settings) as http:
        tokens = build_tokens(sites(settings), http, vault)[Platform.INSTAGRAM]
        assert await tokens.access_token("second") == "EAAsandbox-second", "the answer was no token; the old one serves"
    assert wire.hosts == {"sandbox"}
    assert "/refresh_access_token" in wire.text


def _days_ago(days: float) -> Any:
    from datetime import UTC, datetime, timedelta

    return datetime.now(UTC) - timedelta(days=days)
