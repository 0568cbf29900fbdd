"""The font of pages and pictures, small enough to be part of each: then they look alike wherever they are opened."""

import base64
import io
from contextlib import closing
from functools import cache
from pathlib import Path

import font_source_sans_pro
from fontTools import subset

FAMILY = "Source Sans Pro"
WEIGHTS = {400: "Regular", 600: "Semibold"}
LETTERS = [*range(0x20, 0x17F), 0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2026, 0x20AC, 0x2212]
"""Those of the languages around us, and the signs of sentences and sums."""


def font_folder() -> Path:
    """Where the whole font is."""
    return Path(font_source_sans_pro.__file__).parent / "files"


@cache
def font_faces() -> str:
    """The font as rules of a style sheet that hold it; the same every time."""
    return "".join(
        f'@font-face{{font-family:"{FAMILY}";font-weight:{weight};src:url(data:font/woff;base64,{_letters(name)})}}'
        for weight, name in WEIGHTS.items()
    )


def _letters(name: str) -> str:
    options = subset.Options(flavor="woff", recalc_timestamp=False, hinting=False, notdef_outline=True)
    small = io.BytesIO()
    with closing(subset.load_font(str(font_folder() / f"SourceSansPro-{name}.ttf"), options)) as font:
        chosen = subset.Subsetter(options)
        chosen.populate(unicodes=LETTERS)
        chosen.subset(font)
        subset.save_font(font, small, options)
    return base64.b64encode(small.getvalue()).decode()
