"""What a terminal shows of the events: one tqdm bar a stage with the time left, and notices as lines."""

import sys
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from pipeline.events import Event, Notice, StageAdvanced, StageFinished, StageStarted
from pipeline.texts import N_, _

if TYPE_CHECKING:
    from tqdm import tqdm

STAGE_NAMES = {
    "probe": N_("Look at the recording"),
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
