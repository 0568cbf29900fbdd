"""The templates of every page: what is put into one is escaped for HTML, and shown without control signs."""

from importlib import resources
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from schemas.control_signs import escape_control_signs


def _finalize(value: Any) -> Any:
    """What a template prints: a text on one line. ``Markup`` is ours and stands as it is."""
    return escape_control_signs(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def templates_of(*packages: str) -> Environment:
    """The templates of some packages, each in its folder ``templates``; of two with one name that of the first."""
    return Environment(
        loader=ChoiceLoader([PackageLoader(package) for package in packages]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )


TEMPLATES = templates_of("ketenbalans.reports")

LEAVE_THE_FRAME = (resources.files("ketenbalans.reports") / "templates" / "leave_the_frame.js").read_text(
    encoding="utf-8"
)
"""The script of every page: a link to a page of Airflow opens around the frame and not in it."""
