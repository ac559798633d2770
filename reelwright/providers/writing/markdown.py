"""Markdown (CommonMark, by markdown-it-py) to what is spoken: headings and paragraphs of plain words.

Plain text is Markdown too, almost: where CommonMark would swallow words of a plain script (a reference definition, an
unknown tag, a paragraph underlined by a scene break), the words are kept.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from emoji import emojize
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin

from reelwright.domain.text.incoming import one_line, words
from reelwright.domain.text.marks import CLOSERS, ENDS

from .front_matter import parted
from .sentences import split_sentences

_UNSPOKEN_ELEMENT = re.compile(
    r"<(script|style)\b[^>]{0,200}>.*?(?:</\1\s*>|\Z)|<(svg|iframe|object|noscript|template)\b[^>]{0,500}>.{0,20000}?</\2\s*>"
    r"|<!doctype[^>]{0,200}>|<\?[a-z][^>]{0,200}\?>",
    re.DOTALL | re.IGNORECASE,
)
# Written about as often as written: a tag only with attributes or with its closing tag.
_SELDOM = "article|aside|audio|button|canvas|embed|footer|form|header|iframe|input|label|main|nav|object|path|svg|g"
_SELDOM_TAG = re.compile(rf"</?({_SELDOM})((?:\s[^<>]*)?)/?>", re.IGNORECASE)
_CLOSING = re.compile(rf"</({_SELDOM})\s*>", re.IGNORECASE)
_FOOTNOTE_MARK = re.compile(r"\[\^[\w.-]{1,30}\]")
_SHORTCODE = re.compile(r"(?<![\w:/]):[a-z][a-z0-9_+-]{1,40}:(?![\w:/])")
_TASK = re.compile(r"^\[[ xX]\] ")
_LEFT_OUT = {"fence": "code block", "math_block": "formula", "math_block_label": "formula"}
# Only elements people write in Markdown; anything else in angle brackets is taken for words.
_TAG = re.compile(
    r"</?(?:a|abbr|b|big|blockquote|br|center|cite|code|dd|del|details|div|dl|dt|em|figcaption|figure|font|h[1-6]|hr|i"
    r"|img|ins|kbd|li|mark|ol|p|picture|pre|q|s|section|small|source|span|strike|strong|sub|summary|sup|table|tbody"
    r"|td|th|thead|tr|tt|u|ul|var|video)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_URL_LIKE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//|/|#|\.{1,2}/|www\.|[^\s/]+\.[a-z]{2,})", re.IGNORECASE)
_SENTENCE_END = re.compile(f"[{re.escape(ENDS)}][{re.escape(CLOSERS)}]*$")
SETEXT_MAX_WORDS = 12
"""An underlined paragraph longer than this is a paragraph above a scene break, not a heading."""


@dataclass
class Section:
    """A heading (empty before the first) and its paragraphs, each a list of sentences or list items."""

    heading: str = ""
    level: int = 0
    paragraphs: list[list[str]] = field(default_factory=list)


@dataclass(frozen=True)
class Script:
    """A parsed script: its sections in order, the title of its front matter or nothing, and the parts that are not
    spoken, by kind (`code block`) with their number."""

    sections: list[Section]
    title: str
    left_out: dict[str, int]


def sections_of(script: str, language: str) -> list[Section]:
    """The sections of a script in order, see `read_script`."""
    return read_script(script, language).sections


def read_script(script: str, language: str) -> Script:
    """A script's sections. A thematic break begins a section without a heading.

    Numbers of ordered lists are words and stay; bullets are not and go; images leave their alternative text. Front
    matter, code blocks, formulas and footnotes are not spoken.
    """
    matter = parted(script)
    text = _UNSPOKEN_ELEMENT.sub("", _without_comments(matter.text))
    sections = [Section()]
    numbers: list[str] = []
    left_out: Counter[str] = Counter()
    begins = False
    lines = text.split("\n")
    tokens = _parse(text)
    for index, token in enumerate(tokens):
        current = sections[-1]
        after_break = bool(index) and tokens[index - 1].type == "hr"
        if token.type == "footnote_block_open":
            left_out["footnote"] = sum(1 for note in tokens[index:] if note.type == "footnote_open")
            break  # the notes stand behind everything else
        if token.type == "heading_open":
            heading = _inline_text(tokens[index + 1])
            if token.markup in ("=", "-") and _is_prose(tokens[index + 1], heading):
                current.paragraphs.append(split_sentences(heading, language))
                sections.append(Section())
            else:
                sections.append(Section(heading, int(token.tag[1])))
        elif token.type == "hr":
            if after_break and not current.paragraphs:
                left_out["empty scene"] += 1
            sections.append(Section())
        elif token.type == "inline" and _is_bare_picture(token):
            left_out["picture without a word"] += 1
        elif token.type in ("bullet_list_open", "ordered_list_open", "table_open"):
            begins = True
        elif token.type == "list_item_open" and token.info:
            numbers.append(f"{token.info}{token.markup} ")
        elif token.type == "inline" and tokens[index - 1].type != "heading_open":
            words_of_it = ("".join(numbers) + _TASK.sub("", _inline_text(token))).strip()
            _add(current, words_of_it, language, joins=_in_list(tokens[index - 1]) and not begins)
            numbers.clear()
            begins = False
        elif token.type == "fence" and not _is_closed(token, lines):
            _add(current, " ".join(token.content.split()), language, joins=False)
        elif token.type in _LEFT_OUT:
            left_out[_LEFT_OUT[token.type]] += 1
    kept = [section for section in sections if section.heading or section.paragraphs]
    return Script(kept, one_line(matter.title), dict(left_out))


def _is_bare_picture(inline: Token) -> bool:
    """Whether a paragraph is nothing but pictures without a description."""
    children = [child for child in inline.children or () if child.type not in ("softbreak", "hardbreak")]
    return bool(children) and all(child.type == "image" and not child.content.strip() for child in children)


def _is_closed(fence: Token, lines: list[str]) -> bool:
    """Whether a code block ends before the script does; one that does not may be a plain text's own signs."""
    begin, end = fence.map or [0, 0]
    return end - begin > 1 and lines[end - 1].strip(" >").startswith(fence.markup)


def _without_comments(script: str) -> str:
    """An HTML comment that is never closed is none, and its words stay."""
    kept: list[str] = []
    at = 0
    while (begin := script.find("<!--", at)) >= 0 and (end := script.find("-->", begin + 4)) >= 0:
        kept.append(script[at:begin])
        at = end + 3
    return "".join([*kept, script[at:]])


def _parse(script: str) -> list[Token]:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("code")
    parser.use(footnote_plugin).use(dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True)
    env: dict[str, dict[str, dict[str, str]]] = {}
    tokens = parser.parse(script, env)
    # "[Anna]: Hello!" is a reference definition to CommonMark, and would vanish.
    if any(not _URL_LIKE.match(reference.get("href", "")) for reference in env.get("references", {}).values()):
        tokens = parser.disable("reference").parse(script, {})
    return tokens


def _is_prose(inline: Token, text: str) -> bool:
    return "\n" in inline.content or bool(_SENTENCE_END.search(text)) or len(words(text)) > SETEXT_MAX_WORDS


def _in_list(before: Token) -> bool:
    """Whether a text is an item of a tight list or a cell of a table: it belongs to the block around it."""
    return before.hidden or before.type in ("td_open", "th_open")


def _add(section: Section, text: str, language: str, *, joins: bool) -> None:
    if not text:
        return
    sentences = split_sentences(text, language)
    if joins and section.paragraphs:
        section.paragraphs[-1].extend(sentences)
    else:
        section.paragraphs.append(sentences)


def _inline_text(token: Token) -> str:
    """The words of inline markup on one line."""
    text = "".join(_pieces(token.children or ()))
    return " ".join(text.split())


def _pieces(children: Iterable[Token]) -> Iterable[str]:
    plain = ""
    for child in children:
        if child.type in ("text", "text_special"):
            plain += child.content
            continue
        # Text is gathered before tags are looked for, since an entity or an escape splits it.
        yield _without_tags(plain)
        plain = ""
        if child.type in ("softbreak", "hardbreak"):
            yield " "
        elif child.type == "image":
            yield "".join(_pieces(child.children or ()))
        elif child.type == "code_inline":
            yield child.content
        elif child.type.startswith("math_inline"):
            yield "" if "\\" in child.content else child.content
    yield _without_tags(plain)


def _without_tags(plain: str) -> str:
    """Without HTML tags, marks of footnotes that are missing, and with emoji for their names (`:tada:`)."""
    if "<" in plain:
        plain = _TAG.sub(" " if "<br" in plain.lower() else "", plain)
        closed = {name.lower() for name in _CLOSING.findall(plain)}
        plain = _SELDOM_TAG.sub(lambda tag: "" if "=" in tag[2] or tag[1].lower() in closed else tag[0], plain)
    if "[^" in plain:
        plain = _FOOTNOTE_MARK.sub("", plain)
    return _SHORTCODE.sub(lambda found: emojize(found[0], language="alias"), plain) if ":" in plain else plain
