"""Servers that a channel can send something to, on this machine and on a port of their own."""

import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Event, Thread
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HERE = "127.0.0.1"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind((HERE, 0))
        return int(one.getsockname()[1])


def content_of(envelope: Envelope) -> bytes:
    """A mail as it came."""
    assert isinstance(envelope.content, bytes)
    return envelope.content


@dataclass
class MailServer:
    """A mail server that keeps what it takes, or answers something else to one of its verbs."""

    port: int
    answers: dict[str, str] = field(default_factory=dict)
    taken: list[Envelope] = field(default_factory=list)
    logged_in: list[tuple[str, str]] = field(default_factory=list)
    under_tls: list[bool] = field(default_factory=list)

    @property
    def mails(self) -> list[EmailMessage]:
        """What it took."""
        return [message_from_bytes(content_of(envelope), policy=policy.default) for envelope in self.taken]

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient, or say what was to be said to it."""
        if refused := self.answers.get(address) or self.answers.get("RCPT"):
            return refused
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a mail, or say what was to be said to it."""
        if refused := self.answers.get("DATA"):
            return refused
        self.taken.append(envelope)
        self.under_tls.append(session.ssl is not None)
        return "250 OK"

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, auth: Any) -> AuthResult:
        """Whether it is the desk with its password."""
        assert isinstance(auth, LoginPassword)
        self.logged_in.append((auth.login.decode(), auth.password.decode()))
        return AuthResult(success=auth.password == b"s3cret/word", handled=False)


@contextmanager
def mail_server(
    *, takes_a_login: bool = False, answers: dict[str, str] | None = None, **options: Any
) -> Iterator[MailServer]:
    """A mail server while the block runs; ``options`` are those of aiosmtpd's Controller."""
    server = MailServer(free_port(), answers or {})
    if takes_a_login:
        options["authenticator"] = server.authenticate
    controller = Controller(server, hostname=HERE, port=server.port, **options)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


@contextmanager
def a_greeting(said: bytes) -> Iterator[int]:
    """The port of a server that says this to whoever calls first, and hangs up."""
    with socket.create_server((HERE, 0)) as server:

        def greet() -> None:
            caller, _ = server.accept()
            with caller:
                caller.sendall(said)

        thread = Thread(target=greet)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


@contextmanager
def a_drip(at_once: bytes = b"") -> Iterator[int]:
    """The port of a server that says this to whoever calls, and then a letter every so often, without an end."""
    is_over = Event()

    def drip() -> None:
        caller, _ = server.accept()
        with caller, suppress(OSError):  # whoever called has hung up: what it is for
            caller.sendall(at_once)
            while not is_over.wait(0.05):
                caller.sendall(b"x")

    with socket.create_server((HERE, 0)) as server:
        thread = Thread(target=drip)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            is_over.set()
            thread.join()


@dataclass
class WebServer:
    """A web server that keeps what is posted, and answers as it is set to."""

    status: int = 200
    url: str = ""
    posted: list[tuple[str, Any]] = field(default_factory=list)


@contextmanager
def web_server(status: int = 200) -> Iterator[WebServer]:
    """A web server while the block runs."""
    server = WebServer(status)

    class Keeps(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.posted.append((self.path, json.loads(body)))
            self.send_response(server.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    listening = ThreadingHTTPServer((HERE, 0), Keeps)
    server.url = f"http://{HERE}:{listening.server_port}"
    thread = Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


def certificate_of_this_machine(folder: Path) -> Path:
    """A certificate of 127.0.0.1 that signs itself, with its key, in one PEM file."""
    from cryptography import x509  # noqa: PLC0415 (not for a test that needs no certificate)
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HERE)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HERE))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "this-machine.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return pem


def serving_with(pem: Path) -> ssl.SSLContext:
    """What a server needs to speak TLS with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context
