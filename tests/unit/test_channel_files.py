"""A channel file that is wrong is refused in one line, with file, line, key and remedy."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control.channel_files import WrongInFile, parsed
from control.channels import Change, as_toml, check_names
from control.toml_lines import TomlLines
from reelwright.domain.channels.config import CHANNEL_BYTES, NOT_ENFORCED

EXAMPLES = Path(__file__).parents[2] / "examples" / "channels"
LOOK = "[look.brand]\naccent = "


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f'name = "a"\n{LOOK}"blu"', 'line 3: look.brand.accent: "blu" is not a colour; write it as #rrggbb'),
        ('name = "a"\nlok = 1', "line 2: lok: there is no such field; did you mean `look`?"),
        ('name = "a"\n\n[look.brand]\nqqq = 1', "line 4: look.brand.qqq: there is no such field; see docs/channels.md"),
        ('name = "a"\nname = "b"', "line 2: this name is used twice; name each key and table once"),
        ('name = "a"\n[look]\n[look]', "line 3: this name is used twice; name each key and table once"),
        ('name = "a"\nlook = {fps = 30, fps = 30}', "line 2: this name is used twice"),
        ('name = "a"\n[accounts]\nx = ["a", "a"]', "line 3: accounts.x: 'a' is named twice; name each once"),
        ('name = "a"\nlanguages = ["en", "en"]', "line 2: languages: 'en' is named twice; name each once"),
        ('name = "a"\nlanguages = "en"', "line 2: languages: it is no list; write it in brackets: [...]"),
        ('name = "a"\n[voices.xx]', "line 2: voices.xx: unknown language 'xx'; choose from en"),
        ('name = "a"\n[voices]\nen.speed = 9', "line 3: voices.en.speed: Input should be less than or equal to 1.8"),
        ('name = "a"\n[accounts]\nfoo = ["a"]', "line 3: accounts.foo: unknown platform 'foo'; choose from youtube"),
        ('name = "a"\n[accounts]\nx = [\n"a",\n"b c"]', 'line 5: accounts.x: "b c" is not a name; use up to 64'),
        ('name = "a"\n[providers]\nwritin = ["a"]', 'line 3: providers.writin: "writin" is not offered; choose from'),
        ('name = "a"\n[[slots]]\ntime = "9:00"', "line 3: slots.time: '9:00' is no time of the day; write it as 18:00"),
        ('name = "a"\n[[slots]]\ntime = "09:00"\n[[slots]]\nzone = "UTC"', "line 4: slots.time: it is required"),
        ('name = "a"\n[[slots]]\ntime = "09:00"\nzone = "Mars"', "line 4: slots.zone: there is no time zone 'Mars'"),
        ('name = "a"\n[[slots]]\ntime = "09:00"\ndays = ["mo"]', 'line 4: slots.days: "mo" is not offered'),
        (
            'name = "a"\nbudget.usd_per_day = nan',
            "line 2: budget.usd_per_day: it is not a finite number; give a number",
        ),
        ('name = "a"\n[budget]\nusd_per_day = -1', "line 3: budget.usd_per_day: Input should be greater than 0"),
        ('name = "a"\n[request]\nprivacy = "secret"', 'line 3: request.privacy: "secret" is not offered; choose from'),
        ('name = "a"\n[request]\ntopic = "x"', "line 3: request.topic: there is no such field"),
        ('name = "a"\n[request.posts.x]\npublish_at = "soon"', 'request.posts.x.publish_at: "soon" is no time with a'),
        (
            'name = "a"\n[request]\nplatforms = ["x"]\n[request.posts.x]\nkind = "pictures"\n'
            'pictures = [{ file = "cat.png" }]',
            "line 6: request.posts.x.pictures.file: 'cat.png' is no address of media; give `media:` and the sha256",
        ),
        ('name = "a"\nlook = 3', "line 2: look: it has fields of its own; give them by name"),
        ('name = "a"\nmoderation = ""', 'line 2: moderation: "" is not a name'),
        ('name = "two words"', 'line 1: name: "two words" is not a name; use up to 64 letters'),
        ('languages = ["en"]', "line 1: name: it is required; give it a value"),
        ("", "line 1: name: it is required; give it a value"),
        ('name = "a"\nlook', "line 2: it is not TOML (Expected '=' after a key in a key/value pair); see"),
        ('name = "a"\ndescription = """\nopen\n\n', "line 3: it is not TOML (Unterminated string)"),
        ("a = " + "[" * 400 + "]" * 400, "kids.toml: it is nested too deeply; see docs/channels.md"),
        ("a = " + "[" * 90_000, "kids.toml: it is nested too deeply; see docs/channels.md"),
        ("#" * (CHANNEL_BYTES + 1), "kids.toml: 100,001 bytes is more than the limit of 100,000; shorten it"),
        (b"name = 'caf\xe9'", "kids.toml: not UTF-8 text (byte 11); save it as UTF-8 and try again"),
        (b"name = '\0'", "kids.toml: this is a binary file, not text"),
    ],
)
def test_what_is_wrong_is_told_by_line_and_key(text: str | bytes, said: str) -> None:
    with pytest.raises(WrongInFile) as caught:
        parsed(text if isinstance(text, bytes) else text.encode(), "kids.toml").config()
    line = str(caught.value)
    assert line.startswith("kids.toml") and said in line and "\n" not in line


def test_two_files_may_not_name_the_same_channel() -> None:
    files = [parsed(b'# a\nname = "kids"', "one.toml"), parsed(b'\n\nname = "kids"', "two.toml")]
    with pytest.raises(WrongInFile, match=r"^two\.toml, line 3: name: kids is the name of the channel in one\.toml"):
        check_names([Change(file.config(), file) for file in files])


def test_the_example_is_written_back_as_it_is_and_tells_what_is_not_enforced() -> None:
    file = parsed((EXAMPLES / "kids.toml").read_bytes(), "kids.toml")
    config = file.config()
    assert parsed(as_toml(config).encode(), "again.toml").config() == config
    assert config.not_enforced == ()
    moderated = parsed(b'name = "a"\n[providers]\nmoderation = ["openai"]', "a.toml").config()
    assert set(moderated.not_enforced) == set(NOT_ENFORCED)
    assert parsed((EXAMPLES / "family.toml").read_bytes(), "family.toml").config().not_enforced == ()


LINES = '''\
title = "x"  # [no.table]
"quoted key".'other.key'.bare = 1

[a.b]          # a table
"c d" = """
[not.a.table]
e = 1 """
f = \'\'\'
g = 2\'\'\'\'
h = [ 1, # one
  [2, "]"],
  { i = 3, j = { k = 1979-05-27 07:32:00 } },
]
[[list]]
l = 1
[list.under]
m = "\\"]#"
  [[list.inner]]
  n = true
[[list]]
l = 2
[[list.inner]]
n = -31
[ a . "b" . o ]
p.q = inf
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 1),
        (("quoted key", "other.key", "bare"), 2),
        (("a", "b"), 4),
        (("a", "b", "c d"), 5),
        (("a", "b", "f"), 8),
        (("a", "b", "h"), 10),
        (("a", "b", "h", 1), 11),
        (("a", "b", "h", 2, "j", "k"), 12),
        (("list", 0), 14),
        (("list", 0, "under", "m"), 17),
        (("list", 0, "inner", 0, "n"), 19),
        (("list", 1, "l"), 21),
        (("list", 1, "inner", 0, "n"), 23),
        (("a", "b", "o"), 24),
        (("a", "b", "o", "p", "q"), 25),
        (("a", "b", "absent", "far"), 4),
        (("nowhere",), 1),
    ],
)
def test_each_key_has_its_line(path: tuple[str | int, ...], line: int) -> None:
    assert TomlLines(LINES).of(path) == line
    assert TomlLines(LINES.replace("\n", "\r\n")).of(path) == line


def paths(value: Any, above: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    """Every way into TOML data."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {way for key, inner in pairs for way in {(*above, key), *paths(inner, (*above, key))}}


def test_the_keys_are_those_that_tomllib_finds() -> None:
    assert set(TomlLines(LINES).lines) == paths(tomllib.loads(LINES))


KEYS = st.text(st.characters(codec="utf-8", exclude_characters="\x7f", exclude_categories=["Cs", "Cc"]), max_size=6)
VALUES: Any = st.recursive(
    st.one_of(st.integers(-9, 9), st.booleans(), st.text(st.sampled_from("ab\"'\\#[]{}=\n,. "), max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, VALUES, max_size=4), st.booleans())
def test_whatever_is_written_every_key_is_found(data: dict[str, Any], multiline: bool) -> None:
    import tomli_w

    text = tomli_w.dumps(data, multiline_strings=multiline)
    assert set(TomlLines(text).lines) == paths(tomllib.loads(text))
