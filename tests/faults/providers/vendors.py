"""All vendors on one server on loopback, each under a path of its own, as they answer on the wire; what each has
charged for; and the ways in which they are told to fail."""

from __future__ import annotations

import itertools
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from reelwright.domain.channels.config import Capability
from tests.faults.languages.stories import draft
from tests.stand_ins import clips, libraries, music
from tests.stand_ins.server import Answer, Asked, Server
from tests.unit import model_wires, picture_vendors, voice_vendors
from tests.vendor import Reply, Request, Vendor

from .tariff import CREDITS_S, charge_of, fields_of, refund_of

Place = tuple[Capability, str]
"""Capability and provider."""
Way = Callable[[Request, Reply], Any]
"""What is answered in place of a good reply."""
Handler = Callable[[Request], Reply]

PREFIXES: Mapping[str, str] = {
    "anthropic": "anthropic",
    "openai": "openai",
    "mistral": "mistral",
    "azure-writing": "azure",
    "azure-speech": "azure",
    "gemini-writing": "gemini",
    "gemini": "gemini",
    "compatible": "compatible",
    "elevenlabs": "elevenlabs",
    "stability": "stability",
    "pexels": "pexels",
    "pixabay": "pixabay",
    "openverse": "openverse",
    "wikimedia": "wikimedia",
    "runway": "runway",
    "luma": "luma",
    "mubert": "mubert",
}
"""The first part of an address, and whose it is."""
SUBJECT = ("ocean", "tide", "beach", "moon", "sea")
CHAINS: tuple[Place, ...] = (
    *(("writing", name) for name in ("anthropic", "openai", "mistral", "gemini", "azure", "compatible")),
    *(("speech", name) for name in ("elevenlabs", "azure", "gemini", "openai")),
    *(("images", name) for name in ("openai", "stability", "gemini", "pexels", "pixabay", "openverse", "wikimedia")),
    *(("clips", name) for name in ("runway", "luma", "pexels", "pixabay", "wikimedia")),
    *(("music", name) for name in ("elevenlabs", "mubert")),
)  # type: ignore[assignment]


class Vendors:
    """`movie` makes the file of all clips, when one is asked for; stories have so many `scenes`. `ways` says who fails
    how; `charged` is what each has been paid by its own reckoning, in US dollars, and `calls` how often it was asked
    for something that costs."""

    def __init__(self, movie: Callable[[], bytes], scenes: int = 6) -> None:
        self.ways: dict[Place, Way] = {}
        self.charged: defaultdict[Place, float] = defaultdict(float)
        self.calls: Counter[Place] = Counter()
        self._jobs: dict[tuple[Place, str], float] = {}
        self._lock = threading.Lock()
        self.server = Vendor(self._answer)
        self._handlers = _handlers(self.server.url, movie, scenes)

    @property
    def url(self) -> str:
        return self.server.url

    def close(self) -> None:
        self.server.close()

    def _answer(self, request: Request) -> Any:
        prefix, _, rest = request.target.removeprefix("/").partition("/")
        place = place_of(prefix, request)
        told = Request(request.method, f"/{rest}", request.headers, request.body)
        good = self._handlers[place[0], prefix](told)
        way = self.ways.get(place)
        reply = way(told, good) if way else good
        if usd := charge_of(place, told, reply):
            with self._lock:
                self.charged[place] += usd
                self.calls[place] += 1
                if place[0] == "clips":
                    self._jobs[place, str(fields_of(good)["id"])] = usd
        elif (job := (place, told.path.rpartition("/")[2])) in self._jobs:
            with self._lock:
                refund = refund_of(self._jobs[job], reply)
                self._jobs[job] -= refund
                self.charged[place] -= refund
        return reply


def place_of(prefix: str, request: Request) -> Place:
    """Which capability of whom is asked: some vendors have several under one address."""
    vendor, path = PREFIXES[prefix], request.path
    if prefix in ("anthropic", "mistral", "azure-writing", "gemini-writing", "compatible"):
        return "writing", vendor
    if prefix == "openai":
        return ("images" if "/images" in path else "speech" if "/audio" in path else "writing"), vendor
    if prefix == "gemini":
        return ("images" if "image" in path else "speech"), vendor
    if prefix == "elevenlabs":
        return ("music" if path.endswith("/v1/music") else "speech"), vendor
    if prefix == "azure-speech":
        return "speech", vendor
    if prefix == "mubert":
        return "music", vendor
    if prefix in ("runway", "luma"):
        return "clips", vendor
    if prefix in ("pexels", "pixabay", "wikimedia") and _of_clips(prefix, request):
        return "clips", vendor
    return "images", vendor


def _of_clips(prefix: str, request: Request) -> bool:
    if "/files/" in request.path:
        return int(request.path.split("/files/")[1].split("/")[0]) >= FIRST_CLIP
    if prefix == "wikimedia":
        asked = request.query.get("pageids", "")
        return "filetype:video" in request.query.get("gsrsearch", "") or (
            asked.isdecimal() and int(asked) >= FIRST_CLIP
        )
    return "video" in request.path


FIRST_CLIP = 500
"""From this number on works are clips."""


@cache
def _works(movie: Callable[[], bytes]) -> list[libraries.Work]:
    """What every library has; made when the first one is asked."""
    title, clip = " ".join(SUBJECT), movie()
    photos = [libraries.Work(number, libraries.photo(number), title=title, tags=SUBJECT) for number in range(1, 9)]
    found = [
        libraries.Work(FIRST_CLIP + n, clip, title=title, tags=SUBJECT, seconds=4, width=1_080, height=1_080)
        for n in range(4)
    ]
    return [*photos, *found]


def _library(name: str, url: str, movie: Callable[[], bytes]) -> Handler:
    twin = libraries.Twin(name)
    twin.server = Server(twin.answer, f"{url}/{name}")

    def answer(asked: Asked) -> Answer:
        twin.works = _works(movie)
        return twin.answer(asked)

    return _of_twin(answer)


def _maker(name: str, url: str, movie: Callable[[], bytes]) -> Handler:
    twin = clips.ClipTwin(name, b"", credits_s=CREDITS_S)
    twin.server = Server(twin.answer, f"{url}/{name}")
    twin.done()

    def answer(asked: Asked) -> Answer:
        twin.data = movie()
        return twin.answer(asked)

    return _of_twin(answer)


def _handlers(url: str, movie: Callable[[], bytes], scenes: int) -> dict[tuple[Capability, str], Handler]:
    """By capability and the first part of the address."""
    numbers = itertools.count(100)
    sounding = voice_vendors.Sounding()
    jobs = voice_vendors.Jobs(sounding)
    jobs.url = f"{url}/azure-speech"
    made: dict[tuple[Capability, str], Handler] = {
        ("writing", prefix): _writing(name, scenes, numbers)
        for prefix, name in PREFIXES.items()
        if prefix in ("anthropic", "openai", "mistral", "azure-writing", "gemini-writing", "compatible")
    }
    made |= {
        ("speech", "elevenlabs"): sounding.elevenlabs,
        ("speech", "openai"): sounding.openai,
        ("speech", "gemini"): sounding.gemini,
        ("speech", "azure-speech"): jobs,
    }
    made |= {("images", name): picture_vendors.Painter(name) for name in ("openai", "stability", "gemini")}
    for name in ("pexels", "pixabay", "openverse", "wikimedia"):
        made["images", name] = made["clips", name] = _library(name, url, movie)
    for name in ("runway", "luma"):
        made["clips", name] = _maker(name, url, movie)
    track = music.mp3(12.0)
    for name in ("elevenlabs", "mubert"):
        composer = music.MusicTwin(name, track, states=[])
        composer.server = Server(composer.answer, f"{url}/{name}")
        made["music", name] = _of_twin(composer.answer)
    return made


def _writing(name: str, scenes: int, numbers: Iterator[int]) -> Handler:
    """Each story has a number of its own in every scene: Azure finds the job of a text that it has spoken before."""
    wire, story = model_wires.WIRES[name], draft("en")

    def answer(request: Request) -> Reply:
        if request.method == "GET":
            return Reply({"object": "list", "data": []})
        number = next(numbers)
        told = [{**scene, "text": f"{scene['text']} So it was {number} times."} for scene in story["scenes"][:scenes]]
        return of_wire(wire.good({**story, "scenes": told}))

    return answer


def of_wire(reply: model_wires.Reply) -> Reply:
    """A reply of the model wires as one of this server."""
    return Reply(reply.body, reply.status, dict(reply.headers))


def of_answer(answer: Answer) -> Reply:
    """A reply of the stand-ins as one of this server."""
    lacks = 0 if answer.announced is None else max(0, answer.announced - len(answer.body))
    return Reply(answer.body, answer.status, {name.lower(): value for name, value in answer.headers.items()}, lacks)


def _of_twin(answer: Callable[[Asked], Answer]) -> Handler:
    def handle(request: Request) -> Reply:
        return of_answer(answer(request))

    return handle


@contextmanager
def all_vendors(movie: Callable[[], bytes], scenes: int = 6) -> Iterator[Vendors]:
    """The server, until the end of the block."""
    vendors = Vendors(movie, scenes)
    try:
        yield vendors
    finally:
        vendors.close()
