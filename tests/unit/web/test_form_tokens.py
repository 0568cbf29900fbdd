"""A form is taken once, from who opened its page, for what it is for; everything else is refused and says why."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fastapi import HTTPException
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from itsdangerous import TimestampSigner

from ketenbalans.settings import Settings
from ketenbalans.web import form_tokens

PATH = "/breaks/2014-om-0900000214/accept"


@pytest.fixture(scope="module", autouse=True)
def sent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, datetime]]:
    """The nonces that were sent, as the warehouse would keep them, each with when it may be forgotten."""
    kept: dict[str, datetime] = {}

    def take_once(settings: Settings, nonce: str, *, expires_at: datetime) -> bool:
        return kept.setdefault(nonce, expires_at) is expires_at

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KETENBALANS_HOME", str(tmp_path_factory.mktemp("forms")))
        patch.setattr(form_tokens, "take_once", take_once)
        form_tokens._signer.cache_clear()
        yield kept
    form_tokens._signer.cache_clear()


def refused(token: str | None, *, handle: str = "anna", path: str = PATH) -> tuple[int, str]:
    with pytest.raises(HTTPException) as error:
        form_tokens.check(token, handle=handle, path=path)
    return error.value.status_code, str(error.value.detail)


HANDLES = st.sampled_from(["anna", "ben", "vera"])
PATHS = st.sampled_from([PATH, "/breaks/2014-om-0900000214/reject", "/", "/signoff/9/approve"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HANDLES, PATHS, HANDLES, PATHS)
def test_a_token_is_of_one_person_and_one_form(handle: str, path: str, sender: str, where: str) -> None:
    token = form_tokens.issue(handle, path)
    if (handle, path) == (sender, where):
        form_tokens.check(token, handle=sender, path=where)
        assert refused(token, handle=sender, path=where)[0] == 409
    else:
        code, says = refused(token, handle=sender, path=where)
        assert code == 403
        assert ("somebody else" if handle != sender else "another form") in says


@given(st.integers(0, 10_000), st.characters())
def test_a_token_that_was_changed_anywhere_is_none(place: int, sign: str) -> None:
    token = form_tokens.issue("anna", PATH)
    place %= len(token) - 1  # the last sign holds bits that say nothing
    assume(token[place] != sign)
    assert refused(token[:place] + sign + token[place + 1 :])[0] == 403
    form_tokens.check(token, handle="anna", path=PATH)  # what was refused is not used up


@pytest.mark.parametrize("token", [None, "", "x", "a.b.c", "..", "é", "W10.x.y"])
def test_what_is_no_token_is_refused(token: str | None) -> None:
    code, says = refused(token)
    assert (code, says.endswith("open the page again and send it from there")) == (403, True)


def test_a_token_is_valid_for_a_working_day(sent: dict[str, datetime], monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = [form_tokens.issue("anna", PATH) for _ in range(2)]
    now = TimestampSigner(b"").get_timestamp()
    valid_for = int(form_tokens.VALID_FOR.total_seconds())
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: now + valid_for - 60)
    form_tokens.check(tokens[0], handle="anna", path=PATH)
    remembered = sent[list(sent)[-1]] - datetime.fromtimestamp(now, tz=list(sent.values())[-1].tzinfo)
    assert remembered > form_tokens.VALID_FOR + timedelta(minutes=30), "or it could be sent again before it is too old"
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: now + valid_for + 60)
    assert refused(tokens[1]) == (
        403,
        "this page was opened more than 8 hours ago; open the page again and send it from there",
    )
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: now - 3600)
    assert refused(tokens[1])[0] == 403, "a clock that went back makes none valid that is of the future"


def test_the_token_of_another_home_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    token = form_tokens.issue("anna", PATH)
    monkeypatch.setenv("KETENBALANS_HOME", str(tmp_path / "other"))
    form_tokens._signer.cache_clear()
    try:
        assert "none that a page here gave" in refused(token)[1]
    finally:
        form_tokens._signer.cache_clear()
    key = tmp_path / "other" / "form-key"
    assert key.stat().st_mode & 0o777 == 0o600
