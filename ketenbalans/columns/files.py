"""The coded rows of one register as files: segments that never change, and a manifest that names those that count.

A file is written under a draft's name, and a segment counts from the moment at which the manifest that names it is
renamed into its place: a process that is killed leaves either the old manifest or the new one. Every byte that is read
is compared with the BLAKE3 that the manifest gives, and the manifest with its own SHA-256.
"""

import contextlib
import hashlib
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial

import polars as pl

from ketenbalans.columns.own_folder import OwnFolder
from ketenbalans.columns.segment import RowSegment
from warehouse.loaded_rows import LoadMark

MANIFEST = "manifest.json"
ROWS, IDS = "rows", "ids"
A_VERSION = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class KeptSegment:
    """A segment as the manifest names it: its loads, and each of its files with its BLAKE3 in hex."""

    first_load: int
    last_load: int
    row_count: int
    files: dict[str, str]

    def name_of(self, what: str) -> str:
        """The name of its file of rows or of ids; no two different files have the same."""
        return file_name(self.last_load, what, self.files[what])


@dataclass(frozen=True)
class Manifest:
    """What counts of a folder.

    Attributes:
        segments: in the order of their loads, without gaps, from load 1.
        marks: some of the loads, the last of each segment among them: by number.
        digest: SHA-256 of all this, by which two manifests are compared.
    """

    segments: tuple[KeptSegment, ...]
    marks: dict[int, LoadMark]
    digest: str = ""

    @property
    def last_load(self) -> int:
        """The last load that the segments hold."""
        return self.segments[-1].last_load

    def to_bytes(self) -> bytes:
        """The manifest as JSON, with its own SHA-256."""
        body = {
            "segments": [asdict(one) for one in self.segments],
            "marks": [asdict(mark) for _, mark in sorted(self.marks.items())],
        }
        return json.dumps({"sha256": _digest_of(body), **body}, indent=1).encode()

    @classmethod
    def of_bytes(cls, content: bytes) -> "Manifest | None":
        """The manifest of its JSON; None when it is none, or not whole."""
        try:
            body = json.loads(content)
            digest = body.pop("sha256")
            if digest != _digest_of(body) or not body["segments"]:
                return None
            marks = [LoadMark(**mark) for mark in body["marks"]]
            segments = tuple(KeptSegment(**one) for one in body["segments"])
        except (ValueError, TypeError, KeyError, AttributeError):
            return None
        return cls(segments, {mark.load_number: mark for mark in marks}, digest)


def _digest_of(body: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


class RegisterFolder(OwnFolder):
    """The folder of one register's files. It is made when something is written."""

    def read_manifest(self) -> Manifest | None:
        """What counts; None when nothing was ever written, or what was written is no manifest.

        Raises:
            NotKept: it cannot be read, or the folder is somebody else's.
        """
        content = self.manifest(MANIFEST)
        return None if content is None else Manifest.of_bytes(content)

    def open(self, kept: KeptSegment, *, with_ids: bool) -> RowSegment:
        """The segment that a manifest names; its ids are seen now too, or only when something ties.

        Raises:
            Damaged: a file is missing, or other bytes than were written.
        """
        if with_ids:
            self._read(kept, IDS)
        rows = self._read(kept, ROWS)
        return RowSegment(kept.first_load, kept.last_load, rows, lambda: self._read(kept, IDS))

    def with_kept_ids(self, segment: RowSegment, kept: KeptSegment) -> RowSegment:
        """A segment that was written, with ids that are read of its file when something ties."""
        return replace(segment, read_ids=lambda: self._read(kept, IDS))

    def _read(self, kept: KeptSegment, what: str) -> pl.DataFrame:
        return self.read(kept.name_of(what), kept.files[what])

    def write(self, segment: RowSegment) -> KeptSegment:
        """Write the files of a segment. They count when a manifest names them.

        Raises:
            NotKept: there is no room, or the folder cannot be written.
        """
        named = partial(file_name, segment.last_load)
        files = {
            what: self.write_frame(frame, named=partial(named, what))
            for what, frame in ((ROWS, segment.rows), (IDS, segment.read_ids()))
        }
        return KeptSegment(segment.first_load, segment.last_load, segment.rows.height, files)

    def name_segments(self, segments: Sequence[KeptSegment], marks: dict[int, LoadMark]) -> None:
        """Let these segments count from now on, and remove all other files.

        Raises:
            NotKept: the manifest cannot be written; what counted before still does.
        """
        stays = {one.name_of(what) for one in segments for what in one.files}
        self.commit(MANIFEST, Manifest(tuple(segments), marks).to_bytes(), stays=stays)
        self._remove_other_versions()

    def _remove_other_versions(self) -> None:
        """Remove what other versions of the columns kept of this warehouse: whoever still runs one makes it anew."""
        ours = self.folder.parent
        with contextlib.suppress(OSError):  # somebody throws all of it away just now
            for folder in list(ours.parent.iterdir()):
                if folder != ours and A_VERSION.fullmatch(folder.name):
                    shutil.rmtree(folder, ignore_errors=True)


def file_name(last_load: int, what: str, digest: str) -> str:
    """The name of a file of rows or of ids; no two different files have the same."""
    return f"{last_load}-{digest[:16]}.{what}.arrow"
