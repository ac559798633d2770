"""What earlier releases stored: where a token belongs is told by its shape, or it is sent nowhere."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from reelwright.domain.formats import Platform
from reelwright.domain.origins import Origin, origin_of
from reelwright.domain.publishing.accounts import AccountInfo, StoredToken
from workers.publishers import seed_accounts
from workers.sandboxing import sites

from .kit import (
    SANDBOX,
    Vault,
    Wire,
    settings_of,
    worker_sends,
)

ROTATED = "act." + "a1B2_-" * 8
OLD = [
    (Platform.YOUTUBE, {"refresh_token": "1//sandbox-default"}, Origin.SANDBOX),
    (Platform.YOUTUBE, {"refresh_token": "1//0real", "access_token": "ya29.a0real"}, Origin.REAL),
    (Platform.X, {"refresh_token": "x-rt-" + "a" * 43, "access_token": "x-at-" + "a" * 43}, Origin.SANDBOX),
    (Platform.X, {"refresh_token": "bWRWa3gzdnk3WHRGU1o0bmRRcTJ5VWxUT"}, Origin.REAL),
    (Platform.LINKEDIN, {"refresh_token": "sandbox-default", "access_token": "AQX-sandbox-abc"}, Origin.SANDBOX),
    (Platform.BLUESKY, {"refresh_token": "main.sandbox.test:sandbox-main"}, Origin.SANDBOX),
    (Platform.BLUESKY, {"refresh_token": "sandbox-fan.bsky.social:abcd-efgh-2345-wxyz"}, Origin.REAL),
    (Platform.BLUESKY, {"refresh_token": "eyJ0.eyJz.c2ln", "access_token": "eyJ0.eyJz.c2ln"}, Origin.REAL),
    (Platform.BLUESKY, {"access_token": "eyJ0.eyJz.sandbox-c2ln"}, Origin.SANDBOX),
    (Platform.LINKEDIN, {"access_token": "AQXdSP_W41_UPs5ioT_t8HESyODB4FqbkJ8LrV_5mff4gPODzOYR"}, Origin.REAL),
    (Platform.INSTAGRAM, {"access_token": "EAAsandbox-default:0123456789abcdef"}, Origin.SANDBOX),
    (Platform.FACEBOOK, {"access_token": "EAA" + "x" * 64}, Origin.UNKNOWN),
    (Platform.FACEBOOK, {"access_token": "EAA" + "x" * 180}, Origin.REAL),
    (Platform.TIKTOK, {"refresh_token": "rft.sandbox-default"}, Origin.SANDBOX),
    (Platform.TIKTOK, {"refresh_token": ROTATED.replace("act", "rft"), "access_token": ROTATED}, Origin.UNKNOWN),
    (Platform.TIKTOK, {"access_token": "act.example12345Example12345Example!4567.va"}, Origin.REAL),
]


@pytest.mark.parametrize(("platform", "texts", "origin"), OLD)
def test_an_old_token_is_told_by_its_shape_or_not_at_all(
    platform: Platform, texts: dict[str, str], origin: Origin
) -> None:
    stored = StoredToken.model_validate_json(StoredToken(flow="x").model_dump_json(exclude={"origin"}))
    token = stored.model_copy(update={name: SecretStr(text) for name, text in texts.items()})
    assert origin_of(platform, token) is origin


@pytest.mark.parametrize("real", [True, False])
async def test_what_cannot_be_told_is_sent_nowhere(real: bool, wire: Wire) -> None:
    vault = Vault()
    await vault.put(
        AccountInfo(platform=Platform.TIKTOK),
        StoredToken(access_token=SecretStr(ROTATED), flow="tiktok"),
    )
    settings = settings_of(**{"TIKTOK_CLIENT_KEY": "key"} if real else {"REELWRIGHT_SANDBOX_URL": SANDBOX})
    errors = await worker_sends(settings, Platform.TIKTOK, vault)
    assert not wire.sent
    assert "an earlier release stored its token" in str(errors[0])
    assert "reelwright account authorize tiktok" in str(errors[0])


@pytest.mark.parametrize(("first", "origin"), [("rft.real", Origin.REAL), ("rft.sandbox-default", Origin.SANDBOX)])
async def test_an_old_account_of_the_environments_is_known_by_its_seed(first: str, origin: Origin) -> None:
    """Its token was renewed since and shows nothing; the account still names the token it was made of."""
    from reelwright.domain.ids import sha256_of

    vault = Vault()
    renewed = StoredToken(access_token=SecretStr(ROTATED), flow="tiktok")
    seeded = AccountInfo(platform=Platform.TIKTOK, options={"seed": sha256_of(first)[:16], "best_time": "18:00 UTC"})
    await vault.put(seeded, renewed)
    real = origin is Origin.REAL
    settings = settings_of(**{"TIKTOK_REFRESH_TOKEN": first} if real else {"REELWRIGHT_SANDBOX_URL": SANDBOX})
    await seed_accounts(sites(settings), vault)
    token = vault.tokens[Platform.TIKTOK, "default"]
    assert token.origin is origin
    assert (token.access_token.get_secret_value() == ROTATED) is real, "a real one that was renewed is kept"
    assert vault.infos[Platform.TIKTOK, "default"].options["best_time"] == "18:00 UTC"


async def test_an_account_of_the_sandbox_keeps_what_it_has_until_it_no_longer_serves() -> None:
    vault, places = Vault(), sites(settings_of(REELWRIGHT_SANDBOX_URL=SANDBOX))
    await seed_accounts(places, vault)
    first = dict(vault.tokens)
    await seed_accounts(places, vault)
    assert vault.tokens == first
    await vault.needs_authorization(Platform.X, "default", "revoked")
    await seed_accounts(places, vault)
    assert vault.tokens[Platform.X, "default"] != first[Platform.X, "default"]
    assert vault.infos[Platform.X, "default"].needs_authorization == ""
