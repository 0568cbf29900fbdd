"""The release key of a home: made once, kept with mode 0600, and no other key of it."""

import base64
import binascii
from pathlib import Path

from ketenbalans.release.offsets import SHORTEST_KEY, ReleaseKey, ReleaseKeyWeak
from ketenbalans.stack.errors import SecretUnusable
from ketenbalans.stack.home import Home

RELEASE_KEY = "release-key"


def release_key(home: Path) -> ReleaseKey:
    """The release key; made on the first call.

    Whoever has it has the exact counts behind every release that was made under it, and without it no release of a
    year that has some can be made: it goes into the backup of secrets, and nowhere else.

    Raises:
        SecretUnusable: its file holds no key.
        NotWritten: the home cannot be written.
    """
    place = Home.at(home)
    written = place.secret(RELEASE_KEY, random_bytes=SHORTEST_KEY)
    try:
        return ReleaseKey(base64.urlsafe_b64decode(written))
    except (ValueError, binascii.Error, ReleaseKeyWeak):
        raise SecretUnusable(place.path / RELEASE_KEY, what_is_wrong="holds no key") from None
