"""The ways in which each vendor fails, as it says so itself, and what is to come of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from reelwright.providers.speech.sound import wav_bytes
from tests.stand_ins import music
from tests.unit import model_wires, picture_vendors, voice_vendors
from tests.vendor import Reply, Request

from .vendors import Place, Way, of_wire

LIBRARIES = ("pexels", "pixabay", "openverse", "wikimedia")
PAGE = Reply("<!DOCTYPE html><title>Welcome</title><p>It works!</p>", headers={"content-type": "text/html"})
NONSENSE = Reply({"hello": "world"})
Then = Literal["next", "itself"]


@dataclass(frozen=True)
class Case:
    """One provider failing in one way. `then`: the next one makes it, or it makes it itself all the same."""

    place: Place
    way: str
    fails: Way
    then: Then = "next"

    @property
    def name(self) -> str:
        return f"{self.place[0]}/{self.place[1]}: {self.way}"


def bought(reply: Reply | Callable[[Reply], Reply]) -> Way:
    """In place of the answers that cost."""

    def way(request: Request, good: Reply) -> Any:
        if request.method not in ("POST", "PUT"):
            return good
        return reply if isinstance(reply, Reply) else reply(good)

    return way


def looked(reply: Reply | Callable[[Reply], Reply]) -> Way:
    """In place of every answer of a library, which are free."""

    def way(request: Request, good: Reply) -> Any:
        return reply if isinstance(reply, Reply) else reply(good)

    return way


def file_of(data: bytes) -> Way:
    """In place of the file that is fetched at the end."""

    def way(request: Request, good: Reply) -> Any:
        is_file = any(part in request.path for part in ("/files/", "/out/", "/tracks/1"))
        return Reply(data, headers=good.headers) if is_file else good

    return way


def cut_off(good: Reply) -> Reply:
    """Announced whole, and sent by half."""
    return Reply(good.data[: len(good.data) // 2], good.status, good.headers, len(good.data) - len(good.data) // 2)


def error(status: int, body: Any) -> Reply:
    return Reply(body, status)


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _writing()
    yield from _speech()
    yield from _images()
    yield from _libraries()
    yield from _clips()
    yield from _music()


def _usual(place: Place) -> Iterator[Case]:
    """Nonsense, a gatekeeper's page, and a stream that is cut off, which everybody has. Azure's voices have begun their
    job all the same, but for the page: the next try finds it."""
    then: Then = "itself" if place == ("speech", "azure") else "next"
    yield Case(place, "a 200 with nonsense in it", bought(NONSENSE), then)
    yield Case(place, "a web page in place of an answer", bought(PAGE))
    yield Case(place, "a stream cut off", bought(cut_off), then)


def _writing() -> Iterator[Case]:
    for name, wire in model_wires.WIRES.items():
        place: Place = ("writing", name)
        wrong_key = (400, "API_KEY_INVALID") if name == "gemini" else (401, "invalid_api_key")
        refusals = {
            "a wrong key": wire.failure(*wrong_key),
            "an unknown model": wire.failure(404, "model_not_found"),
            "spent credit": wire.failure(429, wire.billing[0])
            if wire.billing
            else wire.failure(402, "payment_required"),
        }
        for way, reply in refusals.items():
            yield Case(place, way, bought(of_wire(reply)))
        yield from _usual(place)
        broken = wire.good({"title": "A story", "scenes": "none"})
        yield Case(place, "a JSON that breaks the schema twice", bought(of_wire(broken)))
        yield Case(place, "an answer without words", bought(of_wire(wire.said(""))))
        yield Case(place, "it declines", bought(of_wire(wire.refused("I will not write about this."))))


def _speech() -> Iterator[Case]:
    names = {"key": "a wrong key", "model": "an unknown model", "voice": "an unknown voice", "credit": "spent credit"}
    for name in ("elevenlabs", "azure", "gemini", "openai"):
        place: Place = ("speech", name)
        for kind, (reply, _) in voice_vendors.refusals(name).items():
            if kind in names:
                yield Case(place, names[kind], bought(reply))
        yield from _usual(place)
        nothing = b"" if name == "gemini" else wav_bytes(np.zeros(0))
        yield Case(place, "audio of zero length", _spoken(name, voice_vendors.Sounding(file=nothing)))
        silent = voice_vendors.Sounding(sound=lambda text: voice_vendors.spoken(text)[0] * 0)
        yield Case(place, "silence", _spoken(name, silent))
    for name in ("elevenlabs", "azure"):
        yield Case(("speech", name), "alignment that does not cover the text", _marked(name), then="itself")


def _marked(name: str) -> Way:
    return _spoken(name, voice_vendors.Sounding(words=lambda text: voice_vendors.spoken(text)[1][:1]))


def _spoken(name: str, sounding: voice_vendors.Sounding) -> Way:
    """A voice that says something else; Azure's in the result of its job."""
    other = voice_vendors.answer_of(name, sounding)

    def way(request: Request, good: Reply) -> Any:
        if name != "azure":
            return other(request) if request.method == "POST" else good
        if request.method == "PUT":
            other(request)
        return other(request) if request.path.startswith("/results/") else good

    return way


def _images() -> Iterator[Case]:
    names = {"key": "a wrong key", "model": "an unknown model", "credit": "spent credit", "policy": "it declines"}
    files = {
        "not an image": b"This is not a picture.",
        "an image of the wrong size": picture_vendors.picture(1_536, 320),
        "an image that is too small": picture_vendors.picture(128, 128),
        "a blank image": picture_vendors.blank(),
    }
    for name in picture_vendors.VENDORS:
        place: Place = ("images", name)
        for kind, (reply, _) in picture_vendors.refusals(name).items():
            if kind in names:
                yield Case(place, names[kind], bought(reply))
        yield from _usual(place)
        for way, data in files.items():
            painter = picture_vendors.Painter(name, data)
            yield Case(place, way, lambda request, good, painter=painter: painter(request))  # type: ignore[misc]


def _libraries() -> Iterator[Case]:
    wrong_keys = {
        "pexels": error(401, {"status": 401, "code": "Unauthorized"}),
        "pixabay": Reply("[ERROR 400] Invalid or missing API key", 400, {"content-type": "text/plain"}),
    }
    for name in LIBRARIES:
        for capability in ("images", "clips") if name != "openverse" else ("images",):
            place: Place = (capability, name)  # type: ignore[assignment]
            if name in wrong_keys:
                yield Case(place, "a wrong key", looked(wrong_keys[name]))
            yield Case(place, "a 200 with nonsense in it", looked(PAGE))
            yield Case(place, "a stream cut off", looked(cut_off))
            yield Case(place, "a file that is none", file_of(b"This is nothing to be seen."))


def _clips() -> Iterator[Case]:
    for name in ("runway", "luma"):
        place: Place = ("clips", name)
        yield Case(place, "a wrong key", bought(error(401, {"error": "The key is not valid."})))
        yield Case(place, "an unknown model", bought(error(404, {"error": "There is no such model."})))
        yield Case(place, "spent credit", bought(error(402, {"error": "You have no credits left."})))
        yield from _usual(place)
        yield Case(place, "a file that is none", file_of(b"This is no clip."))
        yield Case(place, "a job that fails", _failing_job(name))


def _failing_job(name: str) -> Way:
    told = (
        {"status": "FAILED", "failureCode": "INTERNAL.BAD_OUTPUT", "failure": "No.", "cost": {"credits": 0}}
        if name == "runway"
        else {"state": "failed", "failure_code": "internal", "failure_reason": "No."}
    )

    def way(request: Request, good: Reply) -> Any:
        if request.method != "GET" or good.status != 200 or "/out/" in request.path:
            return good
        return Reply({"id": request.path.rpartition("/")[2], **told})

    return way


def _music() -> Iterator[Case]:
    def detail(status: int, code: str) -> Reply:
        return error(status, {"detail": {"status": code, "message": "no"}})

    place: Place = ("music", "elevenlabs")
    yield Case(place, "a wrong key", bought(detail(401, "invalid_api_key")))
    yield Case(place, "an unknown model", bought(detail(400, "model_not_found")))
    yield Case(place, "spent credit", bought(detail(401, "quota_exceeded")))
    yield from _usual(place)
    sound = {"content-type": "audio/mpeg"}
    yield Case(place, "audio of zero length", bought(Reply(b"", headers=sound)))
    yield Case(place, "silence", bought(Reply(music.mp3(3.0, level=0.0), headers=sound)))
    place = ("music", "mubert")
    yield Case(place, "a wrong key", bought(error(401, {"message": "Unauthenticated."})))
    yield Case(place, "spent credit", bought(error(403, {"code": "LicenseForbidden", "message": "It is used up."})))
    yield from _usual(place)
    yield Case(place, "audio of zero length", file_of(b""))
    yield Case(place, "silence", file_of(music.mp3(3.0, level=0.0)))
