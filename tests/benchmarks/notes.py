"""What the driver wrote down about one run of ``weike``: its stages, and the programs that it ran."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_OURS = {"-an": 0, "-fps_mode": 1, "-vsync": 1, "-video_track_timescale": 1}
"""Output options that say nothing about the encoder, with the number of their values."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stage from its beginning, with what was done for it before it told so, to its end."""

    stage: str
    begun_s: float
    ended_s: float
    cpu_s: float
    """Processor time of everything in between, other stages that ran at the same time among it."""
    reused: bool

    @property
    def wall_s(self) -> float:
        """How long it took."""
        return self.ended_s - self.begun_s


@dataclass(frozen=True, slots=True)
class Program:
    """A program that the product ran."""

    argv: tuple[str, ...]
    begun_s: float
    ended_s: float
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Notes:
    """Everything that was written down."""

    windows: tuple[Window, ...]
    programs: tuple[Program, ...]

    def stage(self, name: str) -> Window:
        """Return a stage's window.

        Raises:
            LookupError: it did not run to its end.
        """
        for window in self.windows:
            if window.stage == name:
                return window
        raise LookupError(f"the stage {name} did not end")

    def meanwhile(self, name: str) -> tuple[str, ...]:
        """Return the stages that ran at the same time as one, at least in part."""
        own = self.stage(name)
        others = (w for w in self.windows if w.stage != name)
        return tuple(w.stage for w in others if w.begun_s < own.ended_s and own.begun_s < w.ended_s)

    def encoder_options(self) -> tuple[str, ...]:
        """Return the output options that most of the picture was encoded with.

        Raises:
            LookupError: no picture was encoded.
        """
        weights: Counter[tuple[str, ...]] = Counter()
        for program in self.programs:
            options = encoder_options(program.argv)
            if options:
                weights[options] += max(1, round(1000 * program.cpu_s))
        if not weights:
            raise LookupError("no picture was encoded")
        return weights.most_common(1)[0][0]

    def setting(self) -> str:
        """Return what of the options tells one choice from another: encoder, preset and quality."""
        options = self.encoder_options()
        values = [options[place + 1] for place, name in enumerate(options[:-1]) if name in ("-c:v", "-preset")]
        quality = [f"crf {options[place + 1]}" for place, name in enumerate(options[:-1]) if name == "-crf"]
        return " ".join([*values, *quality])


def read_notes(path: Path) -> Notes:
    """Return what the driver wrote.

    What is done between two stages prepares the later one and counts as its.
    """
    begun: dict[str, tuple[float, float]] = {}
    between: tuple[float, float] | None = None
    running: set[str] = set()
    windows, programs = [], []
    for line in path.read_text("utf-8").splitlines():
        told = json.loads(line)
        kind, now, used = told["note"], told["wall_s"], told["cpu_s"]
        if kind == "started":
            begun.setdefault(told["stage"], (now, used) if between is None or running else between)
            running.add(told["stage"])
        elif kind == "finished" and told["stage"] in begun:
            then, had = begun[told["stage"]]
            windows.append(Window(told["stage"], then, now, used - had, told["reused"]))
            running.discard(told["stage"])
            between = now, used
        elif kind == "program":
            programs.append(Program(tuple(told["argv"]), told["begun_s"], now, told["used_s"]))
    return Notes(tuple(windows), tuple(programs))


def encoder_options(argv: Sequence[str]) -> tuple[str, ...]:
    """Return the options of an ffmpeg command's picture encoder, or nothing where it encodes no recording's picture.

    They stand between the filter graph's output and the name of the file that is written.
    """
    words = list(argv)
    if "-c:v" not in words or "-map" not in words or "lavfi" in words:
        return ()
    if not words[words.index("-c:v") + 1].startswith(("libx264", "h264_")):
        return ()
    kept = []
    rest = words[words.index("-map") + 2 : -1]
    while rest:
        name = rest.pop(0)
        if not name.startswith("-"):
            continue  # the value of an option that was dropped
        values = []
        while rest and not _is_option(rest[0]):
            values.append(rest.pop(0))
        if name not in _OURS and name != "-map":
            kept += [name, *values]
    return tuple(kept)


def _is_option(word: str) -> bool:
    return word.startswith("-") and not word[1:2].isdigit()
