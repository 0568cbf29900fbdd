"""Audit a release that went out: is it what was kept, made under the key of this home, and does the rule still hold?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
from sqlalchemy import Engine

from ketenbalans.jobs.release.keys import release_key
from ketenbalans.jobs.release.making import kept_releases, terms_of
from ketenbalans.release.audit.attack import Narrowed
from ketenbalans.release.audit.consistency import faults_of, name_of
from ketenbalans.release.audit.programme import NothingFits
from ketenbalans.release.helped import Helped, helped_by_one_unit
from ketenbalans.release.making import KeptRelease, ReleaseRefused, make_release, narrowest_of
from ketenbalans.release.offsets import ReleaseKey
from ketenbalans.reports.release_files import DOCUMENT, release_files
from ketenbalans.settings import Settings
from schemas.json_object import JsonObject, fields_to_json
from schemas.release import InvalidRelease, Release, ReleaseGroup
from warehouse.database import snapshot
from warehouse.releases import StoredRelease, release_named, releases_of


@dataclass(frozen=True, kw_only=True)
class ReleaseAudit:
    """What an audit found.

    Attributes:
        release_id: which release.
        releases: of how many releases of its period the attacker was given.
        findings: what is wrong, a sentence each; none: it is what was kept, and the rule holds.
        narrowest: per group with a small count what is known best of those.
        helped: what could be known by more: whoever has one unit's true deliveries from elsewhere.
    """

    release_id: str
    releases: int
    findings: tuple[str, ...]
    narrowest: tuple[tuple[str, Narrowed], ...]
    helped: Helped | None

    def to_json(self) -> JsonObject:
        """What ``release audit --json`` prints."""
        return {
            "release_id": self.release_id,
            "releases": self.releases,
            "findings": list(self.findings),
            "narrowest": [
                {"group": group, **one._asdict(), "whole_numbers": one.whole_numbers} for group, one in self.narrowest
            ],
            "helped": None if self.helped is None else fields_to_json(self.helped),
        }


def audit_release(engine: Engine, settings: Settings, folder: Path) -> ReleaseAudit:
    """Audit the release in a folder against what was kept, and attack all releases of its period.

    Raises:
        InvalidRelease: the folder holds no release.
    """
    found = read_release(folder)
    key = release_key(settings.home)
    with snapshot(engine) as connection:
        right = release_named(connection, found.release_id)
        stored = releases_of(connection, period=found.period)
    findings = [f"{DOCUMENT}: {fault}" for fault in faults_of(found)]
    if right is None:
        findings.append(f"no release {found.release_id} is kept here; `ketenbalans release list` has those that are")
    else:
        findings += _of_the_folder(folder, found, right.release)
        findings += _of_the_key(right, stored, key)
    narrowest, broken = _attacked(kept_releases(stored))
    return ReleaseAudit(
        release_id=found.release_id,
        releases=len(stored),
        findings=(*findings, *broken),
        narrowest=tuple(narrowest),
        helped=None if broken else helped_by_one_unit(kept_releases(stored)),
    )


def read_release(folder: Path) -> Release:
    """The release that a folder holds.

    Raises:
        InvalidRelease: it holds none.
    """
    try:
        return Release.from_json(orjson.loads((folder / DOCUMENT).read_bytes()))
    except (OSError, orjson.JSONDecodeError) as error:
        message = f"{folder / DOCUMENT} cannot be read as a release ({type(error).__name__})"
        raise InvalidRelease(message) from None


def _of_the_folder(folder: Path, found: Release, right: Release) -> Iterator[str]:
    """Where the folder is not what was kept: cell by cell, then file by file."""
    differing = list(_differing(found, right))
    yield from differing
    if found != right and not differing:
        yield f"{DOCUMENT} says otherwise of the release than what was kept"
    for name, content in release_files(right).items():
        file = folder / name
        if not file.is_file():
            yield f"{name} is missing"
        elif file.read_bytes() != content and (name != DOCUMENT or found == right):
            yield f"{name} is not what is written of the release that was kept"


def _differing(found: Release, right: Release) -> Iterator[str]:
    for table, cells in right.tables.items():
        ours = {tuple(cell.key.items()): cell for cell in found.tables.get(table, ())}
        for cell in cells:
            other = ours.pop(tuple(cell.key.items()), None)
            if other is None:
                yield f"{name_of(table, cell)} is missing; {cell.value} was kept"
            elif other.value != cell.value:
                yield f"{name_of(table, cell)}: {other.value} here, {cell.value} was kept"
        yield from (f"{name_of(table, cell)} was not kept" for cell in ours.values())


def _of_the_key(right: StoredRelease, stored: Sequence[StoredRelease], key: ReleaseKey) -> Iterator[str]:
    """Whether what was kept is what its counts give under the key of this home."""
    if right.key_check != key.check:
        yield "the release key of this home is not the one that the release was made under"
        return
    kept = kept_releases(stored)
    place = next(number for number, one in enumerate(kept) if one.release.release_id == right.release.release_id)
    try:
        again = make_release(kept[place].counts, key=key, terms=terms_of(right.release), earlier=kept[:place])
    except (ReleaseRefused, NothingFits) as error:
        yield f"the release cannot be made again from the counts that were kept: {error}"
        return
    if again != right.release:
        yield "what was kept is not what its counts give under the release key: made with another key, or changed"


def _attacked(kept: Sequence[KeptRelease]) -> tuple[list[tuple[str, Narrowed]], list[str]]:
    """What is known best in each group, over all releases of the period, and where the rule does not hold."""
    narrowest, broken = [], []
    for group in ReleaseGroup:
        try:
            found = narrowest_of(group, kept)
        except NothingFits as error:
            broken.append(f"{group.value}: {error}")
            continue
        if found is not None:
            narrowest.append((group.value, found))
            if found.whole_numbers < kept[-1].release.threshold:
                message = f"{group.value}: {found.row} {found.line} is known to {found.whole_numbers} whole numbers"
                broken.append(f"{message} ({found.lowest} to {found.highest})")
    return narrowest, broken
