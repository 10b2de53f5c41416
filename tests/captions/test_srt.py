from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.captions.srt import read_srt, write_srt
from pipeline.errors import EmptyFileError, NoSuchFileError, NotARegularFileError, SubtitleFileError
from pipeline.records import Cue

GOOD = "1\n00:00:01,000 --> 00:00:02,500\n同学们好，\n\n2\n00:00:03,000 --> 00:00:04,000\n上课。\n\n"


def cue(start_ms: int, end_ms: int, text: str) -> Cue:
    return Cue(start_ms, end_ms, text, text, None)


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def problems_of(path: Path) -> list[str]:
    return [problem.show() for problem in read_srt(path)[1]]


def test_written_as_utf8_with_line_feeds_and_without_bom(tmp_path: Path) -> None:
    write_srt([cue(1000, 2500, "同学们好，"), cue(3000, 4000, "上课。")], tmp_path / "a.srt")
    assert (tmp_path / "a.srt").read_bytes() == GOOD.encode()


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    write_srt([cue(3_723_004, 3_725_000, "学习《共产党宣言》，好吗？")], tmp_path / "a.srt")
    (read,), problems = read_srt(tmp_path / "a.srt")
    assert (read.start_ms, read.end_ms, read.text) == (3_723_004, 3_725_000, "学习《共产党宣言》，好吗？")
    assert read.screen == "学习《共产党宣言》　好吗？"
    assert problems == ()


@given(
    st.lists(
        st.tuples(
            st.integers(0, 9_000),
            st.integers(1, 5_000),
            st.text(alphabet="微课党责任，。？《》3.5%aB ", min_size=1, max_size=20),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, spoken: list[tuple[int, int, str]]) -> None:
    cues, clock = [], 0
    for gap, length, text in spoken:
        if text.strip():
            cues.append(cue(clock + gap, clock + gap + length, text.strip()))
            clock += gap + length
    if not cues:
        return
    path = tmp_path_factory.mktemp("srt") / "a.srt"
    write_srt(cues, path)
    read, problems = read_srt(path)
    assert [(c.start_ms, c.end_ms, c.text) for c in read] == [(c.start_ms, c.end_ms, c.text) for c in cues]
    assert problems == ()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "gb18030"])
def test_encoding_is_found(tmp_path: Path, encoding: str) -> None:
    cues, problems = read_srt(written(tmp_path / "a.srt", GOOD, encoding))
    assert [c.text for c in cues] == ["同学们好，", "上课。"]
    assert len(problems) == (0 if encoding == "utf-8-sig" else 1)


def test_an_encoding_other_than_utf8_is_told(tmp_path: Path) -> None:
    assert problems_of(written(tmp_path / "a.srt", GOOD, "gb18030")) == ["The file is in GB18030, not in UTF-8."]


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (
            "3\n00:00:05,000 --> 00:00:xx,000\n看不懂\n\n",
            "Cue 3 cannot be read: 3 00:00:05,000 --> 00:00:xx,000 看不懂",
        ),
        ("3\n00:00:05,000 -> 00:00:06,000\n少一划\n\n", "Cue 3 cannot be read: 3 00:00:05,000 -> 00:00:06,000 少一划"),
        ("3\n00:00:05,000 --> 00:00:06,000\n\n", "Cue 3 cannot be read: 3 00:00:05,000 --> 00:00:06,000"),
        ("3\n00:00:05 --> 00:00:06\n无毫秒\n\n", "Cue 3 cannot be read: 3 00:00:05 --> 00:00:06 无毫秒"),
    ],
)
def test_a_broken_cue_is_named_and_the_others_stay(tmp_path: Path, broken: str, told: str) -> None:
    cues, problems = read_srt(written(tmp_path / "a.srt", GOOD + broken))
    assert [c.text for c in cues] == ["同学们好，", "上课。"]
    assert [problem.show() for problem in problems] == [told]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("00:00:06,000 --> 00:00:05,000\n倒了\n\n", ["Cue 3 ends before it begins: 倒了"]),
        ("00:00:03,500 --> 00:00:05,000\n叠了\n\n", ["Cue 3 begins before the one above it has ended: 叠了"]),
        ("00:00:00,100 --> 00:00:00,900\n乱了\n\n", ["Cue 3 begins before the one above it: 乱了"]),
        ("00:00:04,000 --> 00:00:05,000\n接着\n\n", []),
    ],
)
def test_disorder_is_named(tmp_path: Path, more: str, told: list[str]) -> None:
    assert problems_of(written(tmp_path / "a.srt", GOOD + "3\n" + more)) == told


def test_no_cue_is_lost_for_want_of_a_number_or_an_empty_line(tmp_path: Path) -> None:
    text = (
        "00:00:01,000 --> 00:00:02,000\n没有号\n2\n00:00:03,000 --> 00:00:04,000\n没有空行\n"
        "\n3\n00:00:05.5 --> 00:00:06,000 X1:10\n<i>第一段</i>\n\n{\\an8}第二段\n"
    )
    cues, problems = read_srt(written(tmp_path / "a.srt", text))
    assert [(c.start_ms, c.text) for c in cues] == [(1000, "没有号"), (3000, "没有空行"), (5500, "第一段\n第二段")]
    assert problems == ()


def test_windows_line_ends(tmp_path: Path) -> None:
    assert len(read_srt(written(tmp_path / "a.srt", GOOD.replace("\n", "\r\n")))[0]) == 2


def test_very_many_problems_are_counted(tmp_path: Path) -> None:
    text = "".join(f"{n}\n00:00:02,000 --> 00:00:01,000\n倒\n\n" for n in range(1, 51))
    problems = problems_of(written(tmp_path / "a.srt", text))
    assert len(problems) == 21
    assert "… and 30 more like this." in problems


def test_what_is_no_subtitle_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SubtitleFileError):
        read_srt(written(tmp_path / "a.srt", "这只是一段文字。"))
    (tmp_path / "b.srt").write_bytes(bytes(range(256)) * 20)
    with pytest.raises(SubtitleFileError):
        read_srt(tmp_path / "b.srt")
    (tmp_path / "c.srt").touch()
    with pytest.raises(EmptyFileError):
        read_srt(tmp_path / "c.srt")
    with pytest.raises(NoSuchFileError):
        read_srt(tmp_path / "d.srt")
    with pytest.raises(NotARegularFileError):
        read_srt(tmp_path)
