"""Somebody who looks at a page, to test with."""

from typing import Any

from ketenbalans.web.drawing import Visit

ANNA = Visit(
    base="/ketenbalans/",
    handle="anna",
    may_act=True,
    is_open=False,
    may_be_anybody=False,
    token_for=lambda path: f"token for {path}",
    docs="/ketenbalans/",
)


def visit_of(**differences: Any) -> Visit:
    """Anna, who may act, but for what is given."""
    return Visit(**(vars(ANNA) | differences))
