"""Which colours a picture is made of: chosen sets by time of day, tuned by weather, mood and the scene's number."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from reelwright.domain.content.story import Mood

from .color import Color, mix, rgb, shift
from .reading import Setting, Time, Weather


@dataclass(frozen=True)
class Palette:
    """`sky` runs from the top to the horizon; `far` to `near` colour the land by distance; `sun` is the light.

    `ambient` multiplies the local colours of things, `glow` is what lamps and windows shine with.
    """

    sky: tuple[Color, ...]
    sun: Color
    haze: Color
    far: Color
    near: Color
    cloud: Color
    cloud_shade: Color
    ambient: Color
    glow: Color

    def changed(self, *, hue: float = 0.0, chroma: float = 1.0, light: float = 0.0) -> Palette:
        """The same harmony, turned, paled or darkened as a whole. Lamps keep their warmth."""

        def one(color: Color) -> Color:
            return shift(color, hue=hue, chroma=chroma, light=light)

        return replace(
            self,
            sky=tuple(one(c) for c in self.sky),
            haze=one(self.haze),
            far=one(self.far),
            near=one(self.near),
            cloud=one(self.cloud),
            cloud_shade=one(self.cloud_shade),
        )

    def towards(self, color: Color | str, amount: float) -> Palette:
        """The whole palette mixed towards one colour, as mist or a storm does."""

        def one(c: Color) -> Color:
            return mix(c, color, amount)

        return replace(
            self,
            sky=tuple(one(c) for c in self.sky),
            haze=one(self.haze),
            far=one(self.far),
            cloud=one(self.cloud),
            cloud_shade=one(self.cloud_shade),
        )


def _set(
    sky: str,
    *,
    sun: str,
    haze: str,
    far: str,
    near: str,
    cloud: str,
    cloud_shade: str,
    ambient: str,
    glow: str = "#ffcf7a",
) -> Palette:
    return Palette(
        sky=tuple(rgb(code) for code in sky.split()),
        sun=rgb(sun),
        haze=rgb(haze),
        far=rgb(far),
        near=rgb(near),
        cloud=rgb(cloud),
        cloud_shade=rgb(cloud_shade),
        ambient=rgb(ambient),
        glow=rgb(glow),
    )


_SETS: dict[Time, tuple[Palette, ...]] = {
    "dawn": (
        _set(
            "#34477d #8671a3 #f0a28f #ffd9a6",
            sun="#fff0c4",
            haze="#f3c0a6",
            far="#9a7fa8",
            near="#1d2545",
            cloud="#ffd2b8",
            cloud_shade="#a983a6",
            ambient="#e6d3dc",
        ),
        _set(
            "#2c6076 #7fb0ab #f2d3b0 #fdebcb",
            sun="#fff4d6",
            haze="#eadbc0",
            far="#7ea5a2",
            near="#15333b",
            cloud="#fff0dc",
            cloud_shade="#9fb5b1",
            ambient="#e8e2d4",
        ),
        _set(
            "#463f78 #ad7296 #f59c86 #ffdca4",
            sun="#ffeebb",
            haze="#f5b79d",
            far="#a1749b",
            near="#27204a",
            cloud="#ffc9b4",
            cloud_shade="#a8779c",
            ambient="#ecd0d0",
        ),
    ),
    "day": (
        _set(
            "#2c78bd #6fb4dc #c2e3ea #e4f1e6",
            sun="#fff6da",
            haze="#c5e0e4",
            far="#82b0bf",
            near="#174a48",
            cloud="#ffffff",
            cloud_shade="#a9c9dd",
            ambient="#fbfaf2",
        ),
        _set(
            "#2596ae #7fcac9 #d8eedc #f7efd2",
            sun="#fff7dc",
            haze="#d7ead6",
            far="#8dbfb2",
            near="#1c4f43",
            cloud="#fffdf4",
            cloud_shade="#a8d0c9",
            ambient="#fbf7ea",
        ),
        _set(
            "#3d6cb0 #8fb6df #ecdcd2 #fbe3c4",
            sun="#fff2d2",
            haze="#e6d9d0",
            far="#94a5c4",
            near="#2a3c62",
            cloud="#fff6ee",
            cloud_shade="#b1b9d6",
            ambient="#f9f2ec",
        ),
    ),
    "sunset": (
        _set(
            "#27306b #81437f #e5665e #ffb464",
            sun="#ffe2a0",
            haze="#f29a6e",
            far="#9c5a80",
            near="#1e1638",
            cloud="#ff9d78",
            cloud_shade="#7d4680",
            ambient="#efc3b2",
        ),
        _set(
            "#432a62 #b04a72 #f28a5e #ffd680",
            sun="#ffebb0",
            haze="#f7ac74",
            far="#a7537a",
            near="#2a1740",
            cloud="#ffb287",
            cloud_shade="#96497a",
            ambient="#f2c4ac",
        ),
        _set(
            "#154a63 #3d7c86 #e6a86a #ffd490",
            sun="#fff0bd",
            haze="#eeb67e",
            far="#5c8288",
            near="#102c38",
            cloud="#f9c795",
            cloud_shade="#56808a",
            ambient="#f0d3b4",
        ),
    ),
    "night": (
        _set(
            "#0a1030 #152a62 #2f558f #6189b5",
            sun="#f1f4ff",
            haze="#4d75a5",
            far="#2e5286",
            near="#080d22",
            cloud="#5d7fb0",
            cloud_shade="#1c3263",
            ambient="#8796c4",
        ),
        _set(
            "#110d30 #2f2260 #573f85 #8d70a8",
            sun="#fdf1ff",
            haze="#745a97",
            far="#4d3a7a",
            near="#0d0922",
            cloud="#8268a6",
            cloud_shade="#33275f",
            ambient="#9a8cc4",
        ),
        _set(
            "#061c28 #0e4152 #237079 #74aea4",
            sun="#f2fff4",
            haze="#4f9290",
            far="#206069",
            near="#04141c",
            cloud="#5a9c9a",
            cloud_shade="#13474f",
            ambient="#86adb2",
        ),
    ),
}

_UNDERSEA = (
    _set(
        "#8fe3d8 #2fa3b5 #14638f #0c3566",
        sun="#e6fff2",
        haze="#2a86a6",
        far="#1f7396",
        near="#061c3a",
        cloud="#baf3e6",
        cloud_shade="#2a86a6",
        ambient="#d6e8ea",
        glow="#ffe2a0",
    ),
    _set(
        "#7fd6e8 #3586c4 #254c97 #1b2a66",
        sun="#e4f6ff",
        haze="#3a72b4",
        far="#2f5fa2",
        near="#0f1440",
        cloud="#b9e8f7",
        cloud_shade="#3a72b4",
        ambient="#d8e2f2",
        glow="#ffd9b0",
    ),
    _set(
        "#b6ecc0 #4bb59c #17727d #0b3f57",
        sun="#fbffe0",
        haze="#2d9190",
        far="#1f7c80",
        near="#06252f",
        cloud="#d4f7d0",
        cloud_shade="#2d9190",
        ambient="#dcecdf",
        glow="#ffe2a0",
    ),
)

_SPACE = (
    _set(
        "#05060f #0d1233 #232560 #4a3f8c",
        sun="#fff3d8",
        haze="#4a4192",
        far="#2c2c6c",
        near="#05060f",
        cloud="#8a62c9",
        cloud_shade="#283a8f",
        ambient="#dfe0f2",
        glow="#ffdf9a",
    ),
    _set(
        "#04090f #07222f #0e4453 #2c7d80",
        sun="#f4fff0",
        haze="#2b6f78",
        far="#12505c",
        near="#030b12",
        cloud="#48b5a4",
        cloud_shade="#155a76",
        ambient="#dcebea",
        glow="#ffe0a4",
    ),
    _set(
        "#0b0511 #26102f #57204e #a34a5c",
        sun="#fff0dc",
        haze="#7d3a5f",
        far="#4d2050",
        near="#0c0512",
        cloud="#e07a6a",
        cloud_shade="#6a2f78",
        ambient="#f0dfdc",
        glow="#ffe0a4",
    ),
)

_ABSTRACT = (
    _set(
        "#1d3557 #2f5d7c #7fb3ad #f3e3c3",
        sun="#ffd58a",
        haze="#bcd2c0",
        far="#5f97a0",
        near="#13263f",
        cloud="#f6e8cd",
        cloud_shade="#86aeb0",
        ambient="#f6f0e2",
    ),
    _set(
        "#3b2750 #6d4374 #c9767d #f8c79a",
        sun="#ffe1a8",
        haze="#dca08e",
        far="#8f5a80",
        near="#22163a",
        cloud="#fbd7b4",
        cloud_shade="#a56a85",
        ambient="#f6e6da",
    ),
    _set(
        "#14404a #2c6e68 #8fb996 #f4e8b8",
        sun="#fff0b4",
        haze="#bdd2a8",
        far="#5f9c8c",
        near="#0d2c36",
        cloud="#f7efc9",
        cloud_shade="#7fae97",
        ambient="#f6f3df",
    ),
    _set(
        "#2a2a5c #4a55a0 #9aa2da #f6d9d5",
        sun="#ffe7cf",
        haze="#c3bfe0",
        far="#7580bd",
        near="#1a1a44",
        cloud="#fae3df",
        cloud_shade="#8e96cc",
        ambient="#f3eef4",
    ),
)

# How much a mood changes the colours: (chroma, lightness).
_MOODS: dict[Mood, tuple[float, float]] = {
    "calm": (0.92, 0.01),
    "curious": (1.0, 0.0),
    "bright": (1.12, 0.025),
    "tense": (0.92, -0.035),
    "sad": (0.72, -0.02),
    "epic": (1.12, -0.02),
}


def palette_of(setting: Setting, time: Time, weather: Weather, mood: Mood, *, index: int, seed: int) -> Palette:
    """The palette of a scene. Neighbouring scenes of one story get another set or another turn of hue."""
    special: dict[Setting, tuple[Palette, ...]] = {"undersea": _UNDERSEA, "space": _SPACE, "abstract": _ABSTRACT}
    sets = special.get(setting, _SETS[time])
    chosen = sets[(seed + index) % len(sets)]
    if setting == "undersea" and time == "night":
        chosen = replace(chosen.changed(light=-0.10), ambient=chosen.ambient * np.float32(0.8))
    turn = (0.0, 9.0, -8.0, 5.0, -13.0)[index % 5]
    chroma, light = _MOODS[mood]
    chosen = chosen.changed(hue=turn, chroma=chroma, light=light)
    return _under_weather(chosen, time, weather) if setting not in special else chosen


def _under_weather(palette: Palette, time: Time, weather: Weather) -> Palette:
    if weather == "clear":
        return palette
    dark = time == "night"
    if weather == "storm":
        storm = palette.towards("#1c2438" if dark else "#46546b", 0.62)
        return replace(storm, ambient=palette.ambient * rgb("#b3bccf"))
    grey = {"cloud": "#8b9bb0", "rain": "#667d97", "fog": "#c9d3d8", "snow": "#cfdbe8"}[weather]
    amount = {"cloud": 0.14, "rain": 0.42, "fog": 0.42, "snow": 0.35}[weather]
    if dark:
        grey, amount = {"fog": "#5d7088", "snow": "#5d7595"}.get(weather, "#2b3c58"), amount * 0.7
    damp = palette.towards(grey, amount)
    return replace(damp, ambient=palette.ambient * (1 - np.float32(0.12 * amount)))
