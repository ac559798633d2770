"""Connecting accounts, where no server is needed: proofs, addresses, answers, and what is said of a refusal."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from control import connecting
from control.replies import pasted, read_reply
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform
from reelwright.domain.origins import Origin
from reelwright.domain.ports.connecting import Connector
from reelwright.domain.publishing.connecting import Asked, missing
from reelwright.platforms.common.connect import error_of, seconds, text
from reelwright.platforms.common.pkce import challenge
from reelwright.platforms.registry import SPECS
from starter.callback_listener import listening
from starter.connecting import default_way, loopback_redirect
from tests.servers import free_port
from workers.platform_settings import PlatformSettings

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
"""RFC 7636, appendix B."""
STATE = SecretStr("state-of-mine")


def connector(platform: Platform, **settings: str) -> Connector:
    """A platform's own way, with the real platform's addresses."""
    connect = SPECS[platform].connect
    assert connect is not None
    given = PlatformSettings.model_validate(settings)
    return connect(httpx.AsyncClient(trust_env=False), given, Origin.REAL)


def query(platform: Platform, **settings: str) -> dict[str, list[str]]:
    """The parameters of a platform's consent page."""
    way = connector(platform, **settings)
    asked = Asked(
        redirect="http://127.0.0.1:5000/connect/cb/q",
        state=STATE,
        verifier=SecretStr(VERIFIER),
        scopes=tuple(use.name for use in way.uses("")),
    )
    return parse_qs(urlsplit(way.url(asked)).query)


def test_the_proof_as_rfc_7636_has_it_and_as_tiktok_wants_it() -> None:
    assert challenge(VERIFIER, "base64url") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert challenge(VERIFIER, "hex") == "13d31e961a1ad8ec2f16b10c4c982e0876a878ad6df144566ee1894acb70f9c3"
    assert challenge(VERIFIER, "none") == ""


def test_what_each_platform_is_asked() -> None:
    google = query(Platform.YOUTUBE, YOUTUBE_CLIENT_ID="g")
    assert (google["access_type"], google["prompt"]) == (["offline"], ["consent select_account"])
    assert not any(word in google["scope"][0] for word in ("openid", "userinfo"))
    tiktok = query(Platform.TIKTOK, TIKTOK_CLIENT_KEY="t")
    assert tiktok["client_key"] == ["t"] and "client_id" not in tiktok and "," in tiktok["scope"][0]
    assert len(tiktok["code_challenge"][0]) == 64
    x = query(Platform.X, X_CLIENT_ID="x")
    assert x["code_challenge_method"] == ["S256"] and "offline.access" in x["scope"][0].split(" ")
    meta = query(Platform.INSTAGRAM, META_APP_ID="m")
    assert "code_challenge" not in meta and "instagram_content_publish" in meta["scope"][0].split(",")
    assert "code_challenge" not in query(Platform.LINKEDIN, LINKEDIN_CLIENT_ID="l")
    native = query(Platform.LINKEDIN, LINKEDIN_CLIENT_ID="l", REELWRIGHT_LINKEDIN_NATIVE_PKCE="true")
    assert native["code_challenge"] == ["E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"]
    assert all(each["state"] == [STATE.get_secret_value()] for each in (google, tiktok, x, meta))


def test_each_has_a_callback_of_its_own_and_none_bears_a_platforms_name() -> None:
    paths = {connecting.redirect_of(connector(platform), "https://studio.example") for platform in Platform}
    assert len(paths) == len(Platform)
    names = {path.rsplit("/", 1)[1] for path in paths}
    assert all(len(name) == 1 for name in names)


def test_the_loopback_host_is_the_one_that_the_platform_takes() -> None:
    hosts = {platform: urlsplit(loopback_redirect(connector(platform), 53_690, "")).hostname for platform in Platform}
    assert hosts[Platform.FACEBOOK] == hosts[Platform.INSTAGRAM] == hosts[Platform.LINKEDIN] == "localhost"
    assert hosts[Platform.X] == hosts[Platform.YOUTUBE] == hosts[Platform.TIKTOK] == "127.0.0.1"


def test_other_scopes_are_asked_for_where_the_settings_name_them() -> None:
    way = connector(Platform.TIKTOK, REELWRIGHT_TIKTOK_SCOPES="user.info.basic, video.upload my.own")
    assert [use.name for use in way.uses("")] == ["user.info.basic", "video.upload", "my.own"]
    assert [use.name for use in missing(way.uses(""), ("video.upload", "my.own"))] == ["user.info.basic"]


def test_without_an_application_the_setting_is_named() -> None:
    for platform, name in ((Platform.X, "X_CLIENT_ID"), (Platform.FACEBOOK, "META_APP_ID")):
        with pytest.raises(InvalidInput) as caught:
            connector(platform).ready("")
        assert caught.value.field == name and "--check" in caught.value.remedy
    with pytest.raises(InvalidInput) as caught:
        connector(Platform.YOUTUBE, YOUTUBE_CLIENT_ID="id").ready("")
    assert caught.value.field == "YOUTUBE_CLIENT_SECRET"
    connector(Platform.X, X_CLIENT_ID="public").ready("")
    connector(Platform.BLUESKY).ready("")


@pytest.mark.parametrize(
    ("given", "code", "state"),
    [
        ("http://127.0.0.1:5/connect/cb/x?code=a%2Fb&state=s", "a/b", "s"),
        (' "https://studio.example/connect/cb/f?state=s&code=abc#_=_" ', "abc", "s"),
        ("?code=abc&state=s", "abc", "s"),
        ("abc#_=_", "abc", STATE.get_secret_value()),
    ],
)
def test_what_is_pasted(given: str, code: str, state: str) -> None:
    reply = pasted(given, STATE)
    assert (reply.code.get_secret_value(), reply.state) == (code, state)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ("", "address"),
        ("two words", "address"),
        ("http://127.0.0.1:5/?code=secret-code", "state"),
        ("http://127.0.0.1:5/?code=secret-code&code=b&state=s", "code"),
        ("http://127.0.0.1:5/?code=secret-code&state=s&state=t", "state"),
        (f"http://127.0.0.1:5/?code=secret-code{'x' * 4_000}&state=s", "code"),
    ],
)
def test_what_is_pasted_wrongly_is_not_quoted(given: str, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        pasted(given, STATE)
    assert caught.value.field == field and "secret-code" not in str(caught.value)


def test_a_password_may_look_like_an_address() -> None:
    assert pasted("me.example:code=1", STATE, bare=True).code.get_secret_value() == "me.example:code=1"


def test_a_refusal_in_each_platforms_words() -> None:
    metas = read_reply("error=access_denied&error_reason=user_denied&error_code=200&state=s")
    assert connector(Platform.FACEBOOK).denied(metas.error, metas.description).startswith("consent was refused")
    assert "refused" in connector(Platform.LINKEDIN).denied("user_cancelled_login", "")
    told = connector(Platform.LINKEDIN).denied("unauthorized_scope_error", 'Scope "x" is not authorized')
    assert "add the product" in told
    markup = connector(Platform.X).denied("odd", "<script>alert(1)</script>\u202eabc\n" + "y" * 5_000)
    assert "script" not in markup and "\u202e" not in markup and len(markup) < 1_000


def test_answers_are_read_whatever_their_shape() -> None:
    assert error_of({"error": {"code": 190, "message": "dead"}}) == ("190", "dead")
    assert error_of({"error": "invalid_grant", "error_description": "used"}) == ("invalid_grant", "used")
    assert error_of({"title": "Forbidden", "detail": "no credits"}) == ("Forbidden", "no credits")
    assert [seconds(value) for value in (60, "60", 1.5, True, "x", None, -1)] == [60.0, 60.0, 1.5, 0.0, 0.0, 0.0, 0.0]
    assert text({"a": 1}) == "" and text(7) == "7" and text("a\nb\u202e") == "a b"


def test_a_person_far_away_pastes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SSH_CONNECTION", "SSH_TTY", "WAYLAND_DISPLAY", "DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    assert default_way() == "paste"
    monkeypatch.setenv("DISPLAY", ":0")
    assert default_way() == "loopback"
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22")
    assert default_way() == "paste"


async def test_a_port_in_use_is_another_one_where_the_platform_allows_it() -> None:
    port = free_port()
    async with listening(port, "", "127.0.0.1", any_port=False):
        with pytest.raises(InvalidInput) as caught:
            async with listening(port, "", "127.0.0.1", any_port=False):
                pass
        assert caught.value.field == "REELWRIGHT_CONNECT_PORT"
        async with listening(port, "", "127.0.0.1", any_port=True) as other:
            assert other.port != port


async def test_the_listener_takes_one_answer_and_no_nonsense() -> None:
    async with listening(0, "", "127.0.0.1", any_port=False) as listener, httpx.AsyncClient(trust_env=False) as client:
        base = f"http://127.0.0.1:{listener.port}"
        assert (await client.get(f"{base}/connect/cb/x?code=c&state=s")).status_code == 421  # nothing is expected yet
        listener.expect(f"{base}/connect/cb/x", "sécret-state")
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(b"GET /" + b"x" * 20_000)
        assert (await reader.read()).startswith(b"HTTP/1.1 400")
        writer.close()
        for foreign in ("code=c", "code=c&state=other", "code=c&code=d&state=s", "&" * 60):
            assert (await client.get(f"{base}/connect/cb/x?{foreign}")).status_code == 400
        taken = await client.get(f"{base}/connect/cb/x", params={"code": "c", "state": "sécret-state"})
        assert taken.status_code == 303 and "code" not in taken.headers["location"]
        assert (await client.get(f"{base}{taken.headers['location']}")).status_code == 200
        again = await client.get(f"{base}/connect/cb/x", params={"code": "d", "state": "sécret-state"})
        assert again.status_code == 410
        assert (await listener.answer(60)).code.get_secret_value() == "c"
    async with listening(0, "", "localhost", any_port=False) as listener:
        with pytest.raises(InvalidInput, match="--paste"):
            await listener.answer(0)
