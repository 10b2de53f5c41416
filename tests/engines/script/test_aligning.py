import itertools
import random
from collections.abc import Callable
from dataclasses import replace
from statistics import median

import pytest

from pipeline.engines.script import Alignment, align_script
from pipeline.engines.script.acoustics import Answer, Question
from pipeline.engines.script.reading import find_asides
from pipeline.errors import ForeignScriptError
from pipeline.records import Deviation, Word
from tests.engines.script.lectures import SENTENCES, SYLLABLE_MS, Told, script_of, tell

ALL = list(SENTENCES)
AD_LIB = "顺便说一句，我昨天在食堂里遇到了一位老同学。"
NOISES = pytest.mark.parametrize("noise", [0.0, 0.1, 0.35])
NEAR_MS = 300


def aligned(script: list[str], spoken: list[str], noise: float, seed: int = 1) -> tuple[Alignment, Told]:
    told = tell(spoken, noise, seed)
    return align_script(script_of(script), told.words, told.speech), told


def text_of(alignment: Alignment) -> str:
    return "".join(word.text for line in alignment.lines for word in line)


def only(alignment: Alignment) -> Deviation:
    assert len(alignment.match.deviations) == 1, alignment.match.deviations
    return alignment.match.deviations[0]


@NOISES
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_noise_alone_is_no_deviation_and_the_text_is_the_scripts(noise: float, seed: int) -> None:
    alignment, _told = aligned(ALL, ALL, noise, seed)
    assert alignment.match.deviations == ()
    assert alignment.match.followed == 1.0
    assert text_of(alignment) == "".join(ALL)
    assert all(word.is_from_script for line in alignment.lines for word in line)


@NOISES
def test_sentences_begin_where_they_are_said(noise: float) -> None:
    alignment, told = aligned(ALL, ALL, noise)
    starts = [line[0].start_ms for line in alignment.lines]
    assert len(starts) == len(told.starts_ms)
    errors = sorted(abs(start - true) for start, true in zip(starts, told.starts_ms, strict=True))
    assert median(errors) <= 120
    assert errors[int(len(errors) * 0.95)] <= 400


@NOISES
def test_words_are_in_order_and_do_not_overlap(noise: float) -> None:
    alignment, _told = aligned([*ALL[:20], AD_LIB, *ALL[20:]], ALL[:10] + ALL[8:25] + ALL[27:], noise)
    words = [word for line in alignment.lines for word in line]
    assert all(word.start_ms < word.end_ms for word in words)
    assert all(before.end_ms <= after.start_ms for before, after in itertools.pairwise(words))
    assert all(0 <= word.probability <= 1 for word in words)


@NOISES
def test_a_skipped_passage_is_reported_and_not_shown(noise: float) -> None:
    alignment, told = aligned(ALL, ALL[:12] + ALL[14:], noise)
    found = only(alignment)
    assert (found.kind, found.script, found.spoken) == ("skipped", "".join(ALL[12:14]), "")
    assert abs(found.span.start_ms - told.starts_ms[12]) <= NEAR_MS
    assert found.span.start_ms == found.span.end_ms
    assert text_of(alignment) == "".join(ALL[:12] + ALL[14:])
    assert alignment.match.followed < 1


@NOISES
def test_an_ad_lib_is_reported_and_stays_as_it_was_recognised(noise: float) -> None:
    alignment, told = aligned(ALL, [*ALL[:9], AD_LIB, *ALL[9:]], noise)
    found = only(alignment)
    assert (found.kind, found.script) == ("added", "")
    assert abs(found.span.start_ms - told.starts_ms[9]) <= NEAR_MS
    assert abs(found.span.end_ms - told.speech[9].end_ms) <= NEAR_MS
    own = [word for line in alignment.lines for word in line if not word.is_from_script]
    assert "".join(word.text for word in own) == found.spoken
    assert alignment.match.followed == 1.0


@NOISES
def test_other_wording_is_reported_with_both_texts(noise: float) -> None:
    alignment, told = aligned(ALL, [*ALL[:9], AD_LIB, *ALL[10:]], noise, seed=2)
    found = only(alignment)
    assert (found.kind, found.script) == ("changed", ALL[9])
    assert abs(found.span.start_ms - told.starts_ms[9]) <= NEAR_MS
    assert ALL[9] not in text_of(alignment)
    assert found.spoken in text_of(alignment)


@NOISES
@pytest.mark.parametrize("seed", [1, 2])
def test_a_repeated_sentence_keeps_the_scripts_text_twice(noise: float, seed: int) -> None:
    alignment, told = aligned(ALL, [*ALL[:9], ALL[8], *ALL[9:]], noise, seed)
    found = only(alignment)
    assert found.kind == "repeated"
    assert found.script[:15] == ALL[8][:15]
    # Which of two equal tellings is the repeated one is open.
    assert min(abs(found.span.start_ms - told.starts_ms[n]) for n in (8, 9)) <= NEAR_MS
    assert text_of(alignment).count(ALL[8][:15]) == 2


@NOISES
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_swapped_paragraphs_are_one_moved_passage(noise: float, seed: int) -> None:
    alignment, told = aligned(ALL, ALL[:6] + ALL[12:18] + ALL[6:12] + ALL[18:], noise, seed)
    found = only(alignment)
    assert found.kind == "moved"
    moved, true = min(
        (("".join(ALL[6:12]), told.starts_ms[12]), ("".join(ALL[12:18]), told.starts_ms[6])),
        key=lambda each: abs(each[1] - found.span.start_ms),
    )
    assert found.script[:-3] in moved
    assert len(found.script) >= len(moved) - 3
    assert abs(found.span.start_ms - true) <= NEAR_MS
    assert alignment.match.followed == 1.0


def test_several_deviations_come_in_order_of_time() -> None:
    spoken = [*ALL[:4], AD_LIB, *ALL[4:15], *ALL[16:25], ALL[24], *ALL[25:]]
    alignment, _told = aligned(ALL, spoken, 0.1)
    kinds = [deviation.kind for deviation in alignment.match.deviations]
    assert kinds == ["added", "skipped", "repeated"]
    spans = [deviation.span for deviation in alignment.match.deviations]
    assert spans == sorted(spans)


@NOISES
@pytest.mark.parametrize("spoken", [ALL[:18], ALL[18:]])
def test_the_script_of_another_lecture_is_refused(noise: float, spoken: list[str]) -> None:
    other = ALL[18:] if spoken == ALL[:18] else ALL[:18]
    with pytest.raises(ForeignScriptError) as caught:
        aligned(other, spoken, noise)
    assert caught.value.exit_code == 3
    assert "%" in caught.value.message.show()


def test_a_script_of_the_whole_course_fits_its_part() -> None:
    alignment, _told = aligned(ALL, ALL[12:18], 0.1)
    assert text_of(alignment) == "".join(ALL[12:18])
    assert {deviation.kind for deviation in alignment.match.deviations} == {"skipped"}


def test_numbers_may_be_written_in_either_way() -> None:
    script = ["这座桥建成于1957年，全长1,670米。", *ALL[:6], "参加的人有两千五百名，占15%。"]
    spoken = ["这座桥建成于一九五七年，全长一千六百七十米。", *ALL[:6], "参加的人有两千五百名，占百分之十五。"]
    alignment, _told = aligned(script, spoken, 0.0)
    assert alignment.match.deviations == ()
    assert text_of(alignment) == "".join(script)


def test_what_was_not_spoken_of_directions_labels_and_headings_is_named_and_not_shown() -> None:
    script = script_of(ALL)
    lines = script.text.split("\n")
    text = "\n".join(["第一讲 老槐树", "主持人：" + lines[0], lines[1] + "（播放视频）", *lines[2:]])
    marked = type(script)(script.path, script.sha256, script.encoding, text, find_asides(text))
    told = tell(ALL, 0.35)
    alignment = align_script(marked, told.words, told.speech)
    assert [aside.kind for aside in alignment.unspoken] == ["heading", "label", "direction"]
    assert text_of(alignment) == "".join(ALL)
    assert alignment.match.deviations == ()


def test_a_heading_that_is_spoken_is_shown() -> None:
    script = script_of(ALL)
    text = "老槐树的故事\n" + script.text
    marked = type(script)(script.path, script.sha256, script.encoding, text, find_asides(text))
    told = tell(["老槐树的故事", *ALL], 0.1)
    alignment = align_script(marked, told.words, told.speech)
    assert alignment.unspoken == ()
    assert text_of(alignment).startswith("老槐树的故事春天的校园里")


@pytest.mark.parametrize(("noise", "share"), [(0.0, 0.8), (0.1, 0.5)])
def test_wrong_characters_in_the_script_are_found_where_a_sure_recogniser_hears_others(
    noise: float, share: float
) -> None:
    draw = random.Random(7)
    script, wrong, place = [], [], 0
    told = tell(ALL, noise)
    for sentence, start in zip(ALL, told.starts_ms, strict=True):
        place, changed = 0, ""
        for sign in sentence:
            other = draw.choice("墙浓谱塔胞瓷") if sign.isalnum() and draw.random() < 0.05 else sign
            if other != sign:
                wrong.append((start + place * SYLLABLE_MS, other))
            changed += other
            place += sign.isalnum()
        script.append(changed)
    alignment = align_script(script_of(script), told.words, told.speech)
    found = [(each.span.start_ms, each.script.rstrip("，。？！、")) for each in alignment.match.deviations]
    assert all(each.kind == "changed" for each in alignment.match.deviations)
    hits = [any(abs(at - when) <= 300 and other in text for when, text in found) for at, other in wrong]
    assert len(wrong) >= 20
    assert sum(hits) >= share * len(wrong)
    stray = [each for each in found if not any(abs(each[0] - at) <= 300 for at, _other in wrong)]
    assert len(stray) <= 2
    if not noise:
        shown = text_of(alignment)
        assert sum(a != b for a, b in zip(shown, "".join(ALL), strict=True)) <= len(wrong) - sum(hits)


def test_one_other_word_stays_within_its_sentence_with_the_scripts_marks() -> None:
    script = [*ALL]
    script[8] = ALL[8].replace("第一个", "第九个")
    told = tell(ALL)
    sure = [Word(word.text.strip("，。？！、"), word.start_ms, word.end_ms, 0.995) for word in told.words]
    alignment = align_script(script_of(script), sure, told.speech)
    assert (only(alignment).script, only(alignment).spoken) == ("九", "一")
    assert "".join(word.text for word in alignment.lines[8]) == ALL[8]
    assert len(alignment.lines) == len(ALL)


def test_the_sound_decides_what_the_recognised_text_leaves_open() -> None:
    garbled = ALL[9][:2] + "把这件事放在一边" + ALL[9][10:]
    told = tell([*ALL[:9], garbled, *ALL[10:]], 0.0)
    doubtful = [replace(word, probability=0.62) for word in told.words]
    asked: list[Question] = []

    def answer(departed: float) -> Callable[[Question], Answer]:
        def ask(question: Question) -> Answer:
            asked.append(question)
            return Answer(departed)

        return ask

    followed = align_script(script_of(ALL), doubtful, told.speech, answer(0.01))
    assert asked
    assert text_of(followed) == "".join(ALL)
    assert followed.match.deviations == ()
    left = align_script(script_of(ALL), doubtful, told.speech, answer(0.99))
    assert [each.kind for each in left.match.deviations] == ["changed"]
