"""All subjects that can be drawn, by the names that `lexicon.toml` gives them."""

from . import animals, buildings, devices, folk, heavens, nature, objects, sealife, symbols, vehicles, wings
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

__all__ = ["SKETCHES", "Habitat", "Props", "Sketch"]
