from fractions import Fraction
from pathlib import Path

import pytest

from pipeline.captions.terms import load_terms
from pipeline.errors import NothingToShowError
from pipeline.events import Event, Notice
from pipeline.presets import load_preset
from pipeline.records import CueSheet, Soundtrack, Span
from pipeline.stages.subtitles import subtitles
from pipeline.store import Store
from pipeline.timing import FrameGrid

GRID = FrameGrid(Fraction(25), 500)
SOUND = Soundtrack(None, None, None, 0.0, (Span(0, 20_000),), 20_000)


def adopted(text: str, folder: Path, terms: Path | None = None) -> tuple[CueSheet, list[str]]:
    (folder / "a.srt").write_text(text, "utf-8")
    heard: list[Event] = []
    settings = load_preset().captions
    known = load_terms((), terms)
    sheet = subtitles(folder / "a.srt", SOUND, GRID, settings, Store(folder / "cache"), heard.append, known)
    return sheet, [event.message.show() for event in heard if isinstance(event, Notice)]


def kinds(sheet: CueSheet) -> list[set[str]]:
    return [{flag.kind for flag in cue.flags} for cue in sheet.cues]


def test_what_is_too_wide_or_too_fast_is_flagged_and_stays(tmp_path: Path) -> None:
    wide = "这一行字实在太长了" * 5
    text = f"1\n00:00:01,000 --> 00:00:06,000\n{wide}\n\n2\n00:00:07,000 --> 00:00:08,000\n一秒钟里读不完这么多的字了\n"
    sheet, notices = adopted(text, tmp_path)
    assert [cue.text for cue in sheet.cues] == [wide, "一秒钟里读不完这么多的字了"]
    assert [cue.screen for cue in sheet.cues] == [wide, "一秒钟里读不完这么多的字了"]
    assert {"long", "unbreakable"} <= kinds(sheet)[0]
    assert "fast" in kinds(sheet)[1]
    assert all(cue.confidence is None for cue in sheet.cues)
    assert notices[0] == "a.srt: 2 cues in, 2 out; 0 put together with another, 0 left out."


def test_a_person_s_words_are_checked_for_terms_and_never_changed(tmp_path: Path) -> None:
    (tmp_path / "terms.txt").write_text("疫情防控\n", "utf-8")
    sheet, _ = adopted("1\n00:00:01,000 --> 00:00:04,000\n我们要做好一情防控工作\n", tmp_path, tmp_path / "terms.txt")
    assert sheet.cues[0].text == "我们要做好一情防控工作"
    (flag,) = (flag for flag in sheet.cues[0].flags if flag.kind == "homophone")
    assert flag.suggestion == "疫情防控"


def test_a_file_for_another_recording_is_refused_with_reasons(tmp_path: Path) -> None:
    with pytest.raises(NothingToShowError) as caught:
        adopted("1\n00:01:01,000 --> 00:01:04,000\n别处\n", tmp_path)
    assert "1:01 别处: It begins after the recording has ended." in caught.value.message.show()
