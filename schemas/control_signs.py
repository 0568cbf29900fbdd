r"""Signs that draw nothing and move what stands around them: which they are, and how text that has some is shown.

Whoever can write one into a note or a field can draw a line that nobody wrote, hide one, or turn it around. Persons may
not enter them; what a source sent is shown without them, on every surface (ADR 0029). JSON keeps them: there they are
data, written as ``\uXXXX``.
"""

import re

SHOWN_AS = "?"
"""What stands in for one of them where text is shown: a sign was there, and ``--json`` says which."""

CONTROL_SIGNS = (
    r"\x00-\x1f\x7f-\x9f"  # C0, DEL and C1: line ends, and what moves a terminal
    r"\u2028\u2029"  # line and paragraph separators
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # the direction of what follows
    r"\xad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"  # hyphens, joiners and fillers that draw nothing
    r"\u200b-\u200d\u2060-\u2065\u206a-\u206f\ufeff\ufff0-\ufffb"  # of no width, and notes between lines
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"  # shorthand, music and tags
    r"\ud800-\udfff"  # halves of a sign: a file name that is not UTF-8 has them, and no output can write them
)
"""The signs, as the inside of a class of a regular expression. Variation selectors are none: they follow an emoji."""

_ONE = re.compile(f"[{CONTROL_SIGNS}]")


def has_control_signs(text: str) -> bool:
    """Whether a text has a sign that draws nothing or moves others."""
    return _ONE.search(text) is not None


def escape_control_signs(text: str) -> str:
    """A text on one line, as long as it was, with ``SHOWN_AS`` for each sign that draws nothing or moves others."""
    return _ONE.sub(SHOWN_AS, text)


def escape_in_json(text: str) -> str:
    r"""The same JSON, with each such sign in it written as ``\uXXXX``; the line ends between its values stay."""
    return _ONE.sub(lambda found: found[0] if found[0] == "\n" else _in_json(found[0]), text)


def _in_json(sign: str) -> str:
    units = sign.encode("utf-16-be", errors="surrogatepass").hex()
    return "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4))
