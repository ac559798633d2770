"""What a request inherits from its channel, and a channel from the one it extends."""

from __future__ import annotations

import json
from typing import Any

import pytest

from control.channels import differences
from reelwright.domain.assets import AssetRef
from reelwright.domain.channels.config import ChannelConfig
from reelwright.domain.channels.in_force import InForce, Inheriting, in_force
from reelwright.domain.channels.inheritance import ChannelRefused, check_change, effective, lineage
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.style import RenderStyle
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform
from reelwright.domain.ids import sha256_of

LOGO = AssetRef(key="ab/x.png", sha256="ab" * 32, size=9, media_type="image/png").model_dump()
SCRIPT = "ANNA: The first scene is here."


def channel(name: str = "kids", **fields: Any) -> ChannelConfig:
    return ChannelConfig.model_validate({"name": name, **fields})


def asked(given: dict[str, Any]) -> ContentRequest:
    return ContentRequest.model_validate(
        {"channel": "kids", **({} if "script" in given else {"topic": "Tides"}), **given}
    )


def resolved(given: dict[str, Any], *line: ChannelConfig) -> ContentRequest:
    """As a content gets it: the request travels as it was set, what it inherits as it is recorded."""
    request = ContentRequest.model_validate_json(json.dumps(asked(given).model_dump(mode="json", exclude_unset=True)))
    asking = Inheriting.model_validate_json(Inheriting.of("c", request).model_dump_json())
    found = in_force(asking, list(enumerate(line, 1)))
    return InForce.model_validate_json(found.model_dump_json()).applied_to(request)


def at(request: ContentRequest, path: str) -> Any:
    """A field of the request as JSON, with its defaults; None where there is none."""
    value: Any = {name: getattr(request, name) for name in type(request).model_fields}
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else getattr(value, name, None)
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else value


FULL = {
    "look": {
        "fps": 25, "preset": "high", "fonts": ["Noto Sans"],
        "brand": {"accent": "#112233", "intro": "Hello", "logo": LOGO}, "captions": {"style": "pop"},
    },
    "languages": ["de", "en"],
    "voices": {"de": {"voice": "anna", "speed": 0.9}, "en": {"voice": "joe"}},
    "cast": {"ANNA": {"pitch": 2}, "BEN": {"pitch": -2}},
    "pronunciations": {"Nguyen": "win", "Kraken": "krahken"},
    "accounts": {"youtube": ["kids-yt"], "x": ["kids-x"]},
    "request": {
        "formats": ["1:1"], "privacy": "unlisted", "priority": 1, "made_for_kids": True, "auto_approve": True,
        "posts": {"x": {"link": "https://kids.example/"}, "tiktok": {"caption": "c"}},
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("given", "path", "value"),
    [
        # what is not set comes from the channel
        ({}, "style.fps", 25),
        ({}, "style.brand.logo", LOGO),
        ({}, "style.captions.style", "pop"),
        ({}, "style.fonts", ("Noto Sans",)),
        ({"style": {"fonts": []}}, "style.fonts", ()),
        ({}, "style.transition", "crossfade"),
        ({}, "language", "de"),
        ({}, "voice", {"voice": "anna", "speed": 0.9, "pitch": 0.0}),
        ({}, "voices", {}),
        ({"script": SCRIPT}, "voices.ANNA.pitch", 2.0),
        ({}, "pronunciations", {"Nguyen": "win", "Kraken": "krahken"}),
        ({}, "platforms", ("youtube", "x")),
        ({}, "posts.youtube.account", "kids-yt"),
        ({}, "posts.x.account", "kids-x"),
        ({}, "posts.x.link", "https://kids.example/"),
        ({}, "posts.tiktok", None),
        ({}, "account", "default"),
        ({}, "privacy", "unlisted"),
        ({}, "made_for_kids", True),
        ({}, "auto_approve", True),
        ({"feed": "https://feed.example/", "topic": None}, "language", "de"),
        ({"feed": "https://feed.example/", "topic": None}, "language_open", False),
        # what the request sets wins, also where it is the field's own default
        ({"privacy": "public"}, "privacy", "public"),
        ({"made_for_kids": False, "auto_approve": False}, "made_for_kids", False),
        ({"auto_approve": False}, "auto_approve", False),
        ({"style": {"preset": "draft"}}, "style.preset", "draft"),
        ({"style": {"preset": "draft"}}, "style.fps", 25),
        ({"style": {"brand": {"intro": ""}}}, "style.brand.intro", ""),
        ({"style": {"brand": {"intro": ""}}}, "style.brand.accent", "#112233"),
        ({"style": {"brand": {"logo": None}}}, "style.brand.logo", None),
        ({"language": "en"}, "language", "en"),
        ({"language": "en"}, "voice.voice", "joe"),
        ({"language": "fr"}, "voice.voice", ""),
        ({"voice": {"voice": "other"}}, "voice", {"voice": "other", "speed": 0.9, "pitch": 0.0}),
        ({"script": SCRIPT, "voices": {"ANNA": {"pitch": 5}}}, "voices.ANNA.pitch", 5.0),
        ({"script": SCRIPT, "voices": {"ANNA": {"pitch": 5}}}, "voices.BEN.pitch", -2.0),
        ({"pronunciations": {"Nguyen": "noo yen"}}, "pronunciations.Nguyen", "noo yen"),
        ({"pronunciations": {"Nguyen": "noo yen"}}, "pronunciations.Kraken", "krahken"),
        ({"platforms": ["tiktok"]}, "platforms", ("tiktok",)),
        ({"platforms": ["tiktok"]}, "posts.tiktok.caption", "c"),
        ({"platforms": ["tiktok"]}, "posts.youtube", None),
        ({"platforms": []}, "platforms", ()),
        ({"account": "other"}, "posts.youtube", None),
        ({"account": "other"}, "account", "other"),
        ({"platforms": ["x"], "posts": {"x": {"account": "mine"}}}, "posts.x.account", "mine"),
        ({"platforms": ["x"], "posts": {"x": {"account": "mine"}}}, "posts.x.link", "https://kids.example/"),
        ({"platforms": ["x"], "posts": {"x": {"accounts": ["a", "b"]}}}, "posts.x.accounts", ("a", "b")),
        ({"platforms": ["x"], "posts": {"x": {"accounts": ["a", "b"]}}}, "posts.x.account", None),
        ({"formats": ["16:9"]}, "formats", ("16:9",)),
    ],
)  # fmt: skip
def test_a_field_the_request_sets_wins_and_the_rest_is_the_channels(given: Any, path: str, value: Any) -> None:
    request = resolved(given, channel(**FULL))
    found = at(request, path)
    assert (tuple(str(getattr(one, "value", one)) for one in found) if isinstance(found, tuple) else found) == value


@pytest.mark.parametrize(
    ("given", "accounts"),
    [
        ({}, ("one", "two")),
        ({"account": "mine"}, ("mine",)),
        ({"posts": {"x": {"account": "mine"}}}, ("mine",)),
        ({"posts": {"x": {"accounts": ["mine", "two"]}}}, ("mine", "two")),
        ({"posts": {"x": {"link": "https://a.example/"}}}, ("one", "two")),
    ],
)
def test_several_accounts_are_the_channels_unless_the_request_names_some(given: Any, accounts: Any) -> None:
    request = resolved({"platforms": ["x"], **given}, channel(accounts={"x": ["one", "two"]}))
    assert request.accounts_on(Platform.X) == accounts


def test_without_a_version_the_request_is_as_it_was() -> None:
    request = asked({"style": {"fps": 24}})
    found = in_force(Inheriting.of("c", request), [])
    assert (found.version, found.inherited) == (0, {}) and found.applied_to(request) is request


def test_the_same_line_inherits_the_same_however_the_request_has_travelled() -> None:
    """A run that continues another has the request with all its fields, and what is on record."""
    request = asked({"privacy": "public"})
    found = in_force(Inheriting.of("c", request), [(3, channel(**FULL))])
    whole = ContentRequest.model_validate_json(request.model_dump_json())
    assert found.applied_to(whole) == found.applied_to(request)
    assert found.label == "kids, version 3"


def test_what_is_set_travels_though_it_is_the_default() -> None:
    request = asked({"allow_template": False, "pronunciations": {}})
    sent = request.model_dump(mode="json", exclude_unset=True)
    assert sent == {"topic": "Tides", "channel": "kids", "allow_template": False, "pronunciations": {}}
    assert sha256_of(ContentRequest.model_validate(sent)) == sha256_of(asked({}))


def test_what_does_not_go_together_is_told_with_the_channels_version() -> None:
    german = "Die erste Szene ist hier."
    with pytest.raises(InvalidInput, match=r"de is the language that is spoken .*channel kids, version 1") as caught:
        resolved({"script": SCRIPT, "translations": {"de": german}}, channel(languages=["de"]))
    assert "\n" not in str(caught.value)


def test_a_channel_has_what_its_parents_set_and_it_does_not() -> None:
    base = channel("base", description="b", languages=["en"], accounts={"x": ["one"]}, look={"brand": {"intro": "I"}})
    mid = channel("mid", extends="base", voices={"en": {"speed": 0.8}}, accounts={"youtube": ["two"]})
    kids = channel(extends="mid", languages=["de", "en"], look={"brand": {"outro": "O"}}, accounts={"x": ["three"]})
    configs = {config.name: config for config in (base, mid, kids)}
    whole = effective(lineage("kids", configs))
    assert whole.as_data() == {
        "name": "kids", "extends": "mid", "languages": ["de", "en"], "voices": {"en": {"speed": 0.8}},
        "accounts": {"x": ["three"], "youtube": ["two"]}, "look": {"brand": {"intro": "I", "outro": "O"}},
    }  # fmt: skip
    found = in_force(Inheriting.of("c", asked({})), [(5, kids), (2, mid), (7, base)])
    assert (found.version, found.parents) == (5, {"mid": 2, "base": 7})


@pytest.mark.parametrize(
    ("there", "changed", "name", "said"),
    [
        ([], [channel("a", extends="a")], "a", "extends: a cycle: a → a"),
        ([channel("a", extends="b"), channel("b")], [channel("b", extends="a")], "b", "extends: a cycle: b → a → b"),
        ([], [channel("a", extends="b"), channel("b", extends="a")], "a", "extends: a cycle: a → b → a"),
        ([], [channel("a", extends="none")], "a", "extends: there is no channel 'none', which a extends; apply it"),
        ([channel(f"c{n}", extends=f"c{n - 1}" if n else None) for n in range(8)], [channel("a", extends="c7")], "a",
         "extends: a has more than 8 channels in its line"),
        ([], [channel("a", voices={"de": {}})], "a", "voices.de: de is not among the languages; add it to"),
        ([channel("b", languages=["de"]), channel("a", extends="b", voices={"de": {}})], [channel("b")], "b",
         "extends: a, which extends this channel, would be refused (voices.de: de is not among"),
        ([], [channel("a", cast={"Anna": {}, "ANNA": {}})], "a", "cast: two speakers differ in capitals only"),
        ([], [channel("a", request={"platforms": ["x"], "posts": {"tiktok": {}}})], "a", "request.posts.tiktok:"),
        ([channel(f"c{n}", extends=f"c{n - 1}" if n else None) for n in range(8)] + [channel("d")],
         [channel("c0", extends="d")], "c0", "extends: c7 has more than 8 channels in its line"),
    ],
)  # fmt: skip
def test_what_channels_may_not_be_together_is_refused(
    there: list[ChannelConfig], changed: list[ChannelConfig], name: str, said: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_change({one.name: one for one in there}, {one.name: one for one in changed})
    assert str(caught.value).startswith(said)
    assert isinstance(caught.value, ChannelRefused) and caught.value.name == name


def test_a_difference_is_told_field_by_field() -> None:
    before = channel(look={"brand": {"accent": "#111111"}}, pronunciations={"St. Ives": "saint ives"})
    after = channel(look={"brand": {"accent": "#222222"}, "fps": 25})
    assert [(one.field, one.before, one.after) for one in differences(before, after)] == [
        ("look.brand.accent", "#111111", "#222222"),
        ("look.fps", None, 25),
        ('pronunciations."St. Ives"', "saint ives", None),
    ]


def test_a_finished_video_inherits_where_it_is_posted_and_nothing_of_how_videos_are_made() -> None:
    given = {"channel": "kids", "video": {"9:16": "media:" + "0" * 64}, "title": "Tides"}
    request = ContentRequest.model_validate(given)
    inherited = in_force(Inheriting.of("c", request), [(1, channel(**FULL))]).applied_to(request)
    assert inherited.style == RenderStyle() and not inherited.voice.voice and not inherited.pronunciations
    assert (inherited.posts[Platform.YOUTUBE].account, inherited.privacy) == ("kids-yt", "unlisted")
