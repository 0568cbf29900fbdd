"""Reach a broker by the few bytes that this takes: whether its cluster answers, and why it lets somebody not in.

A client of Kafka costs half a second to import, waits as it sees fit, and takes a wrong password for a broker that does
not answer. So TLS is Python's own here, and SCRAM-SHA-512 is spoken as RFC 5802 has it.
"""

import base64
import hashlib
import hmac
import secrets
import socket
import ssl
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ketenbalans.broker.access import MECHANISM, Kafka, KafkaAccess, Security, access_of
from ketenbalans.broker.errors import (
    BrokerError,
    CertificateRefused,
    SecurityDiffers,
    UserNotLetIn,
)

ANSWERS_WITHIN_SECONDS = 1.0
SIGNS_IN_WITHIN_SECONDS = 5.0
METADATA, SASL_HANDSHAKE, SASL_AUTHENTICATE = 3, 17, 36
CORRELATION = 1
DIGEST = "sha512"
LARGEST_ANSWER = 1024 * 1024
MOST_ITERATIONS = 1_000_000

EXPIRED = frozenset({9, 10})
"""OpenSSL's numbers of a certificate that does not hold yet, and of one that holds no more."""

OF_ANOTHER_NAME = frozenset({62, 64})


class NoAnswer(OSError):
    """Who listens there answers something else than what was asked."""


class ProofRefused(NoAnswer):
    """The broker does not take the proof of the user."""


def cluster_answers(kafka: Kafka) -> bool:
    """Say whether a broker answers at one of its addresses."""
    access = access_of(kafka)
    return any(answers_at(host, port, access) for host, port in _places(access))


def answers_at(host: str, port: int, access: KafkaAccess) -> bool:
    """Say whether a broker reports a cluster with a living broker (Metadata request, version 4), within a second each.

    That somebody listens is not enough: the system takes connections also for a process that is stopped.
    """
    no_topics, no_auto_creation = struct.pack(">i", 0), b"\0"
    try:
        with _connected(host, port, access, within_seconds=ANSWERS_WITHIN_SECONDS) as connection:
            if access.is_locked:
                _sign_in(connection, access)
            _ask(connection, METADATA, 4, no_topics + no_auto_creation)
            head = _received(connection, 16)  # length, correlation, throttle time, number of brokers
    except (OSError, ValueError, LookupError, struct.error):
        return False
    _, correlation, _, brokers = struct.unpack(">iiii", head)
    return bool(correlation == CORRELATION and brokers >= 1)  # something else that listens there answers otherwise


def check_let_in(kafka: Kafka) -> None:
    """See that whoever is to ask a Kafka is let in; one that asks for nothing, or does not answer, is not looked at.

    Raises:
        CertificateRefused: the broker's certificate has ended, or is of another authority or name.
        UserNotLetIn: the user or the password is not the one that the broker knows.
        SecurityDiffers: it is not reached in this way at all.
    """
    access = access_of(kafka)
    if access.security is Security.PLAINTEXT:
        return
    refused: BrokerError | None = None
    for host, port in _places(access):
        refused = _refusal_at(host, port, access)
        if refused is None:
            return
    if refused is not None:
        raise refused


def check_not_locked(kafka: Kafka) -> None:
    """See, of a Kafka that did not answer somebody who connects as if it asked for nothing, whether it asks for TLS.

    Raises:
        SecurityDiffers: it does.
    """
    access = access_of(kafka)
    if access.security is not Security.PLAINTEXT:
        return
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # nothing is sent, and nothing believed
    for host, port in _places(access):
        with suppress(OSError), socket.create_connection((host, port), timeout=ANSWERS_WITHIN_SECONDS) as plain:
            context.wrap_socket(plain, server_hostname=host).close()
            raise SecurityDiffers(str(access), access.security, "it asks for TLS")


def _refusal_at(host: str, port: int, access: KafkaAccess) -> BrokerError | None:
    """Why the broker at one address lets this user not in; None when it does, or does not answer."""
    try:
        with _connected(host, port, access, within_seconds=SIGNS_IN_WITHIN_SECONDS) as connection:
            if access.is_locked:
                _sign_in(connection, access)
    except ssl.SSLCertVerificationError as error:
        authority = "the authorities of this machine" if access.authority_file is None else str(access.authority_file)
        return CertificateRefused(str(access), _what_is_wrong(error), authority)
    except ssl.SSLError:
        return SecurityDiffers(str(access), access.security, "it does not answer to TLS as asked")
    except ProofRefused as error:
        return UserNotLetIn(str(access), access.user or "nobody", str(error))
    except (OSError, ValueError, LookupError, struct.error):
        return None
    return None


def _what_is_wrong(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code in EXPIRED:
        return "has ended, or does not hold yet by the clock of this machine"
    return "is of another name" if error.verify_code in OF_ANOTHER_NAME else "is of another authority"


def _places(access: KafkaAccess) -> Iterator[tuple[str, int]]:
    for address in access.bootstrap.split(","):
        host, _, port = address.strip().rpartition(":")
        if port.isdigit():
            yield host.strip("[]"), int(port)


@contextmanager
def _connected(host: str, port: int, access: KafkaAccess, *, within_seconds: float) -> Iterator[socket.socket]:
    with socket.create_connection((host, port), timeout=within_seconds) as plain:
        if access.security is Security.PLAINTEXT:
            yield plain
            return
        file = access.authority_file
        context = ssl.create_default_context(cafile=None if file is None else str(file))
        with context.wrap_socket(plain, server_hostname=host) as encrypted:
            yield encrypted


def _ask(connection: socket.socket, kind: int, version: int, body: bytes) -> None:
    request = struct.pack(">hhih", kind, version, CORRELATION, -1) + body
    connection.sendall(struct.pack(">i", len(request)) + request)


def _asked(connection: socket.socket, kind: int, version: int, body: bytes) -> bytes:
    """The answer to a request, after the number by which it is known."""
    _ask(connection, kind, version, body)
    (length,) = struct.unpack(">i", _received(connection, 4))
    if not 4 <= length <= LARGEST_ANSWER:
        raise NoAnswer
    answer = _received(connection, length)
    if answer[:4] != struct.pack(">i", CORRELATION):
        raise NoAnswer
    return answer[4:]


def _received(connection: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        part = connection.recv(size - len(received))
        if not part:
            raise NoAnswer
        received += part
    return received


def _sign_in(connection: socket.socket, access: KafkaAccess) -> None:
    """Prove the user, and see that the broker knows the password too (RFC 5802).

    Raises:
        ProofRefused: one of the two did not.
    """
    user, password, name = access.user or "", access.password or "", MECHANISM.encode()
    answer = _asked(connection, SASL_HANDSHAKE, 1, struct.pack(">h", len(name)) + name)
    if struct.unpack_from(">h", answer) != (0,):
        message = f"it has no {MECHANISM}"
        raise ProofRefused(message)
    nonce = secrets.token_hex(16)
    escaped = user.replace("=", "=3D").replace(",", "=2C")
    first = f"n={escaped},r={nonce}"
    challenge = _authenticate(connection, f"n,,{first}".encode()).decode()
    given = dict(part.split("=", 1) for part in challenge.split(","))
    iterations = int(given["i"])
    if not given["r"].startswith(nonce) or not 0 < iterations <= MOST_ITERATIONS:
        raise NoAnswer
    salted = hashlib.pbkdf2_hmac(DIGEST, password.encode(), base64.b64decode(given["s"]), iterations)
    last = f"c=biws,r={given['r']}"
    signed = f"{first},{challenge},{last}".encode()
    client_key = _hmac(salted, b"Client Key")
    signature = _hmac(hashlib.new(DIGEST, client_key).digest(), signed)
    proof = bytes(one ^ other for one, other in zip(client_key, signature, strict=True))
    verdict = _authenticate(connection, f"{last},p={base64.b64encode(proof).decode()}".encode()).decode()
    expected = _hmac(_hmac(salted, b"Server Key"), signed)
    if not hmac.compare_digest(verdict, f"v={base64.b64encode(expected).decode()}"):
        message = "it does not know the password itself"
        raise ProofRefused(message)


def _authenticate(connection: socket.socket, message: bytes) -> bytes:
    answer = _asked(connection, SASL_AUTHENTICATE, 0, struct.pack(">i", len(message)) + message)
    error, text_length = struct.unpack_from(">hh", answer)
    if error:
        why = "it does not know this user with this password"
        raise ProofRefused(why)
    place = 4 + max(0, text_length)
    (length,) = struct.unpack_from(">i", answer, place)
    return answer[place + 4 : place + 4 + length]


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, DIGEST).digest()
