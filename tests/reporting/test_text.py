"""The report in a terminal: what matters, in few lines."""

from dataclasses import replace
from pathlib import Path

from pipeline.records import Removal, Span
from pipeline.reporting.text import report_lines
from pipeline.texts import Message
from tests.reporting.sample import make_report


def test_script_suggestions_removals_and_the_way_to_correct_them(tmp_path: Path) -> None:
    text = "\n".join(report_lines(make_report(tmp_path, bad=True)[0]))
    assert text.startswith("Not compliant")
    assert "The speech follows 96.3% of the script kangyi.docx." in text
    assert "It leaves the script: Left out 1  Added 1  Changed 1  Repeated 1  Moved 1" in text
    assert "! 40 subtitles should be looked at" in text
    assert text.index("战役精神 → 战“疫”精神  86%") < text.index("李名 → 李明  74%")
    assert "Correct the .srt and run: weike burn MVI_0042.MOV kangyi.srt" in text
    assert "! 2 recognised passages (9 s) are not shown" in text
    assert "demo model" in text


def test_a_persons_file_is_named_and_nothing_else_is_said_without_cause(tmp_path: Path) -> None:
    report, _ = make_report(tmp_path)
    burned = replace(report, transcript=None, cue_sheet=None, person_subtitles=tmp_path / "mine.srt")
    lines = report_lines(burned)
    assert lines[-1] == "· Burned in as a person wrote them: mine.srt"
    assert not any("weike burn" in line or "script" in line for line in lines)


def test_nothing_in_it_steers_a_terminal(tmp_path: Path) -> None:
    report, _ = make_report(tmp_path)
    assert report.cue_sheet
    assert report.transcript
    assert report.transcript.script
    evil = "\x1b]0;x\x07\u202e"
    flags = tuple(replace(flag, found=evil, message=Message(evil)) for flag in report.cue_sheet.cues[23].flags)
    cues = (replace(report.cue_sheet.cues[23], flags=flags),)
    poisoned = replace(
        report,
        transcript=replace(report.transcript, script=replace(report.transcript.script, path=Path(evil))),
        cue_sheet=replace(report.cue_sheet, cues=cues, removals=(Removal(Span(0, 1), evil, Message(evil)),)),
        person_subtitles=Path(evil),
    )
    assert not set("\n".join(report_lines(poisoned))) & set(evil.replace("]0;x", ""))
