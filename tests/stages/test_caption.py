from fractions import Fraction

from pipeline.events import Event, Notice, StageFinished, StageStarted, silent
from pipeline.presets import load_preset
from pipeline.records import Removal, Soundtrack, Span, SpeechSegment, Transcript
from pipeline.stages.caption import caption
from pipeline.store import Store
from pipeline.terms import Term
from pipeline.texts import Message
from pipeline.timing import FrameGrid
from tests.captions.words_for_tests import words_of


def segment(text: str, begin_ms: int) -> SpeechSegment:
    words = tuple(words_of(text, begin_ms))
    return SpeechSegment(text, words[0].start_ms, words[-1].end_ms, words, -0.2, 0.0, 1.0)


def test_cues_hold_what_was_said_and_not_what_was_removed(store: Store) -> None:
    said, invented = segment("同学们好，欢迎来到今天的微课。", 1000), segment("请不吝点赞。", 9000)
    removal = Removal(Span(invented.start_ms, invented.end_ms), invented.text, Message("Nobody speaks there."))
    transcript = Transcript("whisper", "tiny", None, False, "zh", (said, invented), (removal,))
    sound = Soundtrack(None, None, None, 0.0, (Span(900, 5000),), 12_000)
    events: list[Event] = []
    sheet = caption(transcript, sound, FrameGrid(Fraction(25), 300), load_preset().captions, store, events.append)
    assert [cue.screen for cue in sheet.cues] == ["同学们好　欢迎来到今天的微课"]
    assert [cue.text for cue in sheet.cues] == ["同学们好，欢迎来到今天的微课。"]
    assert sheet.removals == (removal,)
    assert events == [StageStarted("caption"), StageFinished("caption")]


def test_segments_without_marks_are_parted_by_a_space(store: Store) -> None:
    segments = (segment("同学们好", 1000), segment("今天我们上课", 1800), segment("请大家认真听讲不要走神好吗", 3000))
    transcript = Transcript("whisper", "tiny", None, False, "zh", segments)
    sound = Soundtrack(None, None, None, 0.0, (Span(900, 6000),), 12_000)
    sheet = caption(transcript, sound, FrameGrid(Fraction(25), 300), load_preset().captions, store, silent)
    assert [cue.screen for cue in sheet.cues] == ["同学们好　今天我们上课", "请大家认真听讲不要走神好吗"]


def test_doubts_are_on_the_cues_and_what_concerns_none_is_told(store: Store) -> None:
    said = segment("参观方仓医院。", 1000)
    transcript = Transcript("whisper", "tiny", None, False, "zh", (said,))
    sound = Soundtrack(None, None, None, 0.0, (Span(900, 2500), Span(6000, 9000)), 12_000)
    grid, look = FrameGrid(Fraction(25), 300), load_preset().captions
    (cue,) = caption(transcript, sound, grid, look, store, silent, (Term("方舱医院"),)).cues
    assert [flag.kind for flag in cue.flags] == ["homophone", "missing-speech"]
    events: list[Event] = []
    nothing = Transcript("whisper", "tiny", None, False, "zh", ())
    assert caption(nothing, sound, grid, look, store, events.append).cues == ()
    assert sum(isinstance(event, Notice) for event in events) == 2
