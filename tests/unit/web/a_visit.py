"""Somebody who looks at a page."""

from typing import Any

from ketenbalans.web.drawing import Visit

VISIT: dict[str, Any] = {
    "base": "/ketenbalans/",
    "handle": "anna",
    "may_act": True,
    "may_be_anybody": False,
    "token_for": lambda path: f"token-of-{path}",
    "docs": "/ketenbalans/",
}


def a_visit(**said: Any) -> Visit:
    """A visit of somebody who may act, but for what is said otherwise."""
    return Visit(**(VISIT | said))
