"""The forms in which subtitles are handed on: SRT, WebVTT, ASS as it is burned, JSON with words."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.captions.as_json import subtitles_as_json, write_json
from pipeline.captions.ass import write_ass
from pipeline.captions.form import Form
from pipeline.captions.srt import write_srt
from pipeline.captions.vtt import write_vtt
from pipeline.media.rendering.fonts import find_font
from pipeline.presets import CaptionSettings
from pipeline.records import CueSheet, Recording, Transcript
from pipeline.timing import FrameGrid


def write_forms(
    forms: Sequence[Form],
    stem: Path,
    recording: Recording,
    grid: FrameGrid,
    transcript: Transcript,
    sheet: CueSheet,
    settings: CaptionSettings,
) -> None:
    """Write subtitles in each of ``forms``, to ``stem`` with the form's suffix.

    Raises:
        NoFontError: ASS is asked for and there is no font to name in it.
    """
    for form in dict.fromkeys(forms):
        path = stem.with_name(f"{stem.name}.{form}")
        match form:
            case Form.SRT:
                write_srt(sheet.cues, path)
            case Form.VTT:
                write_vtt(sheet.cues, path)
            case Form.ASS:
                write_ass(sheet.cues, settings, find_font(settings.font), grid, path, (0, grid.count))
            case Form.JSON:
                write_json(subtitles_as_json(recording, grid, transcript, sheet), path)
