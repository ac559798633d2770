"""HTML from outside to plain text. Nothing is run, fetched or kept of the markup."""

from __future__ import annotations

import html
import re

from lxml import etree  # type: ignore[import-untyped, unused-ignore]  # it has no stubs

from reelwright.domain.text import clean, one_line

MAX_HTML_CHARS = 2_000_000
# fmt: off
_UNHEARD = frozenset([
    "script", "style", "template", "noscript", "iframe", "object", "embed", "svg", "math", "head", "title", "nav",
    "form", "button", "select", "textarea", "figure", "figcaption", "video", "audio", "canvas",
])
_BLOCKS = frozenset([
    "p", "div", "section", "article", "main", "header", "footer", "aside", "h1", "h2", "h3", "h4", "h5", "h6", "ul",
    "ol", "li", "dl", "dt", "dd", "table", "tr", "blockquote", "pre", "hr", "address", "details", "summary", "body",
])
# fmt: on
# What feed generators put after the text.
_BOILERPLATE = re.compile(
    r"^(?:the post .{1,300} (?:appeared first on|first appeared on) .{1,200}|(?:continue reading|read more"
    r"|read the full (?:story|article)|weiterlesen|lire la suite|leer más|leggi tutto|lees meer)\b.{0,120})$",
    re.IGNORECASE,
)
_CUT_OFF = re.compile(r"\s*(?:\[\s*(?:…|\.\.\.|&#8230;)\s*\])\s*$")


def plain_text(markup: str) -> str:
    """The readable text of a piece of HTML, a blank line between paragraphs."""
    if "<" not in markup:
        return _paragraphs(html.unescape(markup))
    # libxml2 refuses NUL, and an encoding declaration in a str.
    source = f"<body>{markup[:MAX_HTML_CHARS]}</body>".replace("\0", "").encode("utf-8", "replace")
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        root = etree.fromstring(source, parser)
    except (etree.XMLSyntaxError, ValueError):
        return ""
    if root is None:
        return ""
    return _paragraphs("".join(_pieces(root)))


def _pieces(root: etree._Element) -> list[str]:
    """Texts in document order with breaks at block elements. A walk, not a recursion: depth is the sender's choice."""
    pieces: list[str] = []
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if tag in _UNHEARD:
                walk.skip_subtree()
                continue
            if tag in _BLOCKS:
                pieces.append("\n\n")
            elif tag == "br":
                pieces.append("\n")
            if element.text:
                pieces.append(re.sub(r"\s+", " ", element.text))
        else:
            if tag in _BLOCKS or tag in _UNHEARD:
                pieces.append("\n\n" if tag in _BLOCKS else " ")
            if element.tail:
                pieces.append(re.sub(r"\s+", " ", element.tail))
    return pieces


def _paragraphs(text: str) -> str:
    paragraphs = [clean(paragraph) for paragraph in re.split(r"\n\s*\n", clean(text))]
    kept = [_CUT_OFF.sub(_ellipsis, paragraph) for paragraph in paragraphs if paragraph]
    while kept and _BOILERPLATE.match(kept[-1]):
        kept.pop()
    return "\n\n".join(kept)


def _ellipsis(mark: re.Match[str]) -> str:
    """`[…]` after a whole sentence says nothing; after half of one it becomes a plain ellipsis."""
    return "" if mark.string[: mark.start()].endswith((".", "!", "?", "…")) else "…"


def plain_title(title: str) -> str:
    """A title on one line. Titles are escaped once too often as a rule rather than an exception."""
    title = html.unescape(title)
    # A single sign (`a < b`) is text; only what looks like a tag is markup.
    return one_line(plain_text(title) if re.search(r"<[/!?a-zA-Z]", title) else title)
