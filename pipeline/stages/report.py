"""Report: write what was found as JSON, HTML and PDF, each appearing whole or not at all."""

from collections.abc import Callable
from pathlib import Path

from pipeline.errors import NoFontError
from pipeline.events import Emit, Notice, StageAdvanced, StageFinished, StageStarted
from pipeline.media.rendering.fonts import find_font
from pipeline.presets import Preset
from pipeline.records import Report
from pipeline.reporting.as_json import report_json
from pipeline.reporting.html import report_html
from pipeline.reporting.pdf import PdfError, report_pdf
from pipeline.store import put_bytes
from pipeline.texts import N_, Message

STAGE = "report"
_NO_FONT = N_("report.pdf was not written, because there is no Chinese font; report.html holds the same.")
_NO_LAYOUT = N_("report.pdf could not be laid out ({reason}); report.html holds the same.")


def write_report(report: Report, preset: Preset, folder: Path, emit: Emit) -> tuple[Path, ...]:
    """Return the paths of ``report.json``, ``report.html`` and ``report.pdf`` in ``folder``.

    Without a Chinese font, or when its layout fails, there is no PDF, and the lecture is not lost for it: a notice says
    so, and an older ``report.pdf`` is taken away, since it would speak of another file.

    Raises:
        OutputUnwritableError: the folder is not there or cannot be written.
    """
    makers: tuple[tuple[str, Callable[[], bytes]], ...] = (
        ("report.json", lambda: report_json(report, preset)),
        ("report.html", lambda: _html(report, preset, folder)),
        ("report.pdf", lambda: report_pdf(report, preset, _font_folders(preset))),
    )
    emit(StageStarted(STAGE, len(makers), "files"))
    written = []
    for number, (name, make) in enumerate(makers, 1):
        try:
            written.append(put_bytes(folder / name, make()))
        except (NoFontError, PdfError) as error:
            (folder / name).unlink(missing_ok=True)
            reason = _NO_FONT if isinstance(error, NoFontError) else _NO_LAYOUT
            emit(Notice(STAGE, Message(reason, {"reason": str(error)})))
        emit(StageAdvanced(STAGE, number))
    emit(StageFinished(STAGE))
    return tuple(written)


def _html(report: Report, preset: Preset, folder: Path) -> bytes:
    beside = report.measurements.recording.path.resolve().parent == folder.resolve()
    return report_html(report, preset, video_beside=beside).encode("utf-8", "replace")


def _font_folders(preset: Preset) -> tuple[Path, ...]:
    try:
        return (find_font(preset.captions.font).path.parent,)
    except NoFontError:
        return ()
