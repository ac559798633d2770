"""A channel's list of pronunciations, which goes before all rules."""

from __future__ import annotations

import pytest

from activities.content.material import SpeakScene
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.story import Scene
from reelwright.domain.errors import InvalidInput
from reelwright.domain.text.spoken.pronunciation import ENTRIES, spread
from reelwright.domain.text.spoken.reading import read_aloud
from starter.inputs import Asked, request_of


def test_a_list_of_pronunciations_goes_before_the_rules() -> None:
    own = {
        "Nguyen": "win",
        "SQL": "sequel",
        "NASA": "NASA",
        "Los Angeles": "loss an jeh less",
        "5G": "five gee",
        "gif": "jif",
    }
    assert read_aloud("Nguyen's SQL, NASA and GIF: 5G in Los Angeles.", "en", own).text == (
        "win's sequel, NASA and jif: five gee in loss an jeh less."
    )
    assert read_aloud("nguyen wins", "en", own).text == "nguyen wins", "a name is found as it is written"
    assert read_aloud("他是行长。", "zh", {"行长": "航掌"}).text == "他是航掌。"
    assert read_aloud("SQL", "en", {"SQL": "the sequel", "sequel": "see quell"}).text == "the see quell"
    assert spread(["a", "b", "c"], 2) == ["a b", "c"] and spread(["a"], 3) == ["", "a", ""]


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"SQL": "sequel", "sequel": "SQL"}, "SQL → sequel → SQL leads back to itself; write one of them as it sounds"),
        ({"a": "b", "b": "the c", "c": "an a"}, "a → b → c → a leads back to itself"),
        ({"a": "so a"}, "a → a leads back to itself"),
        ({"a": "!"}, "nothing is said for 'a'"),
        ({"!": "a"}, "'!' is not a word"),
        ({"a b c d e": "a"}, "is not a word; give 1 to 4 words"),
        ({"a": "b" * 201}, "'a' is said in more than 200 characters; shorten it"),
        ({f"w{n}": f"w{n + 1} w{n + 1}" for n in range(150)} | {"w150": "end"}, "with other words of the list put in"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused(given: dict[str, str], line: str) -> None:
    with pytest.raises(ValueError, match="pronunciations") as caught:
        ContentRequest(topic="Why cats purr", pronunciations=given)
    assert line in str(caught.value)
    with pytest.raises(InvalidInput) as late:
        read_aloud("a", "en", given)
    assert late.value.field == "pronunciations"


def test_from_the_command_line() -> None:
    _, request = request_of(Asked(topic="Why cats purr", say=["Nguyen=win", "SQL = see quell"]))
    assert request.pronunciations == {"Nguyen": "win", "SQL": "see quell"}
    for bad in (["Nguyen"], ["=win"], ["a=b", "a=c"]):
        with pytest.raises(InvalidInput) as caught:
            request_of(Asked(topic="Why cats purr", say=bad))
        assert caught.value.field == "say" and "--say Nguyen=win" in caught.value.remedy
    with pytest.raises(InvalidInput) as caught:
        request_of(Asked(topic="Why cats purr", say=["SQL=sequel", "sequel=SQL"]))
    assert caught.value.field == "pronunciations" and "\n" not in str(caught.value)
    assert "write one of them as it sounds" in str(caught.value) + caught.value.remedy


def test_requests_without_a_list_keep_their_digest() -> None:
    assert "pronunciations" not in ContentRequest(topic="Why cats purr").model_dump_json()
    job = SpeakScene(content_id="c", scene=Scene(index=0, text="Hello"), language="en")
    assert "pronunciations" not in job.model_dump_json()
    with pytest.raises(ValueError, match=f"201 words is more than {ENTRIES}"):
        ContentRequest(topic="Why cats purr", pronunciations={f"w{n}": "a" for n in range(201)})
