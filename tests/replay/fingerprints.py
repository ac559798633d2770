"""`make fingerprints`: what each workflow's code can do, written down per release and compared with today's code.

The recorded histories hold what the recorded runs did. A fingerprint holds every command that the code can issue, the
branches that no recorded run took included (see `outline`). The code is in order when it still does what the release
did, with every patch that the release did not know taken as not there: a new step stands behind `workflow.patched`.
"""

from __future__ import annotations

import argparse
import difflib
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

from temporalio import workflow

from workers.pools import WORKFLOWS

from .outline import Writer, before, patches_in
from .reading import messages, sections

ROOT = Path(__file__).parents[2]
FINGERPRINTS = Path(__file__).parent / "fingerprints"
TAKES = "takes: "
WHAT_TO_DO = """\
{name} no longer does what release {release} does, in runs that were begun before today's patches:

{diff}

Runs that are under way would fail or stand still when this is deployed. Put the new commands behind
`workflow.patched("what-changes")` and leave the old ones in its other branch (docs/upgrading.md). If no run can tell
the difference (a condition was only written in another way), say so:
    make fingerprints UNVERSIONED="why no run can tell"
"""


def name_of(cls: type) -> str:
    """The workflow type."""
    return str(workflow._Definition.must_from_class(cls).name)


def version() -> str:
    """The version in pyproject.toml."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def releases(folder: Path) -> list[str]:
    """The releases that have something in a folder, oldest first."""
    found = [path.name for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []
    return sorted(found, key=lambda name: [int(part) for part in re.findall(r"\d+", name)])


def fingerprint(cls: type) -> str:
    """Today's, in full."""
    return f"{TAKES}{', '.join(messages(cls))}\n\n{_text(cls, lambda patch: False)}"


def difference(cls: type, release: str, recorded: str) -> str:
    """What is wrong with today's code as a continuation of a release's, and what to do; empty if nothing is."""
    known = patches_in(recorded)
    today = _text(cls, lambda patch: patch not in known)
    diff = list(difflib.unified_diff(_lines(recorded), _lines(today), release, "today", n=6, lineterm=""))
    if lost := _takes(recorded) - set(messages(cls)):
        diff += [f"- takes: {', '.join(sorted(lost))}"]
    if not diff:
        return ""
    return WHAT_TO_DO.format(name=name_of(cls), release=release, diff="\n".join(f"    {line}" for line in diff))


def recorded(release: str, cls: type) -> str:
    """A release's fingerprint of a workflow; empty where the release did not have it."""
    path = FINGERPRINTS / release / f"{name_of(cls)}.txt"
    return path.read_text() if path.exists() else ""


def unreleased(cls: type) -> bool:
    """Whether no release has this workflow yet: no run of it is under way anywhere. It is recorded with the release
    that brings it, which has a version of its own."""
    known = releases(FINGERPRINTS)
    return bool(known) and known[-1] == version() and not any(recorded(release, cls) for release in known)


def _text(cls: type, is_new: Callable[[str], bool]) -> str:
    then = {name: before(nodes, is_new) for name, nodes in sections(cls).items()}
    return Writer({name: nodes for name, nodes in then.items() if nodes}).text()


def _lines(text: str) -> list[str]:
    """Without remarks, and without what the workflow takes."""
    lines = (re.sub(r"\s*#.*", "", line) for line in text.splitlines())
    return [line for line in lines if line and not line.startswith(TAKES)]


def _takes(text: str) -> set[str]:
    line = next((line for line in text.splitlines() if line.startswith(TAKES)), TAKES)
    return set(filter(None, line.removeprefix(TAKES).split(", ")))


def write(unversioned: str) -> None:
    """Writes those of this version: all, where it has none yet; else those that differ, with the reason why they may.
    Raises `SystemExit` with what differs where no reason is given."""
    release, known = version(), releases(FINGERPRINTS)
    last = known[-1] if known else ""
    for cls in WORKFLOWS:
        text = recorded(last, cls)
        wrong = difference(cls, last, text) if text else ""
        if wrong and not unversioned:
            raise SystemExit(wrong)
        if last == release and (unreleased(cls) or (text and not wrong)):
            continue
        path = FINGERPRINTS / release / f"{name_of(cls)}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        reasons = [line for line in text.splitlines() if line.startswith("# ")] if last == release else []
        reasons += [f"# not behind a patch: {unversioned}"] if wrong else []
        path.write_text("\n".join([*reasons, fingerprint(cls)]))
        print(f"{release} {name_of(cls)}: {'written, ' + unversioned if wrong else 'written'}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--unversioned", default="", metavar="WHY", help="why no run can tell the difference")
    write(parser.parse_args().unversioned)
