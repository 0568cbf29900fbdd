"""Jars are downloaded behind a certificate of one's own; without it the first error says what to set."""

import hashlib
import http.server
import os
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from jgo.maven import MavenContext

from ketenbalans.stack import jars
from ketenbalans.stack.errors import DownloadFailed

CONTENT = b"what a jar is, for a test"
TRUSTED = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that signs itself, as a proxy that opens TLS has one, with its key in the same file."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "proxy")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "proxy.pem"
    private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, *private) + signed.public_bytes(serialization.Encoding.PEM)
    )
    return file


class Jars(http.server.BaseHTTPRequestHandler):
    """Answers every jar with the same content, and its sha-1."""

    def do_GET(self) -> None:
        body = hashlib.sha1(CONTENT).hexdigest().encode() if self.path.endswith(".sha1") else CONTENT
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(autouse=True)
def server(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    served = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Jars)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    served.socket = tls.wrap_socket(served.socket, server_side=True)
    threading.Thread(target=served.serve_forever, daemon=True).start()
    there = {"proxy": f"https://127.0.0.1:{served.server_port}"}
    monkeypatch.setattr("jgo.maven.MavenContext", partial(MavenContext, remote_repos=there))
    listed = [
        jars.Jar(
            group="org.example", artifact=f"thing-{number}", version="1.0", sha256=hashlib.sha256(CONTENT).hexdigest()
        )
        for number in range(3)
    ]
    monkeypatch.setattr(jars, "listed_jars", lambda: listed)
    for name in (*TRUSTED, "HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield
    served.shutdown()
    served.server_close()


def test_a_certificate_that_is_not_trusted_says_which_variable_names_one(tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed, match=r"thing-\d 1\.0 could not be .*\(SSLError\).*set SSL_CERT_FILE to a file"):
        jars.provide_jars(tmp_path, say=lambda _: None)


def test_a_certificate_of_ones_own_counts_for_the_download_and_for_nothing_after_it(
    tmp_path: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    said: list[str] = []
    found = jars.provide_jars(tmp_path, say=said.append)
    assert [path.read_bytes() for path in found] == [CONTENT] * 3
    assert "REQUESTS_CA_BUNDLE" not in os.environ
    assert [line.partition(":")[0] for line in said[1:]] == [f"downloaded {n} of 3 jars (0 MB)" for n in (1, 2, 3)]


def test_starts_that_share_an_empty_cache_all_get_the_jars_and_fetch_each_once(
    tmp_path: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    said: list[list[str]] = [[] for _ in range(8)]
    with ThreadPoolExecutor(len(said)) as starts:
        found = list(starts.map(lambda one: jars.provide_jars(tmp_path, say=one.append), said))
    assert [[path.read_bytes() for path in start] for start in found] == [[CONTENT] * 3] * len(said)
    assert sum(line.startswith("downloaded") for start in said for line in start) == 3


def test_what_the_client_was_reported_comes_first(
    tmp_path: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "another.pem"))
    assert len(jars.provide_jars(tmp_path, say=lambda _: None)) == 3
    assert os.environ["REQUESTS_CA_BUNDLE"] == str(certificate)
