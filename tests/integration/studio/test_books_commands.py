"""The commands about quotas, accounts and pauses, as a person types them, on the books of a real PostgreSQL."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pydantic import SecretStr

from reelwright.domain.costs.estimate import Estimate
from reelwright.domain.costs.money import Money
from reelwright.domain.formats import Platform
from reelwright.domain.publishing.quota import Booking
from reelwright.storage.accounts import PostgresAccountStore
from reelwright.storage.catalog import PostgresCatalog
from reelwright.storage.database import connect
from reelwright.storage.pauses import PostgresGate
from reelwright.storage.quota.ledger import PostgresQuotaLedger
from reelwright.storage.vault import Vault
from tests import own_samples as samples
from tests.command_line import typed
from tests.servers import Servers, copied, emptied

KEY = Vault.new_key()
EXAMPLES = Path(__file__).parents[3] / "examples" / "channels"


@dataclass(frozen=True)
class Shell:
    """Types commands in an empty folder, with the books named in the environment."""

    folder: Path
    dsn: str
    pool: Any

    async def type(self, *words: str, stdin: str = "", code: int = 0) -> str:
        env = {name: value for name, value in os.environ.items() if not name.startswith(("TEMPORAL", "REELWRIGHT"))}
        env |= {"DATABASE_URL": self.dsn, "REELWRIGHT_SECRET_KEY": KEY, "TZ": "Asia/Tokyo"}
        done = await asyncio.to_thread(typed, *words, folder=self.folder, env=env, stdin=stdin)
        said = done.stdout + done.stderr
        assert done.returncode == code, said
        assert "Traceback" not in said
        return said

    @property
    def accounts(self) -> PostgresAccountStore:
        return PostgresAccountStore(self.pool, Vault(SecretStr(KEY)))


@pytest.fixture(scope="module")
async def books(servers: Servers) -> AsyncIterator[tuple[str, Any]]:
    """A database's address, and a pool on it."""
    dsn = await copied(servers.need("postgres"))
    own = await connect(dsn, max_size=3)
    yield dsn, own
    await own.close()


@pytest.fixture
async def shell(books: tuple[str, Any], tmp_path: Path) -> Shell:
    """On a database that holds nothing."""
    dsn, own = books
    await emptied(own)
    return Shell(tmp_path, dsn, own)


async def test_an_account_from_its_token_to_being_forgotten(shell: Shell) -> None:
    token = shell.folder / "token.txt"
    token.write_text("refresh-hunter2\n")
    said = await shell.type(
        "account", "add", "x", "--account", "news", "--id", "77", "--option", "premium=yes", "--token-file", str(token)
    )
    assert "X account news is there" in said and "go on when the studio is up" in said
    stored = await shell.accounts.token(Platform.X, "news")
    assert stored is not None and (stored.refresh_token.get_secret_value(), stored.flow) == ("refresh-hunter2", "x")
    await shell.type("account", "best-time", "x", "--account", "news", "--at", "18:00", "--zone", "Europe/Berlin")
    await shell.accounts.needs_authorization(Platform.X, "news", "revoked by its owner")
    said = await shell.type("account", "list")
    assert all(word in said for word in ("news", "77", "18:00 Europe/Berlin", "revoked by its owner"))
    answer = {"access_token": "a-hunter2", "refresh_token": "r2-hunter2", "expires_in": 7200, "token_type": "bearer"}
    await shell.type("account", "authorize", "x", "--account", "news", "--token-file", "-", stdin=json.dumps(answer))
    listed = json.loads(await shell.type("account", "list", "--json"))["accounts"]
    assert [(row["account"], row["wants"], row["token"]) for row in listed] == [("news", "", "renewed by itself")]
    assert [row["origin"] for row in listed] == ["real"]
    ends = datetime.fromisoformat(listed[0]["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=100) < ends <= timedelta(hours=2)
    found = await shell.accounts.find(Platform.X, "news")
    assert found is not None
    assert found.options == {"premium": "yes", "best_time": "18:00 Europe/Berlin"} and found.external_id == "77"
    assert "the tokens of 1 account " in await shell.type("account", "reseal")
    await shell.type("account", "remove", "x", "--account", "news")
    await shell.type("account", "remove", "x", "--account", "news", code=1)


@pytest.mark.parametrize(
    ("token", "application", "origin", "note"),
    [
        ("refresh-hunter2", "", "real", "the sandbox plays X here, and gets no real token"),
        ("refresh-hunter2", "123", "real", ""),
        ("x-sandbox-news", "", "sandbox", ""),
        ("x-sandbox-news", "123", "sandbox", "this is a token of the sandbox, and posts go to the real X here"),
    ],
)
@pytest.mark.sample(3)
async def test_an_account_says_whose_token_it_has(
    shell: Shell, token: str, application: str, origin: str, note: str
) -> None:
    settings = f"REELWRIGHT_SANDBOX_URL=http://127.0.0.1:8090\nX_CLIENT_ID={application}\n"
    (shell.folder / ".env").write_text(settings)
    said = await shell.type("account", "add", "x", "--account", "news", "--token-file", "-", stdin=token)
    assert note in said and ("note" in said) is bool(note)
    listed = json.loads(await shell.type("account", "list", "--json"))["accounts"]
    assert [row["origin"] for row in listed] == [origin]
    stored = await shell.accounts.token(Platform.X, "news")
    assert stored is not None and stored.origin == origin


@pytest.mark.parametrize(
    ("stdin", "field"),
    [
        ("", "token"),
        ("two-hunter2 words", "token"),
        ('{"access_token": "hunter2"', "token"),
        ('{"acces_token": "hunter2"}', "token"),
        ('{"access_token": ["hunter2"]}', "access_token"),
        ('{"access_token": "hunter2", "expires_at": "tomorrow"}', "expires_at"),
        ('{"access_token": "hunter2", "flow": "magic"}', "flow"),
    ],
)
async def test_what_is_no_token_is_refused_and_not_quoted(shell: Shell, stdin: str, field: str) -> None:
    said = await shell.type("account", "add", "tiktok", "--token-file", "-", stdin=stdin, code=2)
    assert f"error {field}: " in said and "hunter2" not in said
    assert await shell.accounts.list() == []


@pytest.mark.sample(3)
async def test_wrong_words_are_one_line_with_a_remedy(shell: Shell) -> None:
    for words, said in (
        (("account", "add", "myspace", "--token-file", "-"), "unknown platform"),
        (("account", "add", "x"), "nobody to ask"),
        (("account", "add", "x", "--token-file", "nowhere"), "No such file"),
        (("account", "add", "x", "--option", "premium", "--token-file", "-"), "NAME=VALUE"),
        (("account", "authorize", "x", "--token-file", "-"), "account add x"),
        (("account", "best-time", "x", "--at", "25:00", "--zone", "UTC"), "18:00 Europe/Berlin"),
        (("account", "best-time", "x", "--at", "18:00", "--zone", "Mars/Base"), "no time zone"),
        (("quota", "set", "x", "likes", "5"), "there are: posts"),
        (("quota", "set", "x", "posts", "0"), "no limit"),
        (("quota", "set", "youtube", "inserts", "5", "--account", "a"), "all accounts together"),
    ):
        assert said in await shell.type(*words, stdin="token", code=2)


async def test_quota_is_shown_and_set(shell: Shell) -> None:
    await shell.type("quota", "set", "linkedin", "posts", "2", "--account", "news")
    ledger = PostgresQuotaLedger(shell.pool)
    for key in "abc":
        await ledger.reserve(Booking(key=key, platform=Platform.LINKEDIN, account="news", costs={"posts": 1}))
    await ledger.commit("a")
    states = json.loads(await shell.type("quota", "--platform", "linkedin", "--json"))["quota"]
    told = [(s["account"], s["bucket"], s["used"], s["held"], s["booked"], s["limit"]) for s in states]
    assert told == [("news", "posts", 1, 1, 1, 2)]
    next_free = datetime.fromisoformat(states[0]["next_free"])
    assert next_free > datetime.now(UTC)
    said = await shell.type("quota", "--account", "news")
    row = next(line.split() for line in said.splitlines() if line.startswith("linkedin"))
    assert row[:7] == ["linkedin", "news", "posts", "1", "1", "1", "2"]
    assert "JST" in row and row[7] == f"{datetime.fromisoformat(states[0]['resets_at']).astimezone():%Y-%m-%d}"
    assert "inserts" in said and "100" in said


async def test_quota_is_that_of_a_channels_accounts(shell: Shell) -> None:
    (shell.folder / "a.toml").write_text('name = "one"\n[accounts]\nx = ["a", "b"]\n')
    (shell.folder / "b.toml").write_text('name = "two"\nextends = "one"\n[accounts]\nyoutube = []\n')
    await shell.type("channel", "apply", "a.toml", "b.toml")
    ledger = PostgresQuotaLedger(shell.pool)
    for key in "abc":
        await ledger.reserve(Booking(key=key, platform=Platform.X, account=key, costs={"posts": 1}))

    async def told(*words: str) -> dict[tuple[str, str], list[str]]:
        rows = json.loads(await shell.type("quota", *words, "--json"))["quota"]
        return {(row["platform"], row["account"]): row["channels"] for row in rows if row["account"] or words}

    assert (await told())["x", "a"] == ["one", "two"] and (await told())["x", "c"] == []
    assert set(await told("--channel", "one")) == {("x", ""), ("x", "a"), ("x", "b")}
    assert {platform for platform, _ in await told("--channel", "two")} == {"x", "youtube"}
    assert "nothing was applied under the name" in await shell.type("quota", "--channel", "three", code=2)
    assert "is no channel's name" in await shell.type("posts", "--channel", "' or 1", code=2)


async def test_a_pause_stands_in_the_books_until_it_is_ended(shell: Shell) -> None:
    gate = PostgresGate(shell.pool)
    said = await shell.type("platform", "pause", "youtube", "--account", "news", "--note", "wrong [logo]")
    assert "reelwright platform resume youtube --account news" in said
    held = await gate.closed(Platform.YOUTUBE, "news")
    assert held is not None and held.note == "wrong [logo]" and held.by
    await shell.type("platform", "pause", "youtube")
    listed = json.loads(await shell.type("platform", "list", "--json"))["pauses"]
    assert [(each["platform"], each["account"]) for each in listed] == [("youtube", ""), ("youtube", "news")]
    assert "wrong [logo]" in await shell.type("platform", "list")
    said = await shell.type("platform", "resume", "youtube")
    assert "still paused: YouTube account news" in said
    await shell.type("platform", "resume", "youtube", "--account", "news")
    assert "was not paused" in await shell.type("platform", "resume", "youtube", code=1)
    assert "nothing is paused" in await shell.type("platform", "list")


KIDS = """name = "kids"
extends = "house"
languages = ["en"]
[look.brand]
accent = "#112233"
"""


async def test_a_channel_from_its_file_to_a_rollback(shell: Shell) -> None:
    for name, text in (
        ("kids.toml", KIDS),
        (
            "house.toml",
            'name = "house"\n[budget]\nusd_per_day = 3\n[providers]\nwriting = ["openai"]\nmoderation = ["openai"]\n',
        ),
    ):
        (shell.folder / name).write_text(text)
    assert "no channel has been applied yet" in await shell.type("channel", "list")
    said = await shell.type("channel", "apply", "kids.toml", code=2)
    assert "error kids.toml, line 2: extends: there is no channel 'house'" in said
    said = await shell.type("channel", "apply", ".", "--by", "ana")
    assert "kids: version 1 is in force" in said and "providers.moderation is recorded and not enforced yet" in said
    assert "writing/openai is passed over until OPENAI_API_KEY is set" in said
    (shell.folder / "kids.toml").write_text(KIDS.replace("#112233", "#445566"))
    changed = json.loads(await shell.type("channel", "apply", ".", "--json"))["channels"]
    assert [(row["channel"], row["version"], row["new"]) for row in changed] == [("house", 1, False), ("kids", 2, True)]
    said = await shell.type("channel", "diff", "kids")
    assert said.splitlines() == ['- look.brand.accent = "#112233"', '+ look.brand.accent = "#445566"']
    assert "version 3 is in force" in await shell.type("channel", "rollback", "kids", "1", "--by", "ben")
    told = [line.split("\t") for line in (await shell.type("channel", "history", "kids")).splitlines()]
    assert [(row[0], row[3]) for row in told] == [("3", "rollback to 1"), ("2", "applied"), ("1", "applied")]
    assert (told[0][2], told[2][2]) == ("ben", "ana") and "JST" in told[0][1]
    assert "the same" in await shell.type("channel", "diff", "kids", "1", "3")
    said = await shell.type("channel", "show", "kids")
    assert 'look.brand.accent\t"#112233"' in said and "budget.usd_per_day\t3.0" in said and "house 1" in said
    assert "budget" not in await shell.type("channel", "show", "kids", "--own", "--version", "2")
    [house, kids] = json.loads(await shell.type("channel", "list", "--json"))["channels"]
    assert (house["channel"], kids["version"], kids["parents"]) == ("house", 3, {"house": 1})
    (shell.folder / "again.toml").write_text(await shell.type("channel", "export", "kids"))
    assert "unchanged, version 3" in await shell.type("channel", "apply", "again.toml")
    assert "kids is the name of the channel in again.toml, too" in await shell.type("channel", "apply", ".", code=2)


async def test_a_channels_logo_goes_to_the_media_store_and_the_examples_can_be_applied(shell: Shell) -> None:
    Image.new("RGB", (8, 8), "red").save(shell.folder / "logo.png")
    (shell.folder / "kids.toml").write_text('name = "kids"\n[look.brand]\nlogo = "logo.png"\n')
    await shell.type("channel", "apply", "kids.toml")
    exported = await shell.type("channel", "export", "kids")
    (shell.folder / "again.toml").write_text(exported)
    assert "sha256" in exported and "unchanged" in await shell.type("channel", "apply", "again.toml")
    (shell.folder / "kids.toml").write_text('name = "kids"\n[look.brand]\n\nlogo = "lost.png"\n')
    said = await shell.type("channel", "apply", "kids.toml", code=2)
    assert "kids.toml, line 4: look.brand.logo: lost.png is missing; check the file" in said
    (shell.folder / "strict.toml").write_text('name = "strict"\nmoderation = "strict"\n')
    said = await shell.type("channel", "apply", "strict.toml", code=2)
    assert "strict.toml, line 2: moderation: there is no policy 'strict'; choose from standard" in said
    said = await shell.type("channel", "apply", str(EXAMPLES))
    assert "family: version 1" in said and "kids: version 2" in said


async def test_accounts_that_a_channel_names_and_nobody_added_are_noted(shell: Shell) -> None:
    (shell.folder / "token.txt").write_text("refresh-hunter2\n")
    await shell.type("account", "add", "x", "--account", "a", "--token-file", "token.txt")
    (shell.folder / "one.toml").write_text('name = "one"\n[accounts]\nx = ["a", "b"]\nyoutube = ["b"]\n')
    said = await shell.type("channel", "apply", "one.toml")
    assert said.count("there is no account") == 2 and "x/a" not in said
    assert "`reelwright account add youtube --account b`" in said
    again = json.loads(await shell.type("channel", "apply", "one.toml", "--json"))["channels"]
    assert again[0]["missing_accounts"] == ["x/b", "youtube/b"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "nobody"), "nothing was applied under the name 'nobody'"),
        (("history", "no body"), "'no body' is not a channel's name"),
        (("apply", "empty"), "empty has no .toml files"),
        (("apply", "absent.toml"), "No such file"),
    ],
)
async def test_a_channel_that_is_not_there_is_one_line(shell: Shell, words: tuple[str, ...], said: str) -> None:
    (shell.folder / "empty").mkdir()
    assert said in await shell.type("channel", *words, code=2)


async def test_own_media_are_added_listed_and_shown(shell: Shell) -> None:
    (shell.folder / "cat.jpg").write_bytes(samples.turned_jpeg())
    samples.sound(shell.folder / "theme.wav")
    told = json.loads(await shell.type("media", "add", "cat.jpg", "theme.wav", "--json"))["media"]
    assert [(one["name"], one["kind"]) for one in told] == [("cat.jpg", "picture"), ("theme.wav", "sound")]
    address = told[0]["address"]
    assert (shell.folder / ".reelwright/media" / told[0]["file"]["key"]).read_bytes() == samples.turned_jpeg()
    listed = await shell.type("media", "list", "--kind", "picture")
    assert address in listed and "64x96" in listed and "theme.wav" not in listed
    shown = await shell.type("media", "show", address[:20])
    assert "cat.jpg" in shown and "image/jpeg" in shown
    said = await shell.type("media", "show", "0000000", code=2)
    assert "sha256: no file has a sha256 0000000…; see `reelwright media list`" in said


async def test_media_that_cannot_be_used_are_one_line(shell: Shell) -> None:
    cases: list[tuple[str, bytes | None, str]] = [
        ("cat.png", samples.turned_jpeg(), "file: cat.png is of the type image/jpeg, which its name does not say"),
        ("dot.png", samples.saved(samples.picture((1, 1)), "PNG"), "file: dot.png: 1 x 1 pixels are too few; give"),
        ("none.png", None, "file: none.png is missing; check the file"),
        ("empty.mp4", b"", "file: empty.mp4 is empty; give another file"),
        ("https://127.0.0.1/a.png", None, "file: 127.0.0.1 is a private or local address; give a public https"),
    ]
    for name, data, said in cases:
        if data is not None:
            (shell.folder / name).write_bytes(data)
        told = await shell.type("media", "add", name, code=2)
        assert said in told and len(told.strip().splitlines()) == 1


async def test_limits_are_set_and_shown_and_costs_added_up(shell: Shell) -> None:
    said = await shell.type("budget", "set", "kids", "--per-day", "1.50", "--per-content", "$0.20", "--by", "ana")
    assert "kids, version 1: $0.20 per content, $1.50 per day; contents that wait look again when" in said
    catalog = PostgresCatalog(shell.pool)
    for content, channel in (("c1", "kids"), ("c2", "news")):
        request = json.dumps({"topic": "x", "channel": channel})
        await catalog.open_content(
            content, workflow_id=content, request_json=request, request_sha256="ab" * 32, request_key=None
        )
        wanted = Estimate(step="writing", provider="p:m", worst=Money.of("0.05"))
        number = (await catalog.reserve(content, content_id=content, step="writing", provider="p", wanted=wanted)).id
        if content == "c1":
            await catalog.paid(number, usd=0.0123, provider="p:m", bought_for="r/1")
    told = json.loads(await shell.type("budget", "show", "--json"))["budgets"]
    rows = {(row["channel"], row["per"]): row for row in told}
    day = rows["kids", "day"]
    assert (day["limit_usd"], day["spent_usd"], day["reserved_usd"], day["left_usd"]) == (1.5, 0.0123, 0, 1.4877)
    assert rows["kids", "content"]["limit_usd"] == 0.2 and day["until"].endswith("T00:00:00+00:00")
    assert (rows["news", "month"]["reserved_usd"], rows["news", "month"]["limit_usd"]) == (0.05, None)
    costs = json.loads(await shell.type("cost", "--by", "channel", "--json"))
    assert costs == {"by": "channel", "costs": [{"channel": "kids", "usd": 0.0123, "purchases": 1}], "usd": 0.0123}
    shown = (await shell.type("budget", "show", "--channel", "kids")).splitlines()
    assert [line.split("\t")[2:6] for line in shown] == [
        ["$0.20", "-", "-", "-"], ["$1.50", "$0.0123", "$0.00", "$1.4877"], ["-", "$0.0123", "$0.00", "-"],
    ]  # fmt: skip
    file = shell.folder / "kids.toml"
    degrade = "[budget.degrade]\nstandard = 0.5\npause = 90\n[budget.degrade.capabilities.images]\nbudget = 0.6"
    file.write_text(f'name = "kids"\n[budget]\nusd_per_day = 1.5\n{degrade}\n')
    await shell.type("channel", "apply", "kids.toml", "--by", "ana")
    shown = await shell.type("budget", "show", "--channel", "kids")
    assert shown.splitlines()[-1] == "kids: tier standard; images: budget"
    tiers = json.loads(await shell.type("budget", "show", "--json"))["tiers"]
    assert tiers["kids"]["images"] == "budget" and tiers["kids"]["speech"] == "standard" and "news" not in tiers
    await shell.type("budget", "set", "kids", "--per-day", "1", "--by", "ana")
    assert "kids: tier standard" in await shell.type("budget", "show"), "a new limit leaves the policy as it is"


async def test_the_audit_and_the_evidence_of_a_content(shell: Shell) -> None:
    catalog = PostgresCatalog(shell.pool)
    request = '{"topic": "x"}'
    await catalog.open_content(
        "sea", workflow_id="content-sea", request_json=request, request_sha256="a" * 64, request_key=None
    )
    await catalog.record_decision(
        "sea/1", content_id="sea", kind="review", decision="approve", by="ana", note="fine", artifact_sha256="b" * 64
    )
    await shell.type("platform", "pause", "x", "--note", "a storm")
    await shell.type("platform", "resume", "x")
    rows = json.loads(await shell.type("audit", "--json", "--limit", "2"))
    assert [row["action"] for row in rows["audit"]] == ["resume", "pause"] and rows["next_cursor"] == "2"
    assert rows["audit"][1]["after"] == {"note": "a storm"} and rows["audit"][0]["who"] == rows["audit"][1]["who"]
    assert "decision.review" in await shell.type("audit", "content-sea", "--cursor", "99")
    whole = json.loads(await shell.type("audit", "--verify", "--json"))
    assert (whole["whole"], whole["rows"]) == (True, 3)

    document = shell.folder / "evidence.json"
    assert "1 row of sea" in await shell.type("evidence", "sea", "--output", str(document))
    told = json.loads(document.read_text())
    assert told["schema_version"] == 1 and told["rows"][0]["details"]["decision"] == "approve"
    assert "decision review" in await shell.type("evidence", "content-sea")
    await shell.type("evidence", "nothing", code=2)

    paper = shell.folder / "anna.pdf"
    paper.write_bytes(b"signed")
    given = ("--person", "Anna", "--use", "our channel", "--document", str(paper), "--by", "ben", "--json")
    consent = json.loads(await shell.type("consent", "add", *given))
    assert consent["covers"] == "picture" and len(consent["document_sha256"]) == 64
    Image.new("RGB", (900, 900)).save(shell.folder / "anna.png")
    address = json.loads(await shell.type("media", "add", "anna.png", "--json"))["media"][0]["address"]
    number = str(consent["id"])
    said = await shell.type("media", "rights", address, "--licence", "cc-by-4.0", "--consent", number)
    assert "anna.png: CC-BY-4.0, with consent" in said
    await shell.type("media", "rights", address, "--licence", "mine", code=2)
    await shell.type("consent", "revoke", number, "--note", "she left")
    assert "was revoked at" in await shell.type("consent", "list")

    await shell.pool.execute(
        "set local session_replication_role = replica; update audit set who = 'x' where sequence = 2"
    )
    said = await shell.type("audit", "--verify", code=1)
    assert "the chain is broken at row 2 (" in said and "was altered" in said
