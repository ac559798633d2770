"""Units of measurement by their signs, named by the Unicode CLDR (through Babel) with the right plural."""

from __future__ import annotations

import re
from functools import lru_cache

_UNITS = {
    "km": "length-kilometer", "m": "length-meter", "cm": "length-centimeter", "mm": "length-millimeter",
    "µm": "length-micrometer", "nm": "length-nanometer", "mi": "length-mile", "ft": "length-foot", "yd": "length-yard",
    "kg": "mass-kilogram", "g": "mass-gram", "mg": "mass-milligram", "t": "mass-tonne", "lb": "mass-pound",
    "lbs": "mass-pound", "oz": "mass-ounce", "l": "volume-liter", "L": "volume-liter", "ml": "volume-milliliter",
    "mL": "volume-milliliter", "tsp": "volume-teaspoon", "tbsp": "volume-tablespoon", "cl": "volume-centiliter",
    "dl": "volume-deciliter", "m³": "volume-cubic-meter",
    "m3": "volume-cubic-meter", "km²": "area-square-kilometer", "km2": "area-square-kilometer",
    "m²": "area-square-meter", "m2": "area-square-meter", "cm²": "area-square-centimeter", "ha": "area-hectare",
    "km/h": "speed-kilometer-per-hour", "kph": "speed-kilometer-per-hour", "kmh": "speed-kilometer-per-hour",
    "mph": "speed-mile-per-hour", "m/s": "speed-meter-per-second", "°C": "temperature-celsius",
    "°F": "temperature-fahrenheit", "°": "angle-degree", "kW": "power-kilowatt", "MW": "power-megawatt",
    "GW": "power-gigawatt", "W": "power-watt", "kWh": "energy-kilowatt-hour", "V": "electric-volt",
    "Hz": "frequency-hertz", "kHz": "frequency-kilohertz", "MHz": "frequency-megahertz", "GHz": "frequency-gigahertz",
    "kB": "digital-kilobyte", "KB": "digital-kilobyte", "MB": "digital-megabyte", "GB": "digital-gigabyte",
    "TB": "digital-terabyte", "s": "duration-second", "sec": "duration-second", "min": "duration-minute",
    "h": "duration-hour", "hr": "duration-hour", "hrs": "duration-hour", "ms": "duration-millisecond",
    "kcal": "energy-kilocalorie", "cal": "energy-calorie", "kJ": "energy-kilojoule", "Pa": "pressure-pascal",
    "hPa": "pressure-hectopascal",
}  # fmt: skip
_OWN = {("nl", "°"): ("graad", "graden")}
"""Where the CLDR's name is not the spoken one."""


def is_unit(sign: str) -> bool:
    """Whether a sign is a unit's."""
    return sign in _UNITS


def unit_name(sign: str, count: float, locale: str) -> str:
    """What so many of a unit are called, without the number."""
    own = _OWN.get((locale.split("_")[0], sign))
    return own[count != 1] if own else _name(_UNITS[sign], count, locale)


@lru_cache(maxsize=1_000)
def _name(unit: str, count: float, locale: str) -> str:
    from babel.units import format_unit

    said = format_unit(count, unit, "long", locale=locale)
    return " ".join(re.sub(r"[\d.,\u00a0\u202f']+", " ", said).split())
