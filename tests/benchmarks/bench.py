"""The bench that rows are measured on: where things lie, how large they are, and how ``weike`` is run."""

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from pipeline.media.binaries import ffmpeg
from tests.benchmarks.measuring import Cost, measure
from tests.benchmarks.notes import Notes, read_notes
from tests.benchmarks.sources import KINDS, Source, make_source

JUDGED = (0, 10)
"""Exit codes of a lecture that was delivered, whatever the rules say to it."""
_TINY = """id = "bench"
version = "1"
extends = "seu-2020"
[title]
zh_CN = "试"
en = "bench"
[encoder]
width_px = 320
height_px = 180
segment_s = 1.0
[limits]
read_back_samples = 1
"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured."""

    contest: dict[str, int]
    """Seconds of each kind of source that whole conversions are compared on."""
    other_length_s: int
    """A second length of the first kind, to show what the length matters; 0 for none."""
    repeats: int
    lecture: tuple[str, int]
    """Kind and seconds of the lecture that is corrected and resumed."""
    overlap: tuple[str, int]
    memory: tuple[tuple[str, int, int], ...]
    """Kind, seconds of the short and of the long lecture."""
    moviepy_s: int
    starts: int
    scored_s: int
    """Seconds whose likeness is scored."""


FULL = Sizes(
    contest={"camera": 300, "slides": 300, "camera-4k": 60},
    other_length_s=60,
    repeats=2,
    lecture=("camera", 1200),
    overlap=("slides", 600),
    memory=(("still", 300, 1200), ("still-4k", 300, 1200)),
    moviepy_s=10,
    starts=5,
    scored_s=60,
)
QUICK = Sizes(
    contest={"tiny": 4},
    other_length_s=0,
    repeats=1,
    lecture=("tiny", 8),
    overlap=("tiny", 4),
    memory=(("tiny", 2, 4),),
    moviepy_s=2,
    starts=1,
    scored_s=2,
)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of ``weike``."""

    cost: Cost
    notes: Notes
    out: Path
    """The folder of what was delivered."""

    @property
    def video(self) -> Path:
        """The delivered file."""
        return next(self.out.glob("*/*.mp4"))


@dataclass
class Bench:
    """Where the benchmark works."""

    folder: Path
    sizes: Sizes
    is_quick: bool
    _numbers: "count[int]" = field(default_factory=count)

    @property
    def raster(self) -> tuple[int, int]:
        """Width and height of what is delivered."""
        return (320, 180) if self.is_quick else (1920, 1080)

    def source(self, kind: str, length_s: int) -> Source:
        """Return a recording; kept between runs."""
        return make_source(KINDS[kind], length_s, self.folder / "sources", ffmpeg().path)

    def room(self, name: str) -> Path:
        """Return a new, empty folder to work in."""
        room = self.folder / "rooms" / f"{next(self._numbers):03}-{name}"
        shutil.rmtree(room, ignore_errors=True)
        room.mkdir(parents=True)
        return room

    def weike(
        self,
        room: Path,
        *args: str | Path,
        store: Path | None = None,
        driver: Sequence[str | Path] = (),
        accepts: Sequence[int] = JUDGED,
        samples_memory: bool = False,
        env: dict[str, str] | None = None,
    ) -> Run:
        """Run ``weike`` in ``room``; its store lies there too unless another is named.

        Args:
            room: the working folder; what is delivered goes to ``out`` in it.
            args: of ``weike``: the command first.
            store: cache folder.
            driver: options of the driver.
            accepts: exit codes of success.
            samples_memory: look at the memory.
            env: further variables.

        Raises:
            CommandFailedError: it ended otherwise.
        """
        noted = room / f"notes-{next(self._numbers)}.jsonl"
        command = [sys.executable, "-m", "tests.benchmarks.driver", noted, *driver, "--", *args]
        command += ["--cache", store or room / "store"]
        if args[0] != "check":
            command += ["--out", room / "out"]
        command += self._preset()
        cost = measure(
            command, cwd=room, accepts=accepts, samples_memory=samples_memory, env={**_environment(), **(env or {})}
        )
        return Run(cost, read_notes(noted), room / "out")

    def _preset(self) -> list[str | Path]:
        """Return nothing: the default is what is measured. To try the benchmark itself, a small picture does."""
        if not self.is_quick:
            return []
        path = self.folder / "tiny.toml"
        path.write_text(_TINY, "utf-8")
        return ["--preset", path]

    def ffmpeg(self, room: Path, *args: str | Path) -> Cost:
        """Run the ffmpeg that the product uses."""
        return measure([ffmpeg().path, "-v", "error", "-y", "-nostdin", *args], cwd=room)


def _environment() -> dict[str, str]:
    root = str(Path(__file__).parents[2])
    return {"PYTHONPATH": root, "WEIKE_LANG": "en"}
