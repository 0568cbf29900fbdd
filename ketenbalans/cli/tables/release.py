"""Releases, on the terminal."""

from collections.abc import Sequence

from ketenbalans.cli.output import Listing, answers
from ketenbalans.jobs.release.auditing import ReleaseAudit
from ketenbalans.jobs.release.making import WrittenRelease
from ketenbalans.jobs.release.reading import ListedRelease
from schemas.release import NATIONAL_LINES, ROW_LINES, Release, ReleaseFlag


def print_written(written: WrittenRelease) -> None:
    """Print what was made, and where it is."""
    print_head(written.release)
    if not written.is_new:
        answers.print("It was made before, and is the same.", style="soft")
    for file in written.files:
        answers.print(f"  {file}", markup=False, soft_wrap=True)


def print_head(release: Release) -> None:
    """Print what a release is of, what is withheld, and which exact lines moved a little."""
    what = "Draft release" if release.draft else "Release"
    answers.print(f"[figure]{what} {release.release_id}[/figure]: {release.period} as known on {release.as_of}")
    if release.synthetic:
        answers.print("Synthetic data: it concerns no existing person.")
    counts = (f"{release.value('national', line=line)} {line.replace('_', ' ')}" for line in NATIONAL_LINES)
    answers.print(f"Exact: {', '.join(counts)}; all else in multiples of {release.threshold}")
    if release.withheld:
        answers.print(f"Withheld: {', '.join(release.withheld)}")
    print_flags(release.flags)


def print_flags(flags: Sequence[ReleaseFlag]) -> None:
    """Print per exact line since which releases it moved so little that it may be about one file."""
    for line in dict.fromkeys(flag.line for flag in flags):
        moves = ", ".join(f"{flag.change:+} since {flag.since}" for flag in flags if flag.line == line)
        answers.print(f"{line} moved so little that it may be about one file: {moves}", style="warning")


def print_releases(found: Sequence[ListedRelease]) -> None:
    """Print a row per release."""
    if not found:
        answers.print("no release was made yet")
        return
    table = Listing("release", "as of", "draft", "figure set", "withheld", "made at", "made by")
    for one in found:
        release = one.release
        table.add(
            release.release_id,
            str(release.as_of),
            "yes" if release.draft else "no",
            (release.figure_set or "")[:12],
            ", ".join(release.withheld),
            f"{one.made_at:%Y-%m-%d %H:%M}",
            one.made_by or "",
        )
    answers.print(table)


def print_release(release: Release) -> None:
    """Print the tables of a release."""
    print_head(release)
    causes = Listing("line", "cause", "value", numbers=["value"])
    for cell in release.tables["national"]:
        if len(cell.key) > 1 or cell.key["line"] not in NATIONAL_LINES:
            causes.add(cell.key["line"], cell.key.get("cause", ""), str(cell.value))
    answers.print(causes)
    for name in ("unit", "month"):
        if not release.tables[name]:
            continue
        table = Listing(name, *ROW_LINES, numbers=list(ROW_LINES))
        rows: dict[str, list[str]] = {}
        for cell in release.tables[name]:
            rows.setdefault(cell.key[name], []).append(str(cell.value))
        for row, values in rows.items():
            table.add(row, *values)
        answers.print(table)


def print_audit(found: ReleaseAudit) -> None:
    """Print what is wrong, or that nothing is, and how narrowly anything can be known."""
    for finding in found.findings:
        answers.print("wrong", style="error", end=" ")
        answers.print(finding, markup=False)
    if not found.findings:
        answers.print(f"[figure]Release {found.release_id} is what was kept, and the rule holds[/figure]")
    answers.print(f"Known best, by whoever has the {found.releases} releases of the year:")
    for group, one in found.narrowest:
        since = "" if one.since is None else f" since {one.since}"
        line = f"  {group}: {one.row} {one.line} in {one.release_id}{since}: {one.lowest} to {one.highest}"
        answers.print(f"{line}, {one.whole_numbers} whole numbers", markup=False)
    if found.helped is not None:
        helped = found.helped
        line = f"Whoever has one unit's exact deliveries from elsewhere: {helped.narrowed} of {helped.units} units"
        answers.print(f"{line} below the threshold, at worst {helped.fewest} whole numbers of a gap", style="soft")
