"""One register as coded rows, up to what a snapshot sees: from files that agree with it, else from the warehouse.

The files agree when the newest load of theirs that the snapshot sees is the same there. Then what came since is read
and appended; a snapshot that sees less than the files hold reads up to its own load. When anything differs all is read
anew and written in the place of what was there. What cannot be written is worked with in memory: the answer is the
same, the next one takes as long.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from ketenbalans.columns.coding import CodedSource
from ketenbalans.columns.files import Manifest, RegisterFolder
from ketenbalans.columns.own_folder import Damaged, NotKept
from ketenbalans.columns.segment import RowSegment, merged, segment_of, without_loads_after
from warehouse.loaded_rows import LoadMark, loads_numbered, newest_loads, rows_of_loads

logger = logging.getLogger("ketenbalans.columns")

GROWTH = 8
"""A segment is merged with the one before it unless that is so many times as large: n rows are some log n files."""

MARKS = 64
"""Of so many of the last loads the files say which they are, for snapshots that see a little less than they hold."""

TRIES = 5
"""Times that another process may replace what is being opened."""

_logged: set[tuple[str, str]] = set()
"""What was logged already: once a process is enough."""


@dataclass(frozen=True)
class RegisterLog:
    """All that a snapshot sees of a register.

    Attributes:
        coded: how it is coded.
        segments: its rows; at least one segment.
    """

    coded: CodedSource
    segments: tuple[RowSegment, ...]


def log_of(
    connection: Connection, coded: CodedSource, place: RegisterFolder | None, *, with_ids: bool = False
) -> RegisterLog:
    """All that a snapshot sees of a register, and its files brought up to that.

    Args:
        connection: of the snapshot.
        coded: how the register is coded.
        place: where its files lie; None: nothing is kept.
        with_ids: see now, and not when something ties, whether the files of ids are as they were written.
    """
    marks = newest_loads(connection, coded.source, at_most=MARKS)
    if not marks or place is None:
        read = _read(connection, coded, after=0, up_to=marks[0].load_number if marks else 0)
        return RegisterLog(coded, (read,))
    return RegisterLog(coded, tuple(_Update(connection, coded, place, marks).segments(with_ids=with_ids)))


def keep_up_to_date(connection: Connection, coded: CodedSource, place: RegisterFolder) -> None:
    """Bring the files of a register up to what a snapshot sees, for the next question; no answer depends on it.

    Of what is kept only that is read with which something new is made one. Nothing is done while another process
    writes there; that nothing can be kept is logged.

    Args:
        connection: of the snapshot.
        coded: how the register is coded.
        place: where its files lie.
    """
    marks = newest_loads(connection, coded.source, at_most=MARKS)
    if marks:
        _Update(connection, coded, place, marks).append()


@dataclass(frozen=True)
class _Update:
    """Files that are brought up to what a snapshot sees.

    Attributes:
        connection: of the snapshot.
        coded: how the register is coded.
        place: where its files lie.
        marks: the last loads that the snapshot sees, the newest first.
    """

    connection: Connection
    coded: CodedSource
    place: RegisterFolder
    marks: Sequence[LoadMark]

    @property
    def up_to(self) -> int:
        """The last load that the snapshot sees."""
        return self.marks[0].load_number

    def segments(self, *, with_ids: bool) -> list[RowSegment]:
        """All that the snapshot sees."""
        try:
            for _ in range(TRIES):
                manifest = self.place.read_manifest()
                common = self._newest_in_both(manifest)
                try:
                    held = self._held(manifest, common, with_ids=with_ids)
                    return self._completed(manifest, held, after=common)
                except Damaged as damage:
                    if self.place.read_manifest() == manifest:
                        _warn_once(self.place, f"{damage}; all is read anew")
                        return self._completed(None, [], after=0, instead_of=manifest)
                    # else another process replaced what was being opened
            message = "other processes keep replacing the files"
            raise NotKept(message)
        except NotKept as reason:
            _warn_once(self.place, f"{reason}; they are read from the warehouse, which takes longer")
            return [self._read(after=0)]

    def _newest_in_both(self, manifest: Manifest | None) -> int:
        """The newest load that the files name and the snapshot sees; 0 when it is another one there, or there is none.

        Raises:
            NotKept: the files are of loads that the snapshot does not see: it can tell nothing of them.
        """
        if manifest is None:
            return 0
        numbers = [number for number in manifest.marks if number <= self.up_to]
        if not numbers:
            message = "they hold later loads alone than this snapshot sees"
            raise NotKept(message)
        number = max(numbers)
        there = loads_numbered(self.connection, self.coded.source, [number])
        return number if there == [manifest.marks[number]] else 0

    def _held(self, manifest: Manifest | None, common: int, *, with_ids: bool) -> list[RowSegment]:
        if manifest is None:
            return []
        needed = [kept for kept in manifest.segments if kept.first_load <= common]
        return [without_loads_after(common, self.place.open(kept, with_ids=with_ids)) for kept in needed]

    def _completed(
        self, manifest: Manifest | None, held: list[RowSegment], *, after: int, instead_of: Manifest | None = None
    ) -> list[RowSegment]:
        """What the files hold with what came since, which is appended unless the files hold more, or others write."""
        if after == self.up_to:
            return held
        new = self._read(after=after)
        if manifest is not None and held and manifest.last_load > after:
            return [*held, new]
        try:
            with self.place.written_alone() as is_alone:
                if is_alone and self.place.read_manifest() == (instead_of or manifest):
                    stay, last = self._written(manifest if held else None, new, held.__getitem__)
                    return [*held[:stay], last]
        except NotKept as reason:
            _warn_once(self.place, f"{reason}; what came since is read from the warehouse each time")
        return [*held, new]

    def append(self) -> None:
        """Append what the snapshot sees and the files do not hold, unless they hold more or others write."""
        try:
            with self.place.written_alone() as is_alone:
                if not is_alone:
                    return
                manifest = self.place.read_manifest()
                after = self._newest_in_both(manifest)
                if after == self.up_to or (manifest is not None and 0 < after < manifest.last_load):
                    return
                before = manifest if after else None
                try:
                    self._written(before, self._read(after=after), self._opened(before))
                except Damaged as damage:
                    _warn_once(self.place, f"{damage}; all is read anew")
                    self._written(None, self._read(after=0), self._opened(None))
        except NotKept as reason:
            _warn_once(self.place, f"{reason}; the next question reads the warehouse, which takes longer")

    def _opened(self, manifest: Manifest | None) -> Callable[[int], RowSegment]:
        kept = manifest.segments if manifest is not None else ()
        return lambda place: self.place.open(kept[place], with_ids=False)

    def _written(
        self, manifest: Manifest | None, new: RowSegment, segment_at: Callable[[int], RowSegment]
    ) -> tuple[int, RowSegment]:
        """Write a segment after those of a manifest, made one with those before it that are not much larger.

        Args:
            manifest: what counts and ends where the segment begins; None: the segment is all.
            new: the segment.
            segment_at: gives one of the manifest's segments by its place; asked for those alone that are made one.

        Returns:
            How many of the manifest's segments stay as they are, and the one that follows on them.
        """
        kept = manifest.segments if manifest is not None else ()
        stay, size = len(kept), new.rows.height
        while stay and kept[stay - 1].row_count < GROWTH * size:
            stay -= 1
            size += kept[stay].row_count
        ones = [segment_at(place) for place in range(stay, len(kept))]
        last = merged(self.coded, [*ones, new]) if ones else new
        written = self.place.write(last)
        known = {mark.load_number: mark for mark in (*(manifest.marks.values() if manifest else ()), *self.marks)}
        segments = (*kept[:stay], written)
        named = {one.last_load for one in segments} | {mark.load_number for mark in self.marks}
        self.place.name_segments(segments, {number: mark for number, mark in known.items() if number in named})
        return stay, self.place.with_kept_ids(last, written)

    def _read(self, *, after: int) -> RowSegment:
        return _read(self.connection, self.coded, after=after, up_to=self.up_to)


def _read(connection: Connection, coded: CodedSource, *, after: int, up_to: int) -> RowSegment:
    rows = rows_of_loads(connection, coded.source, coded.types_read, after=after, up_to=up_to)
    return segment_of(coded, rows, first_load=after + 1, last_load=up_to)


def _warn_once(place: RegisterFolder, text: str) -> None:
    if (str(place.folder), text) not in _logged:
        _logged.add((str(place.folder), text))
        logger.warning("the columns in %s: %s", place.folder, text)
