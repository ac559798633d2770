"""Whatever page and heading the code or another page cites is there. A citation is written `docs/page.md#heading`, and
further headings of the same page after a comma: `docs/page.md#one, #other`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = ("reelwright", "workflows", "activities", "workers", "control", "starter", "sandbox", "tests", "bench")
ALSO = ("README.md", "CONTRIBUTING.md", "THIRD_PARTY.md", "Makefile", "Dockerfile", "pyproject.toml", ".env.example")
CITED = re.compile(r"(?<![\w/])(docs/[\w./-]*\w)((?:#[\w-]+)?(?:(?: \([^()]*\))?,\s+#[\w-]+)*)")
QUOTED = re.compile(r'"([^"\n]+)" in (docs/[\w./-]+\.md)|(docs/[\w./-]+\.md), "([^"\n]+)"')
"""A heading cited in words: the same as an anchor."""
HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.M)
LINK = re.compile(r"\]\(([^()\s]+)\)")
EXAMPLE = re.compile(r"^```.*?^```|`[^`]*`", re.DOTALL | re.MULTILINE)
"""Examples of Markdown are no links."""
PATH = re.compile(r"`((?:reelwright|workflows|activities|workers|control|starter|sandbox|tests|bench|docs)/[\w./-]*)`")
"""A file or folder of the project that a page names. One with a `<name>` or a `*` in it is none."""
GONE = re.compile(r"platform_apis|ai_providers|fact sheet", re.I)
"""Notes that the code was written from, and that are not in the repository."""


def slug(heading: str) -> str:
    """A heading's anchor, as GitHub makes it: lower case, punctuation dropped, blanks as hyphens."""
    return re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    """The anchors of a Markdown page."""
    return {slug(heading) for heading in HEADING.findall(page.read_text())}


def files() -> Iterator[Path]:
    """Every file of the project that may cite a page, but this one."""
    for name in CODE:
        yield from (path for path in sorted((ROOT / name).rglob("*.py")) if path != Path(__file__))
    yield from (ROOT / name for name in ALSO if (ROOT / name).exists())


def cited(text: str) -> Iterator[tuple[str, str]]:
    """Every page that a text cites, with the heading or ""."""
    for page, headings in CITED.findall(text):
        found = re.findall(r"#([\w-]+)", headings)
        yield from ((page, heading) for heading in found or [""])
    for before, page, other, after in QUOTED.findall(text):
        yield page or other, slug(before or after)


def missing(page: Path, heading: str) -> str:
    """What a citation lacks, or ""."""
    if not page.exists():
        return "no such file"
    if heading and heading not in anchors(page):
        return f"no heading #{heading}"
    return ""


def test_every_page_and_heading_that_code_cites_exists() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} cites {page}: {lack}"
        for path in files()
        for page, heading in cited(path.read_text())
        if (lack := missing(ROOT / page, heading))
    ]
    assert not wrong, "\n".join(wrong)


def test_the_code_cites_no_notes_from_outside_the_repository() -> None:
    assert not [str(path.relative_to(ROOT)) for path in files() if GONE.search(path.read_text())]


def test_every_link_between_pages_leads_somewhere() -> None:
    pages = [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")]
    wrong = []
    for page in pages:
        for target in LINK.findall(EXAMPLE.sub("", page.read_text())):
            if "://" in target:
                continue
            name, _, heading = target.partition("#")
            if lack := missing((page.parent / name).resolve() if name else page, heading):
                wrong.append(f"{page.relative_to(ROOT)} links {target}: {lack}")
    assert not wrong, "\n".join(wrong)


def test_every_file_that_a_page_names_exists() -> None:
    pages = [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "THIRD_PARTY.md"]
    wrong = {
        f"{page.relative_to(ROOT)} names {path}"
        for page in pages
        for path in PATH.findall(page.read_text())
        if not (ROOT / path).exists()
    }
    assert not wrong, "\n".join(sorted(wrong))


TREE = re.compile(r"^## The tree\n+```\n(.*?)^```", re.M | re.S)


def test_the_tree_of_the_architecture_has_the_folders_there_are() -> None:
    """Those of the project, and of `reelwright`: each has a line, and each line a folder."""
    [tree] = TREE.findall((ROOT / "docs/architecture.md").read_text())
    named = set(re.findall(r"^([a-z]+)/ ", tree, re.M))
    inner = set(re.findall(r"^  ([a-z]+)/ ", tree, re.M))
    packages = {path.parent.name for path in (ROOT / "reelwright").glob("*/__init__.py")}
    assert named == {*CODE, "docs"} and all((ROOT / name).is_dir() for name in named)
    assert inner == packages


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see docs/a.md.", [("docs/a.md", "")]),
        ("(docs/a/b.md#one, #two)", [("docs/a/b.md", "one"), ("docs/a/b.md", "two")]),
        ("docs/a.md#one (why),\n#two (what)", [("docs/a.md", "one"), ("docs/a.md", "two")]),
        ("docs/a.md, docs/b.md#c", [("docs/a.md", ""), ("docs/b.md", "c")]),
        ('"Once, in effect" in docs/a.md', [("docs/a.md", ""), ("docs/a.md", "once-in-effect")]),
        ('docs/a.md, "One `way`"', [("docs/a.md", ""), ("docs/a.md", "one-way")]),
    ],
)
def test_citations_are_found(text: str, found: list[tuple[str, str]]) -> None:
    assert list(cited(text)) == found
