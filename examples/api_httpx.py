"""A content by the API alone: started, watched, reviewed, fetched. Needs `httpx`, and a token with the role operator
(`reelwright token make`, or the console's page /me):

    REELWRIGHT_TOKEN=rw_... python examples/api_httpx.py --script story.md --out video
    REELWRIGHT_TOKEN=rw_... python examples/api_httpx.py --topic "Why octopuses have three hearts" --minutes 60

It asks you about each review, or approves by itself with `--approve`. With `--minutes` it starts the next content when
one has ended, for so long. docs/api.md has the rest."""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import httpx

LOOK_S = 2.0
TRIES = 6


class Refused(Exception):
    """The API refuses a request; the text is its own."""


class Studio:
    """The API, for one program."""

    def __init__(self, url: str, token: str) -> None:
        self._http = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60)

    def call(self, method: str, path: str, **given: Any) -> Any:
        """One request; the answer as data. What may be tried again (429, 503, a broken connection) is, after what the
        API says; a request that starts something carries a key, so that it is never done twice."""
        headers = {"Idempotency-Key": uuid.uuid4().hex} if method == "POST" else {}
        for tried in range(1, TRIES + 1):
            try:
                answer = self._http.request(method, path, headers=headers, **given)
            except httpx.TransportError as error:
                if tried == TRIES:
                    raise Refused(f"{path}: {error}") from error
                time.sleep(tried)
                continue
            if answer.status_code in (429, 503) and tried < TRIES:
                time.sleep(float(answer.headers.get("Retry-After", tried)))
                continue
            if answer.is_error:
                problem = answer.json()
                where = f"{problem['field']}: " if problem.get("field") else ""
                raise Refused(f"{where}{problem.get('detail') or problem['title']}; {problem.get('remedy', '')}")
            return answer.json()
        raise AssertionError("the last try returns or raises")

    def fetch(self, url: str, to: Path, sha256: str) -> None:
        """A file's bytes, checked against their digest."""
        seen = hashlib.sha256()
        with self._http.stream("GET", url) as answer, to.open("wb") as file:
            answer.raise_for_status()
            for piece in answer.iter_bytes():
                seen.update(piece)
                file.write(piece)
        if seen.hexdigest() != sha256:
            raise Refused(f"{to.name}: its bytes are not those that were made")


def review(studio: Studio, id: str, *, approve: bool) -> None:
    """Shows what is asked, and hands the decision in. It counts for exactly what was shown."""
    asked = studio.call("GET", f"/api/v1/reviews/{id}")
    wanted = asked["review"]
    print(f"\n{asked['title']}\n\n{wanted['text']}\n")
    for reason in wanted["reasons"]:
        print(f"look: {reason}")
    given = "approve" if approve else input("approve, reject, or what to change: ").strip() or "reject"
    decision = given if given in ("approve", "reject") else "revise"
    body = {"decision": decision, "artifact_sha256": wanted["artifact_sha256"]}
    if decision == "revise":
        body["note"] = given
    studio.call("POST", f"/api/v1/reviews/{id}/decision", json=body)
    print(f"{decision}: {wanted['artifact_sha256'][:12]}")


def make(studio: Studio, request: dict[str, Any], out: Path, *, approve: bool) -> str:
    """Starts one content, goes with it to its end, and fetches its files; the stage that it ended in."""
    started = studio.call("POST", "/api/v1/contents", json=request)
    id, told = started["content_id"], ""
    path = f"/api/v1/contents/{id}"
    print(f"started {id}: {'; '.join(started['notes'])}")
    judged = ""
    while True:
        status = studio.call("GET", path)
        line = f"{status['stage']} {status['progress']:.0f} % {status['doing'] or status['detail']}"
        if line != told:
            print(line)
            told = line
        if status["ended"]:
            break
        open_review = status["review"]
        if open_review and open_review["artifact_sha256"] != judged:
            review(studio, id, approve=approve)
            judged = open_review["artifact_sha256"]
        time.sleep(LOOK_S)
    for post in status["posts"]:
        print(f"{post['platform']}: {post['url'] or post['error']}")
    if status["stage"] in ("done", "incomplete"):
        folder = out / id
        folder.mkdir(parents=True, exist_ok=True)
        for file in studio.call("GET", f"{path}/files")["items"]:
            studio.fetch(f"{path}/files/{file['name']}", folder / file["name"], file["sha256"])
            print(f"fetched {folder / file['name']}")
    return str(status["stage"])


def main() -> int:
    """Exit code 0 where every content was done."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    source = options.add_mutually_exclusive_group(required=True)
    source.add_argument("--topic")
    source.add_argument("--script", type=Path)
    options.add_argument("--title", default="")
    options.add_argument("--platform", action="append", default=[], help="may be given again; nowhere if left out")
    options.add_argument("--format", action="append", default=[])
    options.add_argument("--channel", default=None)
    options.add_argument("--approve", action="store_true")
    options.add_argument("--minutes", type=float, default=0)
    options.add_argument("--out", type=Path, default=Path("out"))
    options.add_argument("--url", default=os.environ.get("REELWRIGHT_API", "http://127.0.0.1:8088"))
    given = options.parse_args()
    token = os.environ.get("REELWRIGHT_TOKEN", "")
    if not token:
        print("REELWRIGHT_TOKEN is not set", file=sys.stderr)
        return 2
    request = {
        "topic": given.topic,
        "script": given.script.read_text(encoding="utf-8") if given.script else None,
        "title": given.title,
        "channel": given.channel,
        "formats": given.format or None,
    }
    request = {name: value for name, value in request.items() if value} | {"platforms": given.platform}
    studio, end, stages = Studio(given.url, token), time.monotonic() + 60 * given.minutes, []
    try:
        while not stages or time.monotonic() < end:
            stages.append(make(studio, request, given.out, approve=given.approve))
    except Refused as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{len(stages)} contents, {stages.count('done')} done")
    return 0 if set(stages) == {"done"} else 1


if __name__ == "__main__":
    sys.exit(main())
