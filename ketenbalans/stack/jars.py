"""The jars of Apache Kafka: which ones, and the promise that the listed ones are what is started."""

import fcntl
import hashlib
import os
import tomllib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from ketenbalans.stack.errors import DownloadFailed

LIST = "kafka_jars.toml"
LOCK = "fetching.lock"
DOWNLOADS_AT_ONCE = 8
FETCH_TIMEOUT_SECONDS = 60

CERTIFICATES = "SSL_CERT_FILE"
"""The certificates that programs on this machine trust, where somebody names a file of their own."""

CERTIFICATES_OF_THE_CLIENT = "REQUESTS_CA_BUNDLE"


@dataclass(frozen=True)
class Jar:
    """One artifact as the list names it."""

    group: str
    artifact: str
    version: str
    sha256: str

    def path(self, cache: Path) -> Path:
        """Where the cache keeps it."""
        name = f"{self.artifact}-{self.version}.jar"
        return cache.joinpath("maven", *self.group.split("."), self.artifact, self.version, name)


def listed_jars() -> list[Jar]:
    """Read the committed list."""
    listed = tomllib.loads(resources.files("ketenbalans.stack").joinpath(LIST).read_text(encoding="utf-8"))
    return [Jar(**entry) for entry in listed["jars"]]


def provide_jars(cache: Path, *, say: Callable[[str], None]) -> list[Path]:
    """Give the path of every listed jar, each with the listed sha-256, in the order of the list.

    Jars are fetched when the cache lacks them; a complete cache needs no network and no resolving. Of several starts
    that share a cache one fetches, and the others wait for it.

    Raises:
        DownloadFailed: a jar cannot be fetched, or is not the listed one.
    """
    jars = listed_jars()
    if _missing(jars, cache):
        with _one_at_a_time(cache, say):
            missing = _missing(jars, cache)  # the start that was waited for may have fetched them
            if missing:
                _fetch(missing, cache, say)
    for jar in jars:
        _check(jar, cache)
    return [jar.path(cache) for jar in jars]


def _missing(jars: Sequence[Jar], cache: Path) -> list[Jar]:
    return [jar for jar in jars if not jar.path(cache).exists()]


@contextmanager
def _one_at_a_time(cache: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock under which jars are fetched; it falls with the process that holds it."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / LOCK).open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another start downloads the jars; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _check(jar: Jar, cache: Path) -> None:
    """Refuse a jar with other content than the list says."""
    path = jar.path(cache)
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != jar.sha256:
        message = (
            f"{path.name} is not the listed jar: sha-256 {found}, expected {jar.sha256} ({LIST}); "
            f"delete the folder {path.parent} and start again"
        )
        raise DownloadFailed(message)


def _fetch(missing: Sequence[Jar], cache: Path, say: Callable[[str], None]) -> None:
    """Fetch jars into a side folder and move each into place only once it is the listed one."""
    from jgo.maven import MavenContext  # noqa: PLC0415 - a warm start has no use for it

    draft = cache / "fetching"
    context = MavenContext(repo_cache=draft / "maven", timeout=FETCH_TIMEOUT_SECONDS)

    def fetch(jar: Jar) -> Jar:
        jar.path(draft).unlink(missing_ok=True)  # what a killed start left may be half a jar
        try:
            context.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve()
        except Exception as error:
            raise DownloadFailed(_why_not(jar, error, cache)) from error
        _check(jar, draft)
        jar.path(cache).parent.mkdir(parents=True, exist_ok=True)
        jar.path(draft).replace(jar.path(cache))
        return jar

    say(f"downloading {len(missing)} jars, once")
    fetched_bytes = 0
    with ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool, _certificates_of_ones_own():
        try:
            fetches = [pool.submit(fetch, jar) for jar in missing]
            for arrived, one in enumerate(as_completed(fetches), start=1):
                jar = one.result()
                fetched_bytes += jar.path(cache).stat().st_size
                progress = f"{arrived} of {len(missing)} jars ({fetched_bytes / 1_000_000:.0f} MB)"
                say(f"downloaded {progress}: {jar.artifact} {jar.version}")
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _why_not(jar: Jar, error: Exception, cache: Path) -> str:
    from requests.exceptions import SSLError  # noqa: PLC0415 - as above

    kept = f"set KETENBALANS_CACHE to a folder that holds the jars (now {cache})"
    why = f"{jar.artifact} {jar.version} could not be downloaded ({type(error).__name__})"
    if isinstance(error, SSLError):
        return (
            f"{why}: the certificate of who answers is not trusted here; behind a proxy that opens TLS, set "
            f"{CERTIFICATES} to a file with its certificate (PEM) and start again, or {kept}"
        )
    return f"{why}; check the network and start again, or {kept}"


@contextmanager
def _certificates_of_ones_own() -> Iterator[None]:
    """Let ``SSL_CERT_FILE`` count here as it does for the installer; the client of the jars has another variable."""
    named = os.environ.get(CERTIFICATES)
    if not named or CERTIFICATES_OF_THE_CLIENT in os.environ:
        yield
        return
    os.environ[CERTIFICATES_OF_THE_CLIENT] = named
    try:
        yield
    finally:
        del os.environ[CERTIFICATES_OF_THE_CLIENT]
