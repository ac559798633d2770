"""Commands that look something up, against a real server and database: what they load, and that they print the same
whether Temporal is asked over HTTP or through the SDK."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from tests.servers import Servers, copied, temporal_client

ROOT = Path(__file__).parents[2]
HEAVY = {
    "temporalio", "google.protobuf", "nexusrpc", "rich.console", "httpx", "sqlalchemy", "boto3",
    "numpy", "PIL", "activities", "workflows.policies", "filelock", "http.client",
}  # fmt: skip
CODE = (
    "import json, os, sys\n"
    "def leave(code): print(json.dumps(sorted(sys.modules)), file=sys.stderr, flush=True); end(code)\n"
    "end, os._exit = os._exit, leave\n"
    "from starter.cli import main\n"
    "main()\n"
)
MAKING = {
    *(f"reelwright.domain.content.{name}" for name in ("request", "decision", "story", "video", "shown", "taken")),
    *(f"reelwright.domain.ports.{name}" for name in ("making", "buying", "rendering", "publishing")),
    *("reelwright.domain.publishing.posting", "reelwright.domain.channels.config", "reelwright.domain.content.policy"),
    *("rich", "jinja2", "yaml", "tenacity", "reelwright.platforms", "workers.platform_settings"),
}  # fmt: skip
"""What contents are made of, and what a page or a terminal needs: no list shows that. Rich is for a terminal."""
SAID = {("list",): "lean\taccepted", ("list", "--json"): "content-lean", ("posts", "--json"): "next_cursor"}


@pytest.fixture(scope="module")
async def studio(servers: Servers) -> dict[str, str]:
    """The environment of a studio without workers: one content is started, and nobody makes it."""
    client = await temporal_client(servers)
    await client.start_workflow(
        "ContentPipeline", {"topic": "Tides"}, id="content-lean", task_queue=f"nobody-{uuid.uuid4()}",
        memo={"request_sha256": "0" * 64, "title": "Tides"},
    )  # fmt: skip
    while not [run async for run in client.list_workflows("WorkflowId = 'content-lean'")]:
        await asyncio.sleep(0.05)
    address = servers.need("temporal")
    return {
        "TEMPORAL_ADDRESS": str(address),
        "TEMPORAL_NAMESPACE": client.namespace,
        "REELWRIGHT_TEMPORAL_HTTP": address.http,
        "DATABASE_URL": await copied(servers.need("postgres")),
        "REELWRIGHT_SECRET_KEY": "nPsLO45fSj8ycM231rOLSFEikh1uF-dbOz_Tsd0e7M8=",
    }


def ran(folder: Path, words: tuple[str, ...], env: dict[str, str]) -> tuple[int, str, str, set[str]]:
    """(exit code, output, what was said, the modules that were loaded) of a command."""
    plain = {n: v for n, v in os.environ.items() if not n.startswith(("TEMPORAL_", "REELWRIGHT_", "DATABASE_"))}
    done = subprocess.run(
        [sys.executable, "-c", CODE, *words], cwd=folder, capture_output=True, text=True,
        env=plain | env | {"PYTHONPATH": str(ROOT), "HOME": str(folder)},
    )  # fmt: skip
    said, _, modules = done.stderr.rstrip().rpartition("\n")
    return done.returncode, done.stdout, said, set(json.loads(modules))


@pytest.mark.parametrize(
    ("words", "needs"),
    [
        *(
            (tuple(words.split()), set[str]())
            for words in (
                "list", "posts", "review list", "quota", "audit", "cost", "budget show", "channel list", "account list",
                "platform list", "platform pause x", "media list", "media show 000000", "feeds list",
                "consent list", "evidence nobody", "status nobody", "cancel nobody", "fetch nobody", "posts nobody",
                "review show nobody --no-open", "retry nobody --reviewer anna", "channel show nobody", "down",
                "settle nobody --platform x --not-posted --reviewer anna",
            )
        ),
        (("review", "approve", "nobody", "--reviewer", "anna"), {"reelwright.domain.content.decision"}),
        (("start", "--topic", "x", "--id", "lean-start", "--platform", "none"), {"reelwright.domain.content.request"}),
    ],
)  # fmt: skip
@pytest.mark.lengthy
@pytest.mark.sample(3)
async def test_a_command_of_a_moment_loads_no_sdk(
    studio: dict[str, str], tmp_path: Path, words: tuple[str, ...], needs: set[str]
) -> None:
    code, out, said, modules = ran(tmp_path, words, studio)
    assert code == (1 if words[0] == "down" else 2 if {"nobody", "000000"} & set(words) else 0), said
    assert SAID.get(words, "") in out
    assert "asyncpg" in modules or words[0] == "down"
    assert not modules & (HEAVY | MAKING) - needs


@pytest.mark.parametrize("words", [("list", "--json"), ("posts", "--json"), ("cancel", "nobody"), ("status", "lean")])
@pytest.mark.lengthy
@pytest.mark.sample(2)
async def test_it_prints_the_same_over_http_and_through_the_sdk(
    studio: dict[str, str], tmp_path: Path, words: tuple[str, ...]
) -> None:
    # Nobody serves the content: `status` waits for it as long as it waits for any. What the SDK says then is its own:
    # no answer in time, or a connection that the server closes at that moment.
    unserved = words == ("status", "lean")
    http = ran(tmp_path, words, studio)
    sdk = ran(tmp_path, words, {n: v for n, v in studio.items() if n != "REELWRIGHT_TEMPORAL_HTTP"})
    assert http[:2] == sdk[:2] and SAID.get(words, "") in http[1]
    same = all(said.startswith("error Temporal: ") for said in (http[2], sdk[2])) if unserved else http[2] == sdk[2]
    assert same, (http[2], sdk[2])
    assert "temporalio" not in http[3] and "temporalio.client" in sdk[3]
