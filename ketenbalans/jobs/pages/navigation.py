"""Where the pages lie in Airflow, and the way back to "Balance" from every page that a job wrote.

A page is a file that is read outside of Airflow too, so the way back is put into what is sent and never into the file.
"""

import re
from html import escape

PAGES = "/ketenbalans"
"""Where the plugin shows the pages of this project, in Airflow's own address."""

BALANCE = "/plugin/ketenbalans"
"""The same within Airflow's own page: its navigation stays, and what comes after it is the address within the frame."""

BEGINS = re.compile(r"<body\b[^>]*>", re.IGNORECASE)

WAY_BACK = """
<nav aria-label="Ketenbalans" class="way-back"><a href="{balance}">&larr; Balance</a></nav>
<style>.way-back {{ font: 15px/1.5 system-ui, sans-serif; margin: 0 0 .75rem; text-align: left; }}
.way-back a {{ color: inherit; }} @media print {{ .way-back {{ display: none; }} }}</style>
"""


def with_way_back(page: str, *, balance: str) -> str:
    """The page with a link to where everything stands, at its top; not on paper."""
    way_back = WAY_BACK.format(balance=escape(balance))
    return BEGINS.sub(lambda begin: begin[0] + way_back, page, count=1)
