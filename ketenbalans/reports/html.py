"""A report as one HTML page that needs nothing else: no script, no network; readable on a phone and on paper."""

import base64

from ketenbalans.reports.document import CellKind, Document
from ketenbalans.reports.font import font_faces
from ketenbalans.reports.page_templates import TEMPLATES
from ketenbalans.reports.pictures import AFTER_DARK, width_of
from ketenbalans.reports.words import words_of

LARGER_THAN_DRAWN = 1.15


def render_html(document: Document) -> str:
    """Render a report; equal documents give equal pages."""
    words = words_of(document.language)
    return TEMPLATES.get_template("report.html.j2").render(
        document=document,
        cell=words.cell,
        text=CellKind.TEXT,
        as_image=as_image,
        font_faces=font_faces(),
        shown_width=shown_width,
    )


def shown_width(svg: str) -> int:
    """How wide a picture is shown where there is room: then its letters are as large as those around it."""
    return round(width_of(svg) * LARGER_THAN_DRAWN)


def as_image(svg: str) -> str:
    """A picture as an address that holds it, with its letters: an image sees neither the page nor its style.

    An image, and not parts of the page: those of two pictures could have the same names.
    """
    svg = svg.replace(">", f"><style>{font_faces()}{_after_dark()}</style>", 1)
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def _after_dark() -> str:
    """The colours of a picture for who asked for dark pages; on paper they stay as they are."""
    rules = (
        f'[{kind}="{light}"]{{{kind}:{dark}}}' for light, dark in AFTER_DARK.items() for kind in ("fill", "stroke")
    )
    return f"@media screen and (prefers-color-scheme:dark){{{''.join(rules)}}}"
