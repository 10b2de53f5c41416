import json
from pathlib import Path

import jsonschema
import pytest

from pipeline.captions.as_json import schema
from pipeline.captions.subtitles import read_subtitles
from pipeline.records import SpeechSegment, Transcript, Word
from tests.cli.conftest import Weike

TEXT = "大家好，这是一节很短的微课。今天我们只讲一件事，"


def heard(*_args: object) -> Transcript:
    """What a recogniser might hear in the spoken clip, unsure of its last words."""
    begins = [800 + 320 * n for n in range(len(TEXT))]
    words = tuple(Word(sign, at, at + 300, 0.1 if at > 6000 else 0.9) for sign, at in zip(TEXT, begins, strict=True))
    segment = SpeechSegment(TEXT, words[0].start_ms, words[-1].end_ms, words, -0.1, 0.0, 1.0)
    return Transcript("fake", "none", None, False, "zh", (segment,))


@pytest.fixture
def recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.transcribing.recognise", heard)


@pytest.mark.usefixtures("recognised")
def test_all_forms_hold_the_same_cues(weike: Weike, spoken: Path, tmp_path: Path) -> None:
    done = weike("subtitle", spoken, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    folder = tmp_path / "out" / "第二讲"
    assert {p.name for p in folder.iterdir() if not p.name.startswith(".")} == {
        f"第二讲.{form}" for form in ("srt", "vtt", "ass", "json")
    }
    data = json.loads((folder / "第二讲.json").read_text("utf-8"))
    jsonschema.validate(data, schema(), cls=jsonschema.Draft202012Validator)
    assert "".join(word["text"] for word in data["words"]) == TEXT
    spoken_texts = [(cue["start_ms"], cue["end_ms"], cue["text"]) for cue in data["cues"]]
    assert "".join(text for _, _, text in spoken_texts) == TEXT
    for form in ("srt", "vtt"):
        cues = [entry.cue for entry in read_subtitles(folder / f"第二讲.{form}").entries]
        assert [(cue.start_ms, cue.end_ms, cue.text) for cue in cues if cue] == spoken_texts
    drawn = [entry.cue for entry in read_subtitles(folder / "第二讲.ass").entries]
    assert [cue.text for cue in drawn if cue] == [cue["screen"] for cue in data["cues"]]


@pytest.mark.usefixtures("recognised")
def test_flags_are_listed_with_time_text_and_doubt(weike: Weike, spoken: Path, tmp_path: Path) -> None:
    done = weike("subtitle", spoken, "--out", tmp_path / "out", "--format", "srt", "--flags")
    assert "[low-confidence]" in done.output
    assert "The recogniser is unsure of a word here (10%)." in done.output
    assert [p.name for p in (tmp_path / "out" / "第二讲").glob("*.*") if not p.name.startswith(".")] == ["第二讲.srt"]
    weights = [float(line.split("  ")[2]) for line in done.output.splitlines() if "  [" in line and "#" in line]
    assert weights == sorted(weights, reverse=True)
    assert weights


@pytest.mark.usefixtures("recognised")
def test_the_machine_s_version(weike: Weike, spoken: Path, tmp_path: Path) -> None:
    done = weike("subtitle", spoken, "--out", tmp_path / "out", "--format", "json", "--json")
    told = json.loads(done.stdout)
    assert [Path(name).name for name in told["files"]] == ["第二讲.json"]
    assert told["cues"] >= 2
    assert told["flags"][0]["kind"] == "low-confidence"
    assert told["flags"][0]["message"]["zh_CN"]


def test_a_silent_recording_needs_no_model(weike: Weike, silent: Path, tmp_path: Path) -> None:
    done = weike("subtitle", silent, "--out", tmp_path / "out", "--format", "json")
    assert done.exit_code == 0, done.output
    data = json.loads((tmp_path / "out" / "第一讲" / "第一讲.json").read_text("utf-8"))
    jsonschema.validate(data, schema(), cls=jsonschema.Draft202012Validator)
    assert (data["cues"], data["words"]) == ([], [])


def test_a_finished_lecture_is_not_replaced_by_subtitles(weike: Weike, silent: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out" / "第一讲"
    folder.mkdir(parents=True)
    (folder / ".weike.json").write_text('{"generator": "weike", "files": {}}')
    (folder / "第一讲.mp4").write_bytes(b"a lecture")
    done = weike("subtitle", silent, "--out", tmp_path / "out")
    assert (done.exit_code, "[output.lecture]" in done.output) == (2, True)
    assert (folder / "第一讲.mp4").read_bytes() == b"a lecture"


def test_a_person_s_folder_is_left_alone(weike: Weike, silent: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out" / "第一讲"
    folder.mkdir(parents=True)
    (folder / "第一讲.srt").write_text("mine")
    done = weike("subtitle", silent, "--out", tmp_path / "out")
    assert (done.exit_code, "[output.exists]" in done.output) == (2, True)
    assert (folder / "第一讲.srt").read_text() == "mine"


def test_an_unknown_form_is_wrong_usage(weike: Weike, silent: Path) -> None:
    assert weike("subtitle", silent, "--format", "docx").exit_code == 2
