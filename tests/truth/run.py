"""``make test-truth``: every kind of source, made, delivered and read back, with the ffmpegs of this machine.

Without ``--one`` each ffmpeg is tried in a process of its own, as the product chooses one for a whole process.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from pipeline.errors import WeikeError
from pipeline.media.binaries import candidates, ffmpeg
from tests.truth.delivering import Verdict, deliver, judge
from tests.truth.kinds import KINDS, NOT_MADE_HERE, Kind
from tests.truth.making import make, settled

COLOUR_TOLERANCE = 5
"""Of 255. A wrong matrix moves green by 11, a wrong range black by 11; rounding and two encodes move by less than 3."""


_HEAD = (
    f"    {'kind':30} {'fps':>5}  {'late at 5 places, frames':24}  {'worst':>6}  {'beeps, ms late':>16}"
    f"  {'beep - flash, ms':>16}  {'ends, ms':>8}  colour\n"
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the matrix; exit code 1 when a source was not delivered right."""
    parser = argparse.ArgumentParser(prog="python -m tests.truth.run", description=__doc__)
    parser.add_argument("--only", default="", help="run the kinds whose name holds this")
    parser.add_argument("--one", action="store_true", help="only the ffmpeg that the product chooses")
    parser.add_argument("--keep", type=Path, help="folder in which clips and deliveries stay")
    options = parser.parse_args(argv)
    if options.one:
        return _with_this_ffmpeg(options.only, options.keep)
    paths = list(dict.fromkeys(path for _, path in candidates()))
    args = [sys.executable, "-m", "tests.truth.run", "--one", "--only", options.only]
    return max(subprocess.run(args, env={**os.environ, "WEIKE_FFMPEG": str(path)}).returncode for path in paths)


def _with_this_ffmpeg(only: str, keep: Path | None) -> int:
    tool, wrong, done = ffmpeg(), 0, 0
    able = encoders_of(tool.path)
    _say(f"\nffmpeg {tool.version} ({tool.path})\n")
    _say(_HEAD)
    with tempfile.TemporaryDirectory(prefix="weike-truth-") as name:
        for kind_name, kind in KINDS.items():
            if only not in kind_name:
                continue
            lacking = kind.encoders - able
            if lacking:
                _say(f"--  {kind_name:29} skipped: this ffmpeg does not have {', '.join(sorted(lacking))}\n")
                continue
            done += 1
            wrong += not _try(kind_name, kind, (keep or Path(name)) / kind_name)
    for kind_name, why in NOT_MADE_HERE.items():
        _say(f"--  {kind_name:29} not made: {why}\n")
    _say(f"{done} kinds, {wrong} wrong\n")
    return 1 if wrong else 0


def _try(name: str, kind: Kind, folder: Path) -> bool:
    try:
        clip = make(kind, folder)
        path, said = deliver(clip, kind, folder)
    except WeikeError as error:
        _say(f"!!  {name:29} {error}\n{error.log[-800:]}\n")
        return False
    verdict = judge(path, settled(kind, clip), said)
    problems = verdict.problems(COLOUR_TOLERANCE)
    _say(f"{'!!' if problems else 'ok'}  {name:29} {row(verdict)}  {'; '.join(problems)}\n")
    for text in verdict.said if problems else ():
        _say(f"      {text}\n")
    return not problems


@cache
def encoders_of(tool: Path) -> frozenset[str]:
    """Return the names of the encoders that an ffmpeg has."""
    listed = subprocess.run([tool, "-hide_banner", "-encoders"], capture_output=True, text=True, check=True).stdout
    return frozenset(re.findall(r"^ [VAS]\S{5} (\S+)", listed, re.MULTILINE))


def row(verdict: Verdict) -> str:
    """Return a verdict's figures in one line."""
    places = " ".join("  ? " if late is None else f"{late:+4.1f}" for late in verdict.at_places)
    read = [abs(late) for late in verdict.late_frames if late is not None]
    missing = sum(late is None for late in verdict.late_frames)
    worst = f"{max(read, default=0):.1f}" + (f"+{missing}?" if missing else "")
    heard = " ".join("?" if late is None else f"{late:+.0f}" for late in verdict.beeps_ms) or "none"
    seen = " ".join(f"{late:+.0f}" for late in verdict.flash_ms) or "none"
    apart_ms, longer_ms = (verdict.ends_s[1] - verdict.ends_s[0]) * 1000, verdict.longer_s * 1000
    ends = f"{apart_ms:+.0f}/{longer_ms:+.0f}"
    rate, colour = float(verdict.rate), verdict.colours_off
    return f"{rate:6.2f}  {places}  {worst:>6}  {heard:>16}  {seen:>16}  {ends:>8}  {colour:4.1f}"


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
