"""`make bench-moderation`: the held-out half of the corpus against the local rules alone; the last line is JSON."""

from __future__ import annotations

import argparse
import asyncio
import json

from .corpus import read_corpus
from .scores import Judged, blocking, judged, summary


def main() -> None:
    """Prints the misses of the half to tune on (with --tuning), and the summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tuning", action="store_true", help="the half to tune on, with what goes wrong in it")
    tuning = parser.parse_args().tuning
    cases = [case for case in read_corpus() if case.held_out != tuning]
    results = asyncio.run(judged(cases))
    if tuning:
        for one in results:
            if wrong := _wrong(one):
                print(f"{one.case.language}\t{one.case.rule}\t{wrong}\t{one.case.text}")
    told = {"half": "tuning" if tuning else "held out", **summary(results)}
    print(json.dumps(told, ensure_ascii=False))


def _wrong(one: Judged) -> str:
    if one.case.rule == "clean":
        return "" if one.verdict.decision == "allow" else f"{one.verdict.decision}: {one.verdict.reasons}"
    if one.case.rule not in one.found:
        return f"not found; {sorted(one.found)}"
    return "not blocked" if blocking(one.case.rule) and not one.stopped else ""


main()
