"""The token by which what is measured is read: whoever scrapes has no user in Airflow."""

import hmac
from pathlib import Path

from ketenbalans.stack.home import Home

SCRAPE_TOKEN = "scrape-token"  # noqa: S105 (the name of its file)
RANDOM_BYTES = 32


def scrape_token(home: Path) -> str:
    """The token of a home, made on the first call and kept with mode 0600; another one follows when it is removed.

    Raises:
        SecretUnusable: its file is empty or cannot be read.
        NotWritten: the home cannot be written.
    """
    return Home.at(home).secret(SCRAPE_TOKEN, random_bytes=RANDOM_BYTES)


def is_scrape_token(home: Path, sent: str) -> bool:
    """Whether it is the token of a home; where none was made yet, nothing is. It takes as long whatever was sent.

    Raises:
        SecretUnusable: its file is empty or cannot be read.
    """
    if not (home / SCRAPE_TOKEN).exists():
        return False
    return hmac.compare_digest(scrape_token(home).encode(), sent.encode())
