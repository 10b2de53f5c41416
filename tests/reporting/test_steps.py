"""What to do next: the command that burns a corrected file, once, and safe to type."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.reporting.steps import burn_command, steps_of
from tests.reporting.sample import make_report


@pytest.mark.parametrize(
    ("raw", "srt", "command"),
    [
        ("MVI_0042.MOV", "kangyi.srt", "weike burn MVI_0042.MOV kangyi.srt"),
        ("第一讲 抗疫.mov", "第一讲.srt", 'weike burn "第一讲 抗疫.mov" 第一讲.srt'),
        ("a$(reboot).mov", "`x`.srt", "weike burn RAW SRT"),
        ("-rf.mov", 'a"b.srt', "weike burn RAW SRT"),
        ("a\x1b[31m.mov", "a%PATH%.srt", "weike burn RAW SRT"),
        ("a;b.mov", "a&b.srt", 'weike burn "a;b.mov" "a&b.srt"'),
    ],
)
def test_the_command_names_the_files_where_a_shell_takes_them_as_names(
    tmp_path: Path, raw: str, srt: str, command: str
) -> None:
    report, _ = make_report(tmp_path)
    assert report.source
    named = replace(
        report,
        source=replace(report.source, path=tmp_path / raw),
        measurements=replace(report.measurements, sidecar=tmp_path / srt),
    )
    assert burn_command(named) == command


def test_a_file_that_was_only_checked_leaves_the_recording_open(tmp_path: Path) -> None:
    report, _ = make_report(tmp_path)
    assert burn_command(replace(report, source=None)) == "weike burn RAW kangyi.srt"


@pytest.mark.parametrize(("doubts", "last"), [(40, "Subtitles"), (0, "Subtitle coverage")])
def test_the_command_stands_with_the_last_step_that_corrects_subtitles(tmp_path: Path, doubts: int, last: str) -> None:
    report, _ = make_report(tmp_path, bad=True)
    steps = steps_of(report, doubts)
    assert [step.about for step in steps if step.command] == [last]


def test_nothing_to_correct_needs_no_command(tmp_path: Path) -> None:
    report, _ = make_report(tmp_path)
    assert not any(step.command for step in steps_of(report, 0))
