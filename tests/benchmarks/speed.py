"""``make bench``: how fast the product is, in ratios that are formed inside one run. ``--help`` tells the options."""

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pipeline import __version__
from pipeline.media.binaries import ffmpeg
from tests.benchmarks.bench import FULL, QUICK, Bench
from tests.benchmarks.corrections import correction_rows
from tests.benchmarks.others import memory_rows, overlap_rows, start_rows
from tests.benchmarks.sources import ROOT
from tests.benchmarks.table import Row, as_markdown, as_text, failed, load, merged, save
from tests.benchmarks.whole import Contests, quality_rows, rival_rows, whole_rows

GROUPS = ("start", "whole", "quality", "rivals", "lecture", "overlap", "memory")
_PAGE = Path(__file__).with_name("page.md")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, and write the page; return 1 when a row failed."""
    options = _options(argv)
    sizes = QUICK if options.quick else FULL
    sizes = replace(sizes, repeats=options.repeats or sizes.repeats)
    bench = Bench(options.folder.absolute(), sizes, options.quick)
    kept = options.folder / ("quick.json" if options.quick else "rows.json")
    old = load(kept) if options.keep else []
    rows: list[Row] = []
    try:
        for row in measured(bench, options.only):
            rows.append(replace(row, when=f"{datetime.now(UTC):%Y-%m-%d} {_revision()}"))
            save(merged(old, rows, GROUPS), kept)
            sys.stdout.write(as_text([row]).splitlines()[-1] + "\n")
            sys.stdout.flush()
    finally:
        every = merged(old, rows, GROUPS)
        sys.stdout.write(f"\n{as_text(every)}\n")
        if options.page is not None:
            options.page.parent.mkdir(parents=True, exist_ok=True)
            options.page.write_text(page(every), "utf-8")
    return int(any(row.failure for row in rows))


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.speed", description=__doc__)
    parser.add_argument("--only", default="", help=f"groups, with commas between them: {', '.join(GROUPS)}")
    parser.add_argument("--repeats", type=int, help=f"repeats of what is compared ({FULL.repeats})")
    parser.add_argument("--quick", action="store_true", help="try the benchmark itself; the figures mean nothing")
    parser.add_argument("--keep", action="store_true", help="keep the earlier run's rows of the groups not measured")
    parser.add_argument("--page", type=Path, help="page to write the table to")
    parser.add_argument("--folder", type=Path, default=ROOT / ".cache" / "bench", help="work folder, kept")
    options = parser.parse_args(argv)
    options.only = tuple(options.only.split(",")) if options.only else GROUPS
    unknown = set(options.only) - set(GROUPS)
    if unknown:
        parser.error(f"no such group: {', '.join(sorted(unknown))}")
    return options


def measured(bench: Bench, groups: Sequence[str]) -> Iterator[Row]:
    """Give the rows of the groups, as they come; a group that breaks off is a failed row."""
    contests = Contests(bench, frozenset(groups))
    makers: dict[str, Callable[[], Iterator[Row]]] = {
        "start": lambda: start_rows(bench),
        "whole": lambda: whole_rows(contests),
        "quality": lambda: quality_rows(contests),
        "rivals": lambda: rival_rows(contests),
        "lecture": lambda: correction_rows(bench),
        "overlap": lambda: overlap_rows(bench),
        "memory": lambda: memory_rows(bench),
    }
    for group in GROUPS:
        if group in groups:
            try:
                yield from makers[group]()
            except Exception as error:
                yield failed(Row(f"{group}/rest", "the rest of its rows"), error)


def page(rows: Sequence[Row]) -> str:
    """Return the page: the machine in general words, what each row means, and the table."""
    runs = "; ".join(sorted({row.when for row in rows if row.when})) or "never"
    return _PAGE.read_text("utf-8").format(machine=machine(), runs=runs, table=as_markdown(rows))


def machine() -> str:
    """Return the machine and the tools in general words."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return (
        f"{len(os.sched_getaffinity(0))} processor cores ({platform.machine()}), {memory:.0f} GB of memory, "
        f"{platform.system()}; Python {platform.python_version()}, ffmpeg {ffmpeg().version}, weike {__version__}. "
        f"Load average over the last 15 minutes, the benchmark included: {os.getloadavg()[2]:.1f}."
    )


def _revision() -> str:
    git = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    try:
        return subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


if __name__ == "__main__":
    raise SystemExit(main())
