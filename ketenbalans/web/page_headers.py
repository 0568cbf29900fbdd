"""What a browser receives with every page of ours, and which names of this server are answered to."""

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from urllib.parse import urlsplit

from ketenbalans.reports.page_templates import LEAVE_THE_FRAME

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",  # nothing from anywhere else
        # this one script and no other, whatever a text of a source looks like
        f"script-src 'sha256-{b64encode(sha256(LEAVE_THE_FRAME.encode()).digest()).decode()}'",
        "style-src 'self' 'unsafe-inline'",  # our style sheet; a page of a job holds its style and its pictures itself
        "img-src 'self' data:",
        "font-src data:",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",  # Airflow shows the pages in a frame; nobody else may
    )
)
NEVER_GUESS_THE_TYPE = {"X-Content-Type-Options": "nosniff"}


def headers_for(content_type: str) -> dict[str, str]:
    """The headers of an answer of this type. A PDF has no policy: a browser's own viewer would be bound by it too."""
    if content_type.startswith("application/pdf"):
        return NEVER_GUESS_THE_TYPE
    return NEVER_GUESS_THE_TYPE | {"Content-Security-Policy": CONTENT_SECURITY_POLICY}


def names_of_the_server(addresses: Iterable[str | None]) -> list[str]:
    """The names by which a request may ask for this server: those of this machine, and those in its own addresses.

    A page of another site can let its own name lead to 127.0.0.1 (DNS rebinding) and then ask as if it were of this
    site; what it cannot do is ask under one of these names.
    """
    named = {urlsplit(address).hostname for address in addresses if address}
    return sorted({"127.0.0.1", "localhost"} | {name for name in named if name})
