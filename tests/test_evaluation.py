from pathlib import Path

import pytest

from pipeline.evaluation import Evaluation, compare, evaluate, main, together
from pipeline.presets import RecognitionSettings
from pipeline.records import Cue, Removal, Span, SpeechSegment, Transcript, Word
from pipeline.store import Store
from pipeline.texts import Message

SAMPLES = Path(__file__).parents[1] / "samples"
CER_MAX = 0.15
START_MEDIAN_MAX_MS, START_P90_MAX_MS = 80, 250
"""What the model's card promises, and as much again for another machine's arithmetic."""
SENTENCES = (Cue(1000, 2000, "人民是英雄。", "", None), Cue(3000, 4000, "我们上课，好吗？", "", None))


def transcript(*said: tuple[str, int], removed: str = "") -> Transcript:
    """Each text begins at its time, a character every 100 ms."""
    segments, removals = [], []
    for text, start in said:
        words = tuple(Word(sign, start + n * 100, start + n * 100 + 100, 0.9) for n, sign in enumerate(text))
        segments.append(SpeechSegment(text, start, start + 100 * len(text), words, 0, 0, 1))
        if text == removed:
            removals.append(Removal(Span(start, start + 100 * len(text)), text, Message("")))
    return Transcript("told", "any", None, False, "zh", tuple(segments), tuple(removals))


def test_punctuation_does_not_count() -> None:
    result = compare(transcript(("人民，是英雄", 1040), ("我们上课好吗", 2980)), SENTENCES)
    assert (result.characters, result.errors, result.cer) == (11, 0, 0.0)
    assert result.start_errors_ms == (40, -20)
    assert result.start_error_median_ms == 30


def test_wrong_missing_and_added_characters_are_errors() -> None:
    result = compare(transcript(("人名是英雄", 1000), ("们上课好吗吗", 3000)), SENTENCES)
    assert result.errors == 3
    assert result.start_errors_ms == (0,)
    assert result.sentences == 2


def test_what_was_removed_was_not_recognised() -> None:
    result = compare(transcript(("人民是英雄", 1000), ("我们上课好吗", 3000), removed="我们上课好吗"), SENTENCES)
    assert result.errors == 6


def test_a_word_of_several_characters_shares_its_time() -> None:
    words = (Word("人民是", 1000, 1300, 0.9), Word("英雄。我", 2800, 3100, 0.9), Word("们上课好吗", 3100, 3500, 0.9))
    segment = SpeechSegment("", 1000, 3500, words, 0, 0, 1)
    result = compare(Transcript("told", "any", None, False, "zh", (segment,)), SENTENCES)
    assert result.start_errors_ms == (0, 0)


def test_nothing_heard() -> None:
    result = compare(transcript(), SENTENCES)
    assert (result.cer, result.start_error_p90_ms) == (1.0, 0.0)


def test_several_recordings_together() -> None:
    one, two = Evaluation(100, 5, (10, -30), 2), Evaluation(300, 35, (200,), 2)
    both = together([one, two])
    assert (both.cer, both.sentences) == (0.1, 4)
    assert (both.start_error_median_ms, both.start_error_mean_ms, both.start_error_p90_ms) == (30, 80, 200)


def test_the_command_names_a_missing_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\n人民。\n", "utf-8")
    audio = tmp_path / "missing.wav"
    assert main(["--model", "any", "--cache", str(tmp_path), str(audio), str(tmp_path / "a.srt")]) == 3
    assert str(audio) in capsys.readouterr().err


def test_the_command_wants_pairs(tmp_path: Path) -> None:
    for files in (["a.wav"], ["a.wav", "b.wav"], [str(tmp_path)]):
        with pytest.raises(SystemExit) as caught:
            main(["--model", "any", *files])
        assert caught.value.code == 2


@pytest.mark.slow
def test_the_short_sample_is_recognised_as_well_as_the_models_card_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("short-lecture.mp4", "short-lecture.srt"):
        (tmp_path / name).symlink_to(SAMPLES / name)
    model = str(SAMPLES / "demo-model" / "demo-zh.pt")
    assert main(["--model", model, "--cache", str(tmp_path / "cache"), str(tmp_path)]) == 0
    row = capsys.readouterr().out.splitlines()[1]
    assert row.startswith("short-lecture.mp4")
    settings = RecognitionSettings(model=model)
    result = evaluate(
        tmp_path / "short-lecture.mp4", tmp_path / "short-lecture.srt", settings, Store(tmp_path / "cache")
    )
    assert result.cer <= CER_MAX
    assert result.start_error_median_ms <= START_MEDIAN_MAX_MS
    assert result.start_error_p90_ms <= START_P90_MAX_MS
    assert len(result.start_errors_ms) >= 0.8 * result.sentences
