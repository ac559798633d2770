"""What a reviewer is told of a content's pictures, and what is owed to their makers."""

from __future__ import annotations

from .story import OWN, Material, Picture


def pictures_told(material: Material) -> tuple[str, ...]:
    """The reading of each scene's picture, one line per scene, and the credits of their makers; of the user's own what
    they are and what was said of them, those of picture posts too. Nothing for pictures without a reading."""
    known = {picture.scene: told for picture in material.pictures if (told := _told(picture))}
    shown = tuple(f"scene {scene + 1}: {known[scene]}" for scene in sorted(known))
    posted = (
        f"{platform.label}, picture {number}: {': '.join(filter(None, ['own picture', picture.alt]))}"
        for platform, pictures in material.post_pictures.items()
        for number, picture in enumerate(pictures, start=1)
    )
    return (*shown, *posted, *(f"credit, in each post: {credit}" for credit in credits_of(material)))


def _told(picture: Picture) -> str:
    if picture.provider != OWN:
        return "" if picture.reading is None else str(picture.reading)
    return own_told(clip=picture.clip is not None, shows=picture.shows)


def own_told(*, clip: bool, shows: str) -> str:
    """What is said of a picture or a clip of the user's own."""
    return ": ".join(filter(None, ["own clip" if clip else "own picture", shows]))


def credits_of(material: Material) -> tuple[str, ...]:
    """What is owed to the makers of the pictures, each once."""
    lines: list[str] = []
    for picture in material.pictures:
        if picture.reading is not None and picture.reading.credit:
            lines.append(picture.reading.credit)
        if picture.credit is not None and picture.credit.owed and picture.credit.line:
            lines.append(picture.credit.line)
    return tuple(dict.fromkeys(lines))
