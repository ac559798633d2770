"""HTML from outside to plain text. Nothing is run, fetched or kept of the markup."""

from __future__ import annotations

import html
import re

from lxml import etree  # type: ignore[import-untyped, unused-ignore]  # it has no stubs

from reelwright.domain.text.incoming import clean, one_line, words

from .markup import BLOCKS, UNHEARD, looks_like_markup, only_tags

MAX_HTML_CHARS = 400_000
"""Of an entry's markup this much is read: twenty times the text that is kept."""
# What feed generators put after the text.
_BOILERPLATE = re.compile(
    r"^(?:the post .{1,300} (?:appeared first on|first appeared on) .{1,200}|(?:continue reading|read more"
    r"|read the full (?:story|article)|weiterlesen|lire la suite|leer más|leggi tutto|lees meer"
    r"|support (?:us|the show|this (?:show|podcast))|follow (?:us|me)|become a (?:patron|member|supporter))\b"
    r".{0,200})$",
    re.IGNORECASE,
)
_CUT_OFF = re.compile(r"\s*(?:\[\s*(?:…|\.\.\.|&#8230;)\s*\])\s*$")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_CODE = re.compile(r"\b(?:code|highlight|language-|lang-|prettyprint|sourceCode|brush:)", re.IGNORECASE)
# The chapters in a podcast's notes: "00:00 Intro", "(01:30) The market", "[1:02:03] - Ferries".
_TIME = r"[\[(]?(?P<h>\d{1,2}:)?(?P<m>\d{1,3}):(?P<s>[0-5]\d)(?:[.,]\d{1,3})?[\])]?"
_CHAPTER = re.compile(
    rf"^(?:[-–—•*·▶►]\s*)?{_TIME}(?!\w)(?:\s*(?:[-–—→]|to)\s*{_TIME.replace('?P<', '?P<to_')})?[\s:–—-]*"
)
_LATER_CHAPTER = re.compile(rf"(?<!\S){_TIME}(?!\S)")
_MOST_ESCAPES = 3
_CHAPTER_WORDS = 14
_LEAST_CHAPTERS = 2


def plain_text(markup: str) -> str:
    """The readable text of a piece of HTML, a blank line between paragraphs. What is no HTML is kept as it is."""
    markup = markup[:MAX_HTML_CHARS]
    if not looks_like_markup(markup):
        text = _unescaped(markup)
        if text == markup or not looks_like_markup(text):
            return paragraphs(text)
        markup = text  # escaped once too often
    # libxml2 refuses NUL, and an encoding declaration in a str.
    source = f"<body>{only_tags(markup)}</body>".replace("\0", "").encode("utf-8", "replace")
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        root = etree.fromstring(source, parser)
    except (etree.XMLSyntaxError, ValueError):
        return ""
    if root is None:
        return ""
    return paragraphs("".join(_pieces(root)))


def _pieces(root: etree._Element) -> list[str]:
    """Texts in document order with breaks at block elements. A walk, not a recursion: depth is the sender's choice."""
    pieces: list[str] = []
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if _is_unheard(tag, element):
                walk.skip_subtree()
                continue
            if tag in BLOCKS:
                pieces.append(" " if tag in ("td", "th") else "\n\n")
            elif tag in ("br", "hr"):
                pieces.append("\n" if tag == "br" else "\n\n")
            if element.text:
                pieces.append(re.sub(r"\s+", " ", element.text))
        else:
            if tag in BLOCKS or tag in UNHEARD:
                pieces.append(" " if tag in UNHEARD or tag in ("td", "th") else "\n\n")
            if element.tail:
                pieces.append(re.sub(r"\s+", " ", element.tail))
    return pieces


def _is_unheard(tag: str, element: etree._Element) -> bool:
    """What is not read out: scripts, navigation, hidden elements, program code, the numbers of footnotes."""
    if tag in UNHEARD or "hidden" in element.attrib or _HIDDEN.search(element.get("style") or ""):
        return True
    if tag == "pre":
        return bool(_CODE.search(element.get("class") or "")) or element.find(".//code") is not None
    if tag == "sup":
        return any((link.get("href") or "").startswith("#") for link in element.iter("a"))
    return False


def paragraphs(text: str) -> str:
    """Plain text, a blank line between paragraphs, without time marks and what feed generators put behind it."""
    found = [clean(paragraph) for paragraph in re.split(r"\n\s*\n", clean(text))]
    kept = [_CUT_OFF.sub(_ellipsis, paragraph) for paragraph in without_chapters(found) if paragraph]
    while kept and _BOILERPLATE.match(kept[-1]):
        kept.pop()
    return "\n\n".join(kept)


def _ellipsis(mark: re.Match[str]) -> str:
    """`[…]` after a complete sentence is removed; after half of one it becomes a plain ellipsis."""
    return "" if mark.string[: mark.start()].endswith((".", "!", "?", "…")) else "…"


def without_chapters(paragraphs: list[str]) -> list[str]:
    """Paragraphs without the time marks of show notes: short lines that begin with times, each later than the last, or
    a paragraph of several. A single time in a text (`12:05, the ferry left`) stays."""
    lines = [line for paragraph in paragraphs for line in paragraph.split("\n")]
    marks = [(line, _seconds(mark)) for line in lines if (mark := _CHAPTER.match(line)) and _is_short(line)]
    times = [seconds for _, seconds in marks]
    chapters = {line for line, _ in marks} if len(marks) >= _LEAST_CHAPTERS and times == sorted(times) else set()
    kept = ["\n".join(line for line in paragraph.split("\n") if line not in chapters) for paragraph in paragraphs]
    return [paragraph for paragraph in kept if not _is_run_of_chapters(paragraph)]


def _is_run_of_chapters(paragraph: str) -> bool:
    marks = list(_LATER_CHAPTER.finditer(paragraph))
    if len(marks) <= _LEAST_CHAPTERS or marks[0].start() > 20:
        return False
    times = [_seconds(mark) for mark in marks]
    return times == sorted(times) and len(words(paragraph)) <= _CHAPTER_WORDS * len(marks)


def _is_short(line: str) -> bool:
    return len(words(line)) <= _CHAPTER_WORDS


def _seconds(mark: re.Match[str]) -> int:
    return int((mark["h"] or "0").rstrip(":")) * 3600 + int(mark["m"]) * 60 + int(mark["s"])


def plain_title(title: str) -> str:
    """A title on one line. Titles are escaped once too often as a rule rather than an exception, and are about markup
    now and then."""
    text = title if looks_like_markup(title) else _unescaped(title)
    return one_line(plain_text(text) if looks_like_markup(text) else text)


def _unescaped(text: str) -> str:
    """Without entities, however often they were escaped; escaped markup is left for the parser."""
    for _ in range(_MOST_ESCAPES):
        plain = html.unescape(text)
        if plain == text or looks_like_markup(plain):
            return plain
        text = plain
    return text
