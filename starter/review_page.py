"""Writes what a reviewer looks at as one page, `index.html`: no script, nothing from a network, all outside text
escaped."""

from __future__ import annotations

import base64
import hashlib
import os
import sys
import webbrowser
from pathlib import Path

from jinja2 import Environment, FileSystemBytecodeCache, PackageLoader, StrictUndefined

from control.review_show import ReviewPage

PAGE = "index.html"


def write_page(page: ReviewPage, folder: Path) -> Path:
    """Writes the page beside its files, in one step; returns where it is."""
    target = folder / PAGE
    temporary = folder / f"{PAGE}.part"
    try:
        temporary.write_text(html_of(page), encoding="utf-8")
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return target


def html_of(page: ReviewPage) -> str:
    """The page. Its own content security policy admits its own style, and files beside it, and nothing else."""
    pages = Environment(
        loader=PackageLoader("starter", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        bytecode_cache=_compiled(),
    )
    style = (Path(__file__).parent / "pages" / "review.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    # `file:` because the page is opened as a file: what `'self'` is there differs from browser to browser.
    beside = "'self' file: data:"
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src {beside}; media-src {beside}; "
        "base-uri 'none'; form-action 'none'"
    )
    return pages.get_template("review.html").render(page=page, style=style, policy=policy)


def _compiled() -> FileSystemBytecodeCache | None:
    """Where compiled templates are kept: compiling takes a tenth of the command. The folder is the user's alone, in the
    system's folder for temporary files; None where there can be none."""
    try:
        return FileSystemBytecodeCache()
    except (OSError, RuntimeError):
        return None


def open_page(path: Path) -> bool:
    """Opens it in a browser of this machine; False where there is no screen to open one on."""
    screen = sys.platform in ("darwin", "win32") or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    return screen and webbrowser.open(path.resolve().as_uri())
