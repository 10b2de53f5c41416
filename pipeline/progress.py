"""What a terminal shows of the events: one tqdm bar a stage with the time left, and notices as lines."""

import sys
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, TextIO

from pipeline.batch.events import (
    BatchEvent,
    BatchNotice,
    BatchStarted,
    LectureAdvanced,
    LectureEnded,
    LectureStarted,
)
from pipeline.events import Event, Notice, StageAdvanced, StageFinished, StageStarted
from pipeline.season import Outcome
from pipeline.texts import N_, _

if TYPE_CHECKING:
    from tqdm import tqdm

STAGE_NAMES = {
    "probe": N_("Look at the recording"),
    "assemble": N_("Join and cut"),
    "soundtrack": N_("Prepare the sound"),
    "recognise": N_("Recognise speech"),
    "align": N_("Follow the script"),
    "caption": N_("Lay out subtitles"),
    "subtitles": N_("Read the subtitle file"),
    "render": N_("Encode the picture"),
    "check": N_("Check the result"),
    "report": N_("Write the report"),
    "package": N_("Read the package"),
}
_BAR = "{desc} {percentage:3.0f}% |{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}]"


class TerminalProgress:
    """A listener for a person at a terminal; it shows nothing when the stream is none. Use as a context manager."""

    def __init__(self, stream: TextIO | None = None) -> None:
        """Show progress on ``stream``, standard error by default."""
        self._stream = stream or sys.stderr
        self._shows = self._stream.isatty()
        self._bars: dict[str, tqdm[None]] = {}

    def __enter__(self) -> "TerminalProgress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for bar in self._bars.values():
            bar.close()

    def __call__(self, event: Event) -> None:
        """Show one event."""
        if not self._shows:
            return
        match event:
            case StageStarted(stage, total, unit):
                self._begin(stage, total, unit)
            case StageAdvanced(stage, done):
                self._advance(stage, done)
            case StageFinished(stage, reused):
                self._end(stage, reused)
            case Notice(_, message):
                self._say(message.show())

    def _begin(self, stage: str, total: float | None, unit: str) -> None:
        from tqdm import tqdm

        name = _(STAGE_NAMES[stage])
        if total is None:
            self._bars[stage] = tqdm(desc=name, bar_format="{desc} [{elapsed}]", file=self._stream)
        else:
            self._bars[stage] = tqdm(
                desc=name, total=round(total), unit=unit, bar_format=_BAR, file=self._stream, dynamic_ncols=True
            )

    def _advance(self, stage: str, done: float) -> None:
        bar = self._bars.get(stage)
        if bar is not None:
            bar.update(min(round(done), bar.total or round(done)) - bar.n)

    def _end(self, stage: str, reused: bool) -> None:
        bar = self._bars.pop(stage, None)
        if bar is None:
            return
        if bar.total:
            bar.update(bar.total - bar.n)
        if reused:
            bar.set_description(_("{stage} (done before)").format(stage=_(STAGE_NAMES[stage])))
        bar.close()

    def _say(self, text: str) -> None:
        from tqdm import tqdm

        tqdm.write(text, file=self._stream)


class BatchProgress:
    """A listener to a batch: one bar for the whole with the time left, one line for the lecture in work.

    A lecture that ended leaves a line behind, at a terminal or not. Use as a context manager.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        """Show progress on ``stream``, standard error by default."""
        self._stream = stream or sys.stderr
        self._shows = self._stream.isatty()
        self._whole: tqdm[None] | None = None
        self._line: tqdm[None] | None = None
        self._ended = 0
        self._stages = Shares()

    def __enter__(self) -> "BatchProgress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for bar in (self._line, self._whole):
            if bar is not None:
                bar.close()

    def __call__(self, event: BatchEvent) -> None:
        """Show one event."""
        match event:
            case BatchStarted(total):
                self._begin(total)
            case LectureStarted():
                self._stages = Shares()
            case LectureAdvanced(name, inner):
                self._stages(inner)
                self._draw(name)
            case LectureEnded(name, outcome, reused):
                self._ended += 1
                self._say(_ending(name, outcome, reused))
                self._draw("")
            case BatchNotice(message):
                self._say(message.show())

    def _begin(self, total: int) -> None:
        if not self._shows:
            return
        from tqdm import tqdm

        whole = "{desc} {percentage:3.0f}% |{bar}| {n:.1f}/{total_fmt} [{elapsed}<{remaining}]"
        self._whole = tqdm(
            desc=_("Lectures"), total=total, bar_format=whole, file=self._stream, dynamic_ncols=True, position=0
        )
        self._line = tqdm(bar_format="  {desc}", file=self._stream, dynamic_ncols=True, position=1, leave=False)

    def _draw(self, name: str) -> None:
        if self._whole is None or self._line is None:
            return
        share = self._stages.share if name else 0.0
        self._whole.update(max(0.0, self._ended + share - self._whole.n))
        stage = _(STAGE_NAMES[self._stages.stage]) if name and self._stages.stage in STAGE_NAMES else ""
        self._line.set_description_str(f"{name}  {stage}  {share:.0%}" if name else "")

    def _say(self, text: str) -> None:
        if not self._shows:
            print(text, file=self._stream, flush=True)
            return
        from tqdm import tqdm

        tqdm.write(text, file=self._stream)


class Shares:
    """How much of a lecture is done, from the events of its stages."""

    _WEIGHTS = MappingProxyType({"recognise": 0.35, "render": 0.35, "check": 0.15, "soundtrack": 0.08, "align": 0.04})
    """Shares of a lecture's time, roughly; stages that are not named take almost none."""

    def __init__(self) -> None:
        self.stage = ""
        self._totals: dict[str, float] = {}
        self._done: dict[str, float] = {}

    @property
    def share(self) -> float:
        """Return a number from 0 to 1."""
        return sum(self._WEIGHTS.get(stage, 0.0) * done for stage, done in self._done.items())

    def __call__(self, event: Event) -> None:
        """Take note of one event."""
        match event:
            case StageStarted(stage, total):
                self.stage = stage
                self._totals[stage] = total or 0.0
            case StageAdvanced(stage, done):
                total = self._totals.get(stage, 0.0)
                self._done[stage] = min(1.0, done / total) if total > 0 else 0.0
            case StageFinished(stage):
                self._done[stage] = 1.0


def _ending(name: str, outcome: Outcome, reused: bool) -> str:
    if outcome.failure is not None:
        return f"! {name}  {outcome.failure.message.show()}"
    compliant = outcome.delivered is not None and outcome.delivered.is_compliant
    word = _("Compliant") if compliant else _("Not compliant")
    mark = "✓" if compliant else "✗"
    return f"{mark} {name}  {word}" + (f"  {_('(done before)')}" if reused else "")
