"""All subjects that can be drawn, by the names that `lexicon.toml` gives them."""

from ..art import arts
from . import animals, buildings, devices, folk, heavens, nature, objects, sealife, symbols, vehicles, wings
from . import openmoji as _openmoji
from .kit import Habitat, Props, Sketch

SKETCHES: dict[str, Sketch] = {
    **sealife.SKETCHES,
    **wings.SKETCHES,
    **animals.SKETCHES,
    **folk.SKETCHES,
    **buildings.SKETCHES,
    **vehicles.SKETCHES,
    **heavens.SKETCHES,
    **nature.SKETCHES,
    **devices.SKETCHES,
    **objects.SKETCHES,
    **symbols.SKETCHES,
}


def sketch_of(name: str) -> Sketch:
    """The sketch of a subject, ours or OpenMoji's."""
    return SKETCHES[name] if name in SKETCHES else _openmoji.sketch_of(arts()[name])


__all__ = ["SKETCHES", "Habitat", "Props", "Sketch", "sketch_of"]
