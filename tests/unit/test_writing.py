"""The writers that need no language model: scripts kept word for word, entries cut down, topics composed."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelwright.domain.content.request import ContentRequest, FeedItem
from reelwright.domain.content.story import Story, WriteTask
from reelwright.domain.errors import InvalidInput
from reelwright.domain.text.incoming import words
from reelwright.providers.writing.composer import NOTICE, TemplateComposer
from reelwright.providers.writing.composer_texts import TEXTS
from reelwright.providers.writing.extract import FeedWriter, summarise
from reelwright.providers.writing.finish import fit_description, fit_tags, fit_title, mood_of, tags_of
from reelwright.providers.writing.markdown import sections_of
from reelwright.providers.writing.script import ScriptWriter
from reelwright.providers.writing.sentences import SCENE_MAX_WORDS, scene_texts, split_sentences
from reelwright.providers.writing.studio import StudioWriter
from tests.depth import examples

SCRIPT = """# The **three** hearts

Octopuses have *three* hearts. Two pump blood to the [gills](https://example.org/gills "Gills").
The third serves the rest, e.g. the arms; it beats 3.5 times as "hard," says Dr. J. K. Smith… Or so.

<!-- a note to myself

## not a heading -->

## Blue & cold

> Blood is __blue__.

1. First, copper.
2. Then `haemocyanin`.

- one ![red and blue](a.png)
- two <b>bold</b> &amp; <enter> ~~gone~~

***

[Anna]: Hello!

1986. What a year that was for the snake_case of 5 * 3 octopuses.
"""
SPOKEN = """Octopuses have three hearts. Two pump blood to the gills. The third serves the rest, e.g. the arms; it beats
3.5 times as "hard," says Dr. J. K. Smith… Or so. Blood is blue. 1. First, copper. 2. Then haemocyanin. one red and
blue two bold & <enter> gone [Anna]: Hello! 1986. What a year that was for the snake_case of 5 * 3 octopuses."""

ARTICLE = """Octopuses have long puzzled biologists who study the deep sea. An octopus has three hearts: two pump blood
through the gills, and a third sends it to the rest of the body. When the animal swims, the third heart stops beating,
which explains why octopuses prefer to crawl. "Swimming exhausts them," said Dr. Maria Lopez, a marine biologist at the
University of Vigo. Their blood is blue because it carries oxygen with a protein called haemocyanin, which contains
copper. Haemocyanin works better than haemoglobin in cold water with little oxygen. Read more in our newsletter. The
study, published on Tuesday, followed 24 octopuses for 18 months in a tank of 12.5 cubic metres. Researchers measured
the beat of each heart with small sensors. The team found that the two gill hearts speed up when the water grows warm.
The team found that the two gill hearts speed up when the water is warm. Warmer seas could therefore put the animals
under stress, the authors write. Fishermen in Galicia have reported smaller catches for several years. Markets in Spain
sell about 20,000 tonnes of octopus a year. The price has doubled since 2019. The scientists hope that farms will not be
the answer, because octopuses are intelligent and solitary animals. Critics of octopus farming say that the animals
suffer in crowded tanks. A company planned to open the first farm on the Canary Islands. The regional government has yet
to decide on the permit. The next step of the research is to measure hearts in the open sea.""".replace("\n", " ")
ITEM = FeedItem(
    title="Octopus hearts beat faster in warm seas", text=ARTICLE, url="https://example.org/octopus?a=1&b=2"
)
NASTY = '"مرحبا" 🐙 \';:[]%{}\\ {topic} <b>x</b> {0} %s — why'


def task(cid: str = "demo", **request: object) -> WriteTask:
    return WriteTask(content_id=cid, request=ContentRequest.model_validate(request))


async def script_story(script: str, **more: object) -> Story:
    return await ScriptWriter().write(task(script=script, **more))


def check_limits(story: Story) -> None:
    """What every story keeps to."""
    assert 0 < len(story.title) <= 90 and not re.search("[<>\n]", story.title)
    assert len(story.description.encode()) <= 4000 and not re.search("[<>]", story.description)
    assert sum(len(tag) + 3 for tag in story.tags) < 400 and len(set(story.tags)) == len(story.tags)
    assert [scene.index for scene in story.scenes] == list(range(len(story.scenes)))
    assert all(words(scene.text) for scene in story.scenes)


# --- scripts -----------------------------------------------------------------------------------------------------


async def test_markup_goes_and_every_word_stays() -> None:
    story = await script_story(SCRIPT)
    assert story.text.split() == SPOKEN.split()
    assert story.title == "The three hearts" and story.writer == "script" and story.notice == ""
    assert [scene.heading for scene in story.scenes if scene.heading] == ["The three hearts", "Blue & cold"]
    check_limits(story)


async def test_paragraphs_become_scenes_word_for_word() -> None:
    paragraphs = [f"This is paragraph number {n}, and it says its own thing — twice." for n in range(4)]
    story = await script_story("\n\n".join(paragraphs))
    assert [scene.text for scene in story.scenes] == paragraphs
    assert story.title == "This is paragraph number 0, and it says its own thing — twice"


async def test_a_given_title_goes_before_the_heading() -> None:
    story = await script_story("# Heading\n\nSome words to say here.", title="A <title> of my own")
    assert story.title == "A ‹title› of my own" and story.scenes[0].heading == "Heading"


async def test_long_paragraphs_are_split_at_sentences_into_scenes_of_a_good_length() -> None:
    text = " ".join(
        f"Sentence number {n} tells us {'very ' * (n % 5)}plainly what happened in 19{n:02d}." for n in range(30)
    )
    story = await script_story(text)
    sizes = [len(words(scene.text)) for scene in story.scenes]
    assert story.text.split() == text.split()
    assert len(sizes) > 5 and all(12 <= size <= 45 for size in sizes)
    assert all(scene.text.endswith(".") for scene in story.scenes)


async def test_a_sentence_without_end_is_still_cut_and_loses_nothing() -> None:
    text = "word " * 200 + "and, finally, " * 20 + "done 🎉"
    story = await script_story(text)
    assert story.text.split() == text.split()
    assert max(len(words(scene.text)) for scene in story.scenes) <= SCENE_MAX_WORDS


async def test_tiny_paragraphs_join_a_neighbour() -> None:
    story = await script_story("Listen.\n\n🎉\n\nThis paragraph is long enough to be a scene.\n\nThe end.")
    assert [scene.text for scene in story.scenes] == [
        "Listen. 🎉 This paragraph is long enough to be a scene. The end."
    ]


async def test_headings_without_text_are_joined_or_spoken_but_never_lost() -> None:
    story = await script_story("# Title\n\n## Part\n\n### Detail\n\nSome words here.\n\n## The end")
    assert story.title == "Title"
    assert [(scene.heading, scene.text) for scene in story.scenes] == [
        ("Part: Detail", "Some words here. The end"),
    ]
    only = await script_story("# Only headings\n\n## in this one")
    assert only.text.split() == ["Only", "headings", "in", "this", "one"]


async def test_an_underlined_paragraph_is_no_heading() -> None:
    story = await script_story(
        "This sentence ends, and a scene break follows.\n---\nHere is the next scene, as it should."
    )
    assert [scene.heading for scene in story.scenes] == ["", ""]
    titled = await script_story("A heading\n---\nHere is the scene that it belongs to.")
    assert titled.scenes[0].heading == "A heading"


@pytest.mark.parametrize(
    "bomb", ["> ", "[", "*a ", "<script", "<!--", "`", "![](", "- ", "<b ", "_a", "|a\n|-\n", "&#", "[a]: b\n"]
)
@pytest.mark.lengthy
@pytest.mark.sample(1)
async def test_hostile_markdown_takes_no_time(bomb: str) -> None:
    times = 700 if any(c in "ab" for c in bomb) else 60_000 // len(bomb)
    begin = time.process_time()
    story = await script_story("Some words to begin with.\n\n" + bomb * times)
    assert time.process_time() - begin < 60 and story.text.startswith("Some words to begin with.")


async def test_a_script_of_nothing_but_markup_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"script: .*; write at least one sentence"):
        await script_story("<!-- two words -->")


@examples(60)
@given(
    st.lists(
        st.text(st.sampled_from("abcdeÄéñßжأ09.,!?…\"'’—%;:{}\\ \\ 🎉"), min_size=1, max_size=400),
        min_size=1,
        max_size=6,
    )
)
def test_scenes_never_change_a_word(paragraphs: list[str]) -> None:
    scenes = scene_texts([split_sentences(paragraph) for paragraph in paragraphs])
    assert " ".join(scenes).split() == " ".join(paragraphs).split()
    assert all(len(words(scene)) <= SCENE_MAX_WORDS + 5 for scene in scenes)


@examples(60)
@given(st.lists(st.text(st.sampled_from("abc de. 12? !"), min_size=3, max_size=80), min_size=1, max_size=5))
def test_plain_text_comes_through_the_markdown_reader_unchanged(paragraphs: list[str]) -> None:
    plain = ["w " + " ".join(paragraph.split()) for paragraph in paragraphs]
    found = [s for section in sections_of("\n\n".join(plain), "en") for p in section.paragraphs for s in p]
    assert " ".join(found).split() == " ".join(plain).split()


@pytest.mark.parametrize(
    ("language", "text", "count"),
    [
        ("en", "Dr. Smith met Mr. J. K. Jones at 3.5 p.m. in the U.S. Senate. He left.", 2),
        ("en", 'She said, "Stop! Now." He did… and went on. "Why?" he asked. "No idea."', 5),
        ("en", "What a day! 🎉 And so on etc. but more. (It ended.) Yes.", 4),
        ("de", "Am 3. Mai kam Frau Dr. Weiß, d. h. spät. Dann ging sie z.B. heim.", 2),
        ("fr", "Qui est M. Dupont ? Personne ne sait. « Vraiment ? » Oui.", 4),
        ("es", "¿Qué pasa? ¡Nada! Todo va bien, Sr. López.", 3),
    ],
)
def test_sentences(language: str, text: str, count: int) -> None:
    sentences = split_sentences(text, language)
    assert " ".join(sentences) == text
    assert len(sentences) == count, sentences


# --- entries -----------------------------------------------------------------------------------------------------


async def test_an_entry_is_cut_down_to_its_own_whole_sentences_in_order() -> None:
    story = await FeedWriter().write(task(item=ITEM))
    sentences = split_sentences(ARTICLE)
    chosen = split_sentences(story.text)
    assert set(chosen) <= set(sentences)
    assert [sentences.index(s) for s in chosen] == sorted(sentences.index(s) for s in chosen)
    assert 90 <= len(words(story.text)) <= 150
    assert "newsletter" not in story.text
    assert story.title == ITEM.title and ITEM.url in story.description
    assert "No language model" in story.notice and story.writer == "extract"
    check_limits(story)


def test_the_summary_has_what_the_entry_is_about_and_says_nothing_twice() -> None:
    chosen = summarise(ARTICLE, "en", title=ITEM.title)
    assert any("three hearts" in sentence for sentence in chosen)
    assert sum("gill hearts speed up" in sentence for sentence in chosen) == 1
    assert not any("permit" in sentence for sentence in chosen)


async def test_a_revision_of_an_entry_is_another_take() -> None:
    first = await FeedWriter().write(task(item=ITEM))
    again = await FeedWriter().write(task(item=ITEM))
    revised = WriteTask(content_id="demo", request=ContentRequest(item=ITEM), revision=1, previous=first)
    second = await FeedWriter().write(revised)
    assert again == first and second.text != first.text
    assert 90 <= len(words(second.text)) <= 150


async def test_a_short_entry_is_kept_whole_and_a_long_one_takes_little_time() -> None:
    short = FeedItem(title="News", text="The sea is wide. The ship is small.", url="javascript:alert(1)")
    story = await FeedWriter().write(task(item=short))
    assert story.text == short.text and "javascript" not in story.description
    sentences = split_sentences(ARTICLE)
    text = " ".join(f"In year {n} it was said: {sentences[n % len(sentences)]}" for n in range(1_500))
    begin = time.process_time()
    assert 90 <= len(words(" ".join(summarise(text, "en", title=ITEM.title)))) <= 150
    assert time.process_time() - begin < 60


@pytest.mark.lengthy
@pytest.mark.lengthy
async def test_the_credit_survives_a_huge_lead() -> None:
    item = FeedItem(title="T" * 300, text="ü" * 9_000 + " word. Another sentence here.", url=ITEM.url)
    story = await FeedWriter().write(task(item=item))
    assert ITEM.url in story.description
    check_limits(story)


async def test_an_entry_without_words_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"^feed: "):
        await FeedWriter().write(task(item=FeedItem(title="x", text=" … ")))
    with pytest.raises(InvalidInput, match=r"^feed: "):
        await StudioWriter().write(task(feed="https://example.org/feed"))


# --- topics ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "en-gb", "de", "es", "fr"])
@pytest.mark.parametrize("topic", ["Bees", "Why octopuses have three hearts", NASTY])
async def test_a_composed_narration_is_of_a_good_length_and_says_how_it_was_made(language: str, topic: str) -> None:
    marks = {
        "en": "templates, without a language model",
        "de": "Vorlagen.* ohne Sprachmodell",
        "es": "plantillas, sin un modelo de lenguaje",
        "fr": "sans modèle de langage",
    }
    for n in range(20):
        story = await TemplateComposer().write(task(f"c{n}", topic=topic, language=language))
        assert 105 <= len(words(story.text)) <= 145 and 6 <= len(story.scenes) <= 8
        assert topic.rstrip(".") in story.scenes[0].text
        assert re.search(marks[language[:2]], story.scenes[-1].text)
        assert story.notice == NOTICE and story.writer == "composer"
        assert TEXTS[language[:2]].disclosure in story.description
        check_limits(story)


async def test_a_composed_narration_varies_by_content_and_revision_and_by_nothing_else() -> None:
    write = TemplateComposer().write
    first = await write(task(topic="Bees"))
    assert await write(task(topic="Bees")) == first
    assert len({(await write(task(f"c{n}", topic="Bees"))).text for n in range(30)}) > 25
    revised = await write(
        WriteTask(content_id="demo", request=ContentRequest(topic="Bees"), revision=1, previous=first)
    )
    assert not {scene.text for scene in revised.scenes} & {scene.text for scene in first.scenes}


async def test_a_topic_keeps_its_own_closing_mark() -> None:
    asks = await TemplateComposer().write(task(topic="Why is the sea salty?"))
    assert "salty?" in asks.text and "salty?." not in asks.text
    says = await TemplateComposer().write(task(topic="The sea is salty."))
    assert "salty." in says.text and "salty.." not in says.text


async def test_a_language_without_templates_is_refused_with_the_remedy() -> None:
    with pytest.raises(InvalidInput, match=r"^topic: .*not in pl; give a script, or configure a language model$"):
        await TemplateComposer().write(task(topic="Pszczoły", language="pl"))


async def test_the_studio_chooses_by_what_it_is_given() -> None:
    studio = StudioWriter()
    assert studio.name == "script+extract+composer"
    assert (await studio.write(task(script="Some words to say."))).writer == "script"
    assert (await studio.write(task(item=ITEM))).writer == "extract"
    assert (await studio.write(task(topic="Bees"))).writer == "composer"
    fed = WriteTask(content_id="demo", request=ContentRequest(feed="https://example.org/feed"), item=ITEM)
    assert (await studio.write(fed)).writer == "extract"


# --- title, description, tags, mood ------------------------------------------------------------------------------


def test_titles_and_descriptions_are_fitted() -> None:
    assert fit_title("a" * 300) == "a" * 89 + "…"
    long = fit_title("many words " * 20)
    assert len(long) <= 90 and long.endswith(("words…", "many…"))
    assert fit_title("x <script>\nalert(1)</script>") == "x ‹script› alert(1)‹/script›"
    described = fit_description("é" * 5_000, "Source: <x>")
    assert len(described.encode()) <= 4_000 and described.endswith("\n\nSource: ‹x›")


def test_tags_are_what_the_text_is_about() -> None:
    tags = tags_of(ITEM.title, ARTICLE, "en")
    assert "octopus" in tags and any("hearts" in tag for tag in tags)
    assert not {"the", "and", "that"} & set(tags)
    assert sum(len(tag) + 3 for tag in fit_tags([f"number {n} {'x' * 20}" for n in range(50)])) < 400
    assert fit_tags(["#Octopus!", "octopus", "<b>"]) == ("octopus", "b")


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("Why is this so? A mystery that scientists explore.", "curious"),
        ("A quiet lake, a gentle breath, and sleep.", "calm"),
        ("We laugh and celebrate a happy birthday party.", "bright"),
        ("Danger! The storm is an urgent threat.", "tense"),
        ("He died alone, and we mourn the loss.", "sad"),
        ("The hero won the battle for the ancient empire.", "epic"),
        ("It was warm in the restaurant.", "curious"),
        ("Die Gefahr wächst, die Angst vor dem Angriff auch.", "tense"),
    ],
)
def test_mood_comes_from_the_words(text: str, mood: str) -> None:
    assert mood_of(text) == mood
