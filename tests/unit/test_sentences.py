"""Sentence ends, summaries and titles in every language on offer."""
# ruff: noqa: E501  (a sentence and its parts stand on one line)

from __future__ import annotations

import time

import pytest

from reelwright.domain.content.request import ContentRequest, FeedItem
from reelwright.domain.content.story import WriteTask
from reelwright.domain.formats import LANGUAGES
from reelwright.domain.text.incoming import words
from reelwright.providers.writing.extract import FeedWriter, summarise
from reelwright.providers.writing.finish import tags_of, title_from
from reelwright.providers.writing.script import ScriptWriter
from reelwright.providers.writing.sentences import (
    SCENE_MAX_WORDS,
    SCENE_WORDS,
    breakable,
    joined,
    length_in_words,
    scene_texts,
    split_sentences,
)
from tests.unit.languages import SENTENCES

CHINESE = "港口在第{n}天开门了。一艘名叫海星号的大船来到这里，人们都很高兴。孩子们跑到岸边看水手们搬鱼。"


def spaced(language: str) -> str:
    return "" if language in ("zh", "ja") else " "


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_is_cut_at_its_own_sentence_ends(language: str) -> None:
    text = spaced(language).join(SENTENCES[language])
    found = split_sentences(text, language)
    assert found == list(SENTENCES[language])
    assert joined(found) == text, "cut and joined again it is the same text"


@pytest.mark.sample(15)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.lengthy
async def test_a_long_entry_is_told_in_90_to_150_words_in_each_language(language: str) -> None:
    text = spaced(language).join(
        spaced(language).join(f"{n} {sentence}" for sentence in SENTENCES[language]) for n in range(60)
    )
    assert len(words(text)) > 900
    story = await FeedWriter().write(
        WriteTask(content_id="long", request=ContentRequest(item=FeedItem(title="T", text=text), language=language))
    )
    assert 90 <= len(words(story.text)) <= 150
    assert all(len(words(scene.text)) <= SCENE_MAX_WORDS for scene in story.scenes)
    assert len(story.description) < 400, "the description is one sentence, not the text"


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("zh", "今天很好。你好吗?我很好!走吧", ["今天很好。", "你好吗?", "我很好!", "走吧"]),
        ("zh", "“走吧。”他说。“好！”", ["“走吧。”", "他说。", "“好！”"]),
        ("ja", "「行こう。」と彼は言った。（本当に！）次の日。", ["「行こう。」と彼は言った。", "（本当に！）", "次の日。"]),
        ("zh", "请看https://example.com/a?b=1。好。", ["请看https://example.com/a?b=1。", "好。"]),
        ("hi", "यह घर है।वह गया॥", ["यह घर है।", "वह गया॥"]),
        ("ur", "یہ گھر ہے۔“ وہ گیا۔", ["یہ گھر ہے۔“", "وہ گیا۔"]),
        ("en", "He left at 5 p.m. The rest stayed, etc. She sang.", ["He left at 5 p.m.", "The rest stayed, etc.", "She sang."]),
        ("en", "It is the U.S. market. World War II. The end.", ["It is the U.S. market.", "World War II.", "The end."]),
        ("de", "Er rief: „Halt.“ Dann kam Ludwig XIV. Der König lachte.", ["Er rief: „Halt.“", "Dann kam Ludwig XIV.", "Der König lachte."]),
        ("fr", "« Qui boit ! » Et vous ? Oui… Non.", ["« Qui boit ! »", "Et vous ?", "Oui…", "Non."]),
        ("el", "Έρχεσαι\u037e Ναι.", ["Έρχεσαι;", "Ναι."]),
    ],
)  # fmt: skip
def test_marks_closers_and_what_is_no_end(language: str, text: str, wanted: list[str]) -> None:
    assert split_sentences(text, language) == wanted


def test_chinese_without_a_mark_is_cut_between_phrases_and_loses_nothing() -> None:
    text = (
        "今天我们来介绍一个新网站https://example.com/docs里面写着iPhone15的历史和鱼市场的价格看完以后请告诉朋友们" * 6
    )
    pieces = breakable(text)
    assert joined(pieces) == text
    assert len(pieces) > 2 and all(len(words(piece)) <= SCENE_MAX_WORDS for piece in pieces)
    assert sum(piece.count("https://example.com/docs") for piece in pieces) == 6, "an address is never cut"
    assert sum(piece.count("iPhone15") for piece in pieces) == 6, "nor is a word of another script"


@pytest.mark.parametrize("language", ["en", "de", "hi", "zh", "ja", "th"])
async def test_a_scene_of_600_words_is_split_at_sentences(language: str) -> None:
    sentences = [sentence for sentence in SENTENCES[language] if sentence[-1] not in ".:" or len(words(sentence)) > 3]
    text, count = "", 0
    while count < 600:
        text += (spaced(language) if text else "") + spaced(language).join(sentences)
        count = len(words(text))
    story = await ScriptWriter().write(
        WriteTask(content_id="t", request=ContentRequest(script=text, language=language))
    )
    assert spaced(language).join(scene.text for scene in story.scenes) == text
    assert all(length_in_words(scene.text) <= SCENE_WORDS for scene in story.scenes), "about 12 s at most"
    ends = {sentence[-6:] for sentence in split_sentences(text, language)}
    assert all(scene.text[-6:] in ends for scene in story.scenes), "cut behind sentences only"


def test_a_space_is_a_clause_where_words_have_none() -> None:
    lines = "今天我们去看海港 \u4e00早起来的人很多 船已经准备好了 孩子们都很高兴 风从东边吹来 海鸥在天上飞 "
    pieces = breakable((lines * 4).strip())
    assert len(pieces) > 3 and " ".join(pieces) == (lines * 4).strip()
    assert all(piece.split()[-1] in lines for piece in pieces)


@pytest.mark.parametrize(
    ("script", "scenes", "notice"),
    [
        ("The boats leave at four.\n\n---\n\n---\n\nThen the sun rises over the sea.", 2, "Not spoken: 1 empty scene."),
        ("The boats leave at four.\n\n---\n\n![](a.jpg)\n\n---\n\n![](b.jpg)\n\n---\n\nThe sun rises over the sea.", 2,
         "Not spoken: 2 pictures without a word."),
        ("The boats leave at four.\n\n---\n\n🎉 🎉\n\n---\n\nThen the sun rises over the sea.", 2,
         "A scene without words goes with the one before it."),
        ("The boats leave at four.\n\n---\n\n# Noon\n\nThen the sun rises over the sea.", 2, ""),
    ],
)  # fmt: skip
async def test_a_scene_without_words_is_told(script: str, scenes: int, notice: str) -> None:
    story = await ScriptWriter().write(WriteTask(content_id="t", request=ContentRequest(script=script)))
    assert (len(story.scenes), story.notice) == (scenes, notice)


def test_scenes_keep_the_spaces_there_are_and_add_none() -> None:
    text = CHINESE.format(n=1) * 6
    scenes = scene_texts([split_sentences(text, "zh")])
    assert "".join(scenes) == text and len(scenes) > 1


def test_a_chinese_feed_is_shortened() -> None:
    text = "".join(CHINESE.format(n=n) for n in range(30))
    told = joined(summarise(text, "zh", title="港口的新闻"))
    assert 90 <= len(words(told)) <= 150
    assert told.count("海星号") == 1, "what is said again and again is told once"


async def test_titles_of_scripts_without_spaces_are_a_clause() -> None:
    chinese = "今天我们来介绍一个关于海港历史的新网站，里面写着鱼市场的价格和每天早上来到这里的渔船的名字，看完以后请告诉朋友们。"
    assert title_from(chinese, "zh") == "今天我们来介绍一个关于海港历史的新网站…"
    for language in ("zh", "ja", "th"):
        text = spaced(language).join(SENTENCES[language])
        assert title_from(text, language) == SENTENCES[language][0].rstrip("。") or language == "th"
    endless = "今天我们来介绍一个关于海港历史的新网站里面写着鱼市场的价格和每天早上来到这里的渔船" * 4
    story = await ScriptWriter().write(WriteTask(content_id="t", request=ContentRequest(script=endless, language="zh")))
    assert 10 < len(story.title) <= 40 and endless.startswith(story.title.rstrip("…"))


HINDI = "भारत में २०२६ तक ₹१,००,००० करोड़ का निवेश होगा। यह 25% ज़्यादा है। क्या आप YouTube पर वीडियो बनाते हैं? हमें ज़रूर बताइए।"
THAI = "ท่าเรือเก่าเปิดทุกวันตั้งแต่เช้าจนถึงค่ำ ราคาเริ่มต้นที่ 1,500 บาทต่อกล่อง ถ้าคุณชอบอาหารทะเลต้องลองมาที่นี่สักครั้ง"


def test_tags_are_whole_words_or_none() -> None:
    hindi = tags_of("", HINDI, "hi")
    assert {"भारत", "निवेश", "करोड़", "youtube"} <= set(hindi)
    assert {word for tag in hindi for word in tag.split()} <= set(
        HINDI.lower().replace("।", " ").replace("?", " ").split()
    )
    assert not {"में", "का", "है"} & set(hindi), "function words say nothing"
    assert tags_of("", THAI, "th") == ()
    assert tags_of("港口的新闻", CHINESE, "zh") == ()
    assert "youtube" in tags_of("", "我们在YouTube上看YouTube视频。", "zh")
    assert {"月曜日", "魚市場", "ニュース"} <= set(
        tags_of("", "古い港が月曜日に新しい魚市場のニュースを出した。", "ja")
    )
    persian = tags_of("", "قایق‌ها می‌فروشند قایق‌ها", "fa")
    assert "قایق‌ها" in persian, "a joiner is part of its word"


def test_addresses_soft_hyphens_and_names_are_no_tags() -> None:
    tags = tags_of(
        "",
        "Der Donau\u00addampf\u00adschiff\u200bfahrts\u00adverein: https://example.org/hafen?x=1 oder www.harbour.example, "
        "info@mail.example.org, shop.example.com und @harbour_news.",
        "de",
    )
    assert "donaudampfschifffahrtsverein" in tags
    assert not {"example", "https", "org", "www", "com", "hafen", "info", "mail", "shop", "harbour"} & {
        word for tag in tags for word in tag.split()
    }


def test_words_are_counted_in_mixed_writing() -> None:
    assert words("请打开https://example.com/docs这个文档") == ["请打", "开", "https://example.com/docs", "这个", "文档"]
    assert len(words("ท่าเรือเก่า")) == 4
    assert words("Hello 世界!") == ["Hello", "世界"]


def test_a_title_names_a_long_address_by_its_host() -> None:
    path = "a/very/long/path/" * 12
    assert title_from(f"https://example.com/{path}?q=1 is the address to visit today.", "en") == (
        "example.com/… is the address to visit today"
    )
    assert title_from("See https://example.com/docs today.", "en") == "See https://example.com/docs today"


@pytest.mark.parametrize(
    "hostile", ["。」" * 16_000, "…" * 33_000, "中?" * 12_000, "ก" * 33_000, "中a" * 25_000, "「" * 33_000]
)
@pytest.mark.lengthy
@pytest.mark.sample(2)
def test_hostile_texts_are_cut_soon(hostile: str) -> None:
    begin = time.process_time()
    scene_texts([split_sentences(hostile, "zh")])
    title_from(hostile, "zh")
    tags_of("", hostile, "ja")
    assert time.process_time() - begin < 60
