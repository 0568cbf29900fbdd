"""Signs that draw nothing or move others: which they are, by Unicode's own tables, and what is shown in their place."""

import json
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.control_signs import SHOWN_AS, escape_control_signs, escape_in_json, has_control_signs
from schemas.decisions import InvalidDecision, checked_note
from schemas.people import InvalidHandle, checked_handle

DRAWN_FORMATS = {
    "\u0600",
    "\u0601",
    "\u0602",
    "\u0603",
    "\u0604",
    "\u0605",
    "\u06dd",
    "\u070f",
    "\u0890",
    "\u0891",
    "\u08e2",
}
"""Of the category Cf, and drawn: Arabic and Syriac number signs."""

EGYPTIAN_AND_KAITHI = range(0x110BD, 0x1343F + 1)
texts = st.text(st.characters(exclude_categories=())) | st.text(
    "a \n\r\t\x1b\x7f\x85\x9b\u2028\u202e\u200b\ufeff\udceb"
)


def test_every_control_format_separator_and_half_sign_of_unicode_is_one_of_them() -> None:
    for code in range(sys.maxunicode + 1):
        sign = chr(code)
        if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            is_drawn = sign in DRAWN_FORMATS or code in EGYPTIAN_AND_KAITHI
            assert has_control_signs(sign) is not is_drawn, f"U+{code:04X}"


@pytest.mark.parametrize(
    "text", ["Zaak 12/2014, zie dossier", "café déjà vu €", "⚠\ufe0f let op", "日本", "a\u00a0b", "'\"<>&"]
)
def test_what_can_be_observed_stays_as_it_is(text: str) -> None:
    assert escape_control_signs(text) == text
    assert checked_note(text) == text


@given(texts)
def test_what_is_shown_is_one_line_as_long_as_the_text_and_can_be_encoded(text: str) -> None:
    shown = escape_control_signs(text)
    assert len(shown) == len(text)
    assert len(shown.splitlines()) <= 1
    assert not has_control_signs(shown)
    assert all(one in (other, SHOWN_AS) for one, other in zip(shown, text, strict=True))
    shown.encode()


@given(texts)
def test_json_keeps_the_text_and_shows_none_of_its_signs(text: str) -> None:
    printed = escape_in_json(json.dumps({"text": [text]}, indent=1, ensure_ascii=False))
    assert not any(map(has_control_signs, printed.split("\n")))
    assert len(printed.split("\n")) == 5
    assert escape_control_signs(json.loads(printed)["text"][0]) == escape_control_signs(text)


def test_json_of_a_sign_beyond_the_first_plane_is_the_same_json() -> None:
    text = "a\U000e0041\x7f\x9b\u202e"
    assert json.loads(escape_in_json(json.dumps(text, ensure_ascii=False))) == text


@pytest.mark.parametrize(
    "sign", ["\n", "\r", "\x1b", "\x9b", "\x7f", "\t", "\u2028", "\u202e", "\u200b", "\xad", "\udceb"]
)
def test_a_person_cannot_enter_one(sign: str) -> None:
    with pytest.raises(InvalidDecision, match="one line"):
        checked_note(f"gezien{sign}  2014-01-01  resolved")
    with pytest.raises(InvalidHandle, match="handle"):
        checked_handle(f"desk{sign}2", "who decides")
