"""The certificates of a locked Kafka: an authority of its own, and one certificate of the broker that it signed.

Whoever has the authority's certificate knows the broker by it; its key signs nothing else and leaves no home. Both are
elliptic curve keys (P-256). The broker's certificate lasts a year, so that a key that got out does not count for ever.
"""

import ipaddress
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ketenbalans.stack.errors import SecretUnusable
from ketenbalans.whole_files import WholeFiles

AUTHORITY_LASTS = timedelta(days=3650)
CERTIFICATE_LASTS = timedelta(days=365)
RENEWED_BEFORE_ITS_END = timedelta(days=30)
CLOCKS_DIFFER_BY = timedelta(minutes=5)
"""A certificate holds from a little before it was made: the clock of who looks at it may be behind."""

AUTHORITY, AUTHORITY_KEY, BROKER = "authority.pem", "authority.key", "broker.pem"


def make_authority(folder: Path) -> None:
    """Make the authority, its certificate and its key, where the folder has none."""
    if (folder / AUTHORITY).exists() and (folder / AUTHORITY_KEY).exists():
        return
    key, name, now = ec.generate_private_key(ec.SECP256R1()), _name("ketenbalans authority"), datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCKS_DIFFER_BY)
        .not_valid_after(now + AUTHORITY_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    with WholeFiles(folder, for_its_owner_only=True) as files:
        files.add(AUTHORITY_KEY, _key_as_pem(key))
        files.add(AUTHORITY, made.public_bytes(serialization.Encoding.PEM))


def make_certificate(
    folder: Path, *, user: str, hosts: Sequence[str], lasts: timedelta = CERTIFICATE_LASTS, name: str = BROKER
) -> None:
    """Let the authority of a folder sign a new certificate and key of the broker, in place of the one before.

    Args:
        folder: has the authority, and gets the certificate with its key, as one file.
        user: whom the certificate names: the broker's own user.
        hosts: the names and addresses under which the broker is reached.
        lasts: until when from now; before now for one that has ended.
        name: of the file.

    Raises:
        SecretUnusable: the authority cannot be read.
    """
    authority, authority_key = _authority(folder)
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    begins = min(now, now + lasts) - CLOCKS_DIFFER_BY
    made = (
        x509.CertificateBuilder()
        .subject_name(_name(user))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(min(now + lasts, authority.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False
        )
        .add_extension(x509.SubjectAlternativeName([_host(one) for one in hosts]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    pem = b"".join(one.public_bytes(serialization.Encoding.PEM) for one in (made, authority))
    with WholeFiles(folder, for_its_owner_only=True) as files:
        files.add(name, _key_as_pem(key) + pem)


def ends_at(file: Path) -> datetime | None:
    """When the first certificate of a file ends, in UTC; None when there is no such file, or no certificate in it."""
    try:
        return x509.load_pem_x509_certificates(file.read_bytes())[0].not_valid_after_utc
    except (OSError, ValueError, IndexError):
        return None


def is_to_be_renewed(file: Path) -> bool:
    """Whether a certificate is not there, has ended or ends soon."""
    end = ends_at(file)
    return end is None or end - datetime.now(UTC) < RENEWED_BEFORE_ITS_END


def _authority(folder: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    for name in (AUTHORITY, AUTHORITY_KEY):
        if not (folder / name).is_file():
            raise SecretUnusable(folder / name, what_is_wrong="is not there")
    try:
        certificate = x509.load_pem_x509_certificate((folder / AUTHORITY).read_bytes())
        key = serialization.load_pem_private_key((folder / AUTHORITY_KEY).read_bytes(), password=None)
    except (OSError, ValueError) as error:
        what = f"cannot be read ({type(error).__name__})"
        raise SecretUnusable(folder / AUTHORITY_KEY, what_is_wrong=what) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise SecretUnusable(folder / AUTHORITY_KEY, what_is_wrong="holds no key of ours")
    return certificate, key


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _host(text: str) -> x509.GeneralName:
    """An address is known by its own kind of name: a client that is given an address looks for no other."""
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _key_as_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
