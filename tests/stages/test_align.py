from pathlib import Path

import pytest

from pipeline.captions.srt import read_srt
from pipeline.engines.vad import speech_spans
from pipeline.errors import ForeignScriptError
from pipeline.evaluation import compare
from pipeline.events import Event, Notice, StageFinished, StageStarted, silent
from pipeline.media.probing.probe import inspect
from pipeline.media.sound import analyse
from pipeline.presets import RecognitionSettings
from pipeline.records import Removal, Soundtrack, Span, SpeechSegment, Transcript
from pipeline.stages.align import align
from pipeline.stages.recognise import recognise
from pipeline.store import Store
from pipeline.texts import Message
from tests.engines.script.lectures import SENTENCES, Told, tell

SAMPLES = Path(__file__).parents[2] / "samples"
ALL = list(SENTENCES)
SETTINGS = RecognitionSettings(engine="told", model="none")


def heard(told: Told) -> Transcript:
    words = told.words
    segments = tuple(
        SpeechSegment("".join(w.text for w in part), part[0].start_ms, part[-1].end_ms, part, -0.3, 0.02, 1.2)
        for part in (words[n : n + 40] for n in range(0, len(words), 40))
    )
    return Transcript("told", "any", "0" * 64, False, "zh", segments)


def sound(told: Told) -> Soundtrack:
    return Soundtrack(None, None, None, 0.0, told.speech, told.speech[-1].end_ms + 1000)


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "lecture.txt"
    path.write_text("".join(ALL), "utf-8")
    return path


def test_the_cues_get_the_scripts_text_and_the_report_its_deviations(script: Path, store: Store) -> None:
    told = tell(ALL[:12] + ALL[14:], 0.1)
    result = align(heard(told), script, sound(told), SETTINGS, store, silent)
    assert "".join(segment.text for segment in result.segments) == "".join(ALL[:12] + ALL[14:])
    assert result.script is not None
    assert (result.script.path, result.script.encoding) == (script, "utf-8")
    assert [deviation.kind for deviation in result.script.deviations] == ["skipped"]
    assert (result.engine, result.model_sha256) == ("told", "0" * 64)
    assert all(segment.average_logprob == -0.3 for segment in result.segments)


def test_what_was_removed_stays_listed_and_takes_no_part(script: Path, store: Store) -> None:
    told = tell(ALL)
    transcript = heard(told)
    invented = SpeechSegment("谢谢观看", 100, 700, (), -1.5, 0.9, 1.0)
    removal = Removal(Span(100, 700), "谢谢观看", Message("x"))
    transcript = Transcript("told", "any", None, False, "zh", (invented, *transcript.segments), removals=(removal,))
    result = align(transcript, script, sound(told), SETTINGS, store, silent)
    assert result.removals == (removal,)
    assert invented in result.segments
    assert result.script is not None
    assert result.script.deviations == ()


def test_the_result_is_kept_and_says_the_same_again(script: Path, store: Store) -> None:
    script.write_text("一、老槐树\n" + "".join(ALL), "utf-8")
    told = tell(ALL)
    events: list[list[Event]] = []
    results = []
    for _ in range(2):
        events.append([])
        results.append(align(heard(told), script, sound(told), SETTINGS, store, events[-1].append))
    assert results[0] == results[1]
    assert events[0][0] == StageStarted("align")
    assert [event for event in events[0] if isinstance(event, StageFinished)] == [StageFinished("align")]
    assert events[1][-1] == StageFinished("align", reused=True)
    notices = [[event for event in run if isinstance(event, Notice)] for run in events]
    assert notices[0] == notices[1]
    assert "一、老槐树" in notices[0][0].message.show()


def test_a_changed_script_is_aligned_anew(script: Path, store: Store) -> None:
    told = tell(ALL)
    first = align(heard(told), script, sound(told), SETTINGS, store, silent)
    script.write_text("".join(ALL).replace("老槐树", "老怀树"), "utf-8")
    second = align(heard(told), script, sound(told), SETTINGS, store, silent)
    assert first.segments != second.segments


def test_a_foreign_script_is_refused(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "other.txt"
    path.write_text("".join(ALL[18:]), "utf-8")
    told = tell(ALL[:18])
    with pytest.raises(ForeignScriptError) as caught:
        align(heard(told), path, sound(told), SETTINGS, store, silent)
    assert str(path) in caught.value.message.show()


def test_without_a_model_the_script_still_gives_words_and_says_so(script: Path, store: Store) -> None:
    told = tell(ALL)
    events: list[Event] = []
    result = align(None, script, sound(told), SETTINGS, store, events.append)
    assert "".join(segment.text for segment in result.segments) == "".join(ALL)
    assert max(word.probability for segment in result.segments for word in segment.words) < 0.3
    assert any(isinstance(event, Notice) and "no recognition model" in event.message.show() for event in events)


def test_a_recording_in_which_nothing_was_recognised_is_shared_out_too(script: Path, store: Store) -> None:
    told = tell(ALL)
    empty = Transcript("told", "any", None, False, "zh", ())
    events: list[Event] = []
    result = align(empty, script, sound(told), SETTINGS, store, events.append)
    assert "".join(segment.text for segment in result.segments) == "".join(ALL)
    assert result.engine == "told"
    assert any(isinstance(event, Notice) and "Nothing was recognised" in event.message.show() for event in events)


@pytest.mark.slow
def test_the_demo_models_errors_give_way_to_the_script(tmp_path: Path, store: Store) -> None:
    recording = inspect(SAMPLES / "short-lecture.mp4")
    wav = tmp_path / "speech.wav"
    loudness = analyse(recording, wav)
    soundtrack = Soundtrack(wav, None, loudness, 0.0, speech_spans(wav), recording.duration_ms)
    settings = RecognitionSettings(engine="whisper", model=str(SAMPLES / "demo-model" / "demo-zh.pt"))
    transcript = recognise(soundtrack, settings, store, silent)
    text = (SAMPLES / "short-lecture.txt").read_text("utf-8")
    unsaid = "图书馆和食堂的座位也要隔开，排队的时候不要靠得太近。"
    path = tmp_path / "script.txt"
    path.write_text(text.replace("这三个习惯", unsaid + "这三个习惯"), "utf-8")
    result = align(transcript, path, soundtrack, settings, store, silent)
    true, _problems = read_srt(SAMPLES / "short-lecture.srt")
    assert result.script is not None
    assert [(each.kind, each.script) for each in result.script.deviations] == [("skipped", unsaid)]
    assert true[3].end_ms - 500 <= result.script.deviations[0].span.start_ms <= true[4].start_ms + 500
    before, after = compare(transcript, true), compare(result, true)
    assert before.errors > 0
    assert after.errors == 0
    assert len(after.start_errors_ms) == len(true)
    assert after.start_error_median_ms <= 120
    assert max(abs(error) for error in after.start_errors_ms) <= 500
