"""What the command line prints: one line for any error, whole values in a pipe, lines while nobody watches a bar."""

from __future__ import annotations

import asyncio
import io
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import httpx
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from rich.console import Console
from temporalio.service import RPCError, RPCStatusCode

from control.failures import explained
from reelwright.domain.errors import InvalidInput, ReelwrightError
from starter import console, ticking
from starter.tables import Record, count, local, print_fields, print_records
from tests.command_line import typed

ROOT = Path(__file__).parents[2]
ADDRESS = "https://www.youtube.com/watch?v=" + "x" * 90
HEAVY = {
    "temporalio", "cv2", "scipy", "numpy", "av", "trafilatura", "openai", "anthropic", "boto3", "httpx", "asyncpg",
    "sqlalchemy", "alembic", "PIL", "lxml", "workflows", "activities", "rich.console", "asyncio",
}  # fmt: skip
LOOKING = {"asyncpg", "asyncio", "h11", "workflows", "workflows.queues"}
"""What a command may load of that to look something up in a studio. Rich is for a terminal."""


def shell(folder: Path, *words: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    """`reelwright ...` in a folder, with no studio named but by `env`."""
    ours = ("TEMPORAL_", "REELWRIGHT_", "DATABASE_")
    plain = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return typed(*words, folder=folder, env=plain | env, stdin=stdin)


def loaded(folder: Path, *words: str) -> set[str]:
    """The modules that a command has loaded when it ends."""
    code = (
        "import json, os, sys\n"
        "def leave(code): print(json.dumps(sorted(sys.modules)), file=sys.stderr, flush=True); end(code)\n"
        "end, os._exit = os._exit, leave\n"
        f"sys.argv = ['reelwright', *{list(words)!r}]\n"
        "from starter.cli import main\n"
        "main()\n"
    )
    env = {name: value for name, value in os.environ.items() if not name.startswith(("TEMPORAL_", "DATABASE_"))}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=env | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("run", "--help"), ("quota", "set", "--help")])
@pytest.mark.sample(2)
def test_help_and_version_load_no_studio(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert not loaded(tmp_path, *words) & HEAVY


@pytest.mark.parametrize(
    "words",
    [
        ("run", "--topic", "x", "--format", "3x3"),
        ("start", "--script", "none.md"),
        ("run", "--topic", "x", "--publish-at", "1999-01-01T00:00Z"),
    ],
)
def test_a_refused_request_loads_no_studio(tmp_path: Path, words: tuple[str, ...]) -> None:
    found = loaded(tmp_path, *words)
    assert "reelwright.domain.content.request" in found, "it got as far as looking at the request"
    assert not found & HEAVY


@pytest.mark.parametrize(
    ("words", "not_even"),
    [
        (("list",), {"reelwright.domain.content.request", "reelwright.domain.content.status"}),
        (("posts",), {"reelwright.domain.content.request", "reelwright.domain.publishing.posting"}),
        (("review", "list"), {"reelwright.domain.content.request", "reelwright.domain.content.status"}),
        (("status", "x"), set[str]()),
        (("quota",), set[str]()),
        (("platform", "pause", "youtube"), set[str]()),
    ],
)
@pytest.mark.lengthy
@pytest.mark.sample(2)
def test_what_looks_for_a_studio_loads_no_sdk(tmp_path: Path, words: tuple[str, ...], not_even: set[str]) -> None:
    found = loaded(tmp_path, *words)
    assert "workers.settings" in found, "it got as far as looking for a studio"
    assert not found & (HEAVY - LOOKING | {"filelock", "workflows.policies"} | not_even)


def test_outside_text_is_not_read_as_emoji_codes(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    print_fields([("title", "a :rocket: launch")], to=Console(file=stream, force_terminal=True, emoji=False))
    console.say("a :rocket: launch")
    assert ":rocket:" in stream.getvalue() and ":rocket:" in capsys.readouterr().err


@pytest.mark.parametrize(
    "outside",
    ["plain", "[bold]loud[/]", "a [1] b", "[Ab] \\[red", "C:\\", "\\\\[bold]", "[/", "x [link=http://a]b[/link]", "]["],
)
def test_a_pipe_gets_what_rich_would_print(outside: str) -> None:
    text = f"[bold]{console.plain(outside)}[/]: [yellow]note[/] {console.plain(outside)}."
    stream = io.StringIO()
    Console(file=stream, soft_wrap=True, highlight=False, emoji=False).print(text)
    assert console.unmarked(text) + "\n" == stream.getvalue()


@pytest.mark.lengthy
def test_version_and_completion(tmp_path: Path) -> None:
    assert shell(tmp_path, "--version").stdout.startswith("reelwright 0.")
    named = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}  # else the shell that runs the tests is meant
    assert "complete_bash" in shell(tmp_path, "--show-completion", "bash", **named).stdout
    asked = {"COMP_WORDS": "reelwright run --platform in", "COMP_CWORD": "3", "_REELWRIGHT_COMPLETE": "complete_bash"}
    code = "import sys; sys.argv = ['reelwright']; from starter.cli import main; main()"
    env = os.environ | {"PYTHONPATH": str(ROOT)} | asked
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("instagram\n", "")


class Odd(Exception):
    pass


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KeyError("field"), "unforeseen KeyError: 'field'; set REELWRIGHT_DEBUG=1"),
        (Odd("two\nlines postgresql://me:hunter2@h/x"), "unforeseen Odd: two lines postgresql://…@h/x"),
        (ExceptionGroup("several", [InvalidInput("first", field="f")]), "f: first"),
        (UnicodeEncodeError("utf-8", "\udce9", 0, 1, "surrogates not allowed"), "give it in UTF-8"),
        (PermissionError(13, "Permission denied", "/x/.env"), "/x/.env: Permission denied; check its owner and mode"),
        (ConnectionRefusedError(111, "Connection refused"), "system: Connection refused"),
        (TimeoutError(), "no answer in time"),
        (asyncpg.InvalidPasswordError("no"), "DATABASE_URL: the database refuses the user or the password"),
        (asyncpg.PostgresSyntaxError("at end"), "database: PostgresSyntaxError: at end"),
        (RPCError("gone", RPCStatusCode.UNAVAILABLE, b""), "Temporal: gone"),
        (RPCError("late", RPCStatusCode.DEADLINE_EXCEEDED, b""), "is a worker up?"),
        (RPCError("no", RPCStatusCode.PERMISSION_DENIED, b""), "TEMPORAL_API_KEY: Temporal refuses this client"),
        (ClientError({"Error": {"Code": "403", "Message": "Forbidden"}}, "PutObject"), "REELWRIGHT_MEDIA_URL: "),
        (EndpointConnectionError(endpoint_url="http://u:hunter2@h"), "check the address, the keys and the bucket"),
        (httpx.ConnectError("refused"), "http: ConnectError: refused"),
        (httpx.InvalidURL("no host"), "url: not an address that can be read"),
    ],
)
def test_any_error_is_one_line_that_says_what_to_do(error: Exception, said: str) -> None:
    told = explained(error)
    assert isinstance(told, ReelwrightError)
    assert said in str(told) and "\n" not in str(told) and "hunter2" not in str(told)


@pytest.mark.parametrize(
    ("env", "files", "said"),
    [
        ({}, {}, "no studio is running"),
        ({"TEMPORAL_ADDRESS": "127.0.0.1:1"}, {}, "no studio is running"),
        ({"TEMPORAL_ADDRESS": "xn--:99999999"}, {}, "TEMPORAL_ADDRESS: 'xn--:99999999' is not an address"),
        (
            {"TEMPORAL_PROFILE": "nope"},
            {},
            "TEMPORAL_PROFILE: the connection to Temporal cannot be configured (Profile 'nope' not found)",
        ),
        ({"REELWRIGHT_RENDER_SLOTS": "many"}, {}, "REELWRIGHT_RENDER_SLOTS: "),
        ({"REELWRIGHT_STATE_DIR": "file"}, {"file": b""}, "file/stack.json: Not a directory"),
        ({}, {".env": b"REELWRIGHT_LOG_LEVEL=\xff\n"}, ".env: it cannot be read: not UTF-8 text"),
        ({}, {".reelwright/stack.json": b"\xff\xfe\x00nonsense"}, "no studio is running"),
        ({}, {".reelwright/stack.json": b'{"supervisor": {"pid": -5, "created": 1}, "ready": true}'}, "no studio"),
    ],
)
@pytest.mark.sample(3)
def test_nothing_prints_a_traceback(tmp_path: Path, env: dict[str, str], files: dict[str, bytes], said: str) -> None:
    for name, data in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    done = shell(tmp_path, "status", "x", "--json", **env)
    assert done.returncode in (1, 2), done.stderr
    assert done.stderr.count("\n") == 1 and said in done.stderr, done.stderr
    assert said in json.loads(done.stdout)["error"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://u:hunter2@h/x", "DATABASE_URL: not a PostgreSQL"),
        ("postgresql://u:hunter2@h:port/x", "DATABASE_URL: not a PostgreSQL"),
        ("postgresql://u:hunter2@[::1/x", "DATABASE_URL: not a PostgreSQL"),
        ("postgresql://u:hunter2@127.0.0.1:1/x", "the database does not answer"),
        ("postgresql://u:hunter2@nohost.invalid/x", "the database does not answer"),
    ],
)
@pytest.mark.sample(1)
def test_a_database_address_that_is_none(tmp_path: Path, url: str, said: str) -> None:
    for words in (("quota",), ("doctor",))[: 2 if "port" in url else 1]:
        done = shell(tmp_path, *words, DATABASE_URL=url)
        assert done.returncode in (1, 2), (words, done.stderr)
        assert said in done.stderr and "Traceback" not in done.stderr and "hunter2" not in done.stderr, done.stderr


def test_doctor_in_a_fresh_folder(tmp_path: Path) -> None:
    done = shell(tmp_path, "doctor", "--json")
    found = {each["part"]: each["state"] for each in json.loads(done.stdout)["findings"]}
    assert done.returncode == 0 and found["state folder"] == "ok" and found["studio"] == "note", done.stdout
    assert done.stderr == ""


def test_arguments_that_are_no_text(tmp_path: Path) -> None:
    for words in (("run", "--script", "\udce9.md"), ("run", "--topic", "\udce9"), ("run", "--title", "\udce9")):
        done = shell(tmp_path, *words)
        assert done.returncode == 2 and "Traceback" not in done.stderr, done.stderr
        assert done.stderr.count("\n") == 1, done.stderr


@pytest.mark.lengthy
def test_an_output_that_takes_nothing(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "starter.cli"]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    for words in (["--help"], ["doctor", "--json"]):
        done = subprocess.run([*command, *words], cwd=tmp_path, env=env, stdout=writer, stderr=subprocess.PIPE)
        assert done.stderr == b"" and done.returncode in (1, 141), done
    os.close(writer)


def test_the_details_are_printed_where_they_are_asked_for(tmp_path: Path) -> None:
    plain, debug = shell(tmp_path, "list"), shell(tmp_path, "list", REELWRIGHT_DEBUG="1")
    assert "Traceback" not in plain.stderr and "Traceback" in debug.stderr


RECORDS = [
    Record(("tides", "youtube", "posted"), (ADDRESS, "")),
    Record(("日本の海", "x", "parked"), ("a\ttab and\na line", "please look \x1b[2J")),
]


def printed(terminal: bool) -> str:
    file = io.StringIO()
    console = Console(file=file, force_terminal=terminal, width=80, color_system=None)
    print_records(("content", "platform", "stage"), RECORDS, nothing="none", to=console)
    return file.getvalue()


def test_in_a_pipe_a_record_is_a_line_with_whole_values() -> None:
    lines = printed(terminal=False).splitlines()
    assert lines[0].split("\t") == ["tides", "youtube", "posted", ADDRESS, ""]
    assert lines[1].split("\t") == ["日本の海", "x", "parked", "a tab and a line", "please look  [2J"]
    assert len(lines) == 2


def test_at_eighty_columns_nothing_is_lost() -> None:
    text = printed(terminal=True)
    assert ADDRESS in text.splitlines()[2], "an address stays whole, on a line of its own"
    assert text.splitlines()[0].split() == ["content", "platform", "stage"]
    assert text.splitlines()[1].startswith("tides     youtube") and "日本の海  x" in text
    assert "\x1b" not in text and "…" not in text


def test_fields_numbers_and_times(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    file = io.StringIO()
    print_fields([("stage", "done"), ("address", ADDRESS)], to=Console(file=file, force_terminal=False))
    assert file.getvalue() == f"stage\tdone\naddress\t{ADDRESS}\n"
    print_records(("a",), [], nothing="no contents yet")
    streams = capsys.readouterr()
    assert (streams.out, streams.err) == ("", "no contents yet\n")
    assert [count(1, "video"), count(2, "video"), count(0, "video")] == ["1 video", "2 videos", "0 videos"]
    assert local(datetime(2026, 11, 29, 12, 0, tzinfo=UTC)).startswith("2026-11-29 ") and local(None) == "-"


async def test_lines_come_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    async with ticking.regular_lines(lambda: "rendering 43 %, scene 3", every_s=0.01):
        while capsys.readouterr().err.count("rendering 43 %, scene 3, 0:00 elapsed") == 0:
            await asyncio.sleep(0.01)
    assert ticking.EVERY_S <= 10
    assert [ticking.elapsed(130), ticking.elapsed(3_730)] == ["2:10", "1:02:10"]
