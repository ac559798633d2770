"""What stands in a script besides its words: front matter, footnotes, code, formulas, tasks and tags."""

from __future__ import annotations

import pytest

from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.story import Story, WriteTask
from reelwright.domain.errors import InvalidInput
from reelwright.providers.writing.script import ScriptWriter

BODY = "The harbour opened its new market in spring. Boats now come in every morning."


async def written(script: str) -> Story:
    return await ScriptWriter().write(WriteTask(content_id="s", request=ContentRequest(script=script)))


@pytest.mark.parametrize(
    ("matter", "title"),
    [
        ("---\ntitle: Harbour prices\ndate: 2026-03-04\ntags: [port, fish]\n---\n", "Harbour prices"),
        ('\ufeff---\r\ntitle: "Prices: \\"new\\""\r\n---\r\n', 'Prices: "new"'),
        ("---\ntitle: 'It''s open'\ntags:\n  - port\n  - fish\n...\n", "It's open"),
        ("---\n# a comment\ntitle: Open # today\ndescription: >\n  Two lines\n  of text\n---\n", "Open"),
        ("---\nlayout: post\n---\n", "The harbour opened its new market in spring"),
        ("---\nTitle: Open\nDate: 2026\n---\n", "Open"),
        ('+++\ntitle = "Open"\ndate = 2026-03-04\n[extra]\nx = 1\n+++\n', "Open"),
        ("+++\nbroken toml\n+++\n", "The harbour opened its new market in spring"),
        ('{"title": "Open", "draft": false}\n', "Open"),
    ],
)
async def test_front_matter_is_not_spoken_and_may_give_the_title(matter: str, title: str) -> None:
    story = await written(f"{matter}\n{BODY}")
    assert (story.text, story.title) == (BODY, title)
    assert story.description == BODY and story.notice == ""


async def test_the_case_seen() -> None:
    story = await written(
        "---\ntitle: Harbour prices\ndate: 2026-03-04\ntags: [port, fish]\n---\n\n# Harbour prices\n\n" + BODY
    )
    assert (story.title, story.text, story.description) == ("Harbour prices", BODY, BODY)


@pytest.mark.parametrize(
    "script",
    [
        "---\n\nAnna: Hello there!\n\nBob: Good morning.\n\n---\n\n" + BODY,
        "---\nAnna: Hello there!\nBob: Good morning.\n---\n" + BODY,
        "---\nThis is no front matter.\n---\n" + BODY,
        "{curly} words begin this text. " + BODY,
        '{"a": 1}',
    ],
)
async def test_what_only_looks_like_front_matter_is_spoken(script: str) -> None:
    story = await written(script)
    spoken = [word for word in script.split() if word != "---"]
    assert story.text.split() == spoken


async def test_footnotes_are_not_spoken() -> None:
    story = await written(
        "The harbour opened in spring.[^1] Boats come in.[^note] And more^[said quietly] follow.[^gone]\n\n"
        "[^1]: https://harbour.example.org/history\n[^note]: Every morning.\n    And evening.\n"
    )
    assert story.text == "The harbour opened in spring. Boats come in. And more follow."
    assert story.notice == "Not spoken: 3 footnotes."


async def test_code_and_formulas_are_left_out_with_a_note() -> None:
    story = await written(
        f"{BODY}\n\n```python\nfor boat in boats:\n    sell(boat)\n```\n\nUse `sell` and $E = mc$ and it costs $5 or $10.\n\n"
        "~~~\nx\n~~~\n\n$$\n\\frac{a}{b}\n$$\n"
    )
    assert story.text == f"{BODY}\n\nUse sell and E = mc and it costs $5 or $10."
    assert story.notice == "Not spoken: 2 code blocks, 1 formula."
    with pytest.raises(InvalidInput, match="nothing to say"):
        await written("```\ntwo words\n```")
    unclosed = await written("Some words here.\n\n```\nand these are not closed")
    assert "and these are not closed" in unclosed.text, "no word of a plain text is lost"


async def test_tasks_shortcodes_and_tags() -> None:
    story = await written(
        "- [ ] Buy some fresh fish\n- [x] Sell the old boat :tada:\n\nAt 12:30:45 we met. <iframe src='https://x.example/y'></iframe>"
        "<svg><path d='M0'/></svg>Why <canvas> beats <svg> for maps.<!-- no --> A \\*star\\* &amp; <div align=\"left\">more</div>."
    )
    assert story.text == (
        "Buy some fresh fish Sell the old boat 🎉\n\nAt 12:30:45 we met. Why <canvas> beats <svg> for maps. A *star* & more."
    )


async def test_definitions_images_and_tables() -> None:
    story = await written(
        "See [the page][1] and ![a red boat](b.png) here.\n\n| Fish | Price |\n|---|---|\n| Cod | 5 |\n\n[1]: https://example.org/x\n"
    )
    assert " ".join(story.text.split()) == "See the page and a red boat here. Fish Price Cod 5"


# ruff: noqa: E501
