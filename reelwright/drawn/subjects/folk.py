"""People, seen as travellers in the picture: from behind or the side, without faces to get wrong."""

from __future__ import annotations

from ..canvas import Pen
from ..color import mix
from ..paths import limb, oval, points, smooth
from .kit import INK, Props, Sketch

_COATS = ("#d8593f", "#3f7f8f", "#e0a43c", "#6a5fa8", "#4f8a5b", "#b0486f")
_SKINS = ("#f0c8a0", "#c98d64", "#8a5a3f", "#e2b088")
_HAIRS = ("#3a2a2a", "#6b4226", "#1f1b26", "#b5793c")


def figure(
    pen: Pen, coat: str, skin: str, hair: str, *, pack: bool = False, hat: bool = False, skirt: bool = False
) -> None:
    """A standing figure, 1 high, turned a little to the right."""
    trousers = mix(coat, "#27304a", 0.72)
    for x, lean in ((-0.045, -0.015), (0.045, 0.02)):
        pen.fill(
            limb([(x, 0.12), (x + lean * 0.5, 0.30), (x + lean, 0.46)], (0.10, 0.075, 0.06)),
            mix(skin, trousers, 0.2) if skirt else trousers,
            form=0.7,
        )
        pen.blob(
            [
                (x + lean - 0.035, 0.45),
                (x + lean + 0.03, 0.45),
                (x + lean + 0.075, 0.485),
                (x + lean + 0.06, 0.5),
                (x + lean - 0.04, 0.5),
            ],
            "#4a3038",
            INK,
        )
    if skirt:
        pen.blob(points("-8,-2 8,-2 15,26 0,29 -15,26"), coat, mix(coat, INK, 0.3))
    pen.fill(
        limb([(-0.085, -0.20), (-0.135, -0.06), (-0.12, 0.08)], (0.075, 0.065, 0.05)), mix(coat, INK, 0.2), form=0.5
    )
    pen.disc(-0.118, 0.095, 0.028, skin, form=0.3)
    if pack:
        pen.bar(-0.20, -0.22, -0.06, 0.04, "#8a5f3c", "#5a3a2c", radius=0.05)
        pen.bar(-0.19, -0.255, -0.07, -0.205, "#d9b98a", "#a5825a", radius=0.025)
    body = smooth(points("0,-26.5 8.5,-24 11.5,-12 10.5,4 11.5,17 0,19 -11.5,17 -10.5,4 -11.5,-12 -8.5,-24"))
    pen.fill(body, coat, mix(coat, INK, 0.25))
    inner = pen.inside(body)
    inner.line([(0.02, -0.26), (0.03, -0.05), (0.02, 0.2)], 0.010, mix(coat, INK, 0.4), alpha=0.6)
    inner.bar(-0.2, 0.035, 0.2, 0.062, mix(coat, INK, 0.5), form=0.0, rim=0.0)
    pen.fill(limb([(0.085, -0.20), (0.14, -0.06), (0.135, 0.07)], (0.075, 0.065, 0.05)), coat, form=0.7)
    pen.disc(0.135, 0.085, 0.028, skin, form=0.3)
    pen.bar(-0.028, -0.31, 0.032, -0.235, mix(skin, INK, 0.15), radius=0.02, form=0.0)
    pen.disc(0.008, -0.385, 0.082, skin, ry=0.095)
    pen.blob(
        points("-8.5,-33 -9.8,-42 -5,-49.5 3,-50 8.5,-45 9,-40 3,-43 -2,-36 -5,-31"),
        hair,
        mix(hair, INK, 0.4),
    )
    if skirt:
        pen.blob(
            points("-8.5,-42 -11.5,-30 -10,-17 -5.5,-20 -4,-36"),
            hair,
            mix(hair, INK, 0.4),
        )
    if hat:
        pen.disc(0.005, -0.455, 0.15, "#d9b36c", ry=0.028)
        pen.blob(points("-8,-46 -6.5,-55 0,-57.5 7,-55 9,-46"), "#e6c47d", "#b98a4a")
        pen.line([(-0.082, -0.468), (0.0, -0.458), (0.09, -0.468)], 0.022, "#8a4a3c")
    pen.fill(limb([(-0.06, -0.265), (0.02, -0.245), (0.075, -0.27)], (0.055,)), mix(coat, "#fff0c8", 0.55), form=0.3)
    pen.fill(
        limb([(-0.06, -0.26), (-0.17, -0.21), (-0.24, -0.24)], (0.04, 0.04, 0.02)), mix(coat, "#fff0c8", 0.55), form=0.3
    )


def _some(props: Props) -> tuple[str, str, str]:
    rng = props.rng
    return _COATS[int(rng.integers(6))], _SKINS[int(rng.integers(4))], _HAIRS[int(rng.integers(4))]


def person(pen: Pen, props: Props) -> None:
    coat, skin, hair = _some(props)
    kind = int(props.rng.integers(4))
    figure(pen, coat, skin, hair, pack=kind == 0, hat=kind == 1, skirt=kind == 2)


def crowd(pen: Pen, props: Props) -> None:
    places = (
        (-0.62, -0.10, 0.66),
        (0.60, -0.12, 0.64),
        (-0.20, -0.14, 0.62),
        (0.22, -0.13, 0.64),
        (-0.42, 0.02, 0.86),
        (0.42, 0.04, 0.82),
        (0.0, 0.0, 0.92),
        (0.23, 0.17, 0.56),
    )
    for i, (x, y, s) in enumerate(places):
        coat, skin, hair = _some(props)
        coat = _COATS[(i + int(props.rng.integers(2))) % 6]
        figure(
            pen.at(x, y + (1 - s) * 0.28, s, flip=i % 3 == 1),
            coat,
            skin,
            hair,
            hat=i == 4,
            skirt=i in (1, 3, 5),
            pack=i == 0,
        )


def astronaut(pen: Pen, _: Props) -> None:
    suit, grey = "#eef1f6", "#9aa4b8"
    pen.bar(-0.24, -0.26, 0.12, 0.16, grey, mix(grey, INK, 0.4), radius=0.07)
    for x, knee, foot in ((-0.08, (-0.14, 0.30), (-0.20, 0.46)), (0.09, (0.17, 0.27), (0.13, 0.46))):
        pen.fill(limb([(x, 0.12), knee, foot], (0.16, 0.13, 0.12)), suit, mix(suit, grey, 0.6))
        pen.fill(limb([(foot[0] - 0.04, foot[1]), (foot[0] + 0.06, foot[1] + 0.015)], (0.10, 0.08)), grey, form=0.7)
    pen.fill(limb([(-0.15, -0.14), (-0.31, -0.06), (-0.40, -0.20)], (0.14, 0.12, 0.10)), suit, mix(suit, grey, 0.6))
    pen.disc(-0.41, -0.23, 0.06, grey)
    body = smooth(points("0,-22 15,-18 19,0 16,18 0,21 -16,18 -19,0 -15,-18"))
    pen.fill(body, suit, mix(suit, grey, 0.5))
    pen.bar(-0.09, -0.06, 0.09, 0.07, grey, mix(grey, INK, 0.3), radius=0.02, form=0.3)
    for x, color in ((-0.055, "#e8594a"), (0.0, "#f2c04a"), (0.055, "#5fc2a8")):
        pen.fill(oval(x, -0.02, 0.017), color, lit=True)
    pen.bar(-0.05, 0.02, 0.05, 0.045, "#dfe6ee", form=0.0)
    pen.fill(limb([(0.16, -0.13), (0.31, -0.02), (0.38, 0.12)], (0.14, 0.12, 0.10)), suit, mix(suit, grey, 0.6))
    pen.disc(0.39, 0.14, 0.06, grey)
    pen.line([(-0.16, 0.115), (0, 0.14), (0.16, 0.115)], 0.02, "#e8793c")
    pen.disc(0.01, -0.33, 0.185, suit)
    visor = oval(0.045, -0.325, 0.13, 0.115)
    pen.fill(visor, "#f0a84a", "#3a2a5c", form=0.4)
    inner = pen.inside(visor)
    inner.blob(points("-10,-30 5,-34 20,-28 20,-20 -10,-20"), "#24305c", form=0.0, rim=0.0, alpha=0.7)
    inner.disc(0.0, -0.375, 0.045, "#ffffff", ry=0.02, turn=-25, form=0.0, rim=0.0, alpha=0.85)


SKETCHES = {
    "person": Sketch(person, "stand", 0.26, 0.5),
    "crowd": Sketch(crowd, "stand", 0.26, 1.6),
    "astronaut": Sketch(astronaut, "fly", 0.38, 0.9),
}
