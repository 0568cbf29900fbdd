"""What arrives at the other side of each channel, and what is said when nothing can arrive. Real servers, no mocks."""

import gc
import logging
import socket
import time
import traceback
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import enumerate as threads_alive
from typing import Any

import pytest

from ketenbalans.alerts.channels import STANDS_FOR, Alertmanager, ChannelFailed, Email, Log, Webhook
from ketenbalans.alerts.life import Alert, alerts_of, step_of
from ketenbalans.alerts.message import Places, digest_of, message_of
from ketenbalans.alerts.runbook import remedy_of
from schemas.alerts import AlertEvent, AlertRule, AlertStep, Severity
from tests.unit.alerts.servers import (
    HERE,
    MailServer,
    WebServer,
    a_drip,
    a_greeting,
    certificate_of_this_machine,
    free_port,
    mail_server,
    serving_with,
    web_server,
)

NOW = datetime(2015, 6, 30, 12, tzinfo=UTC)
PLACES = Places(airflow="http://airflow.example", docs="https://docs.example")
SENDER, DESK, CHIEF = "alerts@keten.example", "desk@keten.example", "chief@keten.example"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", HERE)
    monkeypatch.setenv("no_proxy", HERE)


@pytest.fixture
def _may_leave_its_connection() -> Iterator[None]:
    """One test says that a connection is not left open; the others are not to fail by it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def web() -> Iterator[WebServer]:
    with web_server() as server:
        yield server


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate_of_this_machine(tmp_path_factory.mktemp("tls"))


def raised(*numbers: int, at: datetime = NOW, subject: str = "police_deliveries") -> list[AlertEvent]:
    """Steps with these event numbers; a dash and an accent in what they say."""
    return [
        AlertEvent(
            rule=AlertRule.VOLUME,
            subject=subject,
            step=AlertStep.RAISED,
            severity=Severity.WARNING,
            says=f"{subject} told much less \u2013 caf\u00e9 {number}",
            evidence={"counted": 100 + number},
            mark=str(number),
            at=at,
            event_number=number,
        )
        for number in numbers
    ]


def resolved(at: datetime) -> Alert:
    events = raised(1, at=NOW - timedelta(days=3))
    (alert,) = alerts_of(events).values()
    events.append(step_of(alert, AlertStep.RESOLVED, by=None, note=None, at=at))
    return alerts_of(events)["volume:police_deliveries"]


def by_mail(port: int, *, scheme: str = "smtp", login: str = "", to: Sequence[str] = (DESK,)) -> Email:
    return Email(f"{scheme}://{login}{HERE}:{port}", SENDER, tuple(to), PLACES, threshold=5)


def failure(channel: Email | Webhook, *secrets: str) -> ChannelFailed:
    """How a channel fails: by its name, with a remedy, and with nothing of these in all that could be logged of it."""
    with pytest.raises(ChannelFailed) as failed:
        channel.send(raised(1))
    said = "".join(traceback.format_exception(failed.value, chain=True)) + repr(failed.value)
    message = str(failed.value)
    assert f"could not be sent by {channel.name} (" in message
    assert "ketenbalans settings" in message
    assert "sent at the next look" in message
    message_and_cause = [message, repr(failed.value), repr(failed.value.__cause__)]
    for secret in (*secrets, channel.url, HERE):
        assert not any(secret in one for one in message_and_cause)
    assert "During handling of the above" not in said
    return failed.value


def how_it_ends(channel: Email | Webhook) -> type[Exception] | None:
    """The class of what a channel raises, without holding on to it."""
    try:
        channel.send(raised(1))
    except Exception as error:  # noqa: BLE001 (which one is the question)
        return type(error)
    return None


def test_a_mail_arrives_as_it_was_meant(mail: MailServer) -> None:
    events = raised(7)
    by_mail(mail.port, to=(DESK, CHIEF)).send(events)
    (arrived,) = mail.mails
    said = message_of(events[0], PLACES)
    assert arrived["Subject"] == said.headline
    assert arrived.get_content().replace("\r\n", "\n") == said.text
    assert (arrived["From"], arrived["To"]) == (SENDER, f"{DESK}, {CHIEF}")
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert arrived["Importance"] == "normal"
    assert arrived["Message-ID"] == "<7.alert@keten.example>"
    assert abs(arrived["Date"].datetime - datetime.now(UTC)) < timedelta(minutes=5)
    assert (mail.taken[0].mail_from, mail.taken[0].rcpt_tos) == (SENDER, [DESK, CHIEF])


def test_several_steps_are_one_digest_and_the_same_ones_are_the_same_mail(mail: MailServer) -> None:
    channel = by_mail(mail.port)
    channel.send(raised(3, 4, 9))
    channel.send(raised(3, 4, 9))
    channel.send(raised(3, 4))
    first, again, other = mail.mails
    assert first["Subject"] == digest_of(raised(3, 4, 9), PLACES).headline
    assert first["Message-ID"] == again["Message-ID"] == "<3.4.9.alert@keten.example>"
    assert other["Message-ID"] == "<3.4.alert@keten.example>"


def test_two_mails_of_other_steps_have_another_message_id(mail: MailServer) -> None:
    """A mail reader shows the first of two mails with one id, and step 22 is never seen."""
    for last in (21, 22):
        by_mail(mail.port).send(raised(*range(1, last + 1)))
    one, other = mail.mails
    assert one["Message-ID"] != other["Message-ID"]


@pytest.mark.parametrize("verb", ["RCPT", "DATA"])
def test_a_mail_server_that_refuses_is_a_failure(verb: str) -> None:
    with mail_server(answers={verb: f"554 no mail for {DESK}"}) as refusing:
        failed = failure(by_mail(refusing.port), DESK)
    assert refusing.taken == []
    assert "SMTP" in str(failed)


def test_a_mail_server_that_is_away_is_a_failure() -> None:
    port = free_port()
    assert "ConnectionRefusedError" in str(failure(by_mail(port, login="desk:s3cret%2Fword@"), "s3cret", str(port)))


def test_a_server_that_uses_no_smtp_is_a_failure() -> None:
    with a_greeting(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        failure(by_mail(port, login="desk:s3cret%2Fword@"), "s3cret")


def test_a_recipient_who_is_refused_is_no_silence() -> None:
    with mail_server(answers={CHIEF: "550 nobody of that name"}) as server, pytest.raises(ChannelFailed):
        by_mail(server.port, to=(DESK, CHIEF)).send(raised(1))


def test_a_mail_server_that_asks_for_a_login_gets_it(pem: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The password is quoted in the URL; TLS is begun because the server offers it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with mail_server(
        takes_a_login=True, auth_required=True, tls_context=serving_with(pem), require_starttls=True
    ) as server:
        by_mail(server.port, login="desk:s3cret%2Fword@").send(raised(1))
    assert server.logged_in == [("desk", "s3cret/word")]
    assert server.under_tls == [True]


def test_a_mail_server_that_uses_tls_from_the_start(pem: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with mail_server(ssl_context=serving_with(pem)) as server:
        by_mail(server.port, scheme="smtps").send(raised(5))
    assert [one["Message-ID"] for one in server.mails] == ["<5.alert@keten.example>"]


@pytest.mark.parametrize(("scheme", "how"), [("smtps", "ssl_context"), ("smtp", "tls_context")])
@pytest.mark.usefixtures("_may_leave_its_connection")
def test_a_mail_server_that_nobody_vouches_for_is_reported_nothing(scheme: str, how: str, pem: Path) -> None:
    options: dict[str, Any] = {how: serving_with(pem)}
    with mail_server(**options) as server:
        failed = failure(by_mail(server.port, scheme=scheme, login="desk:s3cret%2Fword@"), "s3cret")
    assert "CertVerification" in str(failed)
    assert (server.taken, server.logged_in) == ([], [])


@pytest.mark.usefixtures("_may_leave_its_connection")
def test_a_wrong_password_is_a_failure_that_does_not_show_it() -> None:
    with mail_server(takes_a_login=True, auth_require_tls=False) as server:
        failed = failure(by_mail(server.port, login="desk:wr0ng@"), "wr0ng")
    assert "SMTPAuthenticationError" in str(failed)
    assert server.taken == []


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("smtp://desk:s3cret/word@127.0.0.1:{port}", id="a password with a slash that is not quoted"),
        pytest.param("smtp://desk:s%C3%A9cret@127.0.0.1:{port}", id="a password with an accent"),
        pytest.param("http://hooks.example:k3y", id="a port that is no number"),
    ],
)
@pytest.mark.usefixtures("_may_leave_its_connection")
def test_settings_that_cannot_work_are_a_failure_like_any_other(url: str) -> None:
    with mail_server(takes_a_login=True, auth_require_tls=False) as server:
        address = url.format(port=server.port)
        channel = (
            Webhook(url, PLACES, threshold=5)
            if url.startswith("http")
            else Email(address, SENDER, (DESK,), PLACES, threshold=5)
        )
        assert how_it_ends(channel) is ChannelFailed


def test_a_server_that_takes_no_login_is_hung_up_on() -> None:
    with (
        mail_server(takes_a_login=True, auth_require_tls=False) as server,
        warnings.catch_warnings(record=True) as warned,
    ):
        warnings.simplefilter("always")
        how_it_ends(by_mail(server.port, login="desk:wr0ng@"))
        gc.collect()
    assert [str(one.message) for one in warned if one.category is ResourceWarning] == []


def test_a_webhook_gets_the_headline_and_the_text(web: WebServer) -> None:
    Webhook(f"{web.url}/services/T0/B0/k3y", PLACES, threshold=5).send(raised(1, 2))
    said = digest_of(raised(1, 2), PLACES)
    assert web.posted == [
        ("/services/T0/B0/k3y", {"text": f"{said.sign} {said.headline}", "attachments": [{"text": said.text}]}),
    ]


@pytest.mark.parametrize("status", [302, 404, 410, 500, 503])
def test_a_webhook_that_answers_something_else_is_a_failure_that_shows_the_status(status: int) -> None:
    with web_server(status) as web:
        assert f"({status})" in str(failure(Webhook(f"{web.url}/services/k3y", PLACES, threshold=5), "k3y"))


def test_a_webhook_that_is_away_is_a_failure() -> None:
    assert "ConnectError" in str(
        failure(Webhook(f"http://desk:s3cret@{HERE}:{free_port()}/k3y", PLACES, threshold=5), "s3cret", "k3y")
    )


@pytest.mark.parametrize("url", ["hooks.example/k3y", "ftp://hooks.example/k3y"])
def test_a_webhook_that_is_no_web_address_is_a_failure(url: str) -> None:
    failure(Webhook(url, PLACES, threshold=5), "k3y")


HEADERS = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("scheme", "at_once"),
    [
        pytest.param("http", b"", id="a webhook that drips its status"),
        pytest.param("http", HEADERS, id="a webhook that drips its headers"),
        pytest.param("http", HEADERS + b"\r\n", id="a webhook that drips its body"),
        pytest.param("https", b"", id="a webhook that drips its handshake"),
        pytest.param("smtp", b"", id="a mail server that drips its greeting"),
        pytest.param("smtp", b"220 hello\r\n", id="a mail server that drips what it can"),
        pytest.param("smtp", b"220 hello\r\n250 here\r\n250 from\r\n", id="a mail server that drips in the dialogue"),
        pytest.param("smtps", b"", id="a mail server that drips its handshake"),
    ],
)
def test_a_call_as_a_whole_has_one_time_limit(scheme: str, at_once: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A letter every 50 ms is in time for a limit per read, for ever."""
    monkeypatch.setattr("ketenbalans.alerts.channels.ANSWERS_WITHIN_SECONDS", 0.3)
    with a_drip(at_once) as port:
        is_mail = scheme.startswith("smtp")
        channel = (
            by_mail(port, scheme=scheme) if is_mail else Webhook(f"{scheme}://{HERE}:{port}/k3y", PLACES, threshold=5)
        )
        began = time.monotonic()
        failed = failure(channel, "k3y")
        took = time.monotonic() - began
    assert took < 1.2
    assert "(TimeoutError)" in str(failed) or scheme.endswith("s")  # what drips may be no TLS at all, sooner
    assert "call_within" not in {thread.name for thread in threads_alive()}


def test_a_name_that_is_not_found_in_time_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking up a name knows no timeout at all: only the whole call does."""
    monkeypatch.setattr("ketenbalans.alerts.channels.ANSWERS_WITHIN_SECONDS", 0.1)
    monkeypatch.setattr("ketenbalans.alerts.time_limit.ENDS_WITHIN_SECONDS", 0.1)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(0.5))
    for channel in (
        Webhook("http://hooks.example/k3y", PLACES, threshold=5),
        Email("smtp://mail.example", SENDER, (DESK,), PLACES, threshold=5),
    ):
        assert "(TimeoutError)" in str(failure(channel, "k3y"))
    time.sleep(0.5)  # the lookups end in threads of their own


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("ALL_PROXY", "socks5://127.0.0.1:1080", id="a proxy that needs a package"),
        pytest.param("http_proxy", "foo://proxy:1", id="a proxy of an unknown kind"),
        pytest.param("SSL_CERT_FILE", "/nonexistent.pem", id="no certificates"),
    ],
)
def test_an_environment_that_cannot_work_is_a_failure_like_any_other(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(variable)
    monkeypatch.setenv(name, value)
    failure(Webhook(f"http://{HERE}:{free_port()}/k3y", PLACES, threshold=5), "k3y", value)


@pytest.mark.parametrize("url", ["http://\udc80.example/k3y", f"http://{'a' * 64}.example/k3y", "http://a..b/k3y", ""])
def test_a_webhook_whose_name_cannot_be_written_is_a_failure(url: str) -> None:
    assert how_it_ends(Webhook(url, PLACES, threshold=5)) is ChannelFailed


def test_a_channel_shows_no_secret() -> None:
    for channel in (
        by_mail(25, login="desk:s3cret@"),
        Webhook("https://hooks.example/services/s3cret", PLACES, threshold=5),
        Alertmanager("https://desk:s3cret@alerts.example", PLACES, threshold=5),
    ):
        assert "s3cret" not in f"{channel!r} {channel} {[channel]}"


def test_the_url_of_a_webhook_is_in_no_log(web: WebServer, caplog: pytest.LogCaptureFixture) -> None:
    """It is a password, and the client's library logs every URL; a task's log keeps it."""
    with caplog.at_level(logging.DEBUG):
        Webhook(f"{web.url}/services/k3y", PLACES, threshold=5).send(raised(1))
        failure(Webhook(f"http://{HERE}:{free_port()}/services/k3y", PLACES, threshold=5), "k3y")
    assert web.posted
    assert "k3y" not in caplog.text


def test_alertmanager_is_sent_what_stands(web: WebServer) -> None:
    began = NOW - timedelta(days=3)
    (alert,) = alerts_of(raised(1, at=began)).values()
    Alertmanager(f"{web.url}/", PLACES, threshold=5).send_all([alert], now=NOW)
    ((path, (answer,)),) = web.posted
    assert path == "/api/v2/alerts"
    assert answer["labels"] == {
        "alertname": "volume",
        "subject": "police_deliveries",
        "severity": "warning",
        "service": "ketenbalans",
    }
    assert datetime.fromisoformat(answer["startsAt"]) == began
    assert datetime.fromisoformat(answer["endsAt"]) == NOW + STANDS_FOR
    assert answer["annotations"] == {
        "summary": alert.says,
        "description": remedy_of(AlertRule.VOLUME, "police_deliveries"),
        "runbook_url": "https://docs.example/docs/runbooks/alerts.md#volume",
    }
    assert answer["generatorURL"] == "http://airflow.example/ketenbalans/"


@pytest.mark.parametrize(
    ("over_for", "is_told"),
    [
        (timedelta(0), True),
        (timedelta(minutes=14, seconds=59), True),
        (timedelta(minutes=15), False),
        (timedelta(days=2), False),
    ],
)
def test_alertmanager_is_notified_of_what_is_over_for_a_quarter_of_an_hour(
    web: WebServer, over_for: timedelta, *, is_told: bool
) -> None:
    over = resolved(NOW - over_for)
    (stands,) = alerts_of(raised(2, subject="om_registrations")).values()
    Alertmanager(web.url, Places(), threshold=5).send_all([over, stands], now=NOW)
    ((_, answer),) = web.posted
    ends = {one["labels"]["subject"]: datetime.fromisoformat(one["endsAt"]) for one in answer}
    assert ("police_deliveries" in ends) is is_told
    assert ends.get("police_deliveries", NOW) <= NOW < ends["om_registrations"]
    assert not any("generatorURL" in one for one in answer)


def test_alertmanager_learns_on_of_what_is_held_back_and_not_of_what_was_so_from_the_start(web: WebServer) -> None:
    """It calls resolved what it is no longer sent, and what holds is never called resolved."""
    events = raised(1)
    events.append(replace(events[0], step=AlertStep.HELD_BACK, held_back_by="incident:police_deliveries"))
    from_the_start = replace(events[1], subject="om_registrations")
    Alertmanager(web.url, PLACES, threshold=5).send_all(list(alerts_of([*events, from_the_start]).values()), now=NOW)
    ((_, (answer,)),) = web.posted
    assert answer["labels"]["subject"] == "police_deliveries"
    assert answer["annotations"]["held_back_by"] == "incident:police_deliveries"
    assert datetime.fromisoformat(answer["endsAt"]) > NOW


def test_every_channel_can_be_tried_out(web: WebServer, mail: MailServer, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="ketenbalans.alerts"):
        for channel in (
            Log(PLACES),
            by_mail(mail.port),
            Webhook(web.url, PLACES, threshold=5),
            Alertmanager(web.url, PLACES, threshold=5),
        ):
            channel.try_out()
    (arrived,), ((_, post), (path, (alert,))) = mail.mails, web.posted
    assert arrived["Subject"] == "[Ketenbalans] test: this channel works"
    assert arrived["Importance"] == "low"
    assert "test: this channel works" in caplog.text
    assert "test: this channel works" in post["text"]
    assert path.endswith("/api/v2/alerts")
    assert alert["labels"]["alertname"] == "KetenbalansTest"
    assert datetime.fromisoformat(alert["endsAt"]) - datetime.fromisoformat(alert["startsAt"]) == timedelta(minutes=1)


def test_alertmanager_is_left_alone_when_there_is_nothing_to_show(web: WebServer) -> None:
    Alertmanager(web.url, PLACES, threshold=5).send_all([], now=NOW)
    Alertmanager(web.url, PLACES, threshold=5).send_all([resolved(NOW - timedelta(hours=1))], now=NOW)
    assert web.posted == []


def test_alertmanager_that_fails_is_named() -> None:
    (alert,) = alerts_of(raised(1)).values()
    with web_server(500) as web, pytest.raises(ChannelFailed, match=r"by alertmanager \(500\)") as failed:
        Alertmanager(web.url, PLACES, threshold=5).send_all([alert], now=NOW)
    assert web.url not in str(failed.value)


def test_the_log_says_one_line_a_step_and_louder_what_was_raised(caplog: pytest.LogCaptureFixture) -> None:
    (alert,) = alerts_of(raised(1)).values()
    over = step_of(alert, AlertStep.RESOLVED, by=None, note=None, at=NOW)
    answer = [*raised(1), over, replace(raised(2)[0], severity=Severity.NOTICE)]
    with caplog.at_level(logging.INFO, logger="ketenbalans.alerts"):
        Log(PLACES).send(answer)
    assert [record.levelno for record in caplog.records] == [logging.WARNING, logging.INFO, logging.INFO]
    for record, event in zip(caplog.records, answer, strict=True):
        assert record.getMessage() == f"{message_of(event, PLACES).headline}: {event.says}"
