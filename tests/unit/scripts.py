"""Sentences in many scripts, and plans that say them."""

from reelwright.domain.content.story import WordTiming
from reelwright.domain.content.style import RenderStyle
from reelwright.domain.content.video import RenderPlan
from reelwright.openmoji import drawing_of
from reelwright.render.picture.yuv import Planes
from reelwright.render.text import fonts
from reelwright.render.text.bitmaps import Style

from .test_render_timeline import plan_of

SAMPLES = {
    "en": "Octopuses have three hearts, and their blood is blue.",
    "uk": "Восьминоги мають три серця, їхня кров блакитна.",
    "el": "Τα χταπόδια έχουν τρεις καρδιές και γαλάζιο αίμα.",
    "ar": "للأخطبوط ثلاثة قلوب، وأعلنت NASA عام 2024 (مرة) أنّ دمه أزرق!",
    "he": "לתמנון יש שלושה לבבות, ודמו כחול משנת 2024 (בערך).",
    "hi": "ऑक्टोपस के तीन हृदय होते हैं, और उसका रक्त नीला होता है।",
    "th": "ปลาหมึกมีหัวใจสามดวงเพราะเลือดของมันเป็นสีน้ำเงินและที่นี่ก็มีเรื่องรู้จักอยู่",
    "zh": "章鱼有三颗心脏，因为它的血液是蓝色的，直到骨头。",
    "ja": "タコには心臓が三つあり、「血液」は青い色をしています。",
    "ko": "문어는 심장이 세 개이고 피는 파란색입니다.",
    "emoji": "Party 🎉 with 👨‍👩‍👧‍👦 and 🐙 in 🇩🇪 ❤️ here ✨",
}
TEXT = Style(60, fonts.BOLD)
DRAWS_EMOJI = drawing_of("🐙") is not None
if not DRAWS_EMOJI:
    del SAMPLES["emoji"]


def plan_for(text: str, *, pace: float = 0.45, language: str = "en", **style: object) -> RenderPlan:
    tokens = text.split()
    pace = pace if len(tokens) > 2 else 5.0 / len(tokens)
    words = tuple(WordTiming(text=t, start=i * pace, end=(i + 0.9) * pace) for i, t in enumerate(tokens))
    plan = plan_of([len(tokens) * pace + 0.4], [words])
    story = plan.material.story.model_copy(update={"language": language})
    material = plan.material.model_copy(update={"story": story})
    return plan.model_copy(update={"material": material, "style": RenderStyle.model_validate(style)})


def grey(width: int, height: int, luma: int = 90) -> Planes:
    planes = Planes.empty(width, height)
    for plane, level in zip(planes, (luma, 128, 128), strict=True):
        plane[:] = level
    return planes
