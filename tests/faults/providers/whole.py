"""Whole contents of a running studio, from a topic to the report: with each provider of each capability, and with all
of them failing in one way."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any

from reelwright.storage.database import connection_of
from tests.integration.studio.running import LocalStudio, one_json

from .making import CENT, Found
from .side_by_side import Job, side_by_side
from .vendors import CHAINS, Place, Vendors
from .ways import Case, cases

CAPABILITIES = tuple(dict.fromkeys(place[0] for place in CHAINS))
KINDS = {"writing": "story", "speech": "narration", "images": "picture", "clips": "picture", "music": "music"}
STEPS = {"writing": "story", "speech": "narration", "images": "pictures", "clips": "pictures", "music": "music"}


def past_their_day() -> dict[str, str]:
    """Models that have ended, of those that the shipped list knows to have."""
    return {"REELWRIGHT_OPENAI_IMAGE_MODEL": "gpt-image-1", "REELWRIGHT_ANTHROPIC_MODEL": "claude-mythos-preview"}


def column(number: int) -> dict[str, str]:
    """One provider of each capability; after a few numbers each has had its turn."""
    by: defaultdict[str, list[str]] = defaultdict(list)
    for capability, vendor in CHAINS:
        by[capability].append(vendor)
    return {capability: vendors[number % len(vendors)] for capability, vendors in by.items()}


def places_of(chains: Mapping[str, str]) -> frozenset[Place]:
    """The providers of chains of one each."""
    return frozenset(chains.items())  # type: ignore[arg-type]


@dataclass
class Whole:
    """The studio, and the stand-ins that it buys from."""

    studio: LocalStudio
    vendors: Vendors
    found: Found
    _counting: Lock = field(default_factory=Lock)

    def all(self) -> None:
        """A content for each column of providers, and one for each way."""
        self.studio.cli("--version")  # its server is started by one thread
        longest = max(sum(place[0] == capability for place in CHAINS) for capability in CAPABILITIES)
        jobs = []
        for number in range(longest):
            chains = column(number)
            jobs.append(Job(places_of(chains), partial(self.well, f"well-{number}", chains)))
        by_way: defaultdict[str, list[Case]] = defaultdict(list)
        for case in cases():
            if case.then == "next":
                by_way[case.way].append(case)
        for number, (way, several) in enumerate(by_way.items()):
            chosen: dict[str, Case] = {}
            for case in several[number % len(several) :] + several:
                chosen.setdefault(case.place[0], case)
            places = frozenset(case.place for case in chosen.values())
            jobs.append(Job(places, partial(self.failing, f"failing-{number}", way, list(chosen.values()))))
        side_by_side(jobs)

    def ended(self) -> None:
        """Models past their day are not asked."""
        chains = {"writing": "anthropic", "images": "openai"}
        before = dict(self.vendors.calls)
        report = self._made("ended", chains)
        for capability, vendor in chains.items():
            if not any(f"not by {vendor}: " in note and "end" in note for note in report["notes"]):
                self._wrong(f"a model past its day, {capability}/{vendor}: {report['notes']}")
        if dict(self.vendors.calls) != before:
            self._wrong("a model past its day was asked")

    def well(self, id: str, chains: Mapping[str, str]) -> None:
        """A content by one provider of each capability: report and evidence name them, and what they have charged."""
        before = self._charged(chains)
        report = self._made(id, chains)
        if not report:
            return
        charged = self._charged(chains) - before
        name = f"whole, {', '.join('/'.join(place) for place in chains.items())}"
        if fell := [note for note in report["notes"] if "not by" in note]:
            self._wrong(f"{name}: {fell}")
        if abs(report["cost"]["usd"] - charged) > CENT:
            self._wrong(f"{name}: the report says {report['cost']['usd']}, charged was {charged:.6f}")
        rows = self._evidence(report["content_id"])
        for capability, vendor in chains.items():
            own = [row for row in rows if row["kind"] == KINDS[capability] and row["provider"].startswith(vendor)]
            if not own:
                self._wrong(f"{name}: evidence has no {KINDS[capability]} by {vendor}")
            paid = capability not in ("images", "clips") or vendor in (
                "openai",
                "stability",
                "gemini",
                "runway",
                "luma",
            )
            if paid and own and not any(row["usd"] and row["request_id"] for row in own):
                self._wrong(f"{name}: evidence of {capability} by {vendor} lacks its cost or its request")

    def failing(self, id: str, way: str, chosen: Sequence[Case], *, script: str = "") -> None:
        """A content whose providers fail, one of each capability: it ends all the same, and says so. It is made of a
        topic unless a script is given."""
        chains = {case.place[0]: case.place[1] for case in chosen}
        for case in chosen:
            self.vendors.ways[case.place] = case.fails
        try:
            report = self._made(id, chains, script)
        finally:
            for case in chosen:
                self.vendors.ways.pop(case.place, None)
        if not report:
            return
        rows, told = self._evidence(report["content_id"]), self._status(report["content_id"])
        for capability, vendor in chains.items():
            for where, notes in (("report.json", report["notes"]), ("status", told)):
                if not any(f"{vendor}: " in note and "not by" in note for note in notes):
                    self._wrong(f"whole, {way}: {where} says nothing of {capability}/{vendor}: {notes}")
            kinds = [row for row in rows if row["kind"] == KINDS[capability]]
            lines = [line for row in kinds for line in (row.get("details") or {}).get("fell_back", [])]
            if not any(line.removeprefix("clips: ").startswith(f"{vendor}: ") for line in lines):
                self._wrong(f"whole, {way}: evidence says nothing of {capability}/{vendor}")

    def _made(self, id: str, chains: Mapping[str, str], script: str = "") -> dict[str, Any]:
        """The report of a content with these chains, each of one provider; empty where there is none."""
        asyncio.run(self._breakers_closed(chains))
        channel = f"ch-{id}"
        named = "\n".join(f'{capability} = ["{vendor}"]' for capability, vendor in chains.items())
        file = self.studio.write(f"{channel}.toml", f'name = "{channel}"\n\n[providers]\n{named}\n')
        applied = self.studio.cli("channel", "apply", file.name)
        clips = ("--clips", "some") if "clips" in chains else ()
        source = ("--topic", f"Why the sea has tides, {id}")
        if script:
            source = ("--script", self.studio.write(f"{id}.md", script).name)
        done = self.studio.cli(
            *("run", *source, "--channel", channel, "--format", "320x240"),
            *("--preset", "draft", "--platform", "none", "--auto-approve", "--allow-repeat", "--allow-template"),
            *("--id", id, "--json", *clips),
        )
        with self._counting:
            self.found.runs += 1
        if applied.returncode or done.returncode:
            self._wrong(f"{id}: {applied.stderr}{done.stderr}"[-600:])
            return {}
        report = one_json(done.stdout)
        if report["status"] != "done" or not report["videos"]:
            self._wrong(f"{id}: {report['status']} {report['reason']}")
        with self._counting:
            self.found.fell_back += any("not by" in note for note in report["notes"])
        print(json.dumps({"whole": id, "usd": report["cost"]["usd"], "notes": report["notes"]}), flush=True)
        return report

    async def _breakers_closed(self, chains: Mapping[str, str]) -> None:
        """Each provider is called again: how it failed at the last content is nothing to this one."""
        async with connection_of(self.studio.state.env["DATABASE_URL"]) as connection:
            await connection.executemany(
                "delete from provider_health where capability = $1 and provider = $2", list(chains.items())
            )

    def _evidence(self, content_id: str) -> list[dict[str, Any]]:
        done = self.studio.cli("evidence", content_id, "--json")
        try:
            document = json.loads(done.stdout)
        except ValueError:
            self._wrong(f"{content_id}: no evidence: {done.stderr or done.stdout}"[:300])
            return []
        return [row for row in document["rows"] if row["kind"] != "decision"]

    def _status(self, content_id: str) -> list[str]:
        return list(one_json(self.studio.cli("status", content_id, "--json").stdout).get("notes", []))

    def _charged(self, chains: Mapping[str, str]) -> float:
        return sum(usd for place, usd in list(self.vendors.charged.items()) if place in places_of(chains))

    def _wrong(self, line: str) -> None:
        self.found.wrong.append(line)
        print(json.dumps({"wrong": line}, ensure_ascii=False), flush=True)
