"""The workflow of the run: one thing made by the product's own activity, on the studio's own workers."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.content.clips import Clips, FilmScene
    from activities.content.editorial import Editorial
    from activities.content.material import ComposeMusic, DrawScene, SpeakScene, Studio, Voices
    from reelwright.domain.base import Model
    from reelwright.domain.capability import Capability
    from reelwright.domain.content.request import ContentRequest
    from reelwright.domain.content.story import Scene, Story, WriteTask
    from workflows import policies

QUEUE = "faults-providers"


def scene_of(text: str) -> Scene:
    """The one scene."""
    prompt = "The full moon above a dark calm ocean"
    return Scene(index=0, text=text, image_prompt=prompt, search=("ocean tide", "moon"))


def story_of(scene: Scene) -> Story:
    """A script of it."""
    return Story(title="Tides", description="Why they come and go.", scenes=(scene,), writer="script", mood="calm")


class Order(Model):
    """What is to be made for a content."""

    content_id: str
    capability: Capability
    channel: str
    text: str
    """Its own: Azure finds the job of a text that it has spoken in the last week, for whomever."""


class Outcome(Model):
    """Who made it, who was passed over, and what was spent on the way."""

    provider: str
    fell_back: tuple[str, ...]
    spent: float
    timing: str = ""
    clip: bool = False


@workflow.defn
class MakeOne:
    """Makes one story, narration, picture, clip or piece of music."""

    @workflow.run
    async def run(self, order: Order) -> Outcome:
        id, scene = order.content_id, scene_of(order.text)
        story = story_of(scene)
        if order.capability == "writing":
            request = ContentRequest(topic="Why the sea has tides", channel=order.channel)
            task = WriteTask(content_id=id, request=request)
            written = await workflow.execute_activity_method(
                Editorial.write_story, task, task_queue=policies.MAIN_QUEUE, **policies.WRITE
            )
            return Outcome(provider=written.writer, fell_back=written.fell_back, spent=written.spent)
        if order.capability == "speech":
            speak = SpeakScene(content_id=id, scene=scene, language="en")
            spoken = await workflow.execute_activity_method(
                Voices.speak_scene, speak, task_queue=policies.MAIN_QUEUE, **policies.MAKE
            )
            return Outcome(
                provider=spoken.provider, fell_back=spoken.fell_back, spent=spoken.spent, timing=spoken.timing
            )
        if order.capability == "music":
            compose = ComposeMusic(content_id=id, mood="calm", duration_s=9.0)
            music = await workflow.execute_activity_method(
                Studio.compose_music, compose, task_queue=policies.RENDER_QUEUE, **policies.MAKE
            )
            return Outcome(provider=music.provider, fell_back=music.fell_back, spent=music.spent)
        # Who makes clips of stills is given no card: the offline drawer is told what to draw.
        brief = "a lighthouse by the sea" if order.capability == "clips" else ""
        draw = DrawScene(content_id=id, scene=scene, story=story, brief=brief)
        picture = await workflow.execute_activity_method(
            Studio.draw_scene, draw, task_queue=policies.RENDER_QUEUE, **policies.MAKE
        )
        if order.capability == "clips":
            film = FilmScene(content_id=id, scene=scene, still=picture.booked(), seconds=3.0, story=story, shape="1:1")
            picture = await workflow.execute_activity_method(
                Clips.film_scene, film, task_queue=policies.RENDER_QUEUE, **policies.FILM
            )
        return Outcome(
            provider=picture.provider,
            fell_back=picture.fell_back,
            spent=picture.spent,
            clip=picture.clip is not None,
        )
