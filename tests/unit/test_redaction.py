"""Secrets in foreign text are struck in every spelling; everything else comes through."""

from __future__ import annotations

import base64
import json
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import from_regex
from pydantic import SecretStr
from temporalio.api.failure.v1 import Failure
from temporalio.exceptions import ApplicationError

from reelwright.domain import redaction
from reelwright.domain.errors import NeedsAuthorization
from reelwright.domain.publishing.posting import PublishedPost
from reelwright.domain.redaction import MARK, KnownSecrets, know, know_address, redact, redact_known, redact_values
from reelwright.domain.secret_shapes import SIGNS, shapes
from reelwright.domain.text.incoming import CUT_MARGIN, READ_CHARS, foreign
from workers.converter import data_converter
from workers.interceptors import without_secrets
from workers.logs import HTTP_LOGGERS, keep_logs_clean

SECRETS = {
    "plain": "zQ7-vN_2kLmT9.xY4wRb",
    "slashes": "1//0abcDEF+ghi/jkl=MNO==",
    "odd": 'pässwört "with" blanks & <signs> %41 \\',
    "short": "hunt3r2",
    "app password": "abcd efgh ijkl mnop",
}
SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "percent": lambda s: quote(s, safe=""),
    "percent, small digits": lambda s: quote(s, safe="").lower() if s.islower() else quote(s, safe=""),
    "percent, slashes kept": quote,
    "form": quote_plus,
    "percent twice": lambda s: quote(quote(s, safe=""), safe=""),
    "every byte percent": lambda s: "".join(f"%{byte:02x}" for byte in s.encode()),
    "JSON": json.dumps,
    "JSON, not only ASCII": lambda s: json.dumps(s, ensure_ascii=False),
    "JSON with slashes escaped": lambda s: json.dumps(s).replace("/", "\\/"),
    "JSON in JSON": lambda s: json.dumps(json.dumps(s)),
    "JSON, every letter": lambda s: "".join(f"\\u{ord(c):04X}" for c in s),
    "HTML": lambda s: "".join(f"&#{ord(c)};" if not c.isalnum() else c for c in s),
    "HTML, hex": lambda s: "".join(f"&#x{ord(c):x};" for c in s),
    "hex": lambda s: s.encode().hex(),
    "HEX": lambda s: s.encode().hex().upper(),
    "base64 of a form": lambda s: base64.b64encode(f"a=b&t={quote_plus(s)}".encode()).decode(),
    "base64 of JSON": lambda s: base64.b64encode(json.dumps({"t": s}).encode()).decode(),
    "base64 in lines": lambda s: base64.encodebytes(b"head " * 20 + s.encode() + b" tail" * 20).decode(),
    "base64 of Basic": lambda s: base64.b64encode(b"Basic " + base64.b64encode(f"id:{s}".encode())).decode(),
    "percent of base64": lambda s: quote(base64.b64encode(f"id:{s}".encode()).decode(), safe=""),
    "with invisible signs": lambda s: "\u200b".join(s),
    "with null characters": lambda s: "\0".join(s),
    **{
        f"{name}, shifted by {shift}, {'padded' if pad else 'bare'}": (
            lambda s, encode=encode, shift=shift, pad=pad: (  # type: ignore[misc]
                encode(b"xy"[:shift] + b":" + s.encode() + b" z" * pad).decode().rstrip("" if pad else "=")
            )
        )
        for name, encode in (("base64", base64.b64encode), ("URL-safe base64", base64.urlsafe_b64encode))
        for shift in range(3)
        for pad in (0, 1)
    },
}


@pytest.fixture(autouse=True)
def own_secrets(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a test makes known is forgotten after it."""
    known = KnownSecrets()
    monkeypatch.setattr(redaction, "KNOWN", known)
    yield


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("kind", SECRETS)
def test_a_known_secret_is_struck_however_it_is_written(kind: str, spelling: str) -> None:
    secret = SECRETS[kind]
    quoted = SPELLINGS[spelling](secret)
    text = f"the request had {quoted} in it"
    assert redact_known(text) == text, "nothing is struck that nobody knows"
    know(secret)
    struck = redact_known(text)
    assert MARK in struck
    assert secret not in struck and quoted.strip('"') not in struck
    assert struck.startswith("the request had ") and struck.endswith(" it")


def test_a_quote_that_was_cut_off_is_struck() -> None:
    secret = "kX93hfLqPz71mNbVcTr5yUwE82jGdAsQ"
    know(secret)
    for part in (secret[:16], secret[:25], secret[-16:], secret[-20:]):
        assert redact_known(f"token {part}… is wrong") == f"token {MARK}… is wrong"


def test_short_secrets_strike_no_ordinary_words() -> None:
    know("abc", "pass", "sun12", "summer")
    assert redact_known("pass the sun12 abc in summertime") == "pass the sun12 abc in summertime"
    assert redact_known("in summer, a=sun12 b:pass") == f"in {MARK}, a={MARK} b:{MARK}"


def test_a_password_that_everybody_knows_strikes_no_words_of_ours() -> None:
    know_address("postgresql://reelwright:reelwright@127.0.0.1/reelwright")
    know("sandbox", "postgres")
    text = "`reelwright account authorize` talks to postgres and the sandbox at 127.0.0.1/reelwright"
    assert redact(text) == text
    assert redact_known("postgresql://reelwright:reelwright@h") == f"postgresql://reelwright:{MARK}@h"


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("Authorization: Bearer abc123DEF", "abc123DEF"),
        ("{'authorization': 'Basic dXNlcjpwYXNz'}", "dXNlcjpwYXNz"),
        ("(b'authorization', b'OAuth qwertz12345')", "qwertz12345"),
        ("Cookie: sid=4711; other=0815", "4711"),
        ("GET /v1?access_token=qwe.rtz&x=1", "qwe.rtz"),
        ("GET /v1%3Faccess_token%3Dqwe.rtz%26x", "qwe.rtz"),
        ('{"refresh_token": "r-1"}', "r-1"),
        ('{\\"refresh_token\\":\\"r-1x\\"}', "r-1x"),
        ("client_secret=s3cr3t", "s3cr3t"),
        ("<access_token>tok3n</access_token>", "tok3n"),
        ("accessToken: tok3n-9999", "tok3n-9999"),
        ("EAAGm0PX4ZCpsBAKZC", "EAAGm0PX4ZCpsBAKZC"),
        ("ya29.a0AfH6SMBx", "a0AfH6SMBx"),
        ("1//0gLx_abcdefgh", "0gLx_abcdefgh"),
        ("key sk-proj-1234abcd****", "1234abcd"),
        ("sk-ant-api03-abcDEF", "api03"),
        ("AKIAIOSFODNN7EXAMPLE", "IOSFODNN7"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "c2ln"),
        ("xoxb-123456789-abc", "123456789"),
        ("https://discord.com/api/webhooks/123/abcDEF_ghi-jkl", "abcDEF_ghi-jkl"),
        ("https://b.s3.amazonaws.com/k?X-Amz-Signature=feed&X-Amz-Credential=AKID%2F2026", "feed"),
        ("AWS4-HMAC-SHA256 Credential=AKID/2026/s3, SignedHeaders=host, Signature=fe5f80", "fe5f80"),
        ("postgresql://reel:pa55word@db/x", "pa55word"),
        ("https://ghp_token12345@github.com/x", "ghp_token12345"),
        ("password='hunt er'", "hunt"),
        ("PUT https://up/x?upload_id=AbC-1&part=2", "AbC-1"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----", "MIIEow"),
        (base64.b64encode(b"Authorization: Bearer abc123DEF").decode(), "QXV0aG9y"),
    ],
)
def test_what_has_the_shape_of_a_secret_is_struck(text: str, gone: str) -> None:
    struck = redact(f"refused: {text} .")
    assert gone not in struck and MARK in struck
    assert redact(struck) == struck


VALUE = "aB3" * 15
_NAMES = """
    token secret passwd password passphrase pwd api_key apikey access-key accesskeyid private_key signature credential
    appsecret_proof upload_id uploadid code_verifier
"""
_HEADERS = """
    authorization cookie x-goog-api-key x-api-key api-key xi-api-key x-guploader-uploadid x-amz-security-token
    x-discord-token
"""
_IN_ADDRESSES = "key code sig ut sau auth st hdnea policy"
_PREFIXES = """
    EAA IGAB ya29. 1// 4/0A GOCSPX- AIza act. rft. clt. sk- pk_ rk- AKIA ASIA AROA AIDA eyJ xoxb- xapp- gho_ ghp_ ghs_
    ghu_ ghr_ github_pat_ glpat- hf_ AQX gAAAA
"""


def every_sign() -> Iterator[str]:
    """A text for each name, header, scheme and prefix that `secret_shapes` knows, with `VALUE` as its secret."""
    for name in _NAMES.split():
        yield from (f"{name}={VALUE}", f'"{name.upper()}": "{VALUE}"', f"{name}: {VALUE}")
    for header in _HEADERS.split():
        yield from (f"{header}: {VALUE}", f"{header}: Bearer {VALUE}", f"{header.title()}, '{VALUE}'")
    yield from (f"{scheme} {VALUE}" for scheme in ("Bearer", "OAuth", "Basic", "Token", "Bot", "Digest"))
    yield from (f"/x{sign}{name}={VALUE}" for name in _IN_ADDRESSES.split() for sign in "?&")
    yield from (f"https://{VALUE}@host/", f"amqp://name:{VALUE}@host", f"/webhooks/1/{VALUE}")
    yield from (f"hooks.slack.com/services/{VALUE}", f"-----BEGIN PRIVATE KEY-----{VALUE}")
    for prefix in _PREFIXES.split():
        middle = ".abcd." if prefix == "eyJ" else ""
        yield f"{prefix}{VALUE.upper() if prefix.startswith('A') and prefix.isupper() else VALUE}{middle}"


def test_every_name_and_prefix_of_a_secret_is_known() -> None:
    assert [text for text in every_sign() if VALUE.upper() in redact(text).upper()] == []


@pytest.mark.parametrize("shape", shapes(), ids=lambda shape: str(shape.pattern[:30]))
def test_what_matches_a_shape_has_a_sign(shape: re.Pattern[bytes]) -> None:
    """Else `redact` would not look for that shape."""

    @settings(max_examples=6, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(from_regex(shape))
    def holds(data: bytes) -> None:
        found = shape.search(data)
        assert found is None or SIGNS.search(found[0].lower())

    holds()


@pytest.mark.parametrize(
    "text",
    [
        "token: expired",
        "Invalid OAuth access token.",
        "OAuth authentication failed; use Bearer authentication",
        "Error validating access token: Session has expired on Monday, 01-Jan-26",
        "The access token could not be decrypted (code 190, OAuthException)",
        "input_tokens: 3000, max_tokens=500",
        "check the client id and secret",
        "https://www.tiktok.com/@user/video/7300000000000000001",
        "http://127.0.0.1:8080/@user/video/1",
        "https://discord.com/api/webhooks/<id>/<token>",
        "a risk-based, task-oriented desk-top of sk-ill",
        "Key frames: 12; signature dish: soup; password: forgotten",
        "urn:li:share:7123456789012345678 and sha256 " + "ab" * 32,
        "日本語の説明 – «Grüße» 🎬 مرحبا",
    ],
)
def test_prose_comes_through(text: str) -> None:
    know("zQ7-vN_2kLmT9.xY4wRb")
    assert redact(text) == text


def test_foreign_text_is_struck_before_it_is_cut_and_is_one_clean_line() -> None:
    secret = "zQ7-vN_2kLmT9.xY4wRb"
    know(secret)
    for before in range(170, 215):
        line = foreign("x " * (before // 2) + "." * (before % 2) + secret)
        assert len(line) <= 200
        assert secret[:4] not in line
    long = foreign("y " * ((READ_CHARS - 10) // 2) + secret + " z" * 50_000, limit=READ_CHARS // 2)
    assert secret[:8] not in long
    many = foreign((secret + " ") * 1_000 + "q" * READ_CHARS, limit=150)
    assert secret[:8] not in many
    assert foreign("one\ntwo\x1b[31m\u202ethree") == "one two[31mthree"
    assert CUT_MARGIN < READ_CHARS


def test_errors_of_ours_never_show_a_secret() -> None:
    know(SecretStr("zQ7-vN_2kLmT9.xY4wRb"))
    error = NeedsAuthorization("no zQ7-vN_2kLmT9.xY4wRb", field="zQ7-vN_2kLmT9.xY4wRb", remedy="zQ7-vN_2kLmT9.xY4wRb")
    for text in (str(error), error.message, error.field, error.remedy, repr(error)):
        assert "zQ7" not in text


def test_addresses_give_away_their_secret_parts_only() -> None:
    know_address("postgresql://reel:pa%2Fss55@db.example/name")
    know_address("https://up.example/v?upload_id=Ab-12345678&part=17841337134490599")
    struck = redact_known("db.example pa/ss55 pa%2Fss55 Ab-12345678 17841337134490599")
    assert struck == f"db.example {MARK} {MARK} {MARK} 17841337134490599"


def test_results_keep_their_kind() -> None:
    know("zQ7-vN_2kLmT9.xY4wRb")
    clean = PublishedPost(post_id="1", url="https://x.example/1")
    assert redact_values(clean) is clean
    post = redact_values(PublishedPost(post_id="1", url="https://x.example/?t=zQ7-vN_2kLmT9.xY4wRb"))
    assert post == PublishedPost(post_id="1", url=f"https://x.example/?t={MARK}")
    nested = redact_values({"a": [("zQ7-vN_2kLmT9.xY4wRb", 1)]})
    assert nested == {"a": [(MARK, 1)]}


def test_many_passing_secrets_push_out_no_lasting_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_MOST_KNOWN", 10)
    know("lasting-secret-0001", lasting=True)
    for number in range(50):
        know(f"passing-secret-{number:04}")
    assert "lasting-secret-0001" not in redact_known("lasting-secret-0001")
    assert "passing-secret-0049" not in redact_known("passing-secret-0049")
    assert redact_known("passing-secret-0003") == "passing-secret-0003", "the oldest are forgotten"


def test_a_text_is_looked_through_once_however_many_secrets_are_known() -> None:
    many = [f"{number:06}-token-{number * 7919 % 1_000_003:07}-of-an-account" for number in range(3_000)]
    index = redaction._Index(secret.encode() for secret in many)
    quoted = f"the answer was {many[1234]}, cut off: …{many[77][-20:]}".lower().encode()
    candidates = index.candidates(quoted)
    assert {many[1234].encode(), many[77].encode()} <= set(candidates)
    assert not index.candidates(b"nothing of the kind")


# --- onward ----------------------------------------------------------------------------------------------------------


def failed(how: str) -> BaseException:
    """An error whose secret stands in its own text, its cause, or the one it came up in."""
    secret = "zQ7-vN_2kLmT9.xY4wRb"
    try:
        try:
            raise ConnectionError(f"GET https://api.example/?t={secret}")
        except ConnectionError as error:
            if how == "cause":
                raise RuntimeError("outer") from error
            if how == "context":
                raise ApplicationError("outer")  # noqa: B904
            if how == "details":
                raise ApplicationError("outer", {"said": [secret]}) from None
            raise RuntimeError(f"outer {secret}") from None
    except (RuntimeError, ApplicationError) as error:
        return error


@pytest.mark.parametrize("how", ["own text", "cause", "context", "details"])
def test_no_failure_carries_a_secret_to_the_server(how: str) -> None:
    know("zQ7-vN_2kLmT9.xY4wRb")
    failure = Failure()
    data_converter.failure_converter.to_failure(failed(how), data_converter.payload_converter, failure)
    assert b"zQ7" not in failure.SerializeToString()
    assert "outer" in failure.message and MARK.encode() in failure.SerializeToString()
    assert "test_redaction.py" in failure.stack_trace


@pytest.mark.parametrize("how", ["own text", "cause", "context"])
def test_a_cause_with_a_secret_is_replaced(how: str, caplog: pytest.LogCaptureFixture) -> None:
    know("zQ7-vN_2kLmT9.xY4wRb")
    stand_in = without_secrets(failed(how))
    logging.getLogger("any").error("it failed", exc_info=stand_in)
    assert "zQ7" not in caplog.text and MARK in caplog.text and "outer" in caplog.text
    harmless = RuntimeError("nothing in it")
    assert without_secrets(harmless) is harmless


@pytest.fixture
def clean_logs() -> Iterator[None]:
    """As in a process of ours, for one test."""
    factory, levels = logging.getLogRecordFactory(), {name: logging.getLogger(name).level for name in HTTP_LOGGERS}
    keep_logs_clean()
    yield
    logging.setLogRecordFactory(factory)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.mark.usefixtures("clean_logs")
def test_no_library_logs_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    know("zQ7-vN_2kLmT9.xY4wRb")
    some: Any = logging.getLogger("some.library")
    some.error("said %s and %r", "zQ7-vN_2kLmT9.xY4wRb", {"t": "zQ7-vN_2kLmT9.xY4wRb"})
    some.error("it failed", exc_info=failed("cause"))
    some.error("does not fit %d", "zQ7-vN_2kLmT9.xY4wRb")
    assert "zQ7" not in caplog.text
    assert caplog.text.count(MARK) >= 3 and "Traceback" in caplog.text
    assert "does not fit" in caplog.text
